/**
 * What a Charge Point did and should not have done, as it is counted, logged and kept beside its frame.
 */
import { type Repair, repairedPath, type RepairRule, type RuleRow } from "../ocpp/repair_rule.ts";
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

/** What a device may do wrong besides breaking a schema: what it is, what is done about it, and the section. */
export const CONDUCT_RULES = [
  {
    rule: "callBeforeBoot",
    what: "a Call of a device that never booted here",
    done: "processed; `SecurityError` under strict",
    spec: "OCPP 1.6 §4.2",
  },
  {
    rule: "noBoot",
    what: "no BootNotification within 10 s of connecting, of a device that never booted here",
    done: "asked for one by TriggerMessage, then taken as booted",
    spec: "OCPP 1.6 §4.2",
  },
  {
    rule: "fieldRule",
    what: "what the schema takes and the text forbids, e.g. StartTransaction on connector 0",
    done: "processed; a CALLERROR under strict",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "meterStopBelowMeterStart",
    what: "a transaction whose meter ran backwards",
    done: "stored as sent, in both",
    spec: "OCPP 1.6 §6.49",
  },
  {
    rule: "unknownTransaction",
    what: "a StopTransaction or MeterValues for a transaction that is not this Charge Point's",
    done: "answered and kept with the id as sent, in both; it stops nothing",
    spec: "OCPP 1.6 §4.10",
  },
  {
    rule: "stoppedTwice",
    what: "a second StopTransaction that differs from the first",
    done: "answered and kept, in both; the first one counts",
    spec: "OCPP 1.6 §4.10",
  },
  {
    rule: "unknownReservation",
    what: "a StartTransaction with a reservationId that this Charge Point was never given",
    done: "answered and stored as sent, in both",
    spec: "OCPP 1.6 §6.45",
  },
  {
    rule: "reservedForAnother",
    what: "a transaction on a connector that is certainly reserved for another idTag",
    done: "answered as any other, in both",
    spec: "OCPP 1.6 §5.13",
  },
  {
    rule: "stopBeforeStart",
    what: "a StopTransaction whose time lies before its transaction's start",
    done: "stored as sent, in both",
    spec: "OCPP 1.6 §6.49",
  },
  {
    rule: "implausibleClock",
    what: "a timestamp more than 90 days back or a day ahead",
    done: "stored as sent, beside the time of receipt, in both",
    spec: "OCPP 1.6 §3.15",
  },
  {
    rule: "statusTransition",
    what: "a status that cannot follow the one before; perhaps some between were skipped",
    done: "kept as sent, in both",
    spec: "OCPP 1.6 §4.9",
  },
  {
    rule: "noSubprotocol",
    what: "no `Sec-WebSocket-Protocol`",
    done: "taken; 400 under strict",
    spec: "OCPP-J 1.6 §3.1.3",
  },
  {
    rule: "subprotocolCase",
    what: "`Sec-WebSocket-Protocol` in another case: `OCPP1.6`",
    done: "taken; 400 under strict",
    spec: "OCPP-J 1.6 §3.1.3",
  },
  {
    rule: "passwordAsDigits",
    what: "HTTP Basic with the hexadecimal digits of the AuthorizationKey instead of its bytes",
    done: "taken; 401 under strict",
    spec: "OCPP-J 1.6 §6.2.2",
  },
] as const satisfies readonly RuleRow[];

export type ConductRule = (typeof CONDUCT_RULES)[number]["rule"];

/** Repairs of payloads, and everything else that is put up with. */
export type DeviationRule = RepairRule | ConductRule;

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

/** A deviation that is no repair. */
export function conductDeviation(
  rule: ConductRule,
  detail: string,
  about: Pick<Deviation, "chargePoint" | "path" | "exchange">,
): Deviation {
  const { spec } = CONDUCT_RULES.find((row) => row.rule === rule)!;
  return { kind: "deviation", ...about, rule, detail, spec };
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
