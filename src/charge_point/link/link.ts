/**
 * What the coming and going of the link means for Calls.
 *
 * Rules: what was on its way belongs to a transaction and is sent again, with the same uniqueId, or it is
 * forgotten: statuses are compared anew, idTags are decided without the Central System.
 * Spec: OCPP 1.6 §3.7, §4.9; OCPP-J 1.6 §5.3.
 */
import type { Action } from "../../ocpp/action.ts";
import { authorizationUnanswered } from "../session/charging_session.ts";
import { integer } from "../configuration/configuration.ts";
import { reportChangedStatuses } from "../session/connector_status.ts";
import { dataTransferEnded } from "./data_transfer.ts";
import type { CallPurpose, WaitingCall } from "./outbox.ts";
import { forgetUnansweredCalls } from "../job_ledger.ts";
import { note } from "../maintenance/log_book.ts";
import { emit, isOnline, isRunning, NONE, type Turn } from "../state.ts";
import { beginBacklog } from "../transaction/transaction_queue.ts";

/** The WebSocket is open. */
export function linkUp(turn: Turn): void {
  const { state } = turn;
  if (!isRunning(state)) return;
  if (state.isLinkUp) linkDown(turn); // a new link without word of the old one's end
  state.isLinkUp = true;
  state.boot.hasRegisteredAgain = false;
  note(turn, "the link is up");
  if (!isOnline(state)) return;
  beginBacklog(turn);
  reportChangedStatuses(turn);
}

/** The WebSocket is gone; said twice it means nothing more. */
export function linkDown(turn: Turn): void {
  const { state } = turn;
  if (!state.isLinkUp) return;
  state.isLinkUp = false;
  note(turn, "the link is down");
  forgetUnansweredCalls(turn);
  if (state.waiting.some(({ purpose }) => purpose.kind === "signCertificate")) {
    state.security = { ...state.security, signingRequest: undefined }; // nobody has heard of it
  }
  const forgotten: CallPurpose[] = state.waiting.map(({ purpose }) => purpose);
  state.waiting = NONE;
  state.messagesInARow = 0;
  const sentAtMs = state.peer.deadlineMs() - (state.peer.inFlight?.timeoutMs ?? 0);
  const interrupted = state.peer.interrupt();
  if (interrupted !== undefined) {
    forgotten.unshift(interrupted.tag);
    state.counters.callsFailed++;
    emit(turn, {
      kind: "callFailed",
      uniqueId: interrupted.uniqueId,
      action: interrupted.action as Action,
      reason: "linkDown",
      detail: "the link went down before the answer",
      latencyMs: turn.nowMs - sentAtMs,
    });
  }
  giveUpAnswers(turn, forgotten);
}

/** Takes Calls out of the line that cannot leave: all of them, or those that need an accepted registration. */
export function giveUpWaiting(turn: Turn, { all }: { all: boolean }): void {
  const { state } = turn;
  const isKept = ({ beforeAccepted }: WaitingCall) => beforeAccepted && !all;
  const forgotten = state.waiting.filter((call) => !isKept(call));
  if (forgotten.length === 0) return;
  const kept = state.waiting.filter(isKept);
  state.waiting = kept.length === 0 ? NONE : kept;
  giveUpAnswers(turn, forgotten.map(({ purpose }) => purpose));
}

/** No answers will come: whoever waits for one has to do without. */
function giveUpAnswers(turn: Turn, purposes: readonly CallPurpose[]): void {
  for (const purpose of purposes) {
    if (purpose.kind === "authorize") authorizationUnanswered(turn, purpose);
    if (purpose.kind === "dataTransfer") {
      const reason = "the Charge Point went offline before the answer";
      dataTransferEnded(turn, purpose, { kind: "failed", reason });
    }
  }
}

/** Tells the host once how often it is to ping, before anything else of the turn. */
export function tellPingInterval({ state, effects }: Turn): void {
  const intervalSeconds = integer(state.configuration, "WebSocketPingInterval");
  if (intervalSeconds === state.pingIntervalSeconds) return;
  state.pingIntervalSeconds = intervalSeconds;
  effects.unshift({ kind: "setPing", intervalSeconds });
}
