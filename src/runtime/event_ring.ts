/**
 * The latest events, each with an id, for whoever watches and comes back to where it was.
 *
 * Shape of an id: `<run>-<number>`: one of another run of the program is never mistaken for one of this.
 */

/** Something that happened. */
export interface RingEvent<T> {
  readonly id: string;
  readonly atMs: number;
  readonly chargePoint: string;
  readonly event: T;
}

/** Events that are kept for those who come back. */
export const EVENTS_KEPT_MAX = 10_000;

/** Told of every event, after it was kept. */
export type RingListener<T> = (event: RingEvent<T>) => void;

/** Keeps the last events and tells listeners of new ones. */
export class EventRing<T> {
  readonly #run: string;
  readonly #kept: (RingEvent<T> | undefined)[];
  readonly #listeners = new Set<RingListener<T>>();
  #count = 0;

  /** `run` names this run of the program: text without a hyphen. */
  constructor({ run, keptMax = EVENTS_KEPT_MAX }: { run: string; keptMax?: number }) {
    this.#run = run;
    this.#kept = Array.from({ length: keptMax });
  }

  /** The id of the latest event; of one that never was, while there is none. */
  get lastId(): string {
    return `${this.#run}-${this.#count}`;
  }

  add(chargePoint: string, event: T, atMs: number): void {
    this.#count++;
    const kept = { id: this.lastId, atMs, chargePoint, event };
    this.#kept[this.#count % this.#kept.length] = kept;
    for (const listener of this.#listeners) listener(kept);
  }

  /** The events after an id; `undefined` where some of them are not kept any more, or the id is none of this run. */
  after(id: string): readonly RingEvent<T>[] | undefined {
    const [run, number = "", ...rest] = id.split("-");
    const from = /^\d{1,15}$/.test(number) ? Number(number) : NaN;
    if (run !== this.#run || rest.length > 0 || !(from <= this.#count)) return undefined;
    if (this.#count - from > this.#kept.length) return undefined;
    const events: RingEvent<T>[] = [];
    for (let at = from + 1; at <= this.#count; at++) events.push(this.#kept[at % this.#kept.length]!);
    return events;
  }

  /** Tells a listener of every event from now on; the returned function ends that. */
  listen(listener: RingListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}
