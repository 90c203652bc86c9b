/**
 * MeterValues: stored as sent and always answered, whatever is odd about them.
 *
 * Rules:
 * - Readings of a transaction that is closed are stored with it and do not open it again.
 * - Readings for 0, -1 or an id that is not this Charge Point's are stored with the id as sent. The transaction that
 *   was active on the connector at that time is a guess beside it, by which nothing is stopped, trusted or summed.
 * Spec: OCPP 1.6 §4.7, §6.31: an answer is due even when sanity checks fail, else the Charge Point repeats.
 */
import { atMsOf } from "../ocpp/date_time.ts";
import type { MeterValue } from "../ocpp/meter_value.ts";
import type { Req } from "../ocpp/registry.ts";
import { answerOnly, type Decision, type DecisionContext, type ReceivedCall } from "./decision.ts";
import { conductDeviation, type Deviation, exchangeOf } from "./deviation.ts";
import { clockDeviation } from "./plausible.ts";
import type { ChargePointRecord, Reading, ReadingsRecord } from "./store.ts";
import { judgeReadings } from "./suspicion.ts";

/** Stores the readings with the ids as sent; a repeat is answered and not stored again. */
export function decideMeterValues(
  payload: Req<"MeterValues">,
  call: ReceivedCall,
  chargePoint: ChargePointRecord,
  { facts }: DecisionContext,
): Decision {
  const { transactionId } = payload;
  const active = chargePoint.activeTransactions.find((one) => one.transactionId === transactionId);
  const isUnknown = transactionId !== undefined && active === undefined &&
    facts.transactions.get(call.chargePoint)?.get(transactionId) === undefined;
  const guess = isUnknown ? guessed(payload, chargePoint) : undefined;
  const record: ReadingsRecord = {
    chargePoint: call.chargePoint,
    uniqueId: call.uniqueId,
    connectorId: payload.connectorId,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(guess === undefined ? {} : { guessedTransactionId: guess }),
    receivedAtMs: call.receivedAtMs,
    readings: payload.meterValue.map(readingOf),
  };
  const isRepeat = chargePoint.recentReadings.some((earlier) => areSameReadings(earlier, record));
  if (isRepeat || record.readings.length === 0) return answerOnly({});
  const suspicions = active?.suspicion === undefined
    ? undefined
    : judgeReadings(chargePoint, active, { ...payload, receivedAtMs: call.receivedAtMs });
  return {
    answer: { kind: "result", payload: {} },
    writes: [{ kind: "addReadings", record }, ...suspicions?.writes ?? []],
    events: [
      ...isUnknown ? [unknownTransaction(call, transactionId)] : [],
      ...clockDeviations(payload, call),
      ...suspicions?.events ?? [],
    ],
  };
}

/** The transaction that was active on the connector when all of these readings were taken, if there was one. */
function guessed(
  { connectorId, meterValue }: Req<"MeterValues">,
  { activeTransactions }: ChargePointRecord,
): number | undefined {
  const there = activeTransactions.find((active) => active.connectorId === connectorId);
  if (there === undefined) return undefined;
  const hadStarted = meterValue.every(({ timestamp }) => atMsOf(timestamp) >= there.startedAtMs);
  return hadStarted ? there.transactionId : undefined;
}

/** Of many odd times one is enough. */
function clockDeviations({ meterValue }: Req<"MeterValues">, call: ReceivedCall): readonly Deviation[] {
  for (const [index, { timestamp }] of meterValue.entries()) {
    const path = `meterValue[${index}].timestamp`;
    const found = clockDeviation(call, { atMs: atMsOf(timestamp), timestamp, path });
    if (found.length > 0) return found;
  }
  return [];
}

/** What names a transaction that is not this Charge Point's. */
export function unknownTransaction(call: ReceivedCall, transactionId: number): Deviation {
  const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call) };
  return conductDeviation("unknownTransaction", `transactionId ${transactionId}`, about);
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
