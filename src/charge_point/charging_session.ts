/**
 * A charging session from first contact to leaving: what the user and the EV do, and what comes of it.
 *
 * Cable and idTag come in either order; with both there a transaction starts. A session that stays incomplete
 * ends with ConnectionTimeOut.
 * Spec: OCPP 1.6 §3.5, §3.6, §3.10, §4.8–4.10, §9.1.6; B6 (Preparing → Finishing) from errata 1.6.
 */
import { type IdTagInfo, sameCiString } from "../ocpp/types.ts";
import { ask, decide, decideOffline, type Intent } from "./authorization.ts";
import { isOn } from "./configuration.ts";
import { updateStatus } from "./connector_status.ts";
import { chooseConnector, whyNotFree, whyReaderIsShut } from "./readiness.ts";
import { type Authorized, type Connector, connectorOf, emit, type Turn } from "./state.ts";
import { startTransaction, stopTransaction } from "./transaction.ts";
import { hasRoomForTransaction } from "./transaction_queue.ts";
import { batteryAtArrivalWh } from "./vehicle.ts";

const EV_SIDE_DISCONNECTED = "EV side disconnected"; // §4.9 names this text

/** The cable goes into an EV. During a transaction it is the one that was there before. */
export function plugIn(turn: Turn, connector: Connector): void {
  if (connector.isPlugged) return;
  connector.isPlugged = true;
  if (connector.transaction === undefined) {
    connector.isEvPaused = false;
    connector.batteryWh = batteryAtArrivalWh(turn.state.options.description);
  }
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}

/** The cable is taken out of the EV. */
export function unplug(turn: Turn, connector: Connector): void {
  if (!connector.isPlugged) return;
  const stops = isOn(turn.state.configuration, "StopTransactionOnEVSideDisconnect");
  if (connector.transaction !== undefined && stops) {
    stopTransaction(turn, connector, { reason: "EVDisconnected", info: EV_SIDE_DISCONNECTED });
  }
  connector.isPlugged = false;
  connector.finishing = undefined;
  updateStatus(turn, connector, connector.transaction === undefined ? undefined : EV_SIDE_DISCONNECTED);
}

/** The EV stops or resumes taking energy by itself. */
export function setEvPaused(turn: Turn, connector: Connector, isPaused: boolean): void {
  if (!connector.isPlugged) return;
  connector.isEvPaused = isPaused;
  updateStatus(turn, connector);
}

/** A card is shown at the reader, to start, to stop, or to call off. */
export function presentIdTag(turn: Turn, shown: { idTag: string; connectorId: number | undefined }): void {
  const { idTag } = shown;
  const connector = shown.connectorId === undefined
    ? chooseConnector(turn.state, idTag)
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
  if (connector.transaction !== undefined) {
    // §4.1: no Authorize for the idTag that started.
    if (sameCiString(connector.transaction.idTag, idTag)) {
      return stopTransaction(turn, connector, { reason: "Local", idTag });
    }
    return judge(turn, connector, { idTag, intent: "stop" });
  }
  const whyOccupied = whyNotFree(turn.state, connector);
  if (whyOccupied !== undefined) return ignore(whyOccupied);
  if (connector.authorized !== undefined && sameCiString(connector.authorized.idTag, idTag)) {
    return cancelSession(turn, connector); // §4.9 B1: shown a second time
  }
  judge(turn, connector, { idTag, intent: "start" });
}

/** A start that the Central System asks for, on a connector that is free for it. */
export function startRemotely(turn: Turn, connector: Connector, idTag: string): void {
  // §5.11: either as if the idTag had been shown, or at once, leaving the check to StartTransaction.
  if (isOn(turn.state.configuration, "AuthorizeRemoteTxRequests")) {
    judge(turn, connector, { idTag, intent: "start" });
  } else {
    admit(turn, connector, { idTag, parentIdTag: undefined });
  }
}

/** Decides about an idTag, asking the Central System if it can be asked. */
function judge(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): void {
  const decision = decide(turn.state, request.intent);
  if (decision !== "ask") return conclude(turn, connector, request, decision);
  if (!ask(turn, connector, request)) judgeAlone(turn, connector, request);
}

function judgeAlone(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): void {
  conclude(turn, connector, request, decideOffline(turn.state, request.intent));
}

function conclude(
  turn: Turn,
  connector: Connector,
  { idTag }: { idTag: string },
  decision: "accepted" | "refused",
): void {
  const { connectorId } = connector;
  const status = decision === "accepted" ? "Accepted" : "NotAuthorizedOffline";
  emit(turn, { kind: "authorization", idTag, connectorId, status });
  if (decision === "accepted") admit(turn, connector, { idTag, parentIdTag: undefined });
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
  const connector = takeQuestion(turn, asked);
  if (connector === undefined || status !== "Accepted") return;
  if (asked.intent === "start") admit(turn, connector, { idTag, parentIdTag });
  else stopForGroup(turn, connector, { idTag, parentIdTag });
}

/** No answer is to be had, so the Charge Point is on its own as if it were offline. */
export function authorizationUnanswered(turn: Turn, asked: Asked): void {
  const connector = takeQuestion(turn, asked);
  if (connector !== undefined) judgeAlone(turn, connector, asked);
}

/** The connector that still waits for this answer, if any: the session may be over. */
function takeQuestion({ state }: Turn, { connectorId, idTag }: Asked): Connector | undefined {
  const connector = connectorOf(state, connectorId);
  if (connector?.authorizing !== idTag) return undefined;
  connector.authorizing = undefined;
  return connector;
}

function admit(turn: Turn, connector: Connector, authorized: Authorized): void {
  const reason = connector.transaction !== undefined
    ? "a transaction runs"
    : whyNotFree(turn.state, connector);
  if (reason !== undefined) {
    const { connectorId } = connector;
    emit(turn, { kind: "idTagIgnored", idTag: authorized.idTag, connectorId, reason });
    return;
  }
  connector.finishing = undefined; // §4.9 F2: the next transaction without unplugging
  connector.authorized = authorized;
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}

/** §3.10: an idTag with the same parentIdTag stops the transaction; the parent itself is never shown. */
function stopForGroup(turn: Turn, connector: Connector, shown: Authorized): void {
  const { transaction, connectorId } = connector;
  const { idTag, parentIdTag } = shown;
  const isSameGroup = parentIdTag !== undefined && transaction?.parentIdTag !== undefined &&
    sameCiString(parentIdTag, transaction.parentIdTag);
  if (isSameGroup) return stopTransaction(turn, connector, { reason: "Local", idTag });
  const reason = "the transaction belongs to another idTag";
  emit(turn, { kind: "idTagIgnored", idTag, connectorId, reason });
}

/** Starts the transaction when everything for it is there. */
export function startIfReady(turn: Turn, connector: Connector): void {
  const { authorized, isPlugged, status } = connector;
  if (authorized === undefined || !isPlugged || status !== "Preparing") return;
  if (hasRoomForTransaction(turn.state)) startTransaction(turn, connector, authorized);
}

/** Calls off a session that has not become a transaction; the cable may stay in. */
export function cancelSession(turn: Turn, connector: Connector): void {
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
