/**
 * Clock-aligned readings: all meters, the inlet as connector 0 too, at every ClockAlignedDataInterval from midnight
 * UTC on, whether a transaction runs or not.
 *
 * A reading of a moment carries that moment; what counts an interval carries the beginning of it, as a MeterValue of
 * its own in the same message. They wait in the line of transaction-related messages. Moments that passed while
 * nobody looked are not made up.
 * Spec: OCPP 1.6 §3.16.2, §9.1 (ClockAlignedDataInterval), with the time of simulation.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { MeterValue } from "../../ocpp/meter_value.ts";
import { durationMs, integer, listItems, textOf } from "../configuration/configuration.ts";
import { isPerInterval, measurandsOf } from "./measurand.ts";
import { readValues } from "./metering.ts";
import { instrumentOf } from "./instrument.ts";
import { type ChargePointState, type Connector, emit, scaleOf, simulatedNowMs, type Turn } from "../state.ts";
import { realAtMs } from "../time_scale.ts";
import { queueMessage } from "../transaction/transaction_queue.ts";
import { withReading } from "../transaction/transaction_data.ts";

const DAY_MS = 86_400_000;

/** The interval that runs. Instants are simulated time. */
export interface AlignedInterval {
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** By connectorId, the registers where it began. */
  readonly registersWh: readonly number[];
}

/** Begins an interval where there is to be one, as the configuration says; to be done last in a turn. */
export function alignToClock(turn: Turn): void {
  const { state } = turn;
  const intervalMs = durationMs(state.configuration, "ClockAlignedDataInterval");
  if (intervalMs === (state.aligned?.intervalMs ?? 0)) return;
  state.aligned = intervalMs === 0
    ? undefined
    : intervalFrom(state, { intervalMs, fromMs: simulatedNowMs(turn) });
}

/** Reads all meters when it is time; to be done first in a turn, so that what comes of the turn is told later. */
export function readAlignedIfDue(turn: Turn): void {
  const { state, nowMs } = turn;
  const { aligned } = state;
  if (aligned === undefined || nowMs < realAtMs(scaleOf(state), aligned.toMs)) return;
  // The clock may be a rounding error before the moment that is due, or far behind it.
  const simulatedMs = Math.max(simulatedNowMs(turn), aligned.toMs);
  const momentMs = Math.max(aligned.toMs, momentBefore(simulatedMs, aligned.intervalMs));
  state.aligned = intervalFrom(state, { intervalMs: aligned.intervalMs, fromMs: momentMs });
  if (!state.isPowered || state.restart?.phase === "off") return;
  for (const connector of state.connectors) read(turn, connector, { ...aligned, toMs: momentMs });
}

/** The last moment of the grid that is not after this one. */
function momentBefore(atMs: number, intervalMs: number): number {
  const midnightMs = Math.floor(atMs / DAY_MS) * DAY_MS;
  return midnightMs + Math.floor((atMs - midnightMs) / intervalMs) * intervalMs;
}

/** When that is. */
export function alignedDeadlineMs(state: ChargePointState): number {
  return state.aligned === undefined ? Infinity : realAtMs(scaleOf(state), state.aligned.toMs);
}

function intervalFrom(
  state: ChargePointState,
  { intervalMs, fromMs }: { intervalMs: number; fromMs: number },
): AlignedInterval {
  const midnightMs = (Math.floor(fromMs / DAY_MS) + 1) * DAY_MS;
  return {
    intervalMs,
    fromMs,
    toMs: Math.min(momentBefore(fromMs, intervalMs) + intervalMs, midnightMs),
    registersWh: state.connectors.map((connector) => instrumentOf(state, connector).registerWh),
  };
}

function read(turn: Turn, connector: Connector, interval: AlignedInterval): void {
  const { state } = turn;
  const { connectorId, transaction } = connector;
  const meterValue = alignedValues(turn, connector, { interval, key: "MeterValuesAlignedData" });
  if (transaction !== undefined) {
    const valuesMax = integer(state.configuration, "StopTransactionMaxMeterValues");
    for (const value of alignedValues(turn, connector, { interval, key: "StopTxnAlignedData" })) {
      transaction.data = withReading(transaction.data, value, valuesMax);
    }
  }
  if (meterValue.length === 0) return;
  const transactionId = transaction?.transactionId;
  const payload = { connectorId, meterValue };
  queueMessage(turn, transaction, { action: "MeterValues", payload });
  for (const value of meterValue) {
    emit(turn, { kind: "metered", connectorId, transactionId, meterValue: value });
  }
}

function alignedValues(
  { state }: Turn,
  connector: Connector,
  { interval, key }: {
    interval: AlignedInterval;
    key: "MeterValuesAlignedData" | "StopTxnAlignedData";
  },
): MeterValue[] {
  const items = listItems(textOf(state.configuration, key));
  const intervalFromWh = interval.registersWh[connector.connectorId];
  const values = (isWanted: (item: string) => boolean) =>
    readValues(state, connector, {
      measurands: items.filter(isWanted).join(),
      context: "Sample.Clock",
      intervalFromWh,
    });
  const isOfInterval = (item: string) =>
    measurandsOf(item, state.options.description)?.some(({ measurand }) => isPerInterval(measurand)) === true;
  return [
    { timestamp: dateTimeOf(interval.fromMs), sampledValue: values(isOfInterval) },
    { timestamp: dateTimeOf(interval.toMs), sampledValue: values((item) => !isOfInterval(item)) },
  ].filter(({ sampledValue }) => sampledValue.length > 0);
}
