/**
 * What the store on SQLite promises: durability, one sequence of transactionIds, and a clear word about files
 * that cannot be used.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  APPLICATION_ID,
  FIRST_TRANSACTION_ID_MAX,
  openDatabase,
  pragma,
} from "../../src/adapters/sqlite/open.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import { needs } from "../support/needs.ts";
import { overSockets, startServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";

const files = needs("read", "write");

/** A path in a directory that is gone afterwards. */
async function inDirectory(use: (path: string) => Promise<void> | void): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ocpp-store-" });
  try {
    await use(`${directory}/test.db`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  ...files("SQLite: WAL, synchronous FULL and foreign keys, also after frames were written"),
  async fn() {
    await inDirectory((path) => {
      const database = openDatabase(path);
      const pragmas = () => [
        database.prepare("PRAGMA journal_mode").get()!["journal_mode"],
        pragma(database, "synchronous"),
        pragma(database, "foreign_keys"),
      ];
      assert.deepEqual(pragmas(), ["wal", 2, 1]);
      assert.equal(pragma(database, "application_id"), APPLICATION_ID);
      const store = new SqliteStore(database);
      const frame = {
        chargePoint: "CP1",
        receivedAtMs: 0,
        direction: "in",
        action: "",
        uniqueId: "",
        answer: "notJson",
        latencyMs: 0,
      } as const;
      store.commitFrames([{ ...frame, request: "hello", outcome: "ignored" }]);
      assert.deepEqual(pragmas(), ["wal", 2, 1]);
      assert.throws(
        () => store.commitFrames([{ ...frame, request: null as never, outcome: "ignored" }]),
        StoreError,
      );
      assert.deepEqual(pragmas(), ["wal", 2, 1]);
      store.close();
    });
  },
});

Deno.test({
  ...files("SQLite: a commit that fails half-way leaves nothing behind"),
  async fn() {
    await inDirectory((path) => {
      const store = new SqliteStore(path);
      const idTag = { key: "tag1", idTag: "TAG1", blocked: false, source: "learned" } as const;
      assert.throws(() =>
        store.commit([
          { kind: "putIdTag", record: idTag },
          { kind: "putIdTag", record: { ...idTag, key: "tag2", idTag: null as never } },
        ]), StoreError);
      const needed = {
        chargePoints: new Set<string>(),
        idTags: new Set(["tag1"]),
        counted: new Set<string>(),
        starts: [],
        stops: [],
        localLists: new Set<string>(),
        reservations: [],
      };
      assert.equal(store.load(needed).idTags.size, 0);
      store.commit([{ kind: "putIdTag", record: idTag }]);
      assert.equal(store.load(needed).idTags.size, 1);
      store.close();
    });
  },
});

for (const [draw, first] of [[0, 1], [0.5, 2 ** 29], [1 - Number.EPSILON / 2, 2 ** 30 - 1]] as const) {
  Deno.test({
    ...files(`transactionId: a new database that draws ${draw} begins at ${first}, below 2^30`),
    fn() {
      const database = openDatabase(":memory:", () => draw);
      const { next } = database.prepare("SELECT next FROM sequences WHERE name = 'transactionId'").get()!;
      assert.equal(next, first);
      assert.ok(first < FIRST_TRANSACTION_ID_MAX);
      database.close();
    },
  });
}

/** Starts a transaction and gives its id. */
async function startTransaction(chargePoint: SocketClient, minute: number): Promise<number> {
  const timestamp = `2024-05-01T10:${String(minute).padStart(2, "0")}:00Z`;
  return (await chargePoint.result("StartTransaction", {
    connectorId: 1,
    idTag: "TAG1",
    meterStart: 0,
    timestamp,
  })).transactionId;
}

Deno.test({
  ...overSockets(
    "transactionId: one sequence for all, that survives reopening and deleted rows",
    "read",
    "write",
  ),
  fn: () =>
    inDirectory(async (database) => {
      const ids: number[] = [];
      for (const round of [1, 2, 3]) {
        {
          await using server = startServer({ database });
          for (const identity of ["CP1", "CP2"]) {
            await using chargePoint = await server.connect(identity);
            ids.push(
              await startTransaction(chargePoint, round),
              await startTransaction(chargePoint, 30 + round),
            );
          }
        }
        if (round === 2) {
          using file = new DatabaseSync(database);
          file.exec("DELETE FROM transactions");
        }
      }
      assert.deepEqual(ids, ids.map((_, index) => ids[0]! + index));
      assert.ok(ids[0]! > 0 && ids[0]! < FIRST_TRANSACTION_ID_MAX);
    }),
});

// --- files that cannot be opened -----------------------------------------------------------------------------

const UNUSABLE: readonly {
  readonly what: string;
  readonly make: (path: string) => void;
  readonly message: RegExp;
}[] = [
  {
    what: "no database",
    make: (path) => Deno.writeTextFileSync(path, "This is a letter, not a database.\n".repeat(100)),
    message: /^cannot open database .*: it is not an SQLite database; name another file with --database$/,
  },
  {
    what: "another program's database",
    make: (path) => {
      using other = new DatabaseSync(path);
      other.exec("CREATE TABLE songs (title TEXT)");
    },
    message: /^cannot open database .*: it belongs to another program; name another file with --database$/,
  },
  {
    what: "a newer version's database",
    make: (path) => {
      openDatabase(path).close();
      using newer = new DatabaseSync(path);
      newer.exec("PRAGMA user_version = 4711");
    },
    message: /^cannot open database .*: it was written by a newer version of ocpp \(schema 4711, this one/,
  },
  {
    what: "a directory",
    make: (path) => Deno.mkdirSync(path),
    message: /^cannot open database .*: the file cannot be opened or created; check the path/,
  },
];

for (const { what, make, message } of UNUSABLE) {
  Deno.test({
    ...files(`SQLite: ${what} is a StoreError of one line, and nothing is changed`),
    fn: () =>
      inDirectory((path) => {
        make(path);
        const before = Deno.statSync(path).isFile ? Deno.readFileSync(path) : undefined;
        assert.throws(() => openDatabase(path), (error) => {
          assert.ok(error instanceof StoreError && error.cause !== error);
          assert.match(error.message, message);
          assert.ok(!error.message.includes("\n"));
          return true;
        });
        if (before !== undefined) assert.deepEqual(Deno.readFileSync(path), before);
      }),
  });
}

Deno.test({
  ...files("SQLite: a database that is open elsewhere is a StoreError that says so"),
  fn: () =>
    inDirectory((path) => {
      const first = openDatabase(path);
      assert.throws(
        () => openDatabase(path),
        /^StoreError: cannot open database .*: another program has it open/,
      );
      first.close();
      openDatabase(path).close();
    }),
});
