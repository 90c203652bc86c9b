/**
 * A transaction that is closed although no StopTransaction came: by an operator, or because nothing contradicted for
 * long enough that it is over. It is decided in the turns among the Calls: a StopTransaction that came before is
 * seen, one that comes after wins. `meterStop` stays unknown.
 */
import type { CentralSystemEvent, DecisionContext } from "./decision.ts";
import type { Write } from "./store.ts";
import type { StopRecord, TransactionRecord } from "./transaction_record.ts";
import { stopped } from "./transaction.ts";

/** What is to be done to one transaction of a Charge Point. */
export type TransactionChange =
  | {
    readonly kind: "stopTransaction";
    readonly chargePoint: string;
    readonly transactionId: number;
    readonly operator?: string;
    readonly note?: string;
  }
  | {
    readonly kind: "closeSuspected";
    readonly chargePoint: string;
    readonly transactionId: number;
    /** How old the suspicion must be. */
    readonly graceMs: number;
  };

/** What came of it: it is closed now, had been closed before, or goes on since it is not suspected (any more). */
export type TransactionChangeOutcome = "closed" | "closedBefore" | "goesOn" | "unknown";

/** Decides by the facts that `FactsCollector.addChange` asked for. */
export function decideTransactionChange(
  change: TransactionChange,
  { facts, nowMs }: DecisionContext,
): {
  readonly outcome: TransactionChangeOutcome;
  readonly writes: readonly Write[];
  readonly events: readonly CentralSystemEvent[];
} {
  const { chargePoint, transactionId } = change;
  const transaction = facts.transactions.get(chargePoint)?.get(transactionId);
  const nothing = { writes: [], events: [] };
  if (transaction === undefined) return { outcome: "unknown", ...nothing };
  if (transaction.stop !== undefined) return { outcome: "closedBefore", ...nothing };
  const stop = change.kind === "stopTransaction"
    ? operatorStop(change, nowMs)
    : evidenceStop(change, transaction, nowMs);
  if (stop === undefined) return { outcome: "goesOn", ...nothing };
  return {
    outcome: "closed",
    writes: [{ kind: "stopTransaction", chargePoint, transactionId, stop }],
    events: [stopped(transaction, stop)],
  };
}

function operatorStop(
  { operator, note }: Extract<TransactionChange, { kind: "stopTransaction" }>,
  nowMs: number,
): StopRecord {
  return {
    closedBy: "operator",
    stoppedAtMs: nowMs,
    receivedAtMs: nowMs,
    ...(operator === undefined ? {} : { operator }),
    ...(note === undefined ? {} : { note }),
  };
}

/** It was over when the first sign of that came, as far as anybody knows. */
function evidenceStop(
  { graceMs }: Extract<TransactionChange, { kind: "closeSuspected" }>,
  { suspicion }: TransactionRecord,
  nowMs: number,
): StopRecord | undefined {
  if (suspicion === undefined || nowMs - suspicion.atMs < graceMs) return undefined;
  return { closedBy: "evidence", stoppedAtMs: suspicion.chargePointAtMs, receivedAtMs: nowMs };
}
