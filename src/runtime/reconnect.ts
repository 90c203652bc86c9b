/**
 * When to try again after a link failed: exponential back-off with full jitter, so that a fleet which lost
 * its Central System does not come back as one wave.
 */

/** The first wait is at most this long; each further one at most twice as long as the one before. */
export const RECONNECT_BASE_MS = 1_000;
/** No wait is longer, however often it failed. */
export const RECONNECT_MAX_MS = 60_000;
/** No wait is shorter: jitter may not turn into hammering. */
export const RECONNECT_MIN_MS = 250;
/** A link that held at least this long counts as a success; what follows begins at the first wait again. */
export const LINK_PROVEN_AFTER_MS = 10_000;

/**
 * How long to wait before the next attempt.
 *
 * `failures` counts those since the last success, from 1; `random` is drawn anew each time, from 0 up to but
 * not including 1.
 */
export function reconnectDelayMs({ failures, random }: { failures: number; random: number }): number {
  const longest = Math.min(RECONNECT_MAX_MS, RECONNECT_BASE_MS * 2 ** (failures - 1));
  return RECONNECT_MIN_MS + Math.floor(random * (longest - RECONNECT_MIN_MS));
}
