/**
 * Transaction-related messages: StartTransaction, MeterValues of a transaction, StopTransaction.
 *
 * Rules: they are delivered in order, one after the other; being offline neither loses one nor uses up an
 * attempt; CALLERROR, timeout and an unusable answer do. Before each repeat the Charge Point waits
 * TransactionMessageRetryInterval times the transmissions that failed. A repeat has the uniqueId and the payload
 * of the first. A message gets its transactionId when it leaves, since only then it is certainly known.
 * Bound: `MESSAGES_MAX`. When it is reached the oldest intermediate MeterValues goes; a start or a stop never
 * does, and a transaction that might not find room does not start.
 * Spec: OCPP 1.6 §3.7, errata 1.6 (transactionId -1).
 */
import type { Req } from "../ocpp/registry.ts";
import { invariant } from "../rpc/invariant.ts";
import { durationMs, integer } from "./configuration.ts";
import { type ChargePointState, emit, nextOrder, type Transaction, type Turn } from "./state.ts";

/** A message with what it takes to deliver it. Only `transactionId` is missing in its payload. */
export type TransactionMessage =
  & {
    readonly transaction: Transaction;
    readonly order: number;
    /** From the first transmission on. */
    uniqueId: string | undefined;
    failures: number;
    notBeforeMs: number;
  }
  & MessageContent;

type MessageContent =
  | { readonly action: "StartTransaction"; readonly payload: Req<"StartTransaction"> }
  | { readonly action: "MeterValues"; readonly payload: Omit<Req<"MeterValues">, "transactionId"> }
  | { readonly action: "StopTransaction"; readonly payload: Omit<Req<"StopTransaction">, "transactionId"> };

/** The most messages that wait. */
export const MESSAGES_MAX = 500;

/** What the later messages of a transaction carry whose StartTransaction was given up. */
export const NO_TRANSACTION_ID = -1;

/** Puts a message at the end of the queue. */
export function queueMessage(turn: Turn, transaction: Transaction, content: MessageContent): void {
  const { state } = turn;
  const message = {
    ...content,
    transaction,
    order: nextOrder(turn),
    uniqueId: undefined,
    failures: 0,
    notBeforeMs: turn.nowMs,
  };
  state.messages = [...state.messages, message];
  if (state.messages.length <= MESSAGES_MAX) return;
  const droppable = state.messages.find((waiting) =>
    waiting.action === "MeterValues" && waiting.uniqueId === undefined
  );
  if (droppable !== undefined) lose(turn, droppable, `more than ${MESSAGES_MAX} messages wait`);
}

/** Whether another transaction may start: its start and its stop must find room, and so must all open stops. */
export function hasRoomForTransaction(state: ChargePointState): boolean {
  const kept = state.messages.filter(({ action }) => action !== "MeterValues").length;
  const open = state.connectors.filter(({ transaction }) => transaction !== undefined).length;
  return kept + open + 2 <= MESSAGES_MAX;
}

/** The message to send now, if its waiting time is over. */
export function dueMessage({ messages }: ChargePointState, nowMs: number): TransactionMessage | undefined {
  const first = messages[0];
  return first !== undefined && nowMs >= first.notBeforeMs ? first : undefined;
}

/** What goes on the wire. */
export function payloadOf(message: TransactionMessage): Req<TransactionMessage["action"]> {
  if (message.action === "StartTransaction") return message.payload;
  const { transactionId } = message.transaction;
  invariant(
    transactionId !== undefined,
    `${message.action} would leave before its StartTransaction is answered`,
  );
  if (message.action === "StopTransaction") return { transactionId, ...message.payload };
  const { connectorId, meterValue } = message.payload;
  return { connectorId, transactionId, meterValue };
}

/** The message was answered: the next one may go. */
export function messageDelivered({ state }: Turn, message: TransactionMessage): void {
  state.messages = state.messages.filter((waiting) => waiting !== message);
}

/** A transmission failed while we were online: plans the next, or gives the message up. */
export function messageFailed(turn: Turn, message: TransactionMessage, reason: string): void {
  const { configuration } = turn.state;
  message.failures++;
  const attempts = integer(configuration, "TransactionMessageAttempts");
  if (message.failures < attempts) {
    const intervalMs = durationMs(configuration, "TransactionMessageRetryInterval");
    message.notBeforeMs = turn.nowMs + intervalMs * message.failures;
    return;
  }
  // Errata: what belongs to a transaction that never got an id says -1.
  if (message.action === "StartTransaction") message.transaction.transactionId = NO_TRANSACTION_ID;
  lose(turn, message, `given up after ${message.failures} transmissions: ${reason}`);
}

function lose(turn: Turn, message: TransactionMessage, reason: string): void {
  turn.state.messages = turn.state.messages.filter((waiting) => waiting !== message);
  turn.state.counters.messagesLost++;
  emit(turn, { kind: "messageLost", action: message.action, reason });
}
