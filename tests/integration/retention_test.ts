/**
 * Old messages and readings go while Charge Points are served, and a database of an earlier version is taken over.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import initial from "../../src/adapters/sqlite/migrations/0001_initial.sql" with { type: "text" };
import { APPLICATION_ID } from "../../src/adapters/sqlite/open.ts";
import { RETENTION_INTERVAL_MS } from "../../src/runtime/retention.ts";
import { type Runs, runsOnBothListeners } from "../support/both_listeners.ts";
import type { TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function start(chargePoint: SocketClient, runs: Runs, connectorId: number): Promise<number> {
  const req = { connectorId, idTag: "TAG1", meterStart: 0, timestamp: runs.at() };
  return (await chargePoint.result("StartTransaction", req)).transactionId;
}

function read(chargePoint: SocketClient, runs: Runs, transactionId: number, connectorId: number) {
  const meterValue = [{ timestamp: runs.at(), sampledValue: [{ value: "150" }] }];
  return chargePoint.result("MeterValues", { connectorId, transactionId, meterValue });
}

async function items(server: TestServer, path: string) {
  return (await server.get(path)).body.items;
}

async function removed(server: TestServer, count: number) {
  const found = () => server.observer.of("rowsRemoved");
  await server.observer.until(() => found().length >= count, `${count} removals`);
  return found().slice(0, count).map(({ table, rows }) => ({ table, rows }));
}

const MESSAGES = "/api/v1/charge-points/CP1/messages";

runsOnBothListeners(
  "retention: old messages and readings go by themselves, younger ones and those of active transactions stay",
  async (runs) => {
    const server = await runs.start({ upkeep: { keepFramesMs: DAY_MS, keepMeterValuesMs: 2 * DAY_MS } });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const active = await start(chargePoint, runs, 1);
    const over = await start(chargePoint, runs, 2);
    for (const [transactionId, connectorId] of [[active, 1], [over, 2], [active, 1]] as const) {
      await read(chargePoint, runs, transactionId, connectorId);
    }
    await chargePoint.result("StopTransaction", {
      transactionId: over,
      meterStop: 1,
      timestamp: runs.at(),
    });
    assert.equal((await items(server, MESSAGES)).length, 7); // and none in the buffer
    const first = (await server.get(`${MESSAGES}?limit=2`)).body;
    runs.clock.advance(DAY_MS - RETENTION_INTERVAL_MS);
    await chargePoint.result("Heartbeat", {}, { uniqueId: "young" });
    await server.get(MESSAGES);
    runs.clock.advance(RETENTION_INTERVAL_MS); // exactly a day old is not older
    assert.equal((await items(server, MESSAGES)).length, 8);
    runs.clock.advance(RETENTION_INTERVAL_MS);
    assert.deepEqual(await removed(server, 1), [{ table: "frames", rows: 7 }]);
    const left = await items(server, MESSAGES);
    assert.deepEqual(left.map((one: { uniqueId: string }) => one.uniqueId), ["young"]);
    // A cursor of before ends cleanly.
    assert.deepEqual(await items(server, `${MESSAGES}?limit=2&cursor=${first.nextCursor}`), []);

    // Readings are kept for longer; the chain of a transaction goes on after what was removed.
    runs.clock.advance(DAY_MS);
    await read(chargePoint, runs, over, 2);
    runs.clock.advance(RETENTION_INTERVAL_MS);
    await server.observer.until(
      () => server.observer.of("rowsRemoved").some(({ table }) => table === "meterValues"),
      "the end of old readings",
    );
    const [gone] = server.observer.of("rowsRemoved").filter(({ table }) => table === "meterValues");
    assert.equal(gone!.rows, 1);
    assert.equal((await items(server, `/api/v1/transactions/${active}/meter-values`)).length, 2);
    assert.equal((await items(server, `/api/v1/transactions/${over}/meter-values`)).length, 1);
  },
);

runsOnBothListeners("retention: without it nothing goes", async (runs) => {
  const server = await runs.start();
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  await server.get(MESSAGES);
  runs.clock.advance(30 * DAY_MS);
  await chargePoint.result("Heartbeat", {});
  assert.equal((await items(server, MESSAGES)).length, 2);
  assert.deepEqual(server.observer.of("rowsRemoved"), []);
});

runsOnBothListeners(
  "migration: an open transaction and readings of the first schema are taken over",
  async (runs) => {
    {
      using file = new DatabaseSync(runs.database);
      file.exec(`BEGIN; ${initial}
      INSERT INTO sequences (name, next) VALUES ('transactionId', 8);
      INSERT INTO identities (id, identity) VALUES (1, 'CP1');
      INSERT INTO charge_points (id, registration, boot_status, boot_count, first_seen_at)
        VALUES (1, 'Accepted', 'Accepted', 1, 0);
      INSERT INTO transactions (transaction_id, charge_point, connector_id, id_tag, meter_start, started_at,
        start_timestamp, start_unique_id, start_received_at, start_boot, start_answer)
        VALUES (7, 1, 1, 'TAG1', 5, 0, '1970-01-01T00:00:00Z', 'u', 0, 1,
          '{"transactionId":7,"idTagInfo":{"status":"Accepted"}}');
      INSERT INTO meter_values (charge_point, transaction_id, connector_id, unique_id, timestamp, received_at,
        sampled_value) VALUES (1, 7, 1, 'm', '1970-01-01T00:00:00Z', 0, '[{"value":"6"}]');
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1; COMMIT;`);
    }
    const server = await runs.start();
    await using chargePoint = await server.connect("CP1");
    const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
    await chargePoint.result("StatusNotification", status);
    const { active, suspected } = (await server.get("/api/v1/transactions/7")).body;
    assert.deepEqual([active, suspected.by], [true, "Available"]);
    assert.equal((await items(server, "/api/v1/transactions/7/meter-values")).length, 1);
    await read(chargePoint, runs, -1, 1);
    assert.equal((await items(server, "/api/v1/transactions/7/meter-values?guessed=true")).length, 1);
    assert.equal(await start(chargePoint, runs, 1), 8);
  },
);
