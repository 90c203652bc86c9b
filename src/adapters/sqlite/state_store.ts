/**
 * The state of simulated Charge Points in one SQLite file.
 *
 * Durability: WAL with `synchronous = FULL`, so that what `save` has returned for survives a power cut. The file
 * holds keys and passwords: only its owner may read it, where the system knows owners.
 * A file that cannot be understood, or that a newer version wrote, is never written: it is put aside under another
 * name, and a new one is begun. One that is in use or cannot be opened or written is an error.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type StateChanges, type StateStore, StateStoreError } from "../../runtime/state_store.ts";
import { pragma } from "./open.ts";

/** Marks a file as ours: "OCPS" in ASCII. */
const STATE_APPLICATION_ID = 0x4f435053;

/** Of the tables; what is in them has a version of its own. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE charge_points (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE sections (
    charge_point INTEGER NOT NULL REFERENCES charge_points (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (charge_point, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    version INTEGER NOT NULL,
    sections TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${STATE_APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** How long to wait for another program that has the file. */
const LOCK_TIMEOUT_MS = 1_000;

/** Why a file was put aside, and where it is. */
export interface PutAside {
  readonly reason: string;
  readonly path: string;
}

/** A file of its own kind of trouble: what is in it is not for us. */
class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** What Charge Points store, in a file. */
export class SqliteStateStore implements StateStore {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** What was at the path and could not be understood. */
  readonly putAside: PutAside | undefined;
  readonly #ids = new Map<string, number>();
  readonly #statements: Readonly<
    Record<"find" | "sections" | "upsert" | "put" | "drop" | "clear" | "forget" | "keep", StatementSync>
  >;

  /** Errors: `StateStoreError` where the file is in use, or cannot be opened or written. */
  constructor(path: string) {
    this.#path = path;
    [this.#database, this.putAside] = openOrReplace(path);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#statements = {
      find: prepare("SELECT id, version FROM charge_points WHERE identity = ?"),
      sections: prepare("SELECT name, value FROM sections WHERE charge_point = ?"),
      upsert: prepare(
        "INSERT INTO charge_points (identity, version) VALUES (?, ?) " +
          "ON CONFLICT (identity) DO UPDATE SET version = excluded.version RETURNING id",
      ),
      put: prepare("INSERT OR REPLACE INTO sections (charge_point, name, value) VALUES (?, ?, ?)"),
      drop: prepare("DELETE FROM sections WHERE charge_point = ? AND name = ?"),
      clear: prepare("DELETE FROM sections WHERE charge_point = ?"),
      forget: prepare("DELETE FROM charge_points WHERE id = ?"),
      keep: prepare("INSERT INTO set_aside (identity, version, sections, reason) VALUES (?, ?, ?, ?)"),
    };
  }

  load(identity: string): ReturnType<StateStore["load"]> {
    const found = this.#find(identity);
    if (found === undefined) return undefined;
    const sections: Record<string, unknown> = {};
    for (const [name, value] of this.#texts(found.id)) sections[name] = jsonOf(value);
    return { version: found.version, sections };
  }

  save(identity: string, { version, changed, removed }: StateChanges): void {
    this.#inTransaction(() => {
      const { upsert, put, drop } = this.#statements;
      const id = this.#ids.get(identity) ?? upsert.get(identity, version)!["id"] as number;
      for (const [name, text] of changed) put.run(id, name, text);
      for (const name of removed) drop.run(id, name);
      return () => this.#ids.set(identity, id);
    });
  }

  setAside(identity: string, reason: string): void {
    const found = this.#find(identity);
    if (found === undefined) return;
    const texts = JSON.stringify(Object.fromEntries(this.#texts(found.id)));
    this.#inTransaction(() => {
      this.#statements.keep.run(identity, found.version, texts, reason);
      this.#statements.clear.run(found.id);
      this.#statements.forget.run(found.id);
      return () => this.#ids.delete(identity);
    });
  }

  close(): void {
    this.#database.close();
  }

  #find(identity: string): { id: number; version: number } | undefined {
    return this.#statements.find.get(identity) as { id: number; version: number } | undefined;
  }

  #texts(id: number): readonly [name: string, value: string][] {
    return this.#statements.sections.all(id).map((row) => [row["name"] as string, row["value"] as string]);
  }

  /** `work` gives what follows once it is committed. */
  #inTransaction(work: () => () => void): void {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const committed = work();
      this.#database.exec("COMMIT");
      committed();
    } catch (cause) {
      try {
        this.#database.exec("ROLLBACK");
      } catch {
        // SQLite has rolled back by itself, as it does on a full disk; the first error is the one to report.
      }
      throw new StateStoreError(`cannot write to ${this.#path}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** A damaged text is no value of any kind: whoever reads the section says so. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function openOrReplace(path: string): [DatabaseSync, PutAside | undefined] {
  try {
    return [open(path), undefined];
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const aside = moveAside(path);
    return [open(path), { reason: error.message, path: aside }];
  }
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync;
  try {
    if (path !== ":memory:") {
      Deno.openSync(path, { create: true, write: true, read: true, mode: 0o600 }).close();
    }
    database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  } catch (cause) {
    throw new StateStoreError(`cannot open state ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    const isNew = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!["count"] === 0;
    if (!isNew) checkIsOurs(database);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    // An empty transaction takes the lock, and shows that the file can be written.
    database.exec(`BEGIN IMMEDIATE; ${isNew ? SCHEMA : ""} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
    if (path !== ":memory:" && Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
    return database;
  } catch (cause) {
    database.close();
    if (cause instanceof UnreadableFile) throw cause;
    const reason = reasonOf(cause);
    if (/not a database|malformed/.test(reason)) throw new UnreadableFile(reason, { cause });
    throw new StateStoreError(`cannot open state ${path}: ${reason}`, { cause });
  }
}

function checkIsOurs(database: DatabaseSync): void {
  if (pragma(database, "application_id") !== STATE_APPLICATION_ID) {
    throw new UnreadableFile("it belongs to another program");
  }
  const version = pragma(database, "user_version");
  if (version > SCHEMA_VERSION) {
    throw new UnreadableFile(
      `it was written by a newer version of ocpp (schema ${version}, this one knows ${SCHEMA_VERSION})`,
    );
  }
  const check = database.prepare("PRAGMA quick_check(1)").get()!["quick_check"];
  if (check !== "ok") throw new UnreadableFile(`it is damaged: ${check}`);
}

/** Gives a file, and what SQLite keeps beside it, a name that nothing has: `state.db.aside-1`. */
function moveAside(path: string): string {
  let aside = path;
  for (let number = 1; aside === path || exists(aside); number++) aside = `${path}.aside-${number}`;
  try {
    for (const suffix of ["", "-wal", "-shm"]) {
      if (exists(path + suffix)) Deno.renameSync(path + suffix, aside + suffix);
    }
  } catch (cause) {
    throw new StateStoreError(`cannot put ${path} aside as ${aside}: ${(cause as Error).message}`, { cause });
  }
  return aside;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes("database is locked")) {
    return "another program has it open (a running `ocpp simulate`?); stop that or name another file with --state";
  }
  if (
    /^unable to open database file|readonly database|Permission denied|No such file|Is a directory/i.test(
      message,
    )
  ) {
    return "the file cannot be opened, created or written; check the path and its permissions";
  }
  return message;
}
