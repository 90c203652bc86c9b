/**
 * When meters are read: every so often in a transaction, at full intervals of the day, and on demand.
 *
 * Spec: OCPP 1.6 §3.16, §4.7, §9.1.
 */
import type { MeterValue, ReadingContext } from "../../../src/ocpp/meter_value.ts";
import type { Configuration } from "./configuration.ts";
import type { Connector } from "./connector.ts";
import type { Habits } from "./habits.ts";
import type { Life } from "./life.ts";
import type { Memory, Transaction } from "./memory.ts";
import type { Outbox } from "./outbox.ts";

const MS_PER_DAY = 86_400_000;
const EARLY_MS = 20;

/** One device's. */
export class Metering {
  readonly #memory: Memory;
  readonly #configuration: Configuration;
  readonly #connectors: readonly Connector[];
  readonly #outbox: Outbox;
  readonly #habits: Habits;
  readonly #samplers = new Map<number, () => void>();
  #cancelAligned = () => {};

  constructor(
    options: {
      readonly memory: Memory;
      readonly configuration: Configuration;
      readonly connectors: readonly Connector[];
      readonly outbox: Outbox;
      readonly habits: Habits;
    },
  ) {
    this.#memory = options.memory;
    this.#configuration = options.configuration;
    this.#connectors = options.connectors;
    this.#outbox = options.outbox;
    this.#habits = options.habits;
  }

  /** Transactions or intervals are others than before. */
  plan(life: Life): void {
    this.#planAligned(life);
    for (const { id } of this.#connectors) this.#planSamples(id, life);
  }

  #planSamples(connectorId: number, life: Life): void {
    this.#samplers.get(connectorId)?.();
    this.#samplers.delete(connectorId);
    const intervalMs = this.#configuration.number("MeterValueSampleInterval") * 1_000;
    const transaction = this.#memory.transactions.get(connectorId);
    if (intervalMs === 0 || transaction === undefined) return;
    const dueMs = untilNext(intervalMs, Date.now() - transaction.startedAtMs);
    this.#samplers.set(
      connectorId,
      life.after(dueMs, () => {
        this.#tell(connectorId, "MeterValuesSampledData", "Sample.Periodic", life);
        this.#planSamples(connectorId, life);
      }),
    );
  }

  #planAligned(life: Life): void {
    this.#cancelAligned();
    const intervalMs = this.#configuration.number("ClockAlignedDataInterval") * 1_000;
    if (intervalMs === 0) return;
    const dueMs = untilNext(intervalMs, Date.now() % MS_PER_DAY);
    this.#cancelAligned = life.after(dueMs, () => {
      for (const { id } of this.#connectors) {
        this.#tell(id, "MeterValuesAlignedData", "Sample.Clock", life);
        this.#keep(id);
      }
      this.#planAligned(life);
    });
  }

  #tell(
    connectorId: number,
    key: "MeterValuesSampledData" | "MeterValuesAlignedData",
    context: ReadingContext,
    life: Life,
  ): void {
    const reading = this.read(connectorId, key, context);
    if (reading === undefined) return;
    const meterValue = context === "Sample.Clock" ? this.#aligned(reading) : reading;
    const transaction = this.#memory.transactions.get(connectorId);
    const payload = { connectorId, meterValue: [meterValue] };
    this.#outbox.add({ action: "MeterValues", transaction, payload, attempts: 0 }, life);
  }

  /** The time of a reading may be that at which its interval began. */
  #aligned(reading: MeterValue): MeterValue {
    if (!this.#habits.stampsBeginOfInterval) return reading;
    const beganAtMs = Date.parse(reading.timestamp) -
      this.#configuration.number("ClockAlignedDataInterval") * 1_000;
    return { ...reading, timestamp: new Date(beganAtMs).toISOString() };
  }

  /** For StopTransaction.transactionData. */
  #keep(connectorId: number): void {
    const reading = this.read(connectorId, "StopTxnAlignedData", "Sample.Clock");
    if (reading !== undefined) this.#memory.transactions.get(connectorId)?.readings.push(reading);
  }

  /** A reading of the measurands that a key names. */
  read(
    connectorId: number,
    key: string,
    context: ReadingContext,
    nowMs = Date.now(),
  ): MeterValue | undefined {
    const { meter } = this.#connectors[connectorId - 1]!;
    const { writesMetersBriefly: isBrief, metersByPhase: isByPhase } = this.#habits;
    return meter.read(this.#configuration.list(key), context, { nowMs, isBrief, isByPhase });
  }

  /** What a transaction keeps of its beginning, or of its end. */
  keepFor(transaction: Transaction, context: "Transaction.Begin" | "Transaction.End", atMs: number): void {
    const reading = this.read(transaction.connectorId, "StopTxnSampledData", context, atMs);
    if (reading !== undefined) transaction.readings.push(reading);
  }
}

/** Units: milliseconds. A timer may end a little early: that one interval is not counted twice. */
function untilNext(intervalMs: number, passedMs: number): number {
  const dueMs = intervalMs - passedMs % intervalMs;
  return dueMs < EARLY_MS ? dueMs + intervalMs : dueMs;
}
