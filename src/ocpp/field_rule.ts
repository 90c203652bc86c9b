/**
 * Rules on single fields that only the text states: the official schemas have no ranges, and hardly any counts.
 *
 * A row is a check of a payload that fits its schema; strict validation refuses what breaks it.
 */
import type { PayloadFault, PayloadFaultKind } from "./call_error.ts";
import type { Action } from "./action.ts";
import { scheduleFault } from "./charging_profile.ts";
import type { MeterValue } from "./meter_value.ts";
import type { Req } from "./registry.ts";

/** One rule: `holds` tells whether a payload keeps it; `spec` names the section. */
interface FieldRule<A extends Action> {
  readonly path: readonly string[];
  readonly holds: (payload: Req<A>) => boolean;
  readonly message: string;
  readonly spec: string;
  /** `outOfRange` where nothing else is said. */
  readonly kind?: Extract<PayloadFaultKind, "outOfRange" | "wrongCount">;
}

type FieldRules = { readonly [A in Action]?: readonly FieldRule<A>[] };

const connectorAboveZero = (spec: string) => ({
  path: ["connectorId"],
  holds: (payload: { connectorId?: number | undefined }) =>
    payload.connectorId === undefined || payload.connectorId > 0,
  message: "must be above 0",
  spec,
});

const connectorNotNegative = (spec: string) => ({
  path: ["connectorId"],
  holds: (payload: { connectorId?: number | undefined }) =>
    payload.connectorId === undefined || payload.connectorId >= 0,
  message: "must not be negative",
  spec,
});

/** A meter value without a sample is none; the text has 1..* of them, the official schema any number. */
const haveSamples = (meterValues: readonly MeterValue[]) =>
  meterValues.every(({ sampledValue }) => sampledValue.length > 0);

/** The rules, by Action. */
export const FIELD_RULES: FieldRules = {
  ChangeAvailability: [connectorNotNegative("OCPP 1.6 §6.7")],
  ExtendedTriggerMessage: [connectorAboveZero("Security, ExtendedTriggerMessage.req")],
  MeterValues: [
    connectorNotNegative("OCPP 1.6 §6.31"),
    {
      path: ["meterValue"],
      holds: ({ meterValue }) => meterValue.length > 0,
      message: "must not be empty",
      spec: "OCPP 1.6 §6.31",
      kind: "wrongCount",
    },
    {
      path: ["meterValue"],
      holds: ({ meterValue }) => haveSamples(meterValue),
      message: "must have a sampledValue each",
      spec: "OCPP 1.6 §7.33",
      kind: "wrongCount",
    },
  ],
  RemoteStartTransaction: [connectorAboveZero("OCPP 1.6 §6.33")],
  SetChargingProfile: [
    connectorNotNegative("OCPP 1.6 §6.43"),
    {
      path: ["csChargingProfiles", "stackLevel"],
      holds: ({ csChargingProfiles: { stackLevel } }) => stackLevel >= 0,
      message: "must not be negative",
      spec: "OCPP 1.6 §7.8",
    },
    {
      path: ["csChargingProfiles", "chargingSchedule", "chargingSchedulePeriod"],
      holds: ({ csChargingProfiles: { chargingSchedule } }) => scheduleFault(chargingSchedule) === undefined,
      message: "must begin with 0, go on in order of time, with limits not below 0 and one to three phases",
      spec: "OCPP 1.6 §7.14",
    },
  ],
  StartTransaction: [connectorAboveZero("OCPP 1.6 §6.45")],
  StatusNotification: [
    connectorNotNegative("OCPP 1.6 §6.47"),
    {
      path: ["status"],
      holds: ({ connectorId, status }) => connectorId !== 0 || CONNECTOR_ZERO_STATUSES.has(status),
      message: "connector 0 is only ever Available, Unavailable or Faulted",
      spec: "OCPP 1.6 §4.9",
    },
  ],
  StopTransaction: [{
    path: ["transactionData"],
    holds: ({ transactionData = [] }) => haveSamples(transactionData),
    message: "must have a sampledValue each",
    spec: "OCPP 1.6 §7.33",
    kind: "wrongCount",
  }],
  TriggerMessage: [connectorNotNegative("OCPP 1.6 §6.51")],
  UnlockConnector: [connectorAboveZero("OCPP 1.6 §6.53")],
};

const CONNECTOR_ZERO_STATUSES: ReadonlySet<string> = new Set(["Available", "Unavailable", "Faulted"]);

/** What a payload that fits its schema breaks of the text's rules; mostly nothing. */
export function fieldFaults<A extends Action>(action: A, payload: Req<A>): readonly PayloadFault[] {
  const rules: readonly FieldRule<A>[] | undefined = FIELD_RULES[action];
  if (rules === undefined) return NONE;
  let faults: PayloadFault[] | undefined;
  for (const { path, holds, message, spec, kind = "outOfRange" } of rules) {
    if (!holds(payload)) (faults ??= []).push({ kind, path, message: `${message} (${spec})` });
  }
  return faults ?? NONE;
}

const NONE: readonly PayloadFault[] = [];
