/**
 * StartTransaction and StopTransaction: every one is answered, none is counted twice.
 *
 * Rules:
 * - A repeat gets the first answer. It is known by uniqueId and content within 24 h; or, since devices give a
 *   resend a new uniqueId too, by content alone where the clock is plausible or the boot is the same.
 * - transactionIds come from one persisted sequence and are never used again.
 * - A later StartTransaction on a connector closes what was open there: transaction-related messages come in
 *   order, so its StopTransaction is not coming any more.
 * - A StopTransaction that comes after all wins over everything else that has closed its transaction; how that had
 *   been closed stays in the record.
 * - A StopTransaction for a transaction that is not this Charge Point's stops nothing and is kept.
 * Spec: OCPP 1.6 §4.8, §4.10, §5.3; errata (transactionId -1).
 */
import { atMsOf } from "../ocpp/date_time.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { sameCiString } from "../ocpp/types.ts";
import { judgeIdTag, judgeStart } from "./authorization.ts";
import type { CentralSystemEvent, Decision, DecisionContext, ReceivedCall } from "./decision.ts";
import { conductDeviation, type ConductRule, type Deviation, exchangeOf } from "./deviation.ts";
import { readingOf, unknownTransaction } from "./metering.ts";
import { clockDeviation, isPlausible } from "./plausible.ts";
import { reservationsAtStart } from "./reservation.ts";
import type { ChargePointRecord, Write } from "./store.ts";
import type { OverruledStop, StopRecord, TransactionRecord } from "./transaction_record.ts";

/** How long a repeated uniqueId with the same content is the same Call. */
export const REPEAT_WINDOW_MS = 24 * 3_600_000;

/** Answers StartTransaction. §4.8: with a transactionId and a status even when the idTag is refused. */
export function decideStartTransaction(
  payload: Req<"StartTransaction">,
  call: ReceivedCall,
  chargePoint: ChargePointRecord,
  context: DecisionContext,
): Decision {
  const { facts } = context;
  const own = facts.transactions.get(call.chargePoint);
  const earlier = own === undefined ? undefined : findRepeated(own, payload, call, chargePoint);
  if (earlier !== undefined) {
    return { answer: { kind: "result", payload: earlier.startAnswer }, writes: [], events: [] };
  }

  const transactionId = facts.nextTransactionId;
  const ending = [...own?.values() ?? []].filter((open) =>
    open.stop === undefined && open.connectorId === payload.connectorId
  );
  const ended = ending.filter((open) => sameCiString(open.idTag, payload.idTag)).length;
  const { idTagInfo, writes } = judgeStart(payload.idTag, chargePoint, { ...context, ended });
  const answer: Conf<"StartTransaction"> = { transactionId, idTagInfo };
  const startedAtMs = atMsOf(payload.timestamp);
  const record: TransactionRecord = {
    transactionId,
    chargePoint: call.chargePoint,
    connectorId: payload.connectorId,
    idTag: payload.idTag,
    meterStart: payload.meterStart,
    startedAtMs,
    startTimestamp: payload.timestamp,
    startUniqueId: call.uniqueId,
    startReceivedAtMs: call.receivedAtMs,
    startBoot: chargePoint.bootCount,
    startAnswer: answer,
    ...(payload.reservationId === undefined ? {} : { reservationId: payload.reservationId }),
  };
  const events: CentralSystemEvent[] = [];
  const closing: Write[] = [];
  for (const open of ending) {
    const stop: StopRecord = {
      closedBy: "laterStart",
      stoppedAtMs: startedAtMs,
      receivedAtMs: call.receivedAtMs,
    };
    closing.push({
      kind: "stopTransaction",
      chargePoint: call.chargePoint,
      transactionId: open.transactionId,
      stop,
    });
    events.push(stopped(open, stop));
  }
  const { timestamp } = payload;
  events.push(...clockDeviation(call, { atMs: startedAtMs, timestamp, path: "timestamp" }));
  events.push({
    kind: "transactionStarted",
    chargePoint: call.chargePoint,
    connectorId: payload.connectorId,
    transactionId,
    idTag: payload.idTag,
    idTagStatus: idTagInfo.status,
  });
  const reservations = reservationsAtStart(payload, call, { chargePoint, facts, transactionId });
  return {
    answer: { kind: "result", payload: answer },
    writes: [...writes, ...closing, { kind: "startTransaction", record }, ...reservations.writes],
    events: [...events, ...reservations.events],
  };
}

function findRepeated(
  own: ReadonlyMap<number, TransactionRecord>,
  payload: Req<"StartTransaction">,
  call: ReceivedCall,
  chargePoint: ChargePointRecord,
): TransactionRecord | undefined {
  for (const earlier of own.values()) {
    const hasSameContent = earlier.connectorId === payload.connectorId &&
      earlier.meterStart === payload.meterStart && earlier.startTimestamp === payload.timestamp &&
      sameCiString(earlier.idTag, payload.idTag);
    if (!hasSameContent) continue;
    const ageMs = call.receivedAtMs - earlier.startReceivedAtMs;
    if (earlier.startUniqueId === call.uniqueId && ageMs <= REPEAT_WINDOW_MS) return earlier;
    if (isPlausible(earlier.startedAtMs, earlier.startReceivedAtMs)) return earlier;
    if (earlier.startBoot === chargePoint.bootCount) return earlier;
  }
  return undefined;
}

/** Answers StopTransaction. §4.10: in any case; a Central System cannot prevent a stop. */
export function decideStopTransaction(
  payload: Req<"StopTransaction">,
  call: ReceivedCall,
  chargePoint: ChargePointRecord,
  context: DecisionContext,
): Decision {
  const transaction = context.facts.transactions.get(call.chargePoint)?.get(payload.transactionId);
  const earlier = transaction?.stop?.closedBy === "chargePoint" ? transaction.stop : undefined;
  if (earlier !== undefined && isRepeatedStop(earlier, payload)) {
    return { answer: { kind: "result", payload: earlier.answer ?? {} }, writes: [], events: [] };
  }

  const verdict = payload.idTag === undefined ? undefined : judgeIdTag(payload.idTag, chargePoint, context);
  const answer: Conf<"StopTransaction"> = verdict === undefined ? {} : { idTagInfo: verdict.idTagInfo };
  const learned = verdict?.writes ?? [];
  if (transaction === undefined || earlier !== undefined) {
    const { transactionId } = payload;
    const event = transaction === undefined
      ? unknownTransaction(call, transactionId)
      : deviation(call, "stoppedTwice", `transactionId ${transactionId}`);
    const { chargePoint, uniqueId, receivedAtMs } = call;
    return {
      answer: { kind: "result", payload: answer },
      writes: [...learned, {
        kind: "addUnmatchedStop",
        record: { chargePoint, uniqueId, payload, receivedAtMs },
      }],
      events: [event],
    };
  }

  const stop: StopRecord = {
    closedBy: "chargePoint",
    stoppedAtMs: atMsOf(payload.timestamp),
    receivedAtMs: call.receivedAtMs,
    meterStop: payload.meterStop,
    reason: payload.reason ?? "Local", // §6.49: absent means Local
    ...(payload.idTag === undefined ? {} : { idTag: payload.idTag }),
    timestamp: payload.timestamp,
    uniqueId: call.uniqueId,
    answer,
    ...(transaction.stop === undefined ? {} : { overruled: overruled(transaction.stop) }),
  };
  const writes: Write[] = [...learned, {
    kind: "stopTransaction",
    chargePoint: call.chargePoint,
    transactionId: payload.transactionId,
    stop,
  }];
  const readings = payload.transactionData?.map(readingOf) ?? [];
  if (readings.length > 0) {
    writes.push({
      kind: "addReadings",
      record: {
        chargePoint: call.chargePoint,
        uniqueId: call.uniqueId,
        connectorId: transaction.connectorId,
        transactionId: payload.transactionId,
        receivedAtMs: call.receivedAtMs,
        readings,
      },
    });
  }
  const events: CentralSystemEvent[] = [
    stopped(transaction, stop),
    ...timeDeviations(transaction, stop, call),
  ];
  if (payload.meterStop < transaction.meterStart) {
    const detail = `meterStop ${payload.meterStop} Wh, meterStart ${transaction.meterStart} Wh`;
    events.push(deviation(call, "meterStopBelowMeterStart", detail));
  }
  return { answer: { kind: "result", payload: answer }, writes, events };
}

/** What is kept of a stop over which a StopTransaction wins. */
function overruled({ closedBy, stoppedAtMs, receivedAtMs, operator, note }: StopRecord): OverruledStop {
  return {
    closedBy,
    stoppedAtMs,
    receivedAtMs,
    ...(operator === undefined ? {} : { operator }),
    ...(note === undefined ? {} : { note }),
  };
}

function timeDeviations(
  { startedAtMs, startReceivedAtMs, startTimestamp }: TransactionRecord,
  { stoppedAtMs, timestamp = "" }: StopRecord,
  call: ReceivedCall,
): readonly Deviation[] {
  const odd = clockDeviation(call, { atMs: stoppedAtMs, timestamp, path: "timestamp" });
  // One clock that was set meanwhile is told as such, once.
  if (odd.length > 0 || stoppedAtMs >= startedAtMs || !isPlausible(startedAtMs, startReceivedAtMs)) {
    return odd;
  }
  const detail = `timestamp ${timestamp}, started ${startTimestamp}`;
  return [deviation(call, "stopBeforeStart", detail)];
}

function isRepeatedStop(earlier: StopRecord, payload: Req<"StopTransaction">): boolean {
  return earlier.timestamp === payload.timestamp && earlier.meterStop === payload.meterStop;
}

/** Tells that a transaction is closed. */
export function stopped(transaction: TransactionRecord, stop: StopRecord): CentralSystemEvent {
  return {
    kind: "transactionStopped",
    chargePoint: transaction.chargePoint,
    transactionId: transaction.transactionId,
    closedBy: stop.closedBy,
    energyWh: stop.meterStop === undefined ? undefined : stop.meterStop - transaction.meterStart,
  };
}

function deviation(call: ReceivedCall, rule: ConductRule, detail: string): Deviation {
  return conductDeviation(rule, detail, { chargePoint: call.chargePoint, exchange: exchangeOf(call) });
}
