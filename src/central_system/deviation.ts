/**
 * What a Charge Point did and should not have done, as it is counted, logged and kept beside its frame.
 */
import { type Repair, repairedPath, type RepairRule } from "../ocpp/repair_rule.ts";
import type { ReceivedCall } from "./decision.ts";

/** Something that a device did and should not have done; it was answered all the same. */
export interface Deviation {
  readonly kind: "deviation";
  readonly chargePoint: string;
  readonly rule: DeviationRule;
  readonly detail: string;
  readonly spec: string;
  /** Where in the payload, e.g. `meterValue[0].timestamp`. */
  readonly path?: string;
  /** The exchange that deviates; none where it is the connection. */
  readonly exchange?: ExchangeName;
}

/** Which exchange is spoken of. */
export interface ExchangeName {
  readonly action: string;
  readonly uniqueId: string;
}

/** Repairs of payloads, what else a Call may do wrong, and what a connection may. */
export type DeviationRule =
  | RepairRule
  | "callBeforeBoot"
  | "fieldRule"
  | "meterStopBelowMeterStart"
  | "unknownTransaction"
  | "stoppedTwice"
  | "implausibleClock"
  | "noSubprotocol"
  | "subprotocolCase"
  | "noBoot";

/** A deviation as it is kept with its exchange. */
export interface DeviationNote {
  readonly rule: DeviationRule;
  /** Empty where it is the whole message. */
  readonly path: string;
  readonly detail: string;
}

/** As many deviations are kept with one exchange; all of them are counted. */
export const DEVIATIONS_KEPT_MAX = 20;

/** The exchange that a Call begins. */
export function exchangeOf({ uniqueId, body }: ReceivedCall): ExchangeName {
  return { action: body.action, uniqueId };
}

/** What a repair says of the one who made it necessary. */
export function repairDeviation(
  repair: Repair,
  about: { readonly chargePoint: string; readonly exchange: ExchangeName },
): Deviation {
  const { rule, detail, spec } = repair;
  return { kind: "deviation", ...about, rule, path: repairedPath(repair), detail, spec };
}

/** The part of some deviations that is kept with their exchange, if there is any. */
export function notesOf(
  events: readonly ({ readonly kind: string } | Deviation)[],
): readonly DeviationNote[] | undefined {
  if (events.length === 0) return undefined;
  const notes: DeviationNote[] = [];
  for (const event of events) {
    if (!isDeviation(event)) continue;
    const { rule, path = "", detail } = event;
    if (notes.length < DEVIATIONS_KEPT_MAX) notes.push({ rule, path, detail });
  }
  return notes.length === 0 ? undefined : notes;
}

function isDeviation(event: { readonly kind: string } | Deviation): event is Deviation {
  return event.kind === "deviation";
}
