/**
 * Registration with the Central System: BootNotification until it is Accepted, then heartbeats.
 *
 * Rules: nothing else is sent before that (but what a TriggerMessage asks for while Pending). The interval of
 * Pending and Rejected is waited for; without a usable answer the waits grow. A mere reconnect is no boot.
 * A Central System that answers another Call with CALLERROR SecurityError has forgotten us: once for each link we
 * register again, and nothing that is queued is given up for that.
 * Spec: OCPP 1.6 §4.2 BootNotification, §4.6 Heartbeat; OCPP-J 1.6 §5.3 (reconnect).
 */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { durationMs, withValue } from "../configuration/configuration.ts";
import { forgetStatusReports, reportChangedStatuses } from "../session/connector_status.ts";
import { giveUpWaiting } from "./link.ts";
import { enqueue, enqueueBoot, isUnderWay } from "./outbox.ts";
import { type ChargePointState, emit, isOnline, type Turn } from "../state.ts";
import { beginBacklog, resumeMessages } from "../transaction/transaction_queue.ts";

/** The wait that we choose where the Central System leaves it to us by an interval of 0. */
export const BOOT_INTERVAL_SECONDS = 60;

/** The wait after the first BootNotification without a usable answer; it doubles with each further one. */
export const BOOT_RETRY_SECONDS = 10;
export const BOOT_RETRY_SECONDS_MAX = 300;

/** Puts a BootNotification in line when it is time for one. */
export function bootIfDue(turn: Turn): void {
  if (turn.nowMs >= bootDeadlineMs(turn.state)) requestBoot(turn);
}

/** When the next BootNotification is due; `Infinity` while none is. */
export function bootDeadlineMs(state: ChargePointState): number {
  const { boot, isLinkUp, restart } = state;
  const isWanted = isLinkUp && restart === undefined && boot.registration !== "Accepted";
  return isWanted && !isUnderWay(state, "boot") ? boot.nextBootAtMs : Infinity;
}

/** Puts a BootNotification in line now, unless one is under way. */
export function requestBoot(turn: Turn): void {
  if (!isUnderWay(turn.state, "boot")) enqueueBoot(turn, bootNotification(turn.state));
}

/** The version of the firmware that runs. */
export function firmwareVersionOf({ maintenance, options }: ChargePointState): string | undefined {
  return maintenance.firmware.version ?? options.description.firmwareVersion;
}

function bootNotification(state: ChargePointState): Req<"BootNotification"> {
  const { description, serialNumber } = state.options;
  const { chargePointVendor, chargePointModel } = description;
  const firmwareVersion = firmwareVersionOf(state);
  const { iccid, imsi, meterType, meterSerialNumber } = description;
  return {
    chargePointVendor,
    chargePointModel,
    ...(serialNumber === undefined ? {} : { chargePointSerialNumber: serialNumber }),
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
    ...(iccid === undefined ? {} : { iccid }),
    ...(imsi === undefined ? {} : { imsi }),
    ...(meterType === undefined ? {} : { meterType }),
    ...(meterSerialNumber === undefined ? {} : { meterSerialNumber }),
  };
}

/** The Central System has answered. */
export function bootAnswered(turn: Turn, { status, interval }: Conf<"BootNotification">): void {
  const { state, nowMs } = turn;
  const { boot } = state;
  const intervalSeconds = interval > 0 ? interval : BOOT_INTERVAL_SECONDS;
  boot.registration = status;
  boot.failures = 0;
  boot.nextBootAtMs = nowMs + intervalSeconds * 1_000;
  emit(turn, { kind: "registration", status, intervalSeconds: interval });
  if (status === "Accepted") {
    accepted(turn, interval);
  } else if (status === "Rejected") {
    giveUpWaiting(turn, { all: true }); // §4.2: nothing may leave until the interval is over
  } else {
    giveUpWaiting(turn, { all: false }); // it was known before; nobody at the reader is to wait for the next try
  }
}

function accepted(turn: Turn, intervalSeconds: number): void {
  const { state } = turn;
  state.boot.wasAccepted = true;
  if (intervalSeconds > 0 && state.options.heartbeatIntervalSeconds === undefined) {
    state.configuration = withValue(state.configuration, "HeartbeatInterval", String(intervalSeconds));
  }
  restartHeartbeat(turn);
  // §4.2 with errata: every status is told after a boot, whatever was told before it.
  for (const connector of state.connectors) {
    const { connectorId, status, errorCode } = connector;
    connector.told = undefined;
    emit(turn, { kind: "status", connectorId, status, errorCode });
  }
  beginBacklog(turn);
  resumeMessages(turn);
  reportChangedStatuses(turn);
  if (state.options.heartbeatAfterBoot === true) sendHeartbeat(turn); // after the statuses, in line
}

/** The BootNotification got no usable answer. */
export function bootUnanswered(turn: Turn): void {
  const { state: { boot }, nowMs } = turn;
  const waitSeconds = Math.min(BOOT_RETRY_SECONDS * 2 ** boot.failures, BOOT_RETRY_SECONDS_MAX);
  boot.failures++;
  boot.nextBootAtMs = nowMs + waitSeconds * 1_000;
  giveUpWaiting(turn, { all: false });
}

/**
 * The Central System does not know us any more: registers anew, at once. Errata 1.6 have it answer SecurityError to
 * whatever comes before BootNotification. False when that has been tried on this link.
 */
export function registerAgain(turn: Turn): boolean {
  const { boot } = turn.state;
  if (boot.hasRegisteredAgain) return false;
  forgetRegistration(turn);
  boot.hasRegisteredAgain = true;
  forgetStatusReports(turn); // every status is told anew
  requestBoot(turn);
  return true;
}

function forgetRegistration({ state: { boot } }: Turn): void {
  boot.registration = undefined;
  boot.nextBootAtMs = 0;
  boot.failures = 0;
  boot.nextHeartbeatAtMs = Infinity;
}

/** Puts a Heartbeat in line when it is time for one. */
export function heartbeatIfDue(turn: Turn): void {
  if (turn.nowMs < heartbeatDeadlineMs(turn.state)) return;
  restartHeartbeat(turn);
  sendHeartbeat(turn);
}

/** When the next Heartbeat is due; `Infinity` while offline. */
export function heartbeatDeadlineMs(state: ChargePointState): number {
  return isOnline(state) ? state.boot.nextHeartbeatAtMs : Infinity;
}

/** Counts HeartbeatInterval from now. */
export function restartHeartbeat({ state, nowMs }: Turn): void {
  state.boot.nextHeartbeatAtMs = nowMs + durationMs(state.configuration, "HeartbeatInterval");
}

/** Puts a Heartbeat in line now, unless one is under way; false when there is no room. */
export function sendHeartbeat(turn: Turn, how: { beforeAccepted?: boolean } = {}): boolean {
  if (isUnderWay(turn.state, "heartbeat")) return true;
  return enqueue(turn, { action: "Heartbeat", payload: {}, purpose: { kind: "heartbeat" }, ...how });
}
