/**
 * Rows of a growing table that belong together, linked backwards: each row names the one before it in its chain.
 *
 * This replaces an index on the hot tables. An index entry of each new row goes to another page, so that a commit
 * of fifty rows writes fifty more pages; a link costs nothing but its own few bytes. Only the last row of each
 * chain has to be known. It is kept in memory, written down every `PERSIST_AFTER_ROWS` rows, and after a crash
 * found again by reading the rows that came since.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** So many rows may have to be read again after a crash. */
export const PERSIST_AFTER_ROWS = 10_000;

/** Chains whose last row is kept in memory although it is written down. */
export const CLEAN_CHAINS_MAX = 100_000;

/** The tables that have chains; readings by Charge Point and transaction, frames by Charge Point. */
export type ChainedTable = "meter_values" | "frames";

/** The id of a new row, and of the row before it in its chain. */
export interface Link {
  readonly id: number;
  readonly previous: number | null;
}

/** What the chains of frames have instead of a transactionId. */
export const NO_TRANSACTION = 0;

/** The chains of one table. Every row must be inserted with the link that it was given, in the same commit. */
export class Chains {
  readonly #last = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly #table: ChainedTable;
  readonly #statements: Record<"find" | "persist" | "mark", StatementSync>;
  readonly #database: DatabaseSync;
  #lastId = 0;
  #persistedId = 0;

  constructor(database: DatabaseSync, table: ChainedTable) {
    this.#database = database;
    this.#table = table;
    this.#statements = {
      find: database.prepare(
        `SELECT last FROM chains WHERE "table" = '${table}' AND charge_point = ? AND transaction_id = ?`,
      ),
      persist: database.prepare(
        `INSERT OR REPLACE INTO chains ("table", charge_point, transaction_id, last) VALUES ('${table}', ?, ?, ?)`,
      ),
      mark: database.prepare(`UPDATE sequences SET next = ? WHERE name = '${table}'`),
    };
    this.recover();
  }

  /** Forgets what memory knows and reads it again: after opening, and after a rollback. */
  recover(): void {
    this.#last.clear();
    this.#dirty.clear();
    const marked = this.#database.prepare("SELECT next FROM sequences WHERE name = ?").get(this.#table)!;
    this.#lastId = this.#persistedId = (marked["next"] as number) - 1;
    const transaction = this.#table === "meter_values" ? "transaction_id" : String(NO_TRANSACTION);
    const since = this.#database.prepare(
      `SELECT id, charge_point, ${transaction} AS transaction_id FROM ${this.#table} WHERE id > ? ORDER BY id`,
    );
    for (const row of since.iterate(this.#persistedId)) {
      this.#lastId = row["id"] as number;
      if (row["transaction_id"] === null) continue;
      this.#note(keyOf(row["charge_point"] as number, row["transaction_id"] as number), this.#lastId);
    }
  }

  /** The link of a new row; without a transactionId it is in no chain. */
  add(chargePoint: number, transactionId: number | undefined): Link {
    const id = ++this.#lastId;
    if (transactionId === undefined) return { id, previous: null };
    const key = keyOf(chargePoint, transactionId);
    const previous = this.#last.get(key) ?? this.#find(chargePoint, transactionId);
    this.#note(key, id);
    return { id, previous };
  }

  /** The last row of a chain, if it has any. */
  last(chargePoint: number, transactionId: number): number | null {
    return this.#last.get(keyOf(chargePoint, transactionId)) ?? this.#find(chargePoint, transactionId);
  }

  /** Writes the ends of the chains down when it is time; part of the commit that its rows are in. */
  persistIfDue(): void {
    if (this.#lastId - this.#persistedId >= PERSIST_AFTER_ROWS) this.persist();
  }

  /** Writes the ends of the chains down. */
  persist(): void {
    for (const key of this.#dirty) {
      const [chargePoint, transactionId] = key.split(":");
      this.#statements.persist.run(Number(chargePoint), Number(transactionId), this.#last.get(key)!);
    }
    this.#statements.mark.run(this.#lastId + 1);
    this.#persistedId = this.#lastId;
    this.#dirty.clear();
    if (this.#last.size > CLEAN_CHAINS_MAX) this.#last.clear();
  }

  #note(key: string, id: number): void {
    this.#last.set(key, id);
    this.#dirty.add(key);
  }

  #find(chargePoint: number, transactionId: number): number | null {
    return (this.#statements.find.get(chargePoint, transactionId)?.["last"] as number | undefined) ?? null;
  }
}

function keyOf(chargePoint: number, transactionId: number): string {
  return `${chargePoint}:${transactionId}`;
}
