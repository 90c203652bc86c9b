/**
 * Transactions that are perhaps over although no StopTransaction came ("zombies").
 *
 * Rules:
 * - Available on its connector, or a boot, makes a transaction suspected and no more: statuses overtake a
 *   StopTransaction that waits in a queue, and some devices go on with a transaction after a boot.
 * - What shows that it goes on takes the suspicion back: a reading with its id, or a status of charging, that is no
 *   older than the suspicion. What waited in a queue since before shows nothing.
 * - What nothing contradicts for a grace is closed as `evidence` (`transaction_change.ts`).
 * Spec: OCPP 1.6 §4.8, §4.9, §5.3 say nothing of it: this is our reading of what devices do.
 */
import type { MeterValue } from "../ocpp/meter_value.ts";
import { atMsOf } from "../ocpp/date_time.ts";
import type { ChargePointStatus } from "../ocpp/types.ts";
import type { CentralSystemEvent } from "./decision.ts";
import { isPlausible } from "./plausible.ts";
import type { ChargePointRecord, Write } from "./store.ts";
import type { ActiveTransaction, Suspicion } from "./transaction_record.ts";

/** How long nothing may contradict a suspicion before its transaction is closed, unless an operator says otherwise. */
export const ZOMBIE_GRACE_MS = 24 * 3_600_000;

/** What a decision adds for suspicions; nothing in most cases. */
export interface SuspicionChange {
  readonly writes: readonly Write[];
  readonly events: readonly CentralSystemEvent[];
}

const NO_CHANGE: SuspicionChange = { writes: [], events: [] };

/** After an accepted or refused boot everything that was active is suspected. */
export function suspectAtBoot(
  { identity, activeTransactions }: ChargePointRecord,
  nowMs: number,
): SuspicionChange {
  const suspicion: Suspicion = { by: "boot", atMs: nowMs, chargePointAtMs: nowMs };
  return suspect(identity, activeTransactions, suspicion);
}

/** What a status says of the transaction on its connector. */
export function judgeStatus(
  { identity, activeTransactions }: ChargePointRecord,
  { connectorId, status, statusAtMs, receivedAtMs }: {
    readonly connectorId: number;
    readonly status: ChargePointStatus;
    readonly statusAtMs: number;
    readonly receivedAtMs: number;
  },
): SuspicionChange {
  if (activeTransactions.length === 0) return NO_CHANGE;
  const there = activeTransactions.filter((active) => active.connectorId === connectorId);
  if (status === "Available") {
    return suspect(identity, there, { by: "Available", atMs: receivedAtMs, chargePointAtMs: statusAtMs });
  }
  if (!GOES_ON.has(status)) return NO_CHANGE;
  return trust(
    identity,
    there.filter(({ suspicion }) => isNoOlder({ atMs: statusAtMs, receivedAtMs }, suspicion)),
  );
}

/** Statuses that only a running transaction has. Spec: OCPP 1.6 §4.9. */
const GOES_ON: ReadonlySet<ChargePointStatus> = new Set(["Charging", "SuspendedEV", "SuspendedEVSE"]);

/** What readings with the id of an active transaction say of it. */
export function judgeReadings(
  { identity }: ChargePointRecord,
  active: ActiveTransaction,
  { meterValue, receivedAtMs }: { readonly meterValue: readonly MeterValue[]; readonly receivedAtMs: number },
): SuspicionChange {
  const { suspicion } = active;
  if (suspicion === undefined) return NO_CHANGE;
  const goesOn = meterValue.some(({ timestamp }) =>
    isNoOlder({ atMs: atMsOf(timestamp), receivedAtMs }, suspicion)
  );
  return goesOn ? trust(identity, [active]) : NO_CHANGE;
}

/** By the Charge Point's clock; where that is certainly wrong, receipt has to do. */
function isNoOlder(
  { atMs, receivedAtMs }: { readonly atMs: number; readonly receivedAtMs: number },
  suspicion: Suspicion | undefined,
): boolean {
  if (suspicion === undefined) return false;
  return !isPlausible(atMs, receivedAtMs) || atMs >= suspicion.chargePointAtMs;
}

/** The first suspicion stays: the grace runs from it. */
function suspect(
  chargePoint: string,
  transactions: readonly ActiveTransaction[],
  suspicion: Suspicion,
): SuspicionChange {
  const trusted = transactions.filter((active) => active.suspicion === undefined);
  if (trusted.length === 0) return NO_CHANGE;
  const { by, atMs } = suspicion;
  return {
    writes: trusted.map(({ transactionId }) => ({
      kind: "suspectTransaction",
      chargePoint,
      transactionId,
      suspicion,
    })),
    events: trusted.map(({ transactionId }) => ({
      kind: "transactionSuspected",
      chargePoint,
      transactionId,
      by,
      atMs,
    })),
  };
}

function trust(chargePoint: string, transactions: readonly ActiveTransaction[]): SuspicionChange {
  if (transactions.length === 0) return NO_CHANGE;
  return {
    writes: transactions.map(({ transactionId }) => ({
      kind: "suspectTransaction",
      chargePoint,
      transactionId,
      suspicion: undefined,
    })),
    events: transactions.map(({ transactionId }) => ({
      kind: "transactionGoesOn",
      chargePoint,
      transactionId,
    })),
  };
}
