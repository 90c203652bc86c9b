/**
 * `ocpp database`: check, vacuum and backup of a database that no Central System has open.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/adapters/sqlite/open.ts";
import { type DatabaseOptions, maintain } from "../../src/cli/database/database.ts";
import { CommandError } from "../../src/cli/exit_code.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { needs } from "../support/needs.ts";
import { runProgram } from "../support/program.ts";
import { startServer } from "../support/server.ts";

function run(task: DatabaseOptions["task"], path: string, target?: string) {
  let stdout = "";
  const out = {
    ...{ isTerminal: false, style: styleFor({ colours: false }), columns: () => 120 },
    write: (text: string) => stdout += text,
  };
  try {
    const code = maintain({ task, path, target, json: true }, out);
    return { code, said: JSON.parse(stdout), error: "" };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, said: undefined, error: error.message };
  }
}

const needsFiles = needs("read", "write", "net");

function withFolder(name: string, fn: (folder: string) => Promise<void> | void): void {
  Deno.test({
    ...needsFiles(`ocpp database: ${name}`),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "ocpp-database-" });
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** A Central System's database with one transaction in it. */
async function lived(folder: string): Promise<string> {
  const database = `${folder}/ocpp.db`;
  await using server = startServer({ database });
  await using chargePoint = await server.connect("CP001");
  await chargePoint.boot();
  const timestamp = new Date().toISOString();
  await chargePoint.result("StartTransaction", { connectorId: 1, idTag: "TAG001", meterStart: 0, timestamp });
  await server.host.frameLog.flush();
  return database;
}

/** Changes a database behind everybody's back. */
function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(sql);
  database.close();
}

withFolder("check tells what is in a sound database, and leaves it usable", async (folder) => {
  const path = await lived(folder);
  const { code, said } = run("check", path);
  assert.equal(code, 0);
  assert.deepEqual(said.problems, []);
  assert.deepEqual(said.rows, { chargePoints: 1, transactions: 1, meterValues: 0, frames: 2 });
  openDatabase(path).close();
});

withFolder("while a Central System has it open, nothing is done", async (folder) => {
  const path = `${folder}/ocpp.db`;
  await using _server = startServer({ database: path });
  for (const [task, target] of [["check"], ["vacuum"], ["backup", `${folder}/copy.db`]] as const) {
    const { code, error } = run(task, path, target);
    assert.equal(code, 1);
    assert.match(error, /another program has it open \(a running `ocpp serve`\?\); stop that first$/);
  }
  assert.deepEqual([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("copy")), []);
});

withFolder("check names what is wrong, with exit code 3", async (folder) => {
  const path = await lived(folder);
  tamper(path, "UPDATE sequences SET next = 1 WHERE name = 'transactionId'");
  assert.deepEqual(run("check", path).said.problems, [
    "the next transactionId to give has been given already",
  ]);
  tamper(path, "UPDATE frames SET charge_point = 99; UPDATE transactions SET charge_point = 99");
  const { code, said } = run("check", path);
  assert.equal(code, 3);
  assert.match(said.problems[0], /^row \d+ of transactions names a row of \w+ that is not there$/);
  assert.equal(said.problems[1], "2 rows of frames name a Charge Point that is not there");
});

withFolder("check finds damaged pages", async (folder) => {
  const path = await lived(folder);
  tamper(path, "PRAGMA journal_mode = DELETE");
  const bytes = Deno.readFileSync(path);
  bytes.fill(0xa5, 4096 * 2, 4096 * 6); // whole pages; the header stays
  Deno.writeFileSync(path, bytes);
  const { code, said, error } = run("check", path);
  assert.deepEqual([code, error], [3, ""]);
  assert.ok(said.problems.length > 0 && said.rows === undefined);
  assert.match(run("backup", path, `${folder}/copy.db`).error, /^cannot back up .*it is damaged/);
  assert.throws(() => Deno.statSync(`${folder}/copy.db`), Deno.errors.NotFound);
});

/** Whether the runtime lets SQLite vacuum: only with all permissions. */
function mayVacuum(): boolean {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec("VACUUM");
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}

withFolder(
  "vacuum gives room back and keeps everything, or says that it needs all permissions",
  async (folder) => {
    const path = await lived(folder);
    if (!mayVacuum()) {
      const before = Deno.readFileSync(path);
      assert.match(run("vacuum", path).error, /^cannot vacuum .*: with these permissions .*deno run -A/);
      assert.equal(Deno.readFileSync(path).length, before.length);
      return;
    }
    tamper(path, "CREATE TABLE bulk (data); INSERT INTO bulk VALUES (randomblob(3000000)); DROP TABLE bulk");
    assert.ok(run("check", path).said.freeBytes > 2_900_000);
    const { code, said } = run("vacuum", path);
    assert.equal(code, 0);
    assert.ok(said.beforeBytes > 3_000_000 && said.afterBytes < 300_000, JSON.stringify(said));
    const after = run("check", path).said;
    assert.deepEqual([after.freeBytes, after.rows.transactions], [0, 1]);
  },
);

withFolder(
  "backup is a database that a Central System goes on with, and overwrites nothing",
  async (folder) => {
    const path = await lived(folder);
    const target = `${folder}/copy.db`;
    Deno.writeTextFileSync(`${target}.part`, "of a backup that was interrupted");
    assert.equal(run("backup", path, target).code, 0);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["copy.db", "ocpp.db"]);
    assert.match(run("backup", path, target).error, /there is a file already; name another one$/);
    await using server = startServer({ database: target });
    const { body } = await server.get("/api/v1/transactions");
    assert.deepEqual(body.items.map(({ idTag }: { idTag: string }) => idTag), ["TAG001"]);
  },
);

withFolder("what is no database of a Central System is refused, and left as it is", (folder) => {
  const text = `${folder}/notes.txt`;
  const notes = "these are notes, and long enough to be read as the header of a file. ".repeat(20);
  Deno.writeTextFileSync(text, notes);
  assert.match(run("check", text).error, /it is not an SQLite database$/);
  assert.equal(Deno.readTextFileSync(text), notes);
  const foreign = `${folder}/foreign.db`;
  tamper(foreign, "CREATE TABLE t (x)");
  assert.match(run("vacuum", foreign).error, /it is no database of `ocpp serve`$/);
  const newer = `${folder}/newer.db`;
  openDatabase(newer).close();
  tamper(newer, "PRAGMA user_version = 999");
  assert.match(run("check", newer).error, /written by a newer version of ocpp \(schema 999/);
  for (const task of ["check", "vacuum"] as const) {
    assert.match(run(task, `${folder}/missing.db`).error, /missing\.db: there is no such file$/);
  }
  assert.throws(() => Deno.statSync(`${folder}/missing.db`), Deno.errors.NotFound);
  const sound = `${folder}/sound.db`;
  openDatabase(sound).close();
  assert.match(
    run("backup", sound, `${folder}/no/folder/copy.db`).error,
    /^cannot back up .*copy\.db\.part cannot be written$/,
  );
  assert.equal(run("backup", newer).code, 2);
  assert.equal(run("check", newer, "x").code, 2);
});

Deno.test({
  ...needs("run", "read", "write", "net")("ocpp database: the program itself says it in a line"),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "ocpp-database-" });
    try {
      const path = await lived(folder);
      const { code, stdout, stderr } = await runProgram(["database", "check", path], {
        permissions: ["--allow-read", "--allow-write", "--allow-env"],
      });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(
        stdout,
        /ocpp\.db {2}sound {2}\d+ kB \(\d+ kB free\), schema \d+: 1 Charge Points, 1 transactions/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
