/**
 * How late the event loop is: a timer that is due four times a second says by how much it missed its moment. While it
 * is late nobody is answered, whatever the reason.
 */
import type { Clock } from "./clock.ts";
import { Histogram } from "./histogram.ts";

/** Between two measurements. */
export const LAG_INTERVAL_MS = 250;

const BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Measures from `start` to `stop`. */
export class EventLoopLag {
  readonly lag = new Histogram(BOUNDS_MS);
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    const dueMs = this.#clock.nowMs() + LAG_INTERVAL_MS;
    this.#cancel = this.#clock.at(dueMs, () => {
      this.lag.observe(this.#clock.nowMs() - dueMs);
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }
}
