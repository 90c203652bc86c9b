/**
 * Whether a Charge Point's clock can have been right. What it says is stored as sent in any case, beside the time
 * of receipt.
 */
import type { ReceivedCall } from "./decision.ts";
import { conductDeviation, type Deviation, exchangeOf } from "./deviation.ts";

/** A clock further back than this, seen from receipt, is wrong: longer than any outage we expect to bridge. */
export const PLAUSIBLE_PAST_MS = 90 * 24 * 3_600_000;

/** A clock further ahead than this is wrong: more than any time zone's mistake. */
export const PLAUSIBLE_FUTURE_MS = 24 * 3_600_000;

/** Whether the clock can have been right when it said so. */
export function isPlausible(atMs: number, receivedAtMs: number): boolean {
  return atMs >= receivedAtMs - PLAUSIBLE_PAST_MS && atMs <= receivedAtMs + PLAUSIBLE_FUTURE_MS;
}

/** The deviation that a time is, if it is one. */
export function clockDeviation(
  call: ReceivedCall,
  { atMs, timestamp, path }: { readonly atMs: number; readonly timestamp: string; readonly path: string },
): readonly Deviation[] {
  if (isPlausible(atMs, call.receivedAtMs)) return NONE;
  const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call), path };
  return [conductDeviation("implausibleClock", `${path} ${timestamp}`, about)];
}

const NONE: readonly never[] = [];
