/**
 * A charging session from first contact to leaving: what the user and the EV do, and what comes of it.
 *
 * Cable and idTag come in either order; with both there a transaction starts. A session that stays incomplete
 * ends with ConnectionTimeOut. A connector that is reserved takes only whom it is reserved for.
 * Spec: OCPP 1.6 §3.5, §3.6, §3.10, §4.8–4.10, §9.1.6; B6 (Preparing → Finishing) from errata 1.6.
 */
import { type IdTagInfo, sameCiString } from "../../ocpp/types.ts";
import {
  ask,
  decide,
  decideOffline,
  type Intent,
  knownIdTag,
  learn,
  type LocalDecision,
} from "../authorization/authorization.ts";
import { lockCable, unlockCable } from "./cable_lock.ts";
import { integer, isOn } from "../configuration/configuration.ts";
import { faultOf, updateStatus } from "./connector_status.ts";
import { actsFor } from "../authorization/id_tag_info.ts";
import { chooseConnector, whyNotFree, whyReaderIsShut, whyReserved } from "./readiness.ts";
import { useReservation } from "./reservation.ts";
import {
  type Authorized,
  type Connector,
  connectorOf,
  connectorZero,
  emit,
  isRunning,
  type Turn,
} from "../state.ts";
import { startTransaction, stopTransaction } from "../transaction/transaction.ts";
import { hasRoomForTransaction } from "../transaction/transaction_queue.ts";
import { vehicleOf } from "../energy/power.ts";
import { batteryAtArrivalWh } from "../energy/vehicle.ts";
import type { VehicleDescription } from "../energy/vehicle_description.ts";

const EV_SIDE_DISCONNECTED = "EV side disconnected"; // §4.9 names this text

/** The cable goes into an EV, that of the description unless another is named; during a transaction it is the same. */
export function plugIn(turn: Turn, connector: Connector, vehicle?: VehicleDescription): void {
  if (connector.isPlugged) return;
  connector.isPlugged = true;
  if (connector.transaction === undefined) {
    connector.isEvPaused = false;
    connector.vehicle = vehicle;
    connector.batteryWh = batteryAtArrivalWh(vehicleOf(turn.state, connector));
  }
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}

/** The cable is taken out of the EV, and of the Charge Point if it can be; see `cable_lock.ts`. */
export function unplug(turn: Turn, connector: Connector): void {
  if (!connector.isPlugged) return;
  const stops = isOn(turn.state.configuration, "StopTransactionOnEVSideDisconnect");
  if (connector.transaction !== undefined && stops) {
    stopTransaction(turn, connector, { reason: "EVDisconnected", info: EV_SIDE_DISCONNECTED });
  }
  connector.isPlugged = false;
  if (!connector.isLocked) connector.finishing = undefined;
  updateStatus(turn, connector, connector.transaction === undefined ? undefined : EV_SIDE_DISCONNECTED);
}

/** The EV stops or resumes taking energy by itself. */
export function setEvPaused(turn: Turn, connector: Connector, isPaused: boolean): void {
  if (!connector.isPlugged) return;
  connector.isEvPaused = isPaused;
  updateStatus(turn, connector);
}

/** A card is shown at the reader, to start, to stop, to call off, or to get the cable. */
export function presentIdTag(turn: Turn, shown: { idTag: string; connectorId: number | undefined }): void {
  const { idTag } = shown;
  const who = { idTag, parentIdTag: knownIdTag(turn, idTag)?.parentIdTag };
  const connector = shown.connectorId === undefined
    ? chooseConnector(turn.state, who)
    : connectorOf(turn.state, shown.connectorId);
  const ignore = (reason: string) =>
    emit(turn, { kind: "idTagIgnored", idTag, connectorId: connector?.connectorId, reason });

  const whyShut = whyReaderIsShut(turn.state, idTag);
  if (whyShut !== undefined) return ignore(whyShut);
  if (connector === undefined) {
    const { connectorId } = shown;
    return ignore(
      connectorId === undefined ? "no connector is free" : `there is no connector ${connectorId}`,
    );
  }
  if (connector.authorizing !== undefined) return ignore("another idTag is being checked");
  const holder = connector.transaction ?? connector.heldFor;
  if (holder !== undefined) {
    // §4.1: no Authorize for the idTag that started.
    if (sameCiString(holder.idTag, idTag)) return stopOrRelease(turn, connector, idTag);
    return judge(turn, connector, { idTag, intent: "stop" });
  }
  const whyOccupied = whyNotFree(turn.state, connector) ??
    whyReserved(turn.state, connector, who, { mayAsk: true });
  if (whyOccupied !== undefined) return ignore(whyOccupied);
  if (connector.authorized !== undefined && sameCiString(connector.authorized.idTag, idTag)) {
    return cancelSession(turn, connector); // §4.9 B1: shown a second time
  }
  connector.startProfile = undefined;
  judge(turn, connector, { idTag, intent: "start" });
}

/** A start that the Central System asks for, on a connector that is free for it. */
export function startRemotely(turn: Turn, connector: Connector, who: Authorized): void {
  // §5.11: either as if the idTag had been shown, or at once, leaving the check to StartTransaction. Whether a
  // reservation is for its group may have to be asked all the same (§5.13).
  const mustAsk = isOn(turn.state.configuration, "AuthorizeRemoteTxRequests") ||
    whyReserved(turn.state, connector, who, { mayAsk: false }) !== undefined;
  if (mustAsk) judge(turn, connector, { idTag: who.idTag, intent: "start" });
  else admit(turn, connector, who);
}

/** Decides about an idTag, asking the Central System if it can be asked. */
function judge(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): void {
  const decision = decide(turn, request);
  if (decision.kind !== "ask") return conclude(turn, connector, request, decision);
  if (!ask(turn, connector, request)) judgeAlone(turn, connector, request);
}

function judgeAlone(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): void {
  conclude(turn, connector, request, decideOffline(turn, request));
}

function conclude(
  turn: Turn,
  connector: Connector,
  { idTag, intent }: { idTag: string; intent: Intent },
  decision: LocalDecision,
): void {
  const { connectorId } = connector;
  const status = decision.kind === "accepted" ? "Accepted" : decision.status;
  emit(turn, { kind: "authorization", idTag, connectorId, status });
  if (decision.kind === "refused") return;
  actUpon(turn, connector, intent, { idTag, parentIdTag: decision.parentIdTag });
}

function actUpon(turn: Turn, connector: Connector, intent: Intent, accepted: Authorized): void {
  if (intent === "start") admit(turn, connector, accepted);
  else stopForGroup(turn, connector, accepted);
}

/** What was asked of the Central System. */
interface Asked {
  readonly connectorId: number;
  readonly idTag: string;
  readonly intent: Intent;
}

/** The Central System has said what it thinks of an idTag. */
export function authorizationAnswered(turn: Turn, asked: Asked, idTagInfo: IdTagInfo): void {
  const { connectorId, idTag } = asked;
  const { status, parentIdTag } = idTagInfo;
  emit(turn, { kind: "authorization", idTag, connectorId, status });
  learn(turn, idTag, idTagInfo);
  const connector = takeQuestion(turn, asked);
  if (connector === undefined || status !== "Accepted") return;
  actUpon(turn, connector, asked.intent, { idTag, parentIdTag });
}

/** No answer is to be had, so the Charge Point is on its own as if it were offline. */
export function authorizationUnanswered(turn: Turn, asked: Asked): void {
  const connector = takeQuestion(turn, asked);
  if (connector !== undefined) judgeAlone(turn, connector, asked);
}

/** The question comes once more, behind the registration that it needs. */
export function askAgain(turn: Turn, asked: Asked): void {
  const connector = takeQuestion(turn, asked);
  if (connector !== undefined && !ask(turn, connector, asked)) judgeAlone(turn, connector, asked);
}

/** The connector that still waits for this answer, if any: the session may be over. */
function takeQuestion({ state }: Turn, { connectorId, idTag }: Asked): Connector | undefined {
  const connector = connectorOf(state, connectorId);
  if (connector?.authorizing !== idTag) return undefined;
  connector.authorizing = undefined;
  return connector;
}

function admit(turn: Turn, connector: Connector, authorized: Authorized): void {
  const { connectorId } = connector;
  const reason = connector.transaction !== undefined
    ? "a transaction runs"
    : whyNotFree(turn.state, connector) ??
      whyReserved(turn.state, connector, authorized, { mayAsk: false });
  if (reason !== undefined) {
    emit(turn, { kind: "idTagIgnored", idTag: authorized.idTag, connectorId, reason });
    return;
  }
  blink(turn, connectorId);
  connector.finishing = undefined; // §4.9 F2: the next transaction without unplugging
  connector.authorized = authorized;
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}

/** §9.1.4, §9.1.11: the lighting says that the idTag was taken. */
function blink(turn: Turn, connectorId: number): void {
  const { configuration } = turn.state;
  const times = integer(configuration, "BlinkRepeat");
  const intensityPercent = integer(configuration, "LightIntensity");
  if (times > 0 && intensityPercent > 0) {
    emit(turn, { kind: "blinked", connectorId, times, intensityPercent });
  }
}

/** §3.10: an idTag with the same parentIdTag stops the transaction, or gets the cable that is kept. */
function stopForGroup(turn: Turn, connector: Connector, shown: Authorized): void {
  const { transaction, heldFor, connectorId } = connector;
  const holder = transaction ?? heldFor;
  const { idTag } = shown;
  if (holder !== undefined && actsFor(shown, holder)) return stopOrRelease(turn, connector, idTag);
  const reason = "the transaction belongs to another idTag";
  emit(turn, { kind: "idTagIgnored", idTag, connectorId, reason });
}

function stopOrRelease(turn: Turn, connector: Connector, idTag: string): void {
  if (connector.transaction !== undefined) {
    return stopTransaction(turn, connector, { reason: "Local", idTag });
  }
  unlockCable(turn, connector);
  updateStatus(turn, connector);
}

/** Starts the transaction when everything for it is there, a cable that is locked included. */
export function startIfReady(turn: Turn, connector: Connector): void {
  const { authorized, isPlugged, status } = connector;
  const { state } = turn;
  if (authorized === undefined || !isPlugged || status !== "Preparing" || !isRunning(state)) return;
  if (faultOf(state, connectorZero(state)) !== undefined || !hasRoomForTransaction(state)) return;
  if (lockCable(turn, connector)) {
    const reservation = useReservation(turn, connector, authorized);
    return startTransaction(turn, connector, { ...authorized, reservationId: reservation?.reservationId });
  }
  // §7.6 ConnectorLockFailure: no energy without a lock. It is cleared with the jam, or as any fault.
  connector.fault = "ConnectorLockFailure";
  cancelSession(turn, connector);
}

/** Calls off a session that has not become a transaction; the cable may stay in. */
export function cancelSession(turn: Turn, connector: Connector): void {
  connector.startProfile = undefined;
  connector.authorizing = undefined;
  connector.authorized = undefined;
  updateStatus(turn, connector);
}

/** ConnectionTimeOut is over: either the cable or the idTag did not come. */
export function timeOutSession(turn: Turn, connector: Connector): void {
  // Errata, B6: a cable that nobody paid for is not to be started by the next user's idTag.
  if (connector.isPlugged) connector.finishing = "timedOut";
  cancelSession(turn, connector);
}
