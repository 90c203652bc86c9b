/**
 * MeterValues: stored as sent and always answered, whatever is odd about them.
 *
 * Spec: OCPP 1.6 §4.7, §6.31: an answer is due even when sanity checks fail, else the Charge Point repeats.
 */
import type { MeterValue } from "../ocpp/meter_value.ts";
import type { Req } from "../ocpp/registry.ts";
import { answerOnly, type Decision, type ReceivedCall } from "./decision.ts";
import type { ChargePointRecord, Reading, ReadingsRecord } from "./store.ts";

/** Stores the readings with the ids as sent; a repeat is answered and not stored again. */
export function decideMeterValues(
  payload: Req<"MeterValues">,
  call: ReceivedCall,
  chargePoint: ChargePointRecord,
): Decision {
  const record: ReadingsRecord = {
    chargePoint: call.chargePoint,
    uniqueId: call.uniqueId,
    connectorId: payload.connectorId,
    ...(payload.transactionId === undefined ? {} : { transactionId: payload.transactionId }),
    receivedAtMs: call.receivedAtMs,
    readings: payload.meterValue.map(readingOf),
  };
  const isRepeat = chargePoint.recentReadings.some((earlier) => areSameReadings(earlier, record));
  if (isRepeat || record.readings.length === 0) return answerOnly({});
  return {
    answer: { kind: "result", payload: {} },
    writes: [{ kind: "addReadings", record }],
    events: [],
  };
}

/** One MeterValue as it is stored. */
export function readingOf({ timestamp, sampledValue }: MeterValue): Reading {
  return { timestamp, sampledValue: JSON.stringify(sampledValue) };
}

/** Same uniqueId and same content: a repeat after a lost answer, not a new reading. */
function areSameReadings(one: ReadingsRecord, other: ReadingsRecord): boolean {
  return one.uniqueId === other.uniqueId && one.connectorId === other.connectorId &&
    one.transactionId === other.transactionId && one.readings.length === other.readings.length &&
    one.readings.every((reading, index) => {
      const twin = other.readings[index]!;
      return reading.timestamp === twin.timestamp && reading.sampledValue === twin.sampledValue;
    });
}
