/**
 * The real clock. It follows the machine's idea of UTC, so a timer may be late by as much as somebody sets the
 * machine's clock back.
 */
import type { Clock } from "../runtime/clock.ts";

/** The longest that `setTimeout` can wait; more would fire at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** Time as this machine has it. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  at(atMs, run) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      const restMs = atMs - Date.now();
      if (restMs === Infinity) return;
      timer = setTimeout(
        () => Date.now() < atMs ? wait() : run(),
        Math.min(Math.max(0, restMs), TIMEOUT_MAX_MS),
      );
    };
    wait();
    return () => clearTimeout(timer);
  },
};
