/**
 * How often which durations were seen: one number a bucket, whatever the number of observations.
 */

/** A histogram of durations. Units: milliseconds, as they were measured; readers convert. */
export class Histogram {
  /** Upper bounds of the buckets, inclusive, ascending; what is longer than the last one has a bucket of its own. */
  readonly boundsMs: readonly number[];
  readonly #counts: number[];
  #sumMs = 0;
  #count = 0;

  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs;
    this.#counts = Array(boundsMs.length + 1).fill(0);
  }

  /** Counts one. A clock that was set back meanwhile has nothing last less than no time. */
  observe(durationMs: number): void {
    const duration = durationMs > 0 ? durationMs : 0;
    let bucket = 0;
    while (bucket < this.boundsMs.length && duration > this.boundsMs[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sumMs += duration;
    this.#count += 1;
  }

  /** Observations in each bucket, the one beyond all bounds last. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  get count(): number {
    return this.#count;
  }
}
