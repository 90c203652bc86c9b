/**
 * A transaction on one connector: start, samples on the way, stop.
 *
 * Spec: OCPP 1.6 §4.8 StartTransaction, §4.10 StopTransaction, §4.7 MeterValues.
 */
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { Conf } from "../ocpp/registry.ts";
import type { Reason } from "../ocpp/types.ts";
import { settleLock } from "./cable_lock.ts";
import { durationMs, integer, isOn } from "./configuration.ts";
import { updateStatus } from "./connector_status.ts";
import { readMeter, registerOf } from "./metering.ts";
import {
  type Authorized,
  type Connector,
  connectorsOf,
  emit,
  nextOrder,
  scaleOf,
  simulatedNowMs,
  type Transaction,
  type Turn,
} from "./state.ts";
import { realDurationMs } from "./time_scale.ts";
import { queueMessage } from "./transaction_queue.ts";

/** Starts a transaction for an idTag that was accepted; the cable is in. It ends the reservation that is named. */
export function startTransaction(
  turn: Turn,
  connector: Connector,
  { idTag, parentIdTag, reservationId }: Authorized & { reservationId: number | undefined },
): void {
  const { connectorId } = connector;
  const { configuration } = turn.state;
  connector.meteredAtSimulatedMs = simulatedNowMs(turn);
  const meterStartWh = registerOf(connector);
  const transaction: Transaction = {
    key: nextOrder(turn),
    connectorId,
    idTag,
    parentIdTag,
    meterStartWh,
    transactionId: undefined,
    isEnergyAllowed: true,
    energyEndsAtWh: undefined,
    beginning: readMeter(turn, connector, configuration.StopTxnSampledData, "Transaction.Begin"),
    nextSampleAtMs: turn.nowMs + sampleIntervalMs(turn),
  };
  connector.authorized = undefined;
  connector.transaction = transaction;
  turn.state.transactions = [...turn.state.transactions, transaction];
  const timestamp = dateTimeOf(simulatedNowMs(turn));
  queueMessage(turn, transaction, {
    action: "StartTransaction",
    payload: {
      connectorId,
      idTag,
      meterStart: meterStartWh,
      timestamp,
      ...(reservationId === undefined ? {} : { reservationId }),
    },
  });
  emit(turn, { kind: "transactionStarted", connectorId, idTag, meterStartWh });
  updateStatus(turn, connector);
}

/**
 * Stops the running transaction. Its connector is Finishing as long as the cable is in.
 *
 * `idTag` is the one that was shown to stop; without it the one that started is told (§4.10: if known).
 */
export function stopTransaction(
  turn: Turn,
  connector: Connector,
  { reason, idTag, info }: { reason: Reason; idTag?: string; info?: string },
): void {
  const { transaction, connectorId } = connector;
  if (transaction === undefined) return;
  const ending = readMeter(turn, connector, turn.state.configuration.StopTxnSampledData, "Transaction.End");
  const meterStopWh = registerOf(connector);
  const transactionData = [transaction.beginning, ending].filter((value) => value !== undefined);
  queueMessage(turn, transaction, {
    action: "StopTransaction",
    payload: {
      idTag: idTag ?? transaction.idTag,
      meterStop: meterStopWh,
      timestamp: dateTimeOf(simulatedNowMs(turn)),
      reason,
      ...(transactionData.length === 0 ? {} : { transactionData }),
    },
  });
  connector.transaction = undefined;
  settleLock(turn, connector, { reason, holder: transaction });
  connector.finishing = connector.isPlugged || connector.isLocked ? "stopped" : undefined;
  const { transactionId, meterStartWh } = transaction;
  emit(turn, { kind: "transactionStopped", connectorId, transactionId, reason, meterStartWh, meterStopWh });
  updateStatus(turn, connector, info);
}

/** The Central System has given the transaction its id, and its opinion of the idTag. */
export function startAnswered(turn: Turn, transaction: Transaction, conf: Conf<"StartTransaction">): void {
  const { transactionId, idTagInfo: { status, parentIdTag } } = conf;
  const { connectorId } = transaction;
  transaction.transactionId = transactionId;
  transaction.parentIdTag = parentIdTag ?? transaction.parentIdTag;
  emit(turn, { kind: "transactionConfirmed", connectorId, transactionId, status });
  const connector = turn.state.connectors[connectorId];
  if (status === "Accepted" || connector?.transaction !== transaction) return;
  // §4.8: the same whether it started online or offline.
  if (isOn(turn.state.configuration, "StopTransactionOnInvalidId")) {
    stopTransaction(turn, connector, { reason: "DeAuthorized" });
  } else {
    // §9.1.14: so much may still be delivered.
    transaction.energyEndsAtWh = connector.registerWh +
      integer(turn.state.configuration, "MaxEnergyOnInvalidId");
    endEnergyIfDue(turn, connector);
  }
}

/** Ends the energy of a transaction whose idTag was refused, once MaxEnergyOnInvalidId is delivered. */
export function endEnergyIfDue(turn: Turn, connector: Connector): void {
  const { transaction, registerWh } = connector;
  if (transaction?.energyEndsAtWh === undefined || !transaction.isEnergyAllowed) return;
  if (registerWh < transaction.energyEndsAtWh - ENERGY_WITHIN_WH) return;
  transaction.isEnergyAllowed = false;
  updateStatus(turn, connector);
}

/** What is not worth another look at the meter. */
const ENERGY_WITHIN_WH = 0.01;

/** Takes a sample of a running transaction when it is time. */
export function sampleIfDue(turn: Turn, connector: Connector): void {
  const { transaction, connectorId } = connector;
  if (transaction === undefined || turn.nowMs < transaction.nextSampleAtMs) return;
  const intervalMs = sampleIntervalMs(turn);
  const missed = Math.floor((turn.nowMs - transaction.nextSampleAtMs) / intervalMs);
  transaction.nextSampleAtMs += (missed + 1) * intervalMs;
  const { MeterValuesSampledData } = turn.state.configuration;
  const meterValue = readMeter(turn, connector, MeterValuesSampledData, "Sample.Periodic");
  if (meterValue === undefined) return;
  queueMessage(turn, transaction, {
    action: "MeterValues",
    payload: { connectorId, meterValue: [meterValue] },
  });
  emit(turn, { kind: "metered", connectorId, transactionId: transaction.transactionId, meterValue });
}

/** MeterValueSampleInterval has changed: running transactions go on with the new one from here. */
export function restartSampling(turn: Turn): void {
  for (const { transaction } of connectorsOf(turn.state)) {
    if (transaction !== undefined) transaction.nextSampleAtMs = turn.nowMs + sampleIntervalMs(turn);
  }
}

/** Real time between two samples; `Infinity` when sampling is off. */
function sampleIntervalMs({ state }: Turn): number {
  const simulatedMs = durationMs(state.configuration, "MeterValueSampleInterval");
  return simulatedMs === 0 ? Infinity : realDurationMs(scaleOf(state), simulatedMs);
}
