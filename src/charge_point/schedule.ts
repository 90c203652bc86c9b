/**
 * What happens by itself with time: what is due, and when the next thing will be.
 *
 * Rule: after `doWhatIsDue` at the moment that `nextDeadlineMs` named, the next deadline is a later one, so that a
 * host which obeys it never spins.
 */
import { bootDeadlineMs, bootIfDue, heartbeatDeadlineMs, heartbeatIfDue } from "./boot.ts";
import { certificateDeadlineMs, certificateIfDue } from "./charge_point_certificate.ts";
import { timeOutSession } from "./charging_session.ts";
import { durationMs } from "./configuration.ts";
import { reportIfLasting, updateStatus } from "./connector_status.ts";
import { expireReservations } from "./reserve_now.ts";
import { reservationDeadlineMs } from "./reservation.ts";
import { firmwareDeadlineMs, firmwareIfDue } from "./firmware_progress.ts";
import { uploadsDeadlineMs, uploadsIfDue } from "./log_upload.ts";
import { restartDeadlineMs, restartIfDue } from "./reset.ts";
import { settle } from "./settlement.ts";
import {
  type ChargePointState,
  type Connector,
  connectorsOf,
  isOnline,
  scaleOf,
  type Turn,
} from "./state.ts";
import { realAtMs, realDurationMs } from "./time_scale.ts";
import { endEnergyIfDue, sampleIfDue } from "./transaction.ts";
import { messageDeadlineMs } from "./transaction_queue.ts";
import { msUntilAlmostFull } from "./vehicle.ts";

/** Does everything whose time has come. */
export function doWhatIsDue(turn: Turn): void {
  const { state, nowMs } = turn;
  const expired = state.peer.expire(nowMs);
  if (expired !== undefined) settle(turn, expired);
  if (nowMs >= reservationDeadlineMs(state)) expireReservations(turn);
  for (const connector of connectorsOf(state)) {
    if (nowMs >= sessionDeadlineMs(state, connector)) timeOutSession(turn, connector);
    sampleIfDue(turn, connector);
    endEnergyIfDue(turn, connector);
    if (connector.transaction !== undefined) updateStatus(turn, connector); // the battery may be full
  }
  for (const connector of state.connectors) reportIfLasting(turn, connector);
  bootIfDue(turn);
  heartbeatIfDue(turn);
  uploadsIfDue(turn);
  firmwareIfDue(turn);
  certificateIfDue(turn);
  restartIfDue(turn);
}

/** The next moment at which something is due; `Infinity` while the Charge Point waits for others only. */
export function nextDeadlineMs(state: ChargePointState): number {
  const isLineFree = isOnline(state) && state.peer.inFlight === undefined;
  let deadlineMs = Math.min(
    state.peer.deadlineMs(),
    bootDeadlineMs(state),
    heartbeatDeadlineMs(state),
    restartDeadlineMs(state),
    reservationDeadlineMs(state),
    uploadsDeadlineMs(state),
    firmwareDeadlineMs(state),
    certificateDeadlineMs(state),
    isLineFree ? messageDeadlineMs(state) : Infinity,
  );
  for (const connector of state.connectors) {
    deadlineMs = Math.min(deadlineMs, connectorDeadlineMs(state, connector));
  }
  return deadlineMs;
}

function connectorDeadlineMs(state: ChargePointState, connector: Connector): number {
  return Math.min(
    sessionDeadlineMs(state, connector),
    connector.transaction?.nextSampleAtMs ?? Infinity,
    fullDeadlineMs(state, connector),
    energyEndDeadlineMs(state, connector),
    connector.untold?.dueAtMs ?? Infinity,
  );
}

/** When ConnectionTimeOut ends an incipient session. Spec: OCPP 1.6 §9.1.6, counted from Preparing (errata). */
function sessionDeadlineMs(state: ChargePointState, { status, statusSinceAtMs }: Connector): number {
  if (status !== "Preparing") return Infinity;
  return statusSinceAtMs +
    realDurationMs(scaleOf(state), durationMs(state.configuration, "ConnectionTimeOut"));
}

/** When to look whether the battery is full. */
function fullDeadlineMs(state: ChargePointState, connector: Connector): number {
  if (connector.status !== "Charging") return Infinity;
  const settledAtMs = realAtMs(scaleOf(state), connector.meteredAtSimulatedMs);
  const leftMs = msUntilAlmostFull(state.options.description, connector.batteryWh);
  return settledAtMs + realDurationMs(scaleOf(state), leftMs);
}

/** When to look whether MaxEnergyOnInvalidId is delivered: not later than it can be. */
function energyEndDeadlineMs(state: ChargePointState, connector: Connector): number {
  const { transaction, registerWh, status } = connector;
  if (status !== "Charging" || transaction?.energyEndsAtWh === undefined) return Infinity;
  const { description } = state.options;
  const leftWh = transaction.energyEndsAtWh - registerWh;
  const settledAtMs = realAtMs(scaleOf(state), connector.meteredAtSimulatedMs);
  // As long as it takes to charge so much.
  const leftMs = msUntilAlmostFull(description, description.vehicle.batteryCapacityWh - leftWh);
  return settledAtMs + realDurationMs(scaleOf(state), leftMs);
}
