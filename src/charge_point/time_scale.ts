/**
 * Simulated time, which may run faster than real time.
 *
 * What belongs to charging lives in simulated time: energy, sampling, ConnectionTimeOut, and the timestamps of
 * all payloads. What belongs to the link stays real: heartbeats, timeouts of Calls, retries, boot intervals.
 * Units: `speed` is simulated seconds per real second; instants and durations in milliseconds.
 */

/** How simulated time follows real time. Both agree at `startedAtMs`. */
export interface TimeScale {
  readonly startedAtMs: number;
  readonly speed: number;
}

/** The simulated instant at a real one. */
export function simulatedAtMs(scale: TimeScale, nowMs: number): number {
  return scale.startedAtMs + (nowMs - scale.startedAtMs) * scale.speed;
}

/** How long a simulated duration takes in reality; never below 1 ms, so that every timer makes progress. */
export function realDurationMs(scale: TimeScale, simulatedMs: number): number {
  return Math.max(1, simulatedMs / scale.speed);
}
