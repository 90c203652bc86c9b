/**
 * What happens by itself with time: what is due, and when the next thing will be.
 *
 * Rule: after `doWhatIsDue` at the moment that `nextDeadlineMs` named, the next deadline is a later one, so that a
 * host which obeys it never spins.
 */
import { bootDeadlineMs, bootIfDue, heartbeatDeadlineMs, heartbeatIfDue } from "./link/boot.ts";
import { certificateDeadlineMs, certificateIfDue } from "./security/charge_point_certificate.ts";
import { timeOutSession } from "./session/charging_session.ts";
import { durationMs } from "./configuration/configuration.ts";
import { reportIfLasting, updateStatus } from "./session/connector_status.ts";
import { expireReservations } from "./session/reserve_now.ts";
import { reservationDeadlineMs } from "./session/reservation.ts";
import { firmwareDeadlineMs, firmwareIfDue } from "./maintenance/firmware_progress.ts";
import { uploadsDeadlineMs, uploadsIfDue } from "./maintenance/log_upload.ts";
import { restartDeadlineMs, restartIfDue } from "./storage/reset.ts";
import { settle } from "./link/settlement.ts";
import {
  type ChargePointState,
  type Connector,
  connectorsOf,
  isOnline,
  isRunning,
  scaleOf,
  type Turn,
} from "./state.ts";
import { realAtMs, realDurationMs } from "./time_scale.ts";
import { sampleIfDue } from "./transaction/transaction.ts";
import { messageDeadlineMs } from "./transaction/transaction_queue.ts";
import { nextPowerChangeMs, powerPlan } from "./energy/power.ts";
import { alignedDeadlineMs, alignToClock } from "./energy/clock_aligned.ts";

/** Does everything whose time has come. */
export function doWhatIsDue(turn: Turn): void {
  const { state, nowMs } = turn;
  restartIfDue(turn);
  if (!isRunning(state)) return;
  const expired = state.peer.expire(nowMs);
  if (expired !== undefined) settle(turn, expired);
  if (nowMs >= reservationDeadlineMs(state)) expireReservations(turn);
  for (const connector of connectorsOf(state)) {
    if (nowMs >= sessionDeadlineMs(state, connector)) timeOutSession(turn, connector);
    sampleIfDue(turn, connector);
    if (connector.transaction !== undefined) updateStatus(turn, connector); // what flows may have changed
  }
  for (const connector of state.connectors) reportIfLasting(turn, connector);
  alignToClock(turn);
  bootIfDue(turn);
  heartbeatIfDue(turn);
  uploadsIfDue(turn);
  firmwareIfDue(turn);
  certificateIfDue(turn);
  const wasRestarting = state.restart !== undefined;
  restartIfDue(turn);
  if (wasRestarting && state.restart === undefined) doWhatIsDue(turn); // it failed: what waited for it is due
}

/** The next moment at which something is due; `Infinity` while the Charge Point waits for others only. */
export function nextDeadlineMs(state: ChargePointState): number {
  if (!isRunning(state)) return restartDeadlineMs(state);
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
    alignedDeadlineMs(state),
    powerDeadlineMs(state),
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
    connector.untold?.dueAtMs ?? Infinity,
  );
}

/** When ConnectionTimeOut ends an incipient session. Spec: OCPP 1.6 §9.1.6, counted from Preparing (errata). */
function sessionDeadlineMs(state: ChargePointState, { status, statusSinceAtMs }: Connector): number {
  if (status !== "Preparing") return Infinity;
  return statusSinceAtMs +
    realDurationMs(scaleOf(state), durationMs(state.configuration, "ConnectionTimeOut"));
}

/** When the power of a connector changes by itself: a schedule, a battery. */
function powerDeadlineMs(state: ChargePointState): number {
  if (!state.isPowered || state.scale === undefined) return Infinity;
  const settledAtMs = realAtMs(state.scale, state.meteredAtSimulatedMs);
  const nextMs = nextPowerChangeMs(state, powerPlan(state));
  return settledAtMs + realDurationMs(state.scale, nextMs - state.meteredAtSimulatedMs);
}
