/**
 * `ocpp serve` killed under load, many times, on one database: what was acknowledged is there exactly once.
 *
 * A kill cannot show what a power cut would do; `store_test.ts` asserts the pragmas for that.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import type { TransactionRecord } from "../../src/central_system/transaction_record.ts";
import { LoadClient } from "../support/load_client.ts";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { Happenings } from "../support/within.ts";

const SEED = 20_240_501;
const KILLS = 20;
const CLIENTS = 12;

const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env"];

Deno.test({
  ...needs("net", "read", "write", "env", "run")(
    `crash: ${KILLS} kills under load lose, double and change nothing that was acknowledged (seed ${SEED})`,
  ),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "ocpp-crash-" });
    const database = `${directory}/crash.db`;
    const random = new SeededRandom(SEED);
    const progress = new Happenings();
    let acknowledged = 0;
    const onAcknowledged = () => {
      acknowledged += 1;
      progress.happened();
    };
    const clients = Array.from(
      { length: CLIENTS },
      (_, index) => new LoadClient(`CP${index}`, { random: new SeededRandom(SEED + index), onAcknowledged }),
    );
    const interrupted: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await using serve = await startServe(database);
      const target = acknowledged + random.between(100, 500);
      const running = clients.map((client) => client.run(serve.url, () => false));
      await progress.until(() => acknowledged >= target, () => `${target} answers; ${acknowledged} so far`);
      serve.kill();
      await Promise.all(running);
      interrupted.push(clients.filter((client) => client.isInterrupted).length);
    }
    {
      await using serve = await startServe(database);
      await Promise.all(clients.map((client) => client.run(serve.url, () => true)));
    }
    assert.deepEqual(clients.flatMap(({ mistakes }) => mistakes), []);
    // The kills came in the midst of the work, else nothing was put to the test.
    assert.ok(interrupted.every((count) => count > CLIENTS / 2), `interrupted: ${interrupted.join(" ")}`);
    await checkLedgers(clients, database);
    await Deno.remove(directory, { recursive: true });
  },
});

/** `ocpp serve` on a free port, whose process can be killed. */
async function startServe(database: string) {
  const program = startProgram(["serve", "--port", "0", "--host", "127.0.0.1", "--database", database], {
    permissions: PERMISSIONS,
  });
  await program.printed(/ws:\/\/127\.0\.0\.1:\d+\/<identity>/);
  return {
    url: program.stdout().match(/ws:\/\/127\.0\.0\.1:\d+/)![0],
    kill: () => program.signal("SIGKILL"),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

async function checkLedgers(clients: readonly LoadClient[], database: string): Promise<void> {
  {
    using file = new DatabaseSync(database);
    assert.equal(file.prepare("PRAGMA integrity_check").get()!["integrity_check"], "ok");
    assert.equal(file.prepare("SELECT count(*) AS count FROM unmatched_stops").get()!["count"], 0);
  }
  const store = new SqliteStore(database);
  const ids = new Set<number>();
  let count = 0;
  for (const { identity: chargePoint, transactions: ledger } of clients) {
    const stored = await store.query("transactions", { chargePoint, limit: ledger.length + 1 });
    assert.deepEqual(
      stored.items.toSorted((one, other) => one.startedAtMs - other.startedAtMs).map(essence),
      ledger.map(({ transactionId, start, stop }) => ({
        transactionId,
        ...start,
        stop: { closedBy: "chargePoint", ...stop, transactionId },
      })),
      chargePoint,
    );
    for (const { transactionId, readings } of ledger) {
      const wanted = { chargePoint, transactionId: transactionId!, limit: readings.length + 1 };
      const { items } = await store.query("meterValues", wanted);
      assert.deepEqual(items.map(({ sampledValue }) => sampledValue[0]!.value), readings, `${transactionId}`);
      ids.add(transactionId!);
    }
    count += ledger.length;
  }
  store.close();
  assert.equal(ids.size, count);
  assert.ok(count > 100, `only ${count} transactions`);
}

/** A stored transaction as a ledger has it. */
function essence({ transactionId, connectorId, idTag, meterStart, startTimestamp, stop }: TransactionRecord) {
  return {
    transactionId,
    connectorId,
    idTag,
    meterStart,
    timestamp: startTimestamp,
    stop: {
      closedBy: stop?.closedBy,
      transactionId,
      idTag: stop?.idTag,
      meterStop: stop?.meterStop,
      timestamp: stop?.timestamp,
    },
  };
}
