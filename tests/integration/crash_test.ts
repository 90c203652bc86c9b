/**
 * `ocpp serve` killed under load, many times, on one database: what was acknowledged is there exactly once.
 *
 * A kill cannot show what a power cut would do; `store_test.ts` asserts the pragmas for that.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
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
    checkLedgers(clients, database);
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

function checkLedgers(clients: readonly LoadClient[], database: string): void {
  using file = new DatabaseSync(database);
  assert.equal(file.prepare("PRAGMA integrity_check").get()!["integrity_check"], "ok");
  const transactions = file.prepare(`
    SELECT transaction_id, connector_id, id_tag, meter_start, start_timestamp, closed_by, meter_stop,
      stop_timestamp, stop_id_tag
    FROM transactions JOIN identities ON identities.id = charge_point WHERE identity = ? ORDER BY start_timestamp`);
  const readings = file.prepare(
    "SELECT sampled_value FROM meter_values WHERE transaction_id = ? ORDER BY id",
  );
  const ids = new Set<number>();
  let count = 0;
  for (const { identity, transactions: ledger } of clients) {
    const expected = ledger.map(({ transactionId, start, stop }) => ({
      transaction_id: transactionId,
      connector_id: start.connectorId,
      id_tag: start.idTag,
      meter_start: start.meterStart,
      start_timestamp: start.timestamp,
      closed_by: "chargePoint",
      meter_stop: stop?.meterStop,
      stop_timestamp: stop?.timestamp,
      stop_id_tag: stop?.idTag,
    }));
    assert.deepEqual(transactions.all(identity).map((row) => ({ ...row })), expected, identity);
    for (const transaction of ledger) {
      ids.add(transaction.transactionId!);
      const values = readings.all(transaction.transactionId!).map((row) =>
        JSON.parse(row["sampled_value"] as string)[0].value
      );
      assert.deepEqual(values, transaction.readings, `${identity}, transaction ${transaction.transactionId}`);
    }
    count += ledger.length;
  }
  assert.equal(ids.size, count);
  assert.equal(file.prepare("SELECT count(*) AS count FROM transactions").get()!["count"], count);
  assert.equal(file.prepare("SELECT count(*) AS count FROM unmatched_stops").get()!["count"], 0);
  assert.ok(count > 100, `only ${count} transactions`);
}
