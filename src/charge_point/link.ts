/**
 * What the coming and going of the link means for Calls.
 *
 * Rules: what was on its way belongs to a transaction and is sent again, with the same uniqueId, or it is
 * forgotten: statuses are compared anew, idTags are decided without the Central System.
 * Spec: OCPP 1.6 §3.7, §4.9; OCPP-J 1.6 §5.3.
 */
import type { Action } from "../ocpp/action.ts";
import { authorizationUnanswered } from "./charging_session.ts";
import { reportChangedStatuses } from "./connector_status.ts";
import type { CallPurpose } from "./outbox.ts";
import { emit, isOnline, NONE, type Turn } from "./state.ts";

/** The WebSocket is open. */
export function linkUp(turn: Turn): void {
  const { state } = turn;
  if (!state.isPowered || state.restart?.phase === "off") return;
  if (state.isLinkUp) linkDown(turn); // a new link without word of the old one's end
  state.isLinkUp = true;
  if (isOnline(state)) reportChangedStatuses(turn);
}

/** The WebSocket is gone; said twice it means nothing more. */
export function linkDown(turn: Turn): void {
  const { state } = turn;
  if (!state.isLinkUp) return;
  state.isLinkUp = false;
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
  for (const purpose of forgotten) {
    if (purpose.kind === "authorize") authorizationUnanswered(turn, purpose);
  }
}
