/**
 * A payload that is changed at some paths while the original stays as it came: only what leads there is copied.
 */

type Container = Record<string | number, unknown>;

/** A payload under repair. */
export class Draft {
  #payload: unknown;
  /** Containers that are copies already. */
  readonly #own = new Set<unknown>();
  /** Elements to be taken out of arrays; they stay in place while paths are in use. */
  readonly #gaps = new Map<unknown[], Set<number>>();

  constructor(payload: unknown) {
    this.#payload = payload;
  }

  get payload(): unknown {
    return this.#payload;
  }

  at(path: readonly (string | number)[]): unknown {
    let value = this.#payload;
    for (const step of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Container)[step];
    }
    return value;
  }

  put(path: readonly (string | number)[], value: unknown): void {
    const last = path.at(-1);
    if (last === undefined) this.#payload = value;
    else this.#containerOf(path)[last] = value;
  }

  drop(path: readonly (string | number)[]): void {
    const container = this.#containerOf(path);
    const last = path.at(-1)!;
    if (!Array.isArray(container)) {
      delete container[last];
      return;
    }
    const gaps = this.#gaps.get(container) ?? new Set();
    this.#gaps.set(container, gaps.add(last as number));
  }

  /** Closes the gaps that dropped elements leave; paths from before are no longer good. */
  closeGaps(): void {
    for (const [array, gaps] of this.#gaps) {
      let kept = 0;
      array.forEach((element, index) => {
        if (!gaps.has(index)) array[kept++] = element;
      });
      array.length = kept;
    }
    this.#gaps.clear();
  }

  /** What holds the last step of a path, copied down to there. */
  #containerOf(path: readonly (string | number)[]): Container {
    let container = this.#payload = this.#copied(this.#payload);
    for (const step of path.slice(0, -1)) container = container[step] = this.#copied(container[step]);
    return container;
  }

  #copied(value: unknown): Container {
    if (this.#own.has(value)) return value as Container;
    const copy = Array.isArray(value) ? [...value] : { ...value as object };
    this.#own.add(copy);
    return copy as Container;
  }
}
