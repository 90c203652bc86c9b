/**
 * The way out: Calls that wait, and which one goes next when the line is free.
 *
 * Rules: one Call in flight (OCPP-J 1.6 §4.1.1). Before the Central System has accepted us only what is marked
 * so leaves. Calls go in the order in which they came to be; while transaction-related messages pile up, each
 * of them lets one other Call pass, so that nobody at the reader waits for a day's backlog (OCPP 1.6 §3.7).
 */
import { callText } from "../../ocpp/frame.ts";
import type { Action } from "../../ocpp/action.ts";
import type { Req } from "../../ocpp/registry.ts";
import type { ChargePointErrorCode, ChargePointStatus } from "../../ocpp/types.ts";
import { invariant } from "../../rpc/invariant.ts";
import { durationMs } from "../configuration/configuration.ts";
import { type ChargePointState, emit, isOnline, nextOrder, type Turn } from "../state.ts";
import {
  dueMessage,
  isBacklog,
  messageSent,
  payloadOf,
  type QueuedMessage,
} from "../transaction/transaction_queue.ts";

/** What a Call is for: what its answer will be understood by. */
export type CallPurpose =
  | { readonly kind: "boot" }
  | { readonly kind: "heartbeat" }
  | {
    readonly kind: "status";
    readonly connectorId: number;
    readonly status: ChargePointStatus;
    readonly errorCode: ChargePointErrorCode;
  }
  | {
    readonly kind: "authorize";
    readonly connectorId: number;
    readonly idTag: string;
    readonly intent: "start" | "stop";
  }
  | { readonly kind: "triggeredMeterValues" }
  | { readonly kind: "dataTransfer"; readonly vendorId: string; readonly messageId: string | undefined }
  | { readonly kind: "triggeredNotification" }
  | { readonly kind: "signCertificate" }
  /** A message that has to arrive, by its order. */
  | { readonly kind: "queued"; readonly order: number };

/** An ordinary Call, waiting. `order` says when it came to be. */
export interface WaitingCall {
  readonly action: Action;
  readonly payload: unknown;
  readonly purpose: Exclude<CallPurpose, { kind: "queued" }>;
  readonly beforeAccepted: boolean;
  readonly order: number;
}

/** The most ordinary Calls that wait; a Central System that answers nothing for long brings us there. */
export const WAITING_CALLS_MAX = 50;

/**
 * Puts an ordinary Call in line; false when there is no room.
 *
 * `beforeAccepted` lets it leave although the Central System has not accepted us.
 */
export function enqueue<A extends Action>(
  turn: Turn,
  call: {
    action: A;
    payload: Req<A>;
    purpose: WaitingCall["purpose"];
    beforeAccepted?: boolean;
  },
): boolean {
  const { state } = turn;
  if (state.waiting.length >= WAITING_CALLS_MAX) return false;
  const { beforeAccepted = false, ...rest } = call;
  state.waiting = [...state.waiting, { ...rest, beforeAccepted, order: nextOrder(turn) }];
  return true;
}

/** Puts BootNotification in line before everything else; there is never more than one, hence always room. */
export function enqueueBoot(turn: Turn, payload: Req<"BootNotification">): void {
  const boot = {
    action: "BootNotification",
    payload,
    purpose: { kind: "boot" },
    beforeAccepted: true,
  } as const;
  turn.state.waiting = [{ ...boot, order: nextOrder(turn) }, ...turn.state.waiting];
}

/** Whether a Call of this kind waits or is in flight. */
export function isUnderWay(state: ChargePointState, kind: CallPurpose["kind"]): boolean {
  return state.peer.inFlight?.tag.kind === kind || state.waiting.some(({ purpose }) => purpose.kind === kind);
}

/** Sends the next Call, if the line is free and one may leave. */
export function sendNext(turn: Turn): void {
  const { state, nowMs } = turn;
  if (!state.isLinkUp || state.peer.inFlight !== undefined) return;
  const ordinary = nextOrdinary(turn);
  const message = isOnline(state) ? dueMessage(state, nowMs) : undefined;
  if (ordinary !== undefined && (message === undefined || mayPass(turn, ordinary, message))) {
    return sendOrdinary(turn, ordinary);
  }
  if (message !== undefined) return sendMessage(turn, message);
  state.messagesInARow = 0; // the line is idle
}

function nextOrdinary({ state }: Turn): WaitingCall | undefined {
  return isOnline(state) ? state.waiting[0] : state.waiting.find(({ beforeAccepted }) => beforeAccepted);
}

function mayPass({ state }: Turn, ordinary: WaitingCall, message: QueuedMessage): boolean {
  // §4.2, §4.9: once online, statuses come before what had to wait.
  if (ordinary.purpose.kind === "status" && isBacklog(state, message)) return true;
  return state.messagesInARow > 0 || ordinary.order < message.order;
}

function sendOrdinary(turn: Turn, call: WaitingCall): void {
  const { state } = turn;
  state.waiting = state.waiting.filter((waiting) => waiting !== call);
  state.messagesInARow = 0;
  send(turn, state.options.newUniqueId(), call, call.purpose);
}

function sendMessage(turn: Turn, message: QueuedMessage): void {
  const { state } = turn;
  state.messagesInARow++;
  const uniqueId = messageSent(turn, message);
  const call = { action: message.action, payload: payloadOf(state, message) };
  send(turn, uniqueId, call, { kind: "queued", order: message.order });
}

function send(
  turn: Turn,
  uniqueId: string,
  { action, payload }: { action: Action; payload: unknown },
  purpose: CallPurpose,
): void {
  const { state, nowMs } = turn;
  const timeoutMs = durationMs(state.configuration, "MessageTimeout");
  const isSent = state.peer.sendNow({ uniqueId, action, payload, timeoutMs, tag: purpose }, nowMs);
  invariant(isSent, `${action} ${uniqueId} would be a second Call in flight`);
  state.counters.callsSent++;
  turn.effects.push({ kind: "send", text: callText({ uniqueId, action, payload }) });
  emit(turn, { kind: "callSent", uniqueId, action, payload });
}
