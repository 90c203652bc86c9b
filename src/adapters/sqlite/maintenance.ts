/**
 * What is done to a Central System's database while no Central System has it: check, vacuum, backup.
 *
 * Nothing here changes what the database says, nor its schema; the lock is that of a Central System, so that
 * neither is ever beside the other.
 */
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../central_system/store.ts";
import { APPLICATION_ID, pragma, SCHEMA_VERSION } from "./open.ts";

/** What a check found. */
export interface DatabaseReport {
  /** In words; none of a sound database. */
  readonly problems: readonly string[];
  readonly schema: number;
  readonly sizeBytes: number;
  /** Of that, what a vacuum would give back. */
  readonly freeBytes: number;
  /** Where pages are damaged nobody counts them. */
  readonly rows?: {
    readonly chargePoints: number;
    readonly transactions: number;
    readonly meterValues: number;
    readonly frames: number;
  };
}

/** More problems than these are not listed. */
const PROBLEMS_MAX = 100;

/** How long to wait for another program that has the file. */
const LOCK_TIMEOUT_MS = 1_000;

/** Reads every page and every reference. Errors: `StoreError` with one line that says what to do. */
export function checkDatabase(path: string): DatabaseReport {
  return withDatabase(path, "check", (database) => {
    const count = (table: string) => numberOf(database, `SELECT count(*) FROM ${table}`);
    const broken = damage(database);
    return {
      // Where pages are damaged, what rows say of each other is no news.
      problems: broken.length > 0 ? broken : inconsistencies(database),
      schema: pragma(database, "user_version"),
      sizeBytes: pragma(database, "page_count") * pragma(database, "page_size"),
      freeBytes: pragma(database, "freelist_count") * pragma(database, "page_size"),
      ...(broken.length > 0 ? {} : {
        rows: {
          chargePoints: count("charge_points"),
          transactions: count("transactions"),
          meterValues: count("meter_values"),
          frames: count("frames"),
        },
      }),
    };
  });
}

/** Gives back the room of what was deleted. Units: bytes of the file. Errors: as `checkDatabase`. */
export function vacuumDatabase(path: string): { readonly beforeBytes: number; readonly afterBytes: number } {
  return explained("vacuum", path, () => {
    const beforeBytes = Deno.statSync(path).size;
    withDatabase(path, "vacuum", (database) => database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
    return { beforeBytes, afterBytes: Deno.statSync(path).size };
  });
}

/**
 * Copies the database to a new file, which is there whole or not at all, even if the power fails.
 *
 * Errors: as `checkDatabase`; also where there is a file already.
 */
export function backupDatabase(path: string, target: string): { readonly sizeBytes: number } {
  return explained("back up", path, () => {
    if (exists(target)) {
      throw new StoreError(`cannot back up to ${target}: there is a file already; name another one`);
    }
    const part = `${target}.part`;
    withDatabase(path, "back up", (database) => {
      const broken = damage(database);
      if (broken.length > 0) {
        throw new StoreError(`cannot back up ${path}: it is damaged (${broken[0]}); check it first`);
      }
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)"); // the file is everything, and ours alone
      copyTo(path, part);
    });
    const { problems } = checkDatabase(part);
    if (problems.length > 0) {
      Deno.removeSync(part);
      throw new StoreError(`cannot back up ${path}: its copy is damaged (${problems[0]}); check it first`);
    }
    writeThrough(part);
    Deno.renameSync(part, target);
    return { sizeBytes: Deno.statSync(target).size };
  });
}

/** Over what an interrupted backup has left. */
function copyTo(path: string, part: string): void {
  try {
    Deno.copyFileSync(path, part);
  } catch (cause) {
    throw new StoreError(`cannot back up ${path}: ${part} cannot be written`, { cause });
  }
}

/** Until the disk has it: a name must never stand for what is not written yet. */
function writeThrough(path: string): void {
  const file = Deno.openSync(path, { read: true, write: true });
  try {
    file.syncSync();
  } finally {
    file.close();
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Opens it alone, does the work, closes it. */
function withDatabase<T>(path: string, what: string, work: (database: DatabaseSync) => T): T {
  return explained(what, path, () => {
    if (!Deno.statSync(path).isFile) throw new StoreError(`cannot ${what} ${path}: it is no file`);
    const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
      assertOurs(database, path, what);
      return work(database);
    } finally {
      database.close();
    }
  });
}

/** What the world refuses, as a line. */
function explained<T>(what: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot ${what} ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function assertOurs(database: DatabaseSync, path: string, what: string): void {
  if (pragma(database, "application_id") !== APPLICATION_ID) {
    throw new StoreError(`cannot ${what} ${path}: it is no database of \`ocpp serve\``);
  }
  const version = pragma(database, "user_version");
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `cannot ${what} ${path}: it was written by a newer version of ocpp (schema ${version}, this one knows ` +
        `${SCHEMA_VERSION}); use that version`,
    );
  }
}

/** What is wrong with pages; where it is too much, SQLite gives up with a word. */
function damage(database: DatabaseSync): string[] {
  try {
    return columnOf(database, `PRAGMA integrity_check(${PROBLEMS_MAX})`).filter((line) => line !== "ok");
  } catch (cause) {
    if (!isDamaged(cause)) throw cause;
    return [(cause as Error).message];
  }
}

function isDamaged(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes("malformed");
}

/** What rows must say of each other. */
function inconsistencies(database: DatabaseSync): string[] {
  const problems = database.prepare("PRAGMA foreign_key_check").all().map((row) =>
    `row ${row["rowid"]} of ${row["table"]} names a row of ${row["parent"]} that is not there`
  );
  for (const table of ["meter_values", "frames", "reports"]) {
    const orphans = numberOf(
      database,
      `SELECT count(*) FROM ${table} WHERE charge_point NOT IN (SELECT id FROM identities)`,
    );
    if (orphans > 0) problems.push(`${orphans} rows of ${table} name a Charge Point that is not there`);
  }
  const isUsed = numberOf(
    database,
    "SELECT count(*) FROM transactions WHERE transaction_id >= (SELECT next FROM sequences WHERE name = 'transactionId')",
  );
  if (isUsed > 0) problems.push("the next transactionId to give has been given already");
  return problems.slice(0, PROBLEMS_MAX);
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get()!)[0]);
}

function columnOf(database: DatabaseSync, sql: string): string[] {
  return database.prepare(sql).all().map((row) => String(Object.values(row)[0]));
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such file";
  if (cause instanceof Deno.errors.NotCapable) {
    return "this program may not use it; run it with --allow-read and --allow-write";
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  // The runtime lets SQLite attach a second file, which a vacuum does, only where everything is allowed.
  if (message.includes("too many attached databases")) {
    return "with these permissions SQLite may not; run it with all of them: deno run -A main.ts database vacuum";
  }
  if (message.includes("database is locked")) {
    return "another program has it open (a running `ocpp serve`?); stop that first";
  }
  if (message.startsWith("unable to open database")) {
    return "a file cannot be opened or created; check the paths and their permissions";
  }
  if (message.includes("not a database")) return "it is not an SQLite database";
  if (isDamaged(cause)) return `it is damaged (${message}); go back to a backup`;
  return message;
}
