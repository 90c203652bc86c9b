/**
 * Registration: BootNotification, Heartbeat, and the gate that a Charge Point must have passed before
 * anything else of it is processed.
 *
 * Spec: OCPP 1.6 §4.2, §4.6, §6.3; OCPP-J errata (SecurityError before acceptance).
 */
import type { CallFault } from "../ocpp/call_error.ts";
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { Req } from "../ocpp/registry.ts";
import {
  answerOnly,
  type Decision,
  type DecisionContext,
  type DecisionSettings,
  type ReceivedCall,
} from "./decision.ts";
import { conductDeviation, type Deviation, exchangeOf } from "./deviation.ts";
import type { ChargePointRecord } from "./store.ts";
import { suspectAtBoot } from "./suspicion.ts";

/** Whether a Call may be processed, given what its sender was told when it booted. */
export type GateOutcome =
  | { readonly kind: "open"; readonly deviation?: Deviation }
  | { readonly kind: "refused"; readonly fault: CallFault };

/**
 * The boot gate. What it was told at its last boot counts, also after an operator has decided otherwise, until it
 * boots again; before its first boot, what an operator decided. Acceptance is remembered across connections: a mere reconnect brings no BootNotification.
 */
export function bootGate(
  call: ReceivedCall,
  record: ChargePointRecord | undefined,
  settings: Pick<DecisionSettings, "registration">,
): GateOutcome {
  if (record === undefined && settings.registration === "closed") {
    return { kind: "refused", fault: { kind: "notAccepted", why: "not registered here" } };
  }
  if (call.body.action === "BootNotification") return OPEN;
  const status = record?.bootStatus;
  if (status === "Accepted") return OPEN;
  if (status === "Pending" && call.triggered) return OPEN; // §4.2: what a TriggerMessage asked for
  const isRefusedByOperator = record !== undefined && record.registration !== "Accepted";
  if (status === undefined && call.validation === "tolerant" && !isRefusedByOperator) {
    const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call) };
    const detail = `${call.body.action} before any BootNotification`;
    const deviation = conductDeviation("callBeforeBoot", detail, about);
    return { kind: "open", deviation };
  }
  const why = status === undefined
    ? "send BootNotification first"
    : `registration is ${status}: only BootNotification is answered`;
  return { kind: "refused", fault: { kind: "notAccepted", why } };
}

const OPEN: GateOutcome = { kind: "open" };

/** A Charge Point that nobody registered, as it is when its first Call comes. */
export function newChargePoint(
  identity: string,
  { facts, settings, nowMs }: DecisionContext,
): ChargePointRecord {
  return {
    identity,
    registration: settings.bootStatus,
    bootCount: 0,
    firstSeenAtMs: nowMs,
    lastSeenAtMs: nowMs,
    connectors: new Map(),
    recentReadings: [],
    // Transactions outlive a record that was deleted.
    activeTransactions: facts.leftActive.get(identity) ?? NOTHING_ACTIVE,
  };
}

const NOTHING_ACTIVE: readonly never[] = [];

/** A Charge Point that an operator enters before it was ever heard of. */
export function enteredChargePoint(identity: string, context: DecisionContext): ChargePointRecord {
  const { lastSeenAtMs: _, ...record } = newChargePoint(identity, context);
  return record;
}

/** Registers a boot. The outcome is stored before it is told. */
export function decideBootNotification(
  payload: Req<"BootNotification">,
  record: ChargePointRecord,
  { settings, nowMs }: DecisionContext,
): Decision {
  const status = record.registration;
  const interval = status === "Accepted"
    ? record.heartbeatIntervalSeconds ?? settings.heartbeatIntervalSeconds
    : settings.bootIntervalSeconds;
  const suspicions = suspectAtBoot(record, nowMs);
  return {
    answer: { kind: "result", payload: { status, currentTime: dateTimeOf(nowMs), interval } },
    writes: [{
      kind: "putChargePoint",
      record: {
        ...record,
        bootStatus: status,
        bootCount: record.bootCount + 1,
        bootedAtMs: nowMs,
        boot: payload,
        lastSeenAtMs: nowMs,
      },
    }, ...suspicions.writes],
    events: [{ kind: "booted", chargePoint: record.identity, status }, ...suspicions.events],
  };
}

/** Tells the time. */
export function decideHeartbeat({ nowMs }: DecisionContext): Decision {
  return answerOnly({ currentTime: dateTimeOf(nowMs) });
}
