/**
 * A message of the queue as it was stored: checked to the last field, since it will go on the wire.
 */
import { readReq } from "../ocpp/repair.ts";
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
import { NOTICES, type QueuedMessage } from "./transaction_queue.ts";

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
