/**
 * Rules on single fields that only the text states: the official schemas have no ranges.
 *
 * A row is a check of a payload that fits its schema; strict validation refuses what breaks it.
 */
import type { PayloadFault } from "./call_error.ts";
import type { Action } from "./action.ts";
import { scheduleFault } from "./charging_profile.ts";
import type { Req } from "./registry.ts";

/** One rule: `holds` tells whether a payload keeps it; `spec` names the section. */
interface FieldRule<A extends Action> {
  readonly path: readonly string[];
  readonly holds: (payload: Req<A>) => boolean;
  readonly message: string;
  readonly spec: string;
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

/** The rules, by Action. */
export const FIELD_RULES: FieldRules = {
  ChangeAvailability: [connectorNotNegative("OCPP 1.6 §6.7")],
  ExtendedTriggerMessage: [connectorAboveZero("Security, ExtendedTriggerMessage.req")],
  MeterValues: [connectorNotNegative("OCPP 1.6 §6.31")],
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
  TriggerMessage: [connectorNotNegative("OCPP 1.6 §6.51")],
  UnlockConnector: [connectorAboveZero("OCPP 1.6 §6.53")],
};

const CONNECTOR_ZERO_STATUSES: ReadonlySet<string> = new Set(["Available", "Unavailable", "Faulted"]);

/** What a payload that fits its schema breaks of the text's rules; mostly nothing. */
export function fieldFaults<A extends Action>(action: A, payload: Req<A>): readonly PayloadFault[] {
  const rules: readonly FieldRule<A>[] | undefined = FIELD_RULES[action];
  if (rules === undefined) return NONE;
  let faults: PayloadFault[] | undefined;
  for (const { path, holds, message, spec } of rules) {
    if (!holds(payload)) (faults ??= []).push({ kind: "outOfRange", path, message: `${message} (${spec})` });
  }
  return faults ?? NONE;
}

const NONE: readonly PayloadFault[] = [];
