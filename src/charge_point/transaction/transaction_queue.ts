/**
 * Messages that have to arrive: those of transactions in their order, and notices that belong to none.
 *
 * Rules of transaction-related messages (StartTransaction, MeterValues that were not asked for, StopTransaction):
 * they are delivered in order, one after the other; being offline neither loses one nor uses up an attempt;
 * CALLERROR, timeout and an unusable answer do. Before each repeat the Charge Point waits
 * TransactionMessageRetryInterval times the transmissions that failed. A repeat has the uniqueId and the payload
 * of the first. A message gets its transactionId when it leaves, since only then it is certainly known.
 * A CALLERROR SecurityError says that the Central System has forgotten us: once for each message it uses up no
 * attempt, and the message waits for the registration that follows, at most for the retry interval.
 * Notices (about security events, logs and firmware) obey the same rules in a line of their own, so that one that cannot be
 * delivered holds no transaction back; what the Central System does not know (NotSupported, NotImplemented) is
 * not repeated.
 * What waited when the Charge Point came online, the backlog, leaves at a bounded pace: after a burst of
 * `BACKLOG_BURST` at most `BACKLOG_MESSAGES_PER_SECOND`, so that a fleet that comes back is no flood.
 * A message is an immutable value, so that whoever stores it sees by identity whether it has changed.
 * Bounds: `MESSAGES_MAX`, of transaction-related ones: when it is reached the oldest intermediate MeterValues
 * goes; a start or a stop never does, and a transaction that might not find room does not start. `NOTICES_MAX`:
 * the oldest notice goes.
 * Spec: OCPP 1.6 §3.7, errata 1.6 (transactionId -1); Security, A.3 (guaranteed delivery of notices).
 */
import type { Req } from "../../ocpp/registry.ts";
import { invariant } from "../../rpc/invariant.ts";
import { durationMs, integer } from "../configuration/configuration.ts";
import { type ChargePointState, emit, nextOrder, NONE, type Transaction, type Turn } from "../state.ts";

/** A message with what it takes to deliver it. Only `transactionId` is missing in its payload. */
export type QueuedMessage =
  & {
    /** Its number among all Calls, by which it is known. */
    readonly order: number;
    /** Of the transaction that it belongs to; see `Transaction`. */
    readonly transactionKey: number | undefined;
    /** From the first transmission on. */
    readonly uniqueId: string | undefined;
    readonly failures: number;
    readonly notBeforeMs: number;
    /** It was refused with SecurityError and waits for a new registration. */
    readonly wasPutOff: boolean;
  }
  & MessageContent;

type MessageContent = TransactionContent | NoticeContent;

type TransactionContent =
  | { readonly action: "StartTransaction"; readonly payload: Req<"StartTransaction"> }
  | { readonly action: "MeterValues"; readonly payload: Omit<Req<"MeterValues">, "transactionId"> }
  | { readonly action: "StopTransaction"; readonly payload: Omit<Req<"StopTransaction">, "transactionId"> };

/** The messages that are notices. */
export const NOTICES = [
  "DiagnosticsStatusNotification",
  "FirmwareStatusNotification",
  "LogStatusNotification",
  "SecurityEventNotification",
  "SignedFirmwareStatusNotification",
] as const;

type NoticeAction = (typeof NOTICES)[number];

type NoticeContent = {
  [A in NoticeAction]: { readonly action: A; readonly payload: Req<A> };
}[NoticeAction];

/** The most transaction-related messages that wait. */
export const MESSAGES_MAX = 500;

/** Why a message is lost for which there is no room. */
export const NO_ROOM = `more than ${MESSAGES_MAX} messages wait`;

/** The most notices that wait. */
export const NOTICES_MAX = 100;

/** The pace of the backlog. */
export const BACKLOG_MESSAGES_PER_SECOND = 5;
export const BACKLOG_BURST = 10;

const BACKLOG_INTERVAL_MS = 1_000 / BACKLOG_MESSAGES_PER_SECOND;

/** What the later messages of a transaction carry whose StartTransaction was given up. */
export const NO_TRANSACTION_ID = -1;

/**
 * Puts a transaction-related message at the end of the queue. Clock-aligned MeterValues of a connector that has
 * no transaction are transaction-related too: they come with `undefined`.
 */
export function queueMessage(
  turn: Turn,
  transaction: Transaction | undefined,
  content: TransactionContent,
): void {
  const { state } = turn;
  append(turn, content, transaction?.key);
  if (state.messages.filter((message) => !isNotice(message)).length <= MESSAGES_MAX) return;
  const droppable = state.messages.find((waiting) =>
    waiting.action === "MeterValues" && waiting.uniqueId === undefined
  );
  if (droppable !== undefined) lose(turn, droppable, NO_ROOM);
}

/** Puts a notice in line: it outlives restarts and arrives some time. */
export function queueNotice(turn: Turn, content: NoticeContent): void {
  append(turn, content, undefined);
  const notices = turn.state.messages.filter(isNotice);
  const droppable = notices.find(({ uniqueId }) => uniqueId === undefined);
  if (notices.length > NOTICES_MAX && droppable !== undefined) {
    lose(turn, droppable, `more than ${NOTICES_MAX} notices wait`);
  }
}

function append(turn: Turn, content: MessageContent, transactionKey: number | undefined): void {
  const message: QueuedMessage = {
    ...content,
    order: nextOrder(turn),
    transactionKey,
    uniqueId: undefined,
    failures: 0,
    notBeforeMs: turn.nowMs,
    wasPutOff: false,
  };
  turn.state.messages = [...turn.state.messages, message];
}

function isNotice<M extends { readonly action: string }>(
  message: M,
): message is M & { action: NoticeAction } {
  return (NOTICES as readonly string[]).includes(message.action);
}

/** Takes notices out of the queue that the Central System has no use for, but the one on its way. */
export function dropNotices({ state }: Turn, action: NoticeAction): void {
  const isDropped = (message: QueuedMessage) => message.action === action && message.uniqueId === undefined;
  if (state.messages.some(isDropped)) {
    state.messages = state.messages.filter((message) => !isDropped(message));
  }
}

/** Whether another transaction may start: its start and its stop must find room, and so must all open stops. */
export function hasRoomForTransaction(state: ChargePointState): boolean {
  const kept =
    state.messages.filter((message) => message.action !== "MeterValues" && !isNotice(message)).length;
  const open = state.connectors.filter(({ transaction }) => transaction !== undefined).length;
  return kept + open + 2 <= MESSAGES_MAX;
}

/** The message to send now, if the waiting time of one is over. */
export function dueMessage(state: ChargePointState, nowMs: number): QueuedMessage | undefined {
  return heads(state).find((message) => nowMs >= dueAtMs(state, message));
}

/** When a message may be sent; `Infinity` while none waits. */
export function messageDeadlineMs(state: ChargePointState): number {
  if (state.messages.length === 0) return Infinity;
  return Math.min(...heads(state).map((message) => dueAtMs(state, message)));
}

function dueAtMs(state: ChargePointState, message: QueuedMessage): number {
  if (!isBacklog(state, message)) return message.notBeforeMs;
  return Math.max(message.notBeforeMs, state.backlogPaceAtMs - (BACKLOG_BURST - 1) * BACKLOG_INTERVAL_MS);
}

/** Whether a message was waiting already when the Charge Point came online. */
export function isBacklog({ backlogEnd }: ChargePointState, { order }: QueuedMessage): boolean {
  return order < backlogEnd;
}

/** The Charge Point comes online: what waits now is the backlog. */
export function beginBacklog({ state }: Turn): void {
  state.backlogEnd = state.callsMade;
}

/** The first of each line, the older one first. */
function heads({ messages }: ChargePointState): readonly QueuedMessage[] {
  const [first] = messages;
  if (first === undefined) return messages;
  const other = messages.find((message) => isNotice(message) !== isNotice(first));
  return other === undefined ? [first] : [first, other];
}

/** What goes on the wire. */
export function payloadOf(state: ChargePointState, message: QueuedMessage): Req<QueuedMessage["action"]> {
  switch (message.action) {
    case "StartTransaction":
    case "DiagnosticsStatusNotification":
    case "FirmwareStatusNotification":
    case "LogStatusNotification":
    case "SecurityEventNotification":
    case "SignedFirmwareStatusNotification":
      return message.payload;
    case "StopTransaction":
      return { transactionId: transactionIdOf(state, message), ...message.payload };
    case "MeterValues": {
      const { connectorId, meterValue } = message.payload;
      if (message.transactionKey === undefined) return message.payload;
      return { connectorId, transactionId: transactionIdOf(state, message), meterValue };
    }
  }
}

function transactionIdOf(state: ChargePointState, message: QueuedMessage): number {
  const transactionId = transactionOf(state, message)?.transactionId;
  invariant(
    transactionId !== undefined,
    `${message.action} would leave before its StartTransaction is answered`,
  );
  return transactionId;
}

/** The transaction that a message belongs to. */
export function transactionOf(
  { transactions }: ChargePointState,
  { transactionKey }: QueuedMessage,
): Transaction | undefined {
  return transactions.find(({ key }) => key === transactionKey);
}

/** The message that a Call of ours carried; `undefined` once it is out of the queue. */
export function messageOf({ messages }: ChargePointState, order: number): QueuedMessage | undefined {
  return messages.find((message) => message.order === order);
}

/** The message leaves: from here on it has a uniqueId. */
export function messageSent({ state, nowMs }: Turn, message: QueuedMessage): string {
  if (isBacklog(state, message)) {
    state.backlogPaceAtMs = Math.max(nowMs, state.backlogPaceAtMs) + BACKLOG_INTERVAL_MS;
  }
  const uniqueId = message.uniqueId ?? state.options.newUniqueId();
  replace(state, message, { uniqueId });
  return uniqueId;
}

/** The message was answered: the next one may go. */
export function messageDelivered({ state }: Turn, message: QueuedMessage): void {
  remove(state, message);
}

/** A transmission failed while we were online: plans the next, or gives the message up. */
export function messageFailed(
  turn: Turn,
  message: QueuedMessage,
  { errorCode, detail }: { errorCode: string | undefined; detail: string },
): void {
  const { state, nowMs } = turn;
  const intervalMs = durationMs(state.configuration, "TransactionMessageRetryInterval");
  if (errorCode === "SecurityError" && !message.wasPutOff) {
    return replace(state, message, { wasPutOff: true, notBeforeMs: nowMs + intervalMs });
  }
  const failures = message.failures + 1;
  const isUnknown = errorCode === "NotSupported" || errorCode === "NotImplemented";
  if (isNotice(message) && isUnknown) return lose(turn, message, `refused: ${detail}`);
  if (failures < integer(state.configuration, "TransactionMessageAttempts")) {
    return replace(state, message, { failures, notBeforeMs: nowMs + intervalMs * failures });
  }
  // Errata: what belongs to a transaction that never got an id says -1.
  const transaction = transactionOf(state, message);
  if (message.action === "StartTransaction" && transaction !== undefined) {
    transaction.transactionId = NO_TRANSACTION_ID;
  }
  lose(turn, message, `given up after ${failures} transmissions: ${detail}`);
}

/** The Central System knows us again: what waited for that may go. */
export function resumeMessages({ state, nowMs }: Turn): void {
  for (const message of state.messages) {
    if (message.wasPutOff && message.failures === 0) replace(state, message, { notBeforeMs: nowMs });
  }
}

/** Nothing that waits will ever arrive. */
export function loseAllMessages(turn: Turn, reason: string): void {
  for (const message of turn.state.messages) lose(turn, message, reason);
}

function replace(
  state: ChargePointState,
  message: QueuedMessage,
  change: Partial<Pick<QueuedMessage, "uniqueId" | "failures" | "notBeforeMs" | "wasPutOff">>,
): void {
  state.messages = state.messages.map((waiting) => waiting === message ? { ...message, ...change } : waiting);
}

function lose(turn: Turn, message: QueuedMessage, reason: string): void {
  remove(turn.state, message);
  turn.state.counters.messagesLost++;
  emit(turn, { kind: "messageLost", action: message.action, reason });
}

function remove(state: ChargePointState, message: QueuedMessage): void {
  state.messages = state.messages.length === 1 ? NONE : state.messages.filter((other) => other !== message);
  forgetTransaction(state, message.transactionKey);
}

/** A transaction that is over is kept for as long as a message of it waits. */
function forgetTransaction(state: ChargePointState, key: number | undefined): void {
  if (key === undefined || state.messages.some(({ transactionKey }) => transactionKey === key)) return;
  if (state.connectors.some(({ transaction }) => transaction?.key === key)) return;
  state.transactions = state.transactions.length === 1
    ? NONE
    : state.transactions.filter((transaction) => transaction.key !== key);
}
