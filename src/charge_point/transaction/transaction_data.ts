/**
 * The readings of a transaction that its StopTransaction is to carry: StopTxnSampledData, StopTxnAlignedData.
 *
 * Bound: StopTransactionMaxMeterValues. The readings at the beginning and at the end always stay. When there would
 * be more of those in between, every second one goes, and from then on only as many are taken as are left, so that
 * they stay spread evenly over the transaction.
 * Spec: OCPP 1.6 §4.10, §9.1; errata 1.6 (StopTransactionMaxMeterValues).
 */
import type { MeterValue } from "../../ocpp/meter_value.ts";

/** What is kept of a transaction so far. Plain data, never changed. */
export interface TransactionData {
  readonly values: readonly MeterValue[];
  /** One reading in this many is kept. */
  readonly stride: number;
  /** Readings that came so far. */
  readonly offered: number;
}

const NO_DATA: TransactionData = { values: [], stride: 1, offered: 0 };

/** The beginning and the end. */
const ALWAYS_KEPT = 2;

/** Takes one more reading; `valuesMax` is the configuration key. */
export function withReading(
  data: TransactionData | undefined,
  value: MeterValue,
  valuesMax: number,
): TransactionData {
  const { values, stride, offered } = data ?? NO_DATA;
  if (offered % stride !== 0) return { values, stride, offered: offered + 1 };
  const more = [...values, value];
  if (more.length + ALWAYS_KEPT <= valuesMax) return { values: more, stride, offered: offered + 1 };
  return {
    values: more.filter((_, index) => index % 2 === 0).slice(0, Math.max(0, valuesMax - ALWAYS_KEPT)),
    stride: stride * 2,
    offered: offered + 1,
  };
}

/** What StopTransaction carries, in order of time. */
export function transactionData(
  data: TransactionData | undefined,
  ends: { readonly beginning: MeterValue | undefined; readonly ending: MeterValue | undefined },
): readonly MeterValue[] {
  const all = [ends.beginning, ...(data?.values ?? []), ends.ending];
  return all.filter((value) => value !== undefined);
}
