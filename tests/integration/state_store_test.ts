/**
 * The file in which simulated Charge Points keep what outlives power: what it holds, and what becomes of a file that
 * will not do.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SqliteStateStore } from "../../src/adapters/sqlite/state_store.ts";
import { StateStoreError } from "../../src/runtime/state_store.ts";
import { needs } from "../support/needs.ts";

const files = needs("read", "write");

function test(name: string, run: (path: string) => void): void {
  Deno.test({
    ...files(name),
    fn() {
      const directory = Deno.makeTempDirSync({ prefix: "ocpp-state-" });
      try {
        run(`${directory}/state.db`);
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    },
  });
}

const changes = (changed: Record<string, unknown>, removed: readonly string[] = []) => ({
  version: 1,
  changed: new Map(Object.entries(changed).map(([name, value]) => [name, JSON.stringify(value)])),
  removed,
});

test("state file: sections of each Charge Point come back as they were stored last", (path) => {
  const store = new SqliteStateStore(path);
  assert.equal(store.putAside, undefined);
  assert.equal(store.load("CP1"), undefined);
  store.save("CP1", changes({ one: { a: 1 }, two: [2], "message/3": "x" }));
  store.save("CP2", changes({ one: "another" }));
  store.save("CP1", changes({ one: { a: 2 } }, ["two"]));
  store.close();
  const again = new SqliteStateStore(path);
  assert.deepEqual(again.load("CP1"), { version: 1, sections: { one: { a: 2 }, "message/3": "x" } });
  assert.deepEqual(again.load("CP2"), { version: 1, sections: { one: "another" } });
  again.close();
});

test("state file: what is stored survives a power cut, and only its owner may read it", (path) => {
  const store = new SqliteStateStore(path);
  store.save("CP1", changes({ key: "secret" }));
  store.close();
  using file = new DatabaseSync(path);
  assert.equal(file.prepare("PRAGMA journal_mode").get()!["journal_mode"], "wal");
  if (Deno.build.os !== "windows") assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
});

test("state file: what is set aside is kept, and is not the Charge Point's state any more", (path) => {
  const store = new SqliteStateStore(path);
  store.save("CP1", changes({ one: 1 }));
  store.setAside("CP1", "connector/1 is no object");
  store.setAside("CP9", "never stored");
  assert.equal(store.load("CP1"), undefined);
  store.save("CP1", changes({ one: 2 }));
  assert.deepEqual(store.load("CP1")?.sections, { one: 2 });
  store.close();
  using file = new DatabaseSync(path);
  assert.deepEqual({ ...file.prepare("SELECT identity, version, sections, reason FROM set_aside").get() }, {
    ...{ identity: "CP1", version: 1, sections: '{"one":"1"}', reason: "connector/1 is no object" },
  });
});

test("state file: a section whose text is damaged is a value of no kind", (path) => {
  new SqliteStateStore(path).close();
  {
    using file = new DatabaseSync(path);
    file.exec(
      "INSERT INTO charge_points VALUES (1, 'CP1', 1); INSERT INTO sections VALUES (1, 'one', '{\"a\":')",
    );
  }
  const store = new SqliteStateStore(path);
  assert.deepEqual(store.load("CP1")?.sections, { one: null });
  store.close();
});

/** What is at the path, and why it is put aside. */
const UNREADABLE: readonly (readonly [what: string, make: (path: string) => void, reason: RegExp])[] = [
  [
    "no database",
    (path) =>
      Deno.writeTextFileSync(path, "this is no database, but it is long enough to be read as one".repeat(20)),
    /not a database/,
  ],
  [
    "another program's database",
    (path) => {
      using file = new DatabaseSync(path);
      file.exec("CREATE TABLE things (id INTEGER)");
    },
    /belongs to another program/,
  ],
  [
    "a newer version's file",
    (path) => {
      new SqliteStateStore(path).close();
      using file = new DatabaseSync(path);
      file.exec("PRAGMA user_version = 99");
    },
    /written by a newer version of ocpp \(schema 99, this one knows 1\)/,
  ],
  [
    "a damaged file",
    (path) => {
      const store = new SqliteStateStore(path);
      for (let count = 0; count < 50; count++) store.save(`CP${count}`, changes({ one: "x".repeat(1_000) }));
      store.close();
      const bytes = Deno.readFileSync(path);
      bytes.fill(0xa5, 4_096 + 100, 4_096 * 6);
      Deno.writeFileSync(path, bytes);
    },
    /damaged|malformed/,
  ],
];

for (const [what, make, reason] of UNREADABLE) {
  test(`state file: ${what} is put aside unchanged, and a new file is begun`, (path) => {
    make(path);
    Deno.writeTextFileSync(`${path}.aside-1`, "taken");
    const before = Deno.readFileSync(path);
    const store = new SqliteStateStore(path);
    assert.match(store.putAside!.reason, reason);
    assert.equal(store.putAside!.path, `${path}.aside-2`);
    assert.deepEqual(Deno.readFileSync(`${path}.aside-2`), before);
    store.save("CP1", changes({ one: 1 }));
    store.close();
    const again = new SqliteStateStore(path);
    assert.deepEqual(again.load("CP1")?.sections, { one: 1 });
    assert.equal(again.putAside, undefined);
    again.close();
  });
}

test("state file: one that another program has open is left alone, with a line that says so", (path) => {
  const store = new SqliteStateStore(path);
  store.save("CP1", changes({ one: 1 }));
  assert.throws(
    () => new SqliteStateStore(path),
    (error) => error instanceof StateStoreError && /another program has it open/.test(error.message),
  );
  assert.deepEqual(store.load("CP1")?.sections, { one: 1 });
  store.close();
});

test("state file: one that cannot be made is a line that says so", (path) => {
  for (const impossible of [`${path}/nowhere/state.db`, path.slice(0, path.lastIndexOf("/"))]) {
    assert.throws(
      () => new SqliteStateStore(impossible),
      (error) =>
        error instanceof StateStoreError &&
        error.message.startsWith(`cannot open state ${impossible}: the file cannot be opened`),
    );
  }
});

test("state file: a save that fails changes nothing", (path) => {
  const store = new SqliteStateStore(path);
  store.save("CP1", changes({ one: 1 }));
  const broken = {
    version: 1,
    changed: new Map([["two", "2"], ["three", null as unknown as string]]),
    removed: [],
  };
  assert.throws(() => store.save("CP1", broken), StateStoreError);
  assert.deepEqual(store.load("CP1")?.sections, { one: 1 });
  store.close();
});
