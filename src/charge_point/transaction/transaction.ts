/**
 * A transaction on one connector: start, samples on the way, stop.
 *
 * Spec: OCPP 1.6 §4.8 StartTransaction, §4.10 StopTransaction, §4.7 MeterValues.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { Conf } from "../../ocpp/registry.ts";
import type { Reason } from "../../ocpp/types.ts";
import { settleLock } from "../session/cable_lock.ts";
import { endTxProfiles, installProfile, whyRefusedAtStart } from "../energy/charging_profiles.ts";
import { durationMs, integer, isOn } from "../configuration/configuration.ts";
import { updateStatus } from "../session/connector_status.ts";
import { readMeter, registerOf } from "../energy/metering.ts";
import {
  type Authorized,
  type Connector,
  connectorsOf,
  emit,
  isRunning,
  nextOrder,
  scaleOf,
  simulatedNowMs,
  type Transaction,
  type Turn,
} from "../state.ts";
import { realDurationMs } from "../time_scale.ts";
import { transactionData, withReading } from "./transaction_data.ts";
import { queueMessage } from "./transaction_queue.ts";

/** Starts a transaction for an idTag that was accepted; the cable is in. It ends the reservation that is named. */
export function startTransaction(
  turn: Turn,
  connector: Connector,
  { idTag, parentIdTag, reservationId }: Authorized & { reservationId: number | undefined },
): void {
  const { connectorId } = connector;
  const { configuration } = turn.state;
  const meterStartWh = registerOf(connector);
  const transaction: Transaction = {
    key: nextOrder(turn),
    connectorId,
    idTag,
    parentIdTag,
    meterStartWh,
    transactionId: undefined,
    energyEndsAtWh: undefined,
    beginning: readMeter(turn, connector, {
      measurands: configuration.StopTxnSampledData,
      context: "Transaction.Begin",
      intervalFromWh: connector.registerWh,
    }),
    data: undefined,
    startedAtSimulatedMs: simulatedNowMs(turn),
    sampledAtWh: connector.registerWh,
    nextSampleAtMs: turn.nowMs + sampleIntervalMs(turn),
  };
  connector.authorized = undefined;
  connector.transaction = transaction;
  applyStartProfile(turn, connector);
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

/** §5.11: the profile that came with a RemoteStartTransaction, unless others have taken its place meanwhile. */
function applyStartProfile(turn: Turn, connector: Connector): void {
  const { startProfile: chargingProfile, connectorId } = connector;
  connector.startProfile = undefined;
  if (chargingProfile === undefined) return;
  const request = { connectorId, chargingProfile };
  if (whyRefusedAtStart(turn, request) === undefined) installProfile(turn, request);
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
  if (transaction === undefined || !isRunning(turn.state)) return; // without power nobody notices
  const ending = readMeter(turn, connector, {
    measurands: turn.state.configuration.StopTxnSampledData,
    context: "Transaction.End",
    intervalFromWh: transaction.sampledAtWh,
  });
  const meterStopWh = registerOf(connector);
  const readings = transactionData(transaction.data, { beginning: transaction.beginning, ending });
  queueMessage(turn, transaction, {
    action: "StopTransaction",
    payload: {
      idTag: idTag ?? transaction.idTag,
      meterStop: meterStopWh,
      timestamp: dateTimeOf(simulatedNowMs(turn)),
      reason,
      ...(readings.length === 0 ? {} : { transactionData: [...readings] }),
    },
  });
  connector.transaction = undefined;
  endTxProfiles(turn, connectorId);
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
    updateStatus(turn, connector);
  }
}

/** The power is back and the transaction goes on. */
export function resumeTransaction(turn: Turn, { transaction, connectorId }: Connector): void {
  if (transaction === undefined) return;
  transaction.nextSampleAtMs = turn.nowMs + sampleIntervalMs(turn);
  const { transactionId, idTag } = transaction;
  emit(turn, { kind: "transactionResumed", connectorId, transactionId, idTag });
}

/** Takes a sample of a running transaction when it is time. */
export function sampleIfDue(turn: Turn, connector: Connector): void {
  const { transaction, connectorId } = connector;
  if (transaction === undefined || turn.nowMs < transaction.nextSampleAtMs) return;
  const intervalMs = sampleIntervalMs(turn);
  const missed = Math.floor((turn.nowMs - transaction.nextSampleAtMs) / intervalMs);
  transaction.nextSampleAtMs += (missed + 1) * intervalMs;
  const { MeterValuesSampledData, StopTxnSampledData } = turn.state.configuration;
  const how = { context: "Sample.Periodic", intervalFromWh: transaction.sampledAtWh } as const;
  transaction.sampledAtWh = connector.registerWh;
  const kept = readMeter(turn, connector, { measurands: StopTxnSampledData, ...how });
  if (kept !== undefined) {
    const valuesMax = integer(turn.state.configuration, "StopTransactionMaxMeterValues");
    transaction.data = withReading(transaction.data, kept, valuesMax);
  }
  const meterValue = readMeter(turn, connector, { measurands: MeterValuesSampledData, ...how });
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
