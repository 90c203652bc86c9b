/**
 * Opening the database: its pragmas, its identity and its migrations.
 */
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../central_system/store.ts";
import initial from "./migrations/0001_initial.sql" with { type: "text" };
import security from "./migrations/0002_security.sql" with { type: "text" };
import suspicionsAndRetention from "./migrations/0003_suspicions_and_retention.sql" with { type: "text" };
import listsAndReservations from "./migrations/0004_lists_and_reservations.sql" with { type: "text" };
import transactionLists from "./migrations/0005_transaction_lists.sql" with { type: "text" };

/** In order; the number of those applied is the database's `user_version`. */
const MIGRATIONS: readonly string[] = [
  initial,
  security,
  suspicionsAndRetention,
  listsAndReservations,
  transactionLists,
];

/** The newest schema: the one of every database that is open. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks a file as ours: "OCPP" in ASCII. */
export const APPLICATION_ID = 0x4f435050;

/** transactionIds of a new database begin below this, so that two databases rarely share ids. */
export const FIRST_TRANSACTION_ID_MAX = 2 ** 30;

/** How long to wait for another program that has the file. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * Opens the file and brings it up to date; `:memory:` is a database that ends with the program.
 *
 * The lock is exclusive: a second Central System on the same file would decide on stale records.
 * Errors: `StoreError` with one line that says what to do.
 */
export function openDatabase(path: string, random: () => number = Math.random): DatabaseSync {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  } catch (cause) {
    throw new StoreError(`cannot open database ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    checkIsOurs(database, path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    migrate(database, path, random);
    return database;
  } catch (cause) {
    database.close();
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot open database ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function checkIsOurs(database: DatabaseSync, path: string): void {
  const applicationId = pragma(database, "application_id");
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!;
  if (applicationId !== APPLICATION_ID && tables["count"] !== 0) {
    throw new StoreError(
      `cannot open database ${path}: it belongs to another program; name another file with --database`,
    );
  }
  const version = pragma(database, "user_version");
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `cannot open database ${path}: it was written by a newer version of ocpp (schema ${version}, this one knows ` +
        `${MIGRATIONS.length}); use that version or name another file with --database`,
    );
  }
}

function migrate(database: DatabaseSync, path: string, random: () => number): void {
  const version = pragma(database, "user_version");
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    try {
      database.exec(`BEGIN IMMEDIATE; ${sql}`);
      if (index === 0) {
        const first = 1 + Math.floor(random() * (FIRST_TRANSACTION_ID_MAX - 1));
        database.prepare("INSERT INTO sequences (name, next) VALUES ('transactionId', ?)").run(first);
        database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      }
      database.exec(`PRAGMA user_version = ${index + 1}; COMMIT;`);
    } catch (cause) {
      throw new StoreError(`cannot bring database ${path} to schema ${index + 1}: ${reasonOf(cause)}`, {
        cause,
      });
    }
  }
}

/** The value of a numeric pragma. */
export function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()![name]);
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes("database is locked")) {
    return "another program has it open (a running `ocpp serve`?); stop that or name another file with --database";
  }
  if (message.includes("not a database")) {
    return "it is not an SQLite database; name another file with --database";
  }
  if (message.startsWith("unable to open database file")) {
    return "the file cannot be opened or created; check the path and its permissions";
  }
  return message;
}
