/**
 * Payloads that fit their schema and break what only the text states: ranges, counts, order.
 *
 * Where a conf has a word for it, a status that refuses is as good as a CALLERROR (OCPP-J 1.6 §4.2.2).
 */
import type { Action } from "../../ocpp/action.ts";
import type { PayloadFaultKind } from "../../ocpp/call_error.ts";
import { type Path, withValue } from "./broken_payload.ts";

/** A payload that breaks one rule. */
export interface TextRuleBreak {
  readonly what: string;
  readonly payload: unknown;
  readonly fault: Extract<PayloadFaultKind, "outOfRange" | "wrongCount">;
  /** Statuses of a CALLRESULT that refuse. */
  readonly refusals: readonly string[];
  readonly spec: string;
}

/** A rule and a value that breaks it. */
interface Row {
  readonly path: Path;
  readonly value: unknown;
  readonly spec: string;
  readonly fault?: TextRuleBreak["fault"];
  readonly refusals?: readonly string[];
}

const connector = (value: number, spec: string, ...refusals: string[]): Row => ({
  path: ["connectorId"],
  value,
  spec,
  refusals,
});

const SCHEDULE = ["csChargingProfiles", "chargingSchedule", "chargingSchedulePeriod"];

const schedule = (path: Path, value: unknown): Row => ({
  path: [...SCHEDULE, ...path],
  value,
  spec: "OCPP 1.6 §7.14",
  refusals: ["Rejected"],
});

const ROWS: { readonly [A in Action]?: readonly Row[] } = {
  ChangeAvailability: [connector(-1, "OCPP 1.6 §6.7", "Rejected")],
  ExtendedTriggerMessage: [
    connector(0, "Security, ExtendedTriggerMessage.req", "Rejected", "NotImplemented"),
    connector(-1, "Security, ExtendedTriggerMessage.req", "Rejected", "NotImplemented"),
  ],
  MeterValues: [
    connector(-1, "OCPP 1.6 §6.31"),
    { path: ["meterValue"], value: [], fault: "wrongCount", spec: "OCPP 1.6 §6.31" },
    { path: ["meterValue", 0, "sampledValue"], value: [], fault: "wrongCount", spec: "OCPP 1.6 §7.33" },
  ],
  RemoteStartTransaction: [
    connector(0, "OCPP 1.6 §6.33", "Rejected"),
    connector(-1, "OCPP 1.6 §6.33", "Rejected"),
  ],
  SetChargingProfile: [
    connector(-1, "OCPP 1.6 §6.43", "Rejected"),
    {
      path: ["csChargingProfiles", "stackLevel"],
      value: -1,
      spec: "OCPP 1.6 §7.8",
      refusals: ["Rejected"],
    },
    { ...schedule([], []), fault: "wrongCount" },
    schedule([0, "startPeriod"], 60),
    schedule([0, "limit"], -1),
    schedule([0, "numberPhases"], 4),
  ],
  StartTransaction: [connector(0, "OCPP 1.6 §6.45"), connector(-1, "OCPP 1.6 §6.45")],
  StatusNotification: [connector(-1, "OCPP 1.6 §6.47")],
  StopTransaction: [{
    path: ["transactionData", 0, "sampledValue"],
    value: [],
    fault: "wrongCount",
    spec: "OCPP 1.6 §7.33",
  }],
  TriggerMessage: [connector(-1, "OCPP 1.6 §6.51", "Rejected", "NotImplemented")],
  UnlockConnector: [
    connector(0, "OCPP 1.6 §6.53", "NotSupported", "UnlockFailed"),
    connector(-1, "OCPP 1.6 §6.53", "NotSupported", "UnlockFailed"),
  ],
};

/** Breaks a valid payload of an Action at every rule that is known here. */
export function textRuleBreaks(action: Action, valid: unknown): readonly TextRuleBreak[] {
  return [
    ...(ROWS[action] ?? []).map(({ path, value, spec, fault = "outOfRange", refusals = [] }) => ({
      what: `${path.join(".")} ${Array.isArray(value) ? "without an item" : String(value)}`,
      payload: withValue(valid, path, value),
      fault,
      refusals,
      spec,
    })),
    ...(action === "StatusNotification" ? [connectorZeroCharging(valid)] : []),
  ];
}

/** Two fields that do not go together. */
function connectorZeroCharging(valid: unknown): TextRuleBreak {
  return {
    what: "connectorId 0 Charging",
    payload: withValue(withValue(valid, ["connectorId"], 0), ["status"], "Charging"),
    fault: "outOfRange",
    refusals: [],
    spec: "OCPP 1.6 §4.9",
  };
}
