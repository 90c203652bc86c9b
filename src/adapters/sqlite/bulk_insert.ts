/**
 * Inserts many rows with few statements: half of what a row costs is the call into SQLite.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Rows that go with one statement. */
export const ROWS_PER_STATEMENT = 25;

/** Inserts rows of one table. */
export class BulkInsert {
  readonly #columns: number;
  readonly #one: StatementSync;
  readonly #many: StatementSync;
  #values: SQLInputValue[] = [];

  constructor(database: DatabaseSync, table: string, columns: readonly string[]) {
    this.#columns = columns.length;
    const row = `(${columns.map(() => "?").join(", ")})`;
    const head = `INSERT INTO ${table} (${columns.join(", ")}) VALUES `;
    this.#one = database.prepare(head + row);
    this.#many = database.prepare(head + Array(ROWS_PER_STATEMENT).fill(row).join(", "));
  }

  /** Takes a row, its values in the order of the columns. */
  add(...values: readonly SQLInputValue[]): void {
    this.#values.push(...values);
    if (this.#values.length < this.#columns * ROWS_PER_STATEMENT) return;
    this.#many.run(...this.#values);
    this.#values.length = 0;
  }

  /** Inserts what is left of the rows. */
  flush(): void {
    for (let at = 0; at < this.#values.length; at += this.#columns) {
      this.#one.run(...this.#values.slice(at, at + this.#columns));
    }
    this.#values.length = 0;
  }

  /** Drops rows that were not inserted yet, after a rollback. */
  clear(): void {
    this.#values.length = 0;
  }
}
