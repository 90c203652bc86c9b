/**
 * Reads the facts that a turn's Calls need.
 */
import type { DatabaseSync } from "node:sqlite";
import {
  type ChargePointRecord,
  type Facts,
  type FactsNeeded,
  type IdTagRecord,
  type Queries,
  type Reading,
  type ReadingsRecord,
  RECENT_READINGS_MAX,
} from "../../central_system/store.ts";
import {
  ACTIVE_TRANSACTIONS_MAX,
  type ActiveTransaction,
  type TransactionRecord,
} from "../../central_system/transaction_record.ts";
import type { LocalListRecord } from "../../central_system/told_record.ts";
import type { Identities } from "./identities.ts";
import { LocalListRows } from "./local_list_rows.ts";
import { peerText, storedText } from "./peer_text.ts";
import { ReservationRows } from "./reservation_rows.ts";
import {
  activeTransactionOf,
  BELONGS_TO_ACTIVE,
  chargePointOf,
  idTagOf,
  type Row,
  transactionOf,
} from "./rows.ts";

/**
 * As many of the newest readings are looked through when the database is opened, and again after a rollback: an
 * answer that was lost with the last run, or with its socket, makes the Charge Point repeat its last MeterValues.
 */
export const READINGS_REMEMBERED_MAX = 10_000;

/** Reads by key only: no statement here looks at more rows than it gives back. */
export class Reader {
  readonly #identities: Identities;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #localLists: LocalListRows;
  readonly reservations: ReservationRows;
  /** The readings of each Charge Point that were the last ones then; `undefined`: to be looked for. */
  #lastReadings: ReadonlyMap<number, readonly ReadingsRecord[]> | undefined;

  constructor(database: DatabaseSync, identities: Identities) {
    this.#identities = identities;
    this.#statements = prepare(database);
    this.#localLists = new LocalListRows(database, identities);
    this.reservations = new ReservationRows(database, identities);
    this.#lastReadings = this.#readLastReadings();
  }

  /** A rollback makes everybody forget what was touched: what was last is read anew. */
  rolledBack(): void {
    this.#lastReadings = undefined;
  }

  load(needed: FactsNeeded): Facts {
    const chargePoints = new Map<string, ChargePointRecord>();
    const leftActive = new Map<string, readonly ActiveTransaction[]>();
    for (const identity of needed.chargePoints) {
      const record = this.chargePoint(identity);
      if (record !== undefined) {
        chargePoints.set(identity, record);
        continue;
      }
      const left = this.#active(this.#identities.find(identity));
      if (left.length > 0) leftActive.set(identity, left);
    }
    const idTags = new Map<string, IdTagRecord>();
    const activeOf = new Map<string, number>();
    for (const key of needed.idTags) {
      const record = this.idTag(key);
      if (record !== undefined) idTags.set(key, record);
      if (record?.maxActiveTransactions === undefined && !needed.counted.has(key)) continue;
      activeOf.set(key, this.#statements.activeOf.get(storedText(key))!["count"] as number);
    }
    const transactions = new Map<string, Map<number, TransactionRecord>>();
    const add = (row: Row, chargePoint: string) => {
      const record = transactionOf({ ...row, identity: chargePoint });
      let own = transactions.get(chargePoint);
      if (own === undefined) transactions.set(chargePoint, own = new Map());
      own.set(record.transactionId, record);
    };
    for (const { chargePoint, connectorId, timestamp } of needed.starts) {
      const id = this.#identities.find(chargePoint);
      if (id === undefined) continue;
      for (const row of this.#statements.sameStart.all(id, timestamp)) add(row, chargePoint);
      for (const row of this.#statements.active.all(id, connectorId)) add(row, chargePoint);
    }
    for (const { chargePoint, transactionId } of needed.stops) {
      const id = this.#identities.find(chargePoint);
      const row = id === undefined ? undefined : this.#statements.own.get(transactionId, id);
      if (row !== undefined) add(row, chargePoint);
    }
    const nextTransactionId = needed.starts.length === 0
      ? 0
      : this.#statements.nextTransactionId.get()!["next"] as number;
    const localLists = new Map<string, LocalListRecord>();
    for (const identity of needed.localLists) {
      const record = this.localList(identity);
      if (record !== undefined) localLists.set(identity, record);
    }
    const reservations = this.reservations.load(needed.reservations);
    return {
      ...{ chargePoints, idTags, activeOf, transactions, leftActive, localLists, reservations },
      nextTransactionId,
    };
  }

  localList(identity: string): LocalListRecord | undefined {
    return this.#localLists.read(identity);
  }

  /** The newest active transactions of a Charge Point, in the order of their ids. */
  #active(id: number | undefined): readonly ActiveTransaction[] {
    if (id === undefined) return [];
    return this.#statements.activeAt.all(id, ACTIVE_TRANSACTIONS_MAX).map(activeTransactionOf).reverse();
  }

  /** The active transactions that are suspected, longest first. */
  suspectedTransactions({ limit }: { limit: number }): readonly TransactionRecord[] {
    return this.#statements.suspected.all(limit).map(transactionOf);
  }

  /** The oldest rows of a table that grows. */
  oldestRows(
    { table, after, limit }: Queries["oldestRows"]["parameters"],
  ): Queries["oldestRows"]["result"] {
    return this.#statements[table].all(after, limit).map((row) => ({
      id: row["id"] as number,
      receivedAtMs: row["received_at"] as number,
      mustStay: row["must_stay"] === 1,
    }));
  }

  /** By its lower-case form. */
  idTag(key: string): IdTagRecord | undefined {
    const row = this.#statements.idTag.get(storedText(key));
    return row === undefined ? undefined : idTagOf(row);
  }

  /** A Charge Point with its connectors and what it sent last. */
  chargePoint(identity: string): ChargePointRecord | undefined {
    const id = this.#identities.find(identity);
    if (id === undefined) return undefined;
    const row = this.#statements.chargePoint.get(id);
    if (row === undefined) return undefined;
    const record = chargePointOf({ ...row, identity }, this.#statements.connectors.all(id), this.#active(id));
    this.#lastReadings ??= this.#readLastReadings();
    // What came before the record did belongs to an earlier one, which was deleted.
    const recentReadings = this.#lastReadings.get(id)?.filter((one) =>
      one.receivedAtMs >= record.firstSeenAtMs
    );
    if (recentReadings === undefined) return record;
    return { ...record, recentReadings: recentReadings.map((one) => ({ ...one, chargePoint: identity })) };
  }

  #readLastReadings(): ReadonlyMap<number, readonly ReadingsRecord[]> {
    return lastReadings(this.#statements.lastReadings.all(READINGS_REMEMBERED_MAX));
  }
}

/** Rows, newest first, gathered to what one message had sent. */
function lastReadings(rows: readonly Row[]): Map<number, ReadingsRecord[]> {
  const byChargePoint = new Map<number, ReadingsRecord[]>();
  for (const row of rows.toReversed()) {
    const id = row["charge_point"] as number;
    const list = byChargePoint.get(id) ?? [];
    byChargePoint.set(id, list);
    const reading: Reading = {
      timestamp: row["timestamp"] as string,
      sampledValue: row["sampled_value"] as string,
    };
    const last = list.at(-1);
    if (
      last !== undefined && last.uniqueId === peerText(row["unique_id"] as string) &&
      last.receivedAtMs === row["received_at"]
    ) {
      list[list.length - 1] = { ...last, readings: [...last.readings, reading] };
      continue;
    }
    if (list.length >= RECENT_READINGS_MAX) list.shift();
    list.push({
      chargePoint: "",
      uniqueId: peerText(row["unique_id"] as string),
      connectorId: row["connector_id"] as number,
      ...(row["transaction_id"] === null ? {} : { transactionId: row["transaction_id"] as number }),
      ...(row["guessed_transaction_id"] === null
        ? {}
        : { guessedTransactionId: row["guessed_transaction_id"] as number }),
      receivedAtMs: row["received_at"] as number,
      readings: [reading],
    });
  }
  return byChargePoint;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    chargePoint: sql("SELECT * FROM charge_points WHERE id = ?"),
    connectors: sql("SELECT * FROM connectors WHERE charge_point = ? ORDER BY connector_id"),
    idTag: sql("SELECT * FROM id_tags WHERE key = ?"),
    activeOf: sql(
      "SELECT count(*) AS count FROM transactions WHERE lower(id_tag) = ? AND closed_by IS NULL",
    ),
    sameStart: sql("SELECT * FROM transactions WHERE charge_point = ? AND start_timestamp = ?"),
    active: sql(
      "SELECT * FROM transactions WHERE charge_point = ? AND connector_id = ? AND closed_by IS NULL",
    ),
    activeAt: sql(`
      SELECT transaction_id, connector_id, started_at, suspected_by, suspected_at, suspected_at_charge_point
      FROM transactions WHERE charge_point = ? AND closed_by IS NULL ORDER BY transaction_id DESC LIMIT ?`),
    suspected: sql(`
      SELECT transactions.*, identities.identity FROM transactions
      JOIN identities ON identities.id = transactions.charge_point
      WHERE closed_by IS NULL AND suspected_at IS NOT NULL ORDER BY suspected_at, transaction_id LIMIT ?`),
    frames: sql("SELECT id, received_at, 0 AS must_stay FROM frames WHERE id > ? ORDER BY id LIMIT ?"),
    meterValues: sql(`
      SELECT id, received_at, ${BELONGS_TO_ACTIVE} AS must_stay FROM meter_values WHERE id > ? ORDER BY id LIMIT ?`),
    own: sql("SELECT * FROM transactions WHERE transaction_id = ? AND charge_point = ?"),
    nextTransactionId: sql("SELECT next FROM sequences WHERE name = 'transactionId'"),
    lastReadings: sql("SELECT * FROM meter_values ORDER BY id DESC LIMIT ?"),
  };
}
