/**
 * The status of a connector: which changes there are, what status the facts make, telling the Central System.
 *
 * The status is never set: it follows from what is plugged in, authorized, running, broken or out of operation.
 * Where the table has no way from the old status to the new one, the one between is reported too, e.g.
 * Preparing → Available → Unavailable. With MinimumStatusDuration only a status that has lasted so long is
 * reported, by the time at which it began; the last one always is. After a boot and after being offline everything
 * is told at once.
 * Spec: OCPP 1.6 §4.9, §7.7, with B6 from errata 1.6.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { ChargePointErrorCode, ChargePointStatus } from "../../ocpp/types.ts";
import { InvariantError } from "../../rpc/invariant.ts";
import { durationMs } from "../configuration/configuration.ts";
import { type CallPurpose, enqueue, type WaitingCall } from "../link/outbox.ts";
import { outletPower, powerPlan } from "../energy/power.ts";
import { endReservation, reservationAt } from "./reservation.ts";
import {
  type ChargePointState,
  type Connector,
  connectorOf,
  emit,
  isOnline,
  isRunning,
  scaleOf,
  simulatedNowMs,
  type Turn,
} from "../state.ts";
import { realDurationMs } from "../time_scale.ts";
import { mayFollow } from "../../ocpp/status_transition.ts";

/** The statuses to pass, the last one being `to`. Errors: `InvariantError` when the table knows no way. */
export function statusPath(change: { from: ChargePointStatus; to: ChargePointStatus }): ChargePointStatus[] {
  const { from, to } = change;
  if (mayFollow(change)) return [to];
  const between = (["Available", "Preparing"] as const).find((via) =>
    mayFollow({ from, to: via }) && mayFollow({ from: via, to })
  );
  if (between === undefined) throw new InvariantError(`no way from ${from} to ${to} in OCPP 1.6 §4.9`);
  return [between, to];
}

/** The status that the facts make. */
export function statusOf(state: ChargePointState, connector: Connector): ChargePointStatus {
  if (faultOf(state, connector) !== undefined) return "Faulted";
  if (connector.transaction !== undefined) {
    // §4.9: where both sides suspend, SuspendedEVSE takes precedence. §7.6: EVCommunicationError suspends.
    const { isOffered, flow } = outletPower(powerPlan(state), connector);
    if (!isOffered) return "SuspendedEVSE";
    return flow === undefined ? "SuspendedEV" : "Charging";
  }
  // F8: Unavailable waits for the user, who has a cable to take along.
  if (connector.finishing !== undefined) return "Finishing";
  if (connector.isInoperative || isHeldForInstallation(state, connector)) return "Unavailable";
  if (connector.authorized !== undefined) return "Preparing"; // G2: whom it is reserved for
  // §4.9: Reserved is left by the reserved idTag, not by a cable. Connector 0 is never Reserved.
  if (connector.connectorId > 0 && reservationAt(state, connector.connectorId) !== undefined) {
    return "Reserved";
  }
  return connector.isPlugged ? "Preparing" : "Available";
}

/** What keeps a connector from charging: a fault of its own, or the emergency button, which stops them all. */
export function faultOf(
  { isEmergencyStopped }: ChargePointState,
  { fault }: Connector,
): ChargePointErrorCode | undefined {
  return fault ?? (isEmergencyStopped ? "OtherError" : undefined);
}

/** Whether new firmware waits for, or is being installed: no transaction may start. Spec: Security, L01. */
export function isHeldForInstallation(
  { maintenance }: ChargePointState,
  { connectorId }: Connector,
): boolean {
  return connectorId > 0 && maintenance.firmware.update?.isHolding === true;
}

/** Brings a connector's status up to its facts, and tells so. `info` says why, for people. */
export function updateStatus(turn: Turn, connector: Connector, info?: string): void {
  if (!isRunning(turn.state)) return; // without power there is no status; `startup.ts` finds it
  const to = statusOf(turn.state, connector);
  const errorCode = faultOf(turn.state, connector) ?? connector.warning ?? "NoError";
  if (to === connector.status && errorCode === connector.errorCode) return;
  if (to === "Faulted" || to === "Unavailable") endReservationsOf(turn, connector, to);
  // Connector 0 has statuses of its own, which the table is not about.
  const isDirect = connector.connectorId === 0 || to === connector.status;
  for (const status of isDirect ? [to] : statusPath({ from: connector.status, to })) {
    if (status !== connector.status) connector.statusSinceAtMs = turn.nowMs;
    connector.status = status;
    connector.errorCode = errorCode;
    emit(turn, { kind: "status", connectorId: connector.connectorId, status, errorCode });
    tell(turn, connector, info);
  }
}

/** §5.13: what cannot be used is not reserved any more, and connector 0 stands for all. */
export function endReservationsOf(
  turn: Turn,
  { connectorId }: Connector,
  why: "Faulted" | "Unavailable",
): void {
  const { state } = turn;
  for (const reservation of state.reservations) {
    if (connectorId !== 0 && reservation.connectorId !== connectorId) continue;
    endReservation(turn, reservation, why);
    const other = connectorOf(state, reservation.connectorId);
    if (connectorId === 0 && other !== undefined) updateStatus(turn, other);
  }
}

function tell(turn: Turn, connector: Connector, info: string | undefined): void {
  const { state, nowMs } = turn;
  const minimumMs = durationMs(state.configuration, "MinimumStatusDuration");
  if (minimumMs > 0) {
    const dueAtMs = nowMs + realDurationMs(scaleOf(state), minimumMs);
    connector.untold = { dueAtMs, sinceSimulatedMs: simulatedNowMs(turn), info };
  } else if (isOnline(state)) {
    reportStatus(turn, connector, info === undefined ? {} : { info });
  }
}

/** Reports a status that has lasted for MinimumStatusDuration. */
export function reportIfLasting(turn: Turn, connector: Connector): void {
  const { untold } = connector;
  if (untold === undefined || turn.nowMs < untold.dueAtMs) return;
  connector.untold = undefined;
  if (!isOnline(turn.state)) return; // told after the reconnect
  const isKnown = connector.told === toldText(connector) && !isBeingTold(turn.state, connector);
  const { info, sinceSimulatedMs } = untold;
  if (!isKnown) reportStatus(turn, connector, { ...(info === undefined ? {} : { info }), sinceSimulatedMs });
}

function isBeingTold({ peer, waiting }: ChargePointState, { connectorId }: Connector): boolean {
  const isOne = (purpose: CallPurpose) => purpose.kind === "status" && purpose.connectorId === connectorId;
  return (peer.inFlight !== undefined && isOne(peer.inFlight.tag)) ||
    waiting.some(({ purpose }) => isOne(purpose));
}

/** Puts a StatusNotification with the present status in line; false when there is no room. */
export function reportStatus(
  turn: Turn,
  connector: Connector,
  how: { info?: string; beforeAccepted?: boolean; sinceSimulatedMs?: number } = {},
): boolean {
  const { connectorId, status, errorCode } = connector;
  const { info, beforeAccepted = false, sinceSimulatedMs = simulatedNowMs(turn) } = how;
  const call = {
    action: "StatusNotification",
    payload: {
      connectorId,
      errorCode,
      status,
      ...(info === undefined ? {} : { info }),
      ...emergencyFields(turn.state, connector),
      timestamp: dateTimeOf(sinceSimulatedMs),
    },
    purpose: { kind: "status", connectorId, status, errorCode },
    beforeAccepted,
  } as const;
  if (enqueue(turn, call)) return true;
  // The line is blocked: of one connector's statuses only the latest is worth its place.
  turn.state.waiting = turn.state.waiting.filter((waiting) => !isStatusOf(waiting, connectorId));
  return enqueue(turn, call);
}

/** §7.6 has no code for the emergency button: OtherError says that there is more to read. */
function emergencyFields({ isEmergencyStopped, options }: ChargePointState, { status, fault }: Connector) {
  if (!isEmergencyStopped || status !== "Faulted" || fault !== undefined) return undefined;
  const { chargePointVendor } = options.description;
  return { info: "Emergency stop", vendorId: chargePointVendor, vendorErrorCode: "EmergencyStop" };
}

function isStatusOf({ purpose }: WaitingCall, connectorId: number): boolean {
  return purpose.kind === "status" && purpose.connectorId === connectorId;
}

/** No StatusNotification that waits is of any use. */
export function forgetStatusReports({ state }: Turn): void {
  state.waiting = state.waiting.filter(({ purpose }) => purpose.kind !== "status");
}

/** Tells the Central System every status that it does not know, connector 0 first. */
export function reportChangedStatuses(turn: Turn): void {
  for (const connector of turn.state.connectors) {
    connector.untold = undefined;
    if (connector.told !== toldText(connector)) reportStatus(turn, connector);
  }
}

/** The Central System has acknowledged a status. */
export function statusTold(
  { state }: Turn,
  told: { connectorId: number; status: ChargePointStatus; errorCode: string },
): void {
  const connector = state.connectors[told.connectorId];
  if (connector !== undefined) connector.told = toldText(told);
}

function toldText({ status, errorCode }: { status: string; errorCode: string }): string {
  return `${status}/${errorCode}`;
}
