/**
 * Inserts many rows with few statements: half of what a row costs is the call into SQLite.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Rows that go with one statement, the largest number first; 1 must be among them. */
const ROWS_PER_STATEMENT = [25, 5, 1] as const;

/** Inserts rows of one table. */
export class BulkInsert {
  readonly #columns: number;
  readonly #statements: readonly { readonly rows: number; readonly statement: StatementSync }[];
  #values: SQLInputValue[] = [];

  constructor(database: DatabaseSync, table: string, columns: readonly string[]) {
    this.#columns = columns.length;
    const row = `(${columns.map(() => "?").join(", ")})`;
    const head = `INSERT INTO ${table} (${columns.join(", ")}) VALUES `;
    this.#statements = ROWS_PER_STATEMENT.map((rows) => ({
      rows,
      statement: database.prepare(head + Array(rows).fill(row).join(", ")),
    }));
  }

  /** Takes a row, its values in the order of the columns; it is inserted with `flush` at the latest. */
  add(...values: readonly SQLInputValue[]): void {
    this.#values.push(...values);
    if (this.#values.length >= this.#columns * ROWS_PER_STATEMENT[0]) this.flush();
  }

  /** Inserts what is left of the rows. */
  flush(): void {
    let at = 0;
    for (const { rows, statement } of this.#statements) {
      const width = rows * this.#columns;
      for (; at + width <= this.#values.length; at += width) {
        statement.run(...(width === this.#values.length ? this.#values : this.#values.slice(at, at + width)));
      }
    }
    this.#values.length = 0;
  }

  /** Drops rows that were not inserted yet, after a rollback. */
  clear(): void {
    this.#values.length = 0;
  }
}
