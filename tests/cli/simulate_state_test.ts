/**
 * `ocpp simulate --state`: what comes back when it is started again, and what it says of a file that will not do.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { scriptedServer } from "../support/scripted_server.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"];
const QUICK = ["--speed", "100", "--duration", "50", "--interval", "25"];

/** A place for a state file, gone afterwards. */
async function place() {
  const folder = await Deno.makeTempDir({ prefix: "ocpp-state-" });
  return {
    path: `${folder}/state.db`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function simulate(url: string, path: string, ...args: readonly string[]) {
  return runProgram(["simulate", url, "--state", path, ...QUICK, ...args], { permissions: PERMISSIONS });
}

Deno.test({
  ...program("simulate --state: the same Charge Points come back, with their registers and what waits"),
  async fn() {
    await using file = await place();
    let isSilent = true;
    const silent = () => isSilent ? undefined : {};
    await using server = scriptedServer({ answers: { StopTransaction: silent } });
    {
      await using first = startProgram(
        ["simulate", server.url, "--state", file.path, ...QUICK, "--count", "2", "--serial", "S1", "--json"],
        { permissions: PERMISSIONS },
      );
      const stops = () => new Set(server.calls.filter(isStop).map(({ path }) => path)).size;
      await server.until(() => stops() === 2, "a StopTransaction of each");
      first.signal("SIGKILL");
      await first.ended;
    }
    isSilent = false;
    const killedAt = server.calls.length;
    // Taking out a cable that was left in counts as a session.
    const { code, stdout, stderr } = await simulate(server.url, file.path, "--count", "2", "--cycles", "2");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /state of 2 Charge Points restored from .*state\.db, 2 messages wait\n/);
    const since = server.calls.slice(killedAt);
    for (const path of ["/CP-00001", "/CP-00002"]) {
      const of = (action: string) => (call: { path: string; action: string }) =>
        call.path === path && call.action === action;
      const stop = server.calls.find(of("StopTransaction"))!;
      assert.deepEqual(since.find(of("StopTransaction")), stop, "the repeat is the same message");
      assert.ok(since.find(of("StartTransaction"))!.payload.meterStart >= stop.payload.meterStop);
      assert.equal(since.find(of("BootNotification"))!.payload.chargePointSerialNumber, "S1");
    }
    const again = await simulate(server.url, file.path, "--count", "2");
    assert.match(again.stdout, /state of 2 Charge Points restored from .*state\.db, no message waits\n/);
  },
});

const isStop = ({ action }: { action: string }) => action === "StopTransaction";

Deno.test({
  ...program("simulate --state: a file that cannot be understood is put aside with one line, and it goes on"),
  async fn() {
    await using file = await place();
    await using server = scriptedServer();
    await Deno.writeTextFile(file.path, "no database, but long enough to be taken for one".repeat(50));
    const { code, stdout, stderr } = await simulate(server.url, file.path);
    assert.equal(code, 0, stderr);
    const [line] = stderr.split("\n").filter((line) => line.includes("cannot be used"));
    assert.match(
      line!,
      /state .*state\.db cannot be used: .*not a database; it is kept as .*state\.db\.aside-1/,
    );
    assert.doesNotMatch(stdout, /restored/);
    assert.match(await Deno.readTextFile(`${file.path}.aside-1`), /^no database/);
  },
});

/** What is done to the stored state of one Charge Point. */
const SPOILT: readonly (readonly [what: string, sql: string, reason: RegExp])[] = [
  [
    "damaged",
    "UPDATE sections SET value = '{\"isPlugged\":' WHERE name = 'connector/1'",
    /connector\/1 is no object/,
  ],
  ["of a newer version", "UPDATE charge_points SET version = 99", /its version 99 is newer than 1/],
];

for (const [what, sql, reason] of SPOILT) {
  Deno.test({
    ...program(`simulate --state: what is ${what} is set aside with one line, and it begins as delivered`),
    async fn() {
      await using file = await place();
      await using server = scriptedServer();
      assert.equal((await simulate(server.url, file.path)).code, 0);
      {
        using database = new DatabaseSync(file.path);
        database.exec(sql);
      }
      const { code, stderr } = await simulate(server.url, file.path);
      assert.equal(code, 0, stderr);
      const [line] = stderr.split("\n").filter((line) => line.includes("cannot be used"));
      assert.match(line!, /the stored state of CP001 cannot be used/);
      assert.match(line!, reason);
      using database = new DatabaseSync(file.path);
      assert.equal(database.prepare("SELECT count(*) AS count FROM set_aside").get()!["count"], 1);
    },
  });
}

Deno.test({
  ...program("simulate --state: a file in use, or one that cannot be made, ends it with one line"),
  async fn() {
    await using file = await place();
    await using server = scriptedServer();
    const nowhere = await simulate(server.url, `${file.path}/nowhere/state.db`);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /ocpp: cannot open state .*: the file cannot be opened, created or written/);
    await using running = startProgram(["simulate", server.url, "--state", file.path, "--idle"], {
      permissions: PERMISSIONS,
    });
    await server.until(() => server.calls.some(({ action }) => action === "BootNotification"), "a boot");
    const second = await simulate(server.url, file.path);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /ocpp: cannot open state .*: another program has it open/);
    assert.equal(second.stderr.split("\n").filter((line) => line.startsWith("ocpp:")).length, 1);
    running.signal("SIGKILL");
    await running.ended;
  },
});
