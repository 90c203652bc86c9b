/**
 * A message of the queue as it was stored: checked to the last field, since it will go on the wire.
 */
import { readReq } from "../../ocpp/repair.ts";
import {
  storedAmount,
  storedBoolean,
  storedFields,
  storedNumber,
  storedObject,
  storedOneOf,
  storedOptional,
  StoredStateError,
  storedText,
} from "./stored_value.ts";
import type { Transaction } from "../state.ts";
import { NOTICES, type QueuedMessage } from "../transaction/transaction_queue.ts";

const ACTIONS = ["StartTransaction", "MeterValues", "StopTransaction", ...NOTICES] as const;

const readFields = storedFields({
  action: storedOneOf(ACTIONS),
  payload: storedObject,
  order: storedAmount,
  transactionKey: storedOptional(storedAmount),
  uniqueId: storedOptional(storedText),
  failures: storedAmount,
  notBeforeMs: storedNumber,
  wasPutOff: storedBoolean,
});

/** Reads one. Errors: `StoredStateError`. */
export function readMessage(value: unknown, path: string): QueuedMessage {
  const message = readFields(value, path);
  const { action, payload } = message;
  // The transactionId comes when the message leaves.
  const whole = action === "StopTransaction" ? { transactionId: 0, ...payload } : payload;
  if (!readReq(action, whole, "strict").ok) {
    throw new StoredStateError(`${path}.payload is no ${action}.req`);
  }
  return message as unknown as QueuedMessage;
}

/**
 * Whether every message can leave some day: its transaction is there, and has an id or a StartTransaction that will
 * bring one before anything else of it leaves. Errors: `StoredStateError`.
 */
export function checkBelonging(
  messages: readonly QueuedMessage[],
  transactions: readonly Transaction[],
): void {
  const keys = new Set(transactions.map(({ key }) => key));
  for (const { action, order, transactionKey } of messages) {
    const isAlone = transactionKey === undefined &&
      (action === "StartTransaction" || action === "StopTransaction");
    if (isAlone) throw new StoredStateError(`message/${order} is a ${action} of no transaction`);
    if (transactionKey !== undefined && !keys.has(transactionKey)) {
      throw new StoredStateError(
        `message/${order} belongs to transaction/${transactionKey}, which is missing`,
      );
    }
  }
  for (const { key, transactionId } of transactions) {
    const first = messages.find(({ transactionKey }) => transactionKey === key);
    if (transactionId === undefined && first?.action !== "StartTransaction") {
      throw new StoredStateError(`transaction/${key} has neither a transactionId nor a StartTransaction`);
    }
  }
}
