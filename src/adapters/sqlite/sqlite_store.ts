/**
 * The store on SQLite: synchronous behind an awaitable port.
 *
 * Durability: WAL with `synchronous = FULL`, so that a commit that returned survives a power cut. Only frame
 * rows go with NORMAL, which cannot damage the database but may lose the newest of them.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Facts,
  type FactsNeeded,
  type FrameRecord,
  type MaybePromise,
  type Queries,
  type QueryKind,
  type Store,
  StoreError,
  type Write,
} from "../../central_system/store.ts";
import { Identities } from "./identities.ts";
import { openDatabase } from "./open.ts";
import { Reader } from "./reader.ts";
import { transactionOf } from "./rows.ts";
import { Writer } from "./writer.ts";

/** The questions that need the query builder. */
type ListKind = Exclude<
  QueryKind,
  | "chargePoint"
  | "idTag"
  | "transaction"
  | "activeTransactions"
  | "suspectedTransactions"
  | "oldestRows"
  | "localList"
  | "reservation"
  | "health"
>;

/** A Central System's database in one file. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #identities: Identities;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #transaction: StatementSync;
  readonly #activeTransactions: StatementSync;

  /** On a path, or on what `openDatabase` gave, whose errors these are. */
  constructor(database: string | DatabaseSync) {
    this.#database = typeof database === "string" ? openDatabase(database) : database;
    this.#identities = new Identities(this.#database);
    this.#reader = new Reader(this.#database, this.#identities);
    this.#writer = new Writer(this.#database, this.#identities);
    this.#begin = this.#database.prepare("BEGIN IMMEDIATE");
    this.#commit = this.#database.prepare("COMMIT");
    this.#transaction = this.#database.prepare(
      `SELECT transactions.*, identities.identity FROM transactions
       JOIN identities ON identities.id = transactions.charge_point WHERE transaction_id = ?`,
    );
    this.#activeTransactions = this.#database.prepare(
      "SELECT count(*) AS count FROM transactions WHERE closed_by IS NULL", // of an index that has no others
    );
  }

  load(needed: FactsNeeded): Facts {
    return this.#reader.load(needed);
  }

  commit(writes: readonly Write[]): void {
    this.#inTransaction(() => {
      for (const write of writes) this.#writer.write(write);
    });
  }

  commitFrames(frames: readonly FrameRecord[]): void {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      this.#inTransaction(() => {
        for (const frame of frames) this.#writer.addFrame(frame);
      });
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }

  #inTransaction(work: () => void): void {
    try {
      this.#begin.run();
      work();
      this.#writer.flush();
      this.#commit.run();
    } catch (cause) {
      this.#rollBack();
      throw new StoreError(`cannot write to the database: ${(cause as Error).message}`, { cause });
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk; the first error is the one to report.
    }
    this.#reader.rolledBack();
    this.#writer.rolledBack();
  }

  query<Q extends QueryKind>(
    kind: Q,
    parameters: Queries[Q]["parameters"],
  ): MaybePromise<Queries[Q]["result"]> {
    return this.#query(kind, parameters) as MaybePromise<Queries[Q]["result"]>;
  }

  #query(kind: QueryKind, parameters: unknown): unknown {
    switch (kind) {
      case "chargePoint":
        return this.#reader.chargePoint((parameters as Queries["chargePoint"]["parameters"]).identity);
      case "idTag":
        return this.#reader.idTag((parameters as Queries["idTag"]["parameters"]).key);
      case "transaction": {
        const { transactionId } = parameters as Queries["transaction"]["parameters"];
        const row = this.#transaction.get(transactionId);
        return row === undefined ? undefined : transactionOf(row);
      }
      case "localList":
        return this.#reader.localList((parameters as Queries["localList"]["parameters"]).chargePoint);
      case "reservation":
        return this.#reader.reservations.one((parameters as Queries["reservation"]["parameters"]).id);
      case "activeTransactions":
        return this.#activeTransactions.get()!["count"];
      case "suspectedTransactions":
        return this.#reader.suspectedTransactions(
          parameters as Queries["suspectedTransactions"]["parameters"],
        );
      case "oldestRows":
        return this.#reader.oldestRows(parameters as Queries["oldestRows"]["parameters"]);
      case "health":
        this.#inTransaction(() => this.#database.exec("UPDATE sequences SET next = next"));
        return true;
      default:
        return this.#list(kind, parameters);
    }
  }

  async #list(kind: ListKind, parameters: unknown) {
    const { LISTS } = await import("./list_queries.ts");
    const list = LISTS[kind] as (sources: unknown, parameters: unknown) => unknown;
    const { readingChains, frameChains } = this.#writer;
    return list({
      database: this.#database,
      identities: this.#identities,
      reader: this.#reader,
      readingChains,
      frameChains,
    }, parameters);
  }

  close(): void {
    this.#database.close();
  }
}
