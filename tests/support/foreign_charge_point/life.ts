/**
 * One life of the device: from power on until it goes down. No timer of it outlives it.
 */

/** The longest time that a timer takes. Units: milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Timers that end together. */
export class Life {
  readonly #timers = new Map<ReturnType<typeof setTimeout>, () => void>();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Does it then, unless the life is over or it is called off by what this gives. Units: milliseconds. */
  after(delayMs: number, act: () => void): () => void {
    if (this.#isOver) return () => {};
    return this.#timer(delayMs, act, () => {});
  }

  /** Resolves then, or when the life is over. Units: milliseconds. */
  sleep(delayMs: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => this.#timer(delayMs, resolve, resolve));
  }

  end(): void {
    this.#isOver = true;
    for (const [timer, atTheEnd] of this.#timers) {
      clearTimeout(timer);
      atTheEnd();
    }
    this.#timers.clear();
  }

  #timer(delayMs: number, act: () => void, atTheEnd: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
    this.#timers.set(timer, atTheEnd);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
}
