/**
 * Simulated time, which may run faster than real time.
 *
 * What belongs to charging lives in simulated time: energy, sampling, ConnectionTimeOut, and the timestamps of
 * all payloads. What belongs to the link stays real: heartbeats, timeouts of Calls, retries, boot intervals.
 * Units: `speed` is simulated seconds per real second; instants and durations in milliseconds.
 */

/** How simulated time follows real time. At `startedAtMs` it is ahead by `aheadMs`, 0 unless it was continued. */
export interface TimeScale {
  readonly startedAtMs: number;
  readonly speed: number;
  readonly aheadMs: number;
}

/**
 * The scale from now on. One that was stored goes on, through the time in between too, and also where the speed
 * is another now, so that simulated time never runs backwards.
 */
export function scaleFrom(
  stored: TimeScale | undefined,
  { nowMs, speed }: { nowMs: number; speed: number },
): TimeScale {
  if (stored?.speed === speed) return stored;
  return {
    startedAtMs: nowMs,
    speed,
    aheadMs: stored === undefined ? 0 : simulatedAtMs(stored, nowMs) - nowMs,
  };
}

/** The simulated instant at a real one. */
export function simulatedAtMs({ startedAtMs, speed, aheadMs }: TimeScale, nowMs: number): number {
  return startedAtMs + aheadMs + (nowMs - startedAtMs) * speed;
}

/** The real instant at which a simulated one has come: the first whole millisecond. */
export function realAtMs({ startedAtMs, speed, aheadMs }: TimeScale, simulatedMs: number): number {
  return Math.ceil(startedAtMs + (simulatedMs - startedAtMs - aheadMs) / speed);
}

/** How long a simulated duration takes in reality; never below 1 ms, so that every timer makes progress. */
export function realDurationMs(scale: TimeScale, simulatedMs: number): number {
  return Math.max(1, simulatedMs / scale.speed);
}
