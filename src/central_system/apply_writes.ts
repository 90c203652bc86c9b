/**
 * Facts after writes: carries one decision to the next of the same turn. A store made of this and nothing
 * else is the test store.
 */
import { InvariantError } from "../rpc/invariant.ts";
import { idTagKey } from "./facts.ts";
import {
  type ChargePointRecord,
  type Facts,
  type ReadingsRecord,
  RECENT_READINGS_MAX,
  type Write,
} from "./store.ts";
import {
  ACTIVE_TRANSACTIONS_MAX,
  type ActiveTransaction,
  type Suspicion,
  type TransactionRecord,
} from "./transaction_record.ts";
import type { ReservationRecord } from "./told_record.ts";

/** Changes `facts` as the database will be changed by `writes`. */
export function applyWrites(facts: Facts, writes: readonly Write[]): void {
  for (const write of writes) applyWrite(facts, write);
}

function applyWrite(facts: Facts, write: Write): void {
  switch (write.kind) {
    case "putChargePoint":
      facts.chargePoints.set(write.record.identity, write.record);
      return;
    case "deleteChargePoint": {
      const active = facts.chargePoints.get(write.identity)?.activeTransactions ?? [];
      if (active.length > 0) facts.leftActive.set(write.identity, active);
      facts.chargePoints.delete(write.identity);
      facts.localLists.delete(write.identity);
      return;
    }
    case "putConnector": {
      const record = chargePointOf(facts, write.chargePoint);
      const connectors = new Map(record.connectors).set(write.connector.connectorId, write.connector);
      facts.chargePoints.set(write.chargePoint, { ...record, connectors });
      return;
    }
    case "putIdTag":
      facts.idTags.set(write.record.key, write.record);
      return;
    case "deleteIdTag":
      facts.idTags.delete(write.key);
      return;
    case "startTransaction":
      countActive(facts, write.record.idTag, 1);
      transactionsOf(facts, write.record.chargePoint).set(write.record.transactionId, write.record);
      changeActive(facts, write.record.chargePoint, (active) => withActive(active, write.record));
      facts.nextTransactionId = Math.max(facts.nextTransactionId, write.record.transactionId + 1);
      return;
    case "stopTransaction": {
      const transactions = transactionsOf(facts, write.chargePoint);
      const record = transactions.get(write.transactionId);
      if (record === undefined) throw new InvariantError(`stop of unread transaction ${write.transactionId}`);
      if (record.stop === undefined) countActive(facts, record.idTag, -1);
      transactions.set(write.transactionId, { ...record, stop: write.stop });
      changeActive(
        facts,
        write.chargePoint,
        (active) => active.filter(({ transactionId }) => transactionId !== write.transactionId),
      );
      return;
    }
    case "suspectTransaction": {
      const { chargePoint, transactionId, suspicion } = write;
      const record = facts.transactions.get(chargePoint)?.get(transactionId);
      if (record !== undefined) {
        transactionsOf(facts, chargePoint).set(transactionId, withSuspicion(record, suspicion));
      }
      changeActive(
        facts,
        chargePoint,
        (active) =>
          active.map((one) => one.transactionId === transactionId ? withSuspicion(one, suspicion) : one),
      );
      return;
    }
    case "addReadings": {
      const record = chargePointOf(facts, write.record.chargePoint);
      const recentReadings = withReadings(record.recentReadings, write.record);
      facts.chargePoints.set(record.identity, { ...record, recentReadings });
      return;
    }
    case "putLocalList":
      facts.localLists.set(write.record.chargePoint, write.record);
      return; // no decision looks at the entries
    case "addReservation":
      reservationsOf(facts, write.record.chargePoint).set(write.record.reservationId, write.record);
      return;
    case "endReservation": {
      const { chargePoint, reservationId, end } = write;
      const reservations = reservationsOf(facts, chargePoint);
      const record = reservations.get(reservationId);
      if (record === undefined) throw new InvariantError(`end of unread reservation ${reservationId}`);
      reservations.set(reservationId, { ...record, end });
      return;
    }
    case "seen": {
      const record = chargePointOf(facts, write.chargePoint);
      facts.chargePoints.set(record.identity, { ...record, lastSeenAtMs: write.lastSeenAtMs });
      return;
    }
    case "addUnmatchedStop":
    case "addReport":
    case "removeRows":
      return; // no decision looks at these
  }
}

/** Where nobody asked how many there are, nobody counts. */
function countActive(facts: Facts, idTag: string, by: 1 | -1): void {
  const key = idTagKey(idTag);
  const count = facts.activeOf.get(key);
  if (count !== undefined) facts.activeOf.set(key, count + by);
}

/** Of a Charge Point that has a record or has left something active. */
function changeActive(
  facts: Facts,
  identity: string,
  change: (active: readonly ActiveTransaction[]) => readonly ActiveTransaction[],
): void {
  const record = facts.chargePoints.get(identity);
  if (record !== undefined) {
    const activeTransactions = change(record.activeTransactions);
    facts.chargePoints.set(identity, { ...record, activeTransactions });
    return;
  }
  const left = facts.leftActive.get(identity);
  if (left !== undefined) facts.leftActive.set(identity, change(left));
}

/** In the order of ids, which is that of starts. */
function withActive(
  active: readonly ActiveTransaction[],
  { transactionId, connectorId, startedAtMs }: TransactionRecord,
): readonly ActiveTransaction[] {
  return [...active.slice(-(ACTIVE_TRANSACTIONS_MAX - 1)), { transactionId, connectorId, startedAtMs }];
}

function withSuspicion<T extends ActiveTransaction>(one: T, suspicion: Suspicion | undefined): T {
  const { suspicion: _, ...rest } = one;
  return (suspicion === undefined ? rest : { ...rest, suspicion }) as T;
}

function withReadings(recent: readonly ReadingsRecord[], added: ReadingsRecord): readonly ReadingsRecord[] {
  return recent.length < RECENT_READINGS_MAX ? [...recent, added] : [...recent.slice(1), added];
}

function chargePointOf(facts: Facts, identity: string): ChargePointRecord {
  const record = facts.chargePoints.get(identity);
  if (record === undefined) throw new InvariantError(`write for unread Charge Point ${identity}`);
  return record;
}

function transactionsOf(facts: Facts, identity: string): Map<number, TransactionRecord> {
  let transactions = facts.transactions.get(identity);
  if (transactions === undefined) {
    transactions = new Map();
    facts.transactions.set(identity, transactions);
  }
  return transactions;
}

function reservationsOf(facts: Facts, identity: string): Map<number, ReservationRecord> {
  let reservations = facts.reservations.get(identity);
  if (reservations === undefined) facts.reservations.set(identity, reservations = new Map());
  return reservations;
}
