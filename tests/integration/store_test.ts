/**
 * What the Central System may rely on of its store, and what it does when the store is slow or fails.
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
import { PROBE_INTERVAL_MS } from "../../src/runtime/central_system_host.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { needs } from "../support/needs.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { overSockets, startServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Socket" };
const files = needs("read", "write");

const start = (idTag: string) => ({
  connectorId: 1,
  idTag,
  meterStart: 100,
  timestamp: "2024-05-01T10:00:00Z",
});

/** A path in a directory that is gone afterwards. */
async function inDirectory(use: (path: string) => Promise<void> | void): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ocpp-store-" });
  try {
    await use(`${directory}/test.db`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

// --- a commit that takes its time ----------------------------------------------------------------------------

Deno.test({
  ...overSockets("held commit: no answer leaves before it, and answers leave in the order of their Calls"),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ database: store });
    using chargePoint = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    store.hold();
    await chargePoint.sendCall("BootNotification", BOOT, "1");
    await chargePoint.sendCall("Heartbeat", {}, "2"); // writes nothing, and waits all the same
    await chargePoint.sendCall("StartTransaction", start("TAG1"), "3");
    await store.until(() => store.isHeld, "the commit");
    assert.deepEqual(await chargePoint.readUntilPong(), []);
    store.release();
    const ids: string[] = [];
    while (ids.length < 3) ids.push(JSON.parse((await chargePoint.read())!.text)[1]);
    assert.deepEqual(ids, ["1", "2", "3"]);
  },
});

Deno.test({
  ...overSockets("held commit: whatever arrives meanwhile is one next commit"),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ database: store });
    const [one, other] = await Promise.all(
      [1, 2].map((number) =>
        RawWebSocket.request({ port: server.port, path: `/CP${number}`, headers: OCPP })
      ),
    );
    using _one = one!;
    using _other = other!;
    store.hold();
    await one!.sendCall("BootNotification", BOOT, "boot");
    await store.until(() => store.isHeld, "the first commit");
    await one!.sendCall("StartTransaction", start("TAG1"), "start");
    await one!.sendCall(
      "StatusNotification",
      { connectorId: 1, status: "Charging", errorCode: "NoError" },
      "status",
    );
    await other!.sendCall("StartTransaction", start("TAG2"), "start");
    await one!.readUntilPong();
    await other!.readUntilPong();
    assert.equal(store.commits.length, 1);

    store.release({ thenHold: true });
    await store.until(() => store.isHeld, "the second commit");
    assert.equal(store.commits.length, 2);
    assert.deepEqual(store.commits[1]!.map(({ kind }) => kind).sort(), [
      "putChargePoint", // of the other, which is new
      "putConnector",
      "putIdTag",
      "putIdTag",
      "startTransaction",
      "startTransaction",
    ]);
    assert.deepEqual((await one!.readUntilPong()).map((text) => JSON.parse(text)[1]), ["boot"]);
    assert.deepEqual(await other!.readUntilPong(), []);
    store.release();
    for (const id of ["start", "status"]) assert.equal(JSON.parse((await one!.read())!.text)[1], id);
    assert.equal(JSON.parse((await other!.read())!.text)[1], "start");
  },
});

// --- a commit that fails -------------------------------------------------------------------------------------

Deno.test({
  ...overSockets(
    "failing commit: no answer at all, 1013, 503; it resumes by itself and the repeat is answered",
  ),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const clock = new VirtualClock();
    await using server = startServer({ database: store, clock });
    const victim = await server.connect("CP1");
    const bystander = await server.connect("CP2");
    for (const chargePoint of [victim, bystander]) await chargePoint.boot();
    assert.equal((await server.get("/readyz")).status, 200);

    store.isFailing = true;
    const before = victim.frames.length;
    victim.sendCall("StartTransaction", start("TAG1"), "start-1");
    for (const chargePoint of [victim, bystander]) {
      assert.equal((await within(chargePoint.closed, "1013")).code, 1013);
    }
    assert.equal(victim.frames.length, before);
    assert.equal((await server.get("/readyz")).status, 503);
    assert.equal((await server.get("/healthz")).status, 200);
    {
      using refused = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
      assert.equal(refused.status, 503);
    }
    const call = await server.call("CP1", { action: "ClearCache" });
    assert.deepEqual([call.status, call.body.reason], [503, "storeFailed"]);

    clock.advance(PROBE_INTERVAL_MS); // still failing: the next probe comes after as long again
    assert.equal(server.host.isReady, false);
    store.isFailing = false;
    clock.advance(PROBE_INTERVAL_MS);
    await server.observer.until(() => server.observer.of("storeResumed").length === 1, "the probe");
    assert.equal(server.observer.of("storeFailed").length, 1);
    assert.equal((await server.get("/readyz")).status, 200);

    await using again = await server.connect("CP1");
    const { transactionId, idTagInfo } = await again.result("StartTransaction", start("TAG1"), "start-1");
    assert.equal(idTagInfo.status, "Accepted");
    const { body } = await server.get("/api/v1/transactions");
    assert.deepEqual(body.items.map((one: { transactionId: number }) => one.transactionId), [transactionId]);
  },
});

Deno.test({
  ...overSockets("failing commit: what was rolled back is in nobody's memory"),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const clock = new VirtualClock();
    await using server = startServer({ database: store, clock, admission: { validation: "strict" } });
    const first = await server.connect("CP1");
    store.isFailing = true;
    first.sendCall("BootNotification", BOOT);
    assert.equal((await within(first.closed, "1013")).code, 1013);
    store.isFailing = false;
    clock.advance(PROBE_INTERVAL_MS);
    await server.observer.until(() => server.observer.of("storeResumed").length === 1, "the probe");
    await using again = await server.connect("CP1");
    assert.equal((await again.call("Heartbeat", {}))[2], "SecurityError"); // that boot never was
  },
});

Deno.test({
  ...overSockets("failing frame log: Charge Points notice nothing, and the lost rows are counted"),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ database: store });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    await server.host.frameLog.flush();
    store.isFailing = true;
    await chargePoint.result("Heartbeat", {}); // writes nothing but its frame
    await server.host.frameLog.flush();
    store.isFailing = false;
    assert.equal(server.host.frameLog.dropped, 1);
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));
  },
});

// --- the file ------------------------------------------------------------------------------------------------

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
      const needed = { chargePoints: new Set<string>(), idTags: new Set(["tag1"]), starts: [], stops: [] };
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
  return (await chargePoint.result("StartTransaction", { ...start("TAG1"), timestamp })).transactionId;
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
