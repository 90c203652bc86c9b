/**
 * The end of a Central System: what was received is answered, what is new is refused, and nobody waits for ever.
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { closeCodeOf, OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { assertProblem, type TestServer } from "../support/server.ts";
import { EventReader } from "../support/simulator.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Socket" };
const START = { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp: "2024-05-01T10:00:00Z" };
const COMMAND = { action: "ClearCache", payload: {}, timeoutMs: 30_000, validate: true };

onBothListeners(
  "end: Calls that were received are committed, answered and logged, then 1001; what comes after is not read",
  async (serve) => {
    const path = await Deno.makeTempFile({ suffix: ".db" });
    const store = new ControlledStore(new SqliteStore(path));
    const server = await serve({ database: store });
    const chargePoint = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    await chargePoint.sendCall("BootNotification", BOOT, "boot");
    assert.equal(JSON.parse((await chargePoint.read())!.text)[1], "boot");
    store.hold();
    await chargePoint.sendCall("StartTransaction", START, "received");
    await store.until(() => store.isHeld, "the commit");

    const stopped = server.stop();
    await chargePoint.sendCall("StartTransaction", { ...START, connectorId: 2 }, "after");
    assert.deepEqual(await chargePoint.readUntilPong(), []); // it has arrived
    store.release();
    const [type, uniqueId] = JSON.parse((await chargePoint.read())!.text);
    assert.deepEqual([type, uniqueId], [3, "received"]);
    const close = await chargePoint.read();
    assert.deepEqual([close?.opcode, closeCodeOf(close!)], [OPCODE.close, 1001]);
    await chargePoint.send(OPCODE.close, close!.payload);
    assert.equal(await chargePoint.read(), undefined);
    chargePoint[Symbol.dispose]();
    await stopped;

    const database = new DatabaseSync(path);
    const column = (sql: string) => database.prepare(sql).all().map((row) => Object.values(row)[0]);
    assert.deepEqual(column("SELECT connector_id FROM transactions"), [1]);
    assert.deepEqual(column("SELECT unique_id FROM frames ORDER BY id"), ["boot", "received"]);
    database.close();
    await Deno.remove(path);
  },
  "read",
  "write",
);

/** A Central System that is ending, and goes on to do so until its commit is released. */
async function ending(server: TestServer, store: ControlledStore) {
  const chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const calls = [0, 1].map(() => server.host.call("CP1", COMMAND));
  const overHttp = server.call("CP1", { action: "ClearCache" });
  await chargePoint.takeCall();
  await server.get("/healthz"); // the request before has arrived too
  store.hold();
  chargePoint.sendCall("StartTransaction", START);
  await store.until(() => store.isHeld, "the commit");
  return { chargePoint, calls, overHttp, stopped: server.stop() };
}

onBothListeners(
  "end: upgrades, Calls and changes of operators are refused with 503, and told why",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const server = await serve({ database: store });
    const { stopped, overHttp } = await ending(server, store);
    const ready = await server.get("/readyz");
    assertProblem(ready, 503);
    assert.equal(ready.body.detail, "this server is ending");
    assert.equal((await server.get("/healthz")).status, 200);
    {
      using refused = await RawWebSocket.request({ port: server.port, path: "/CP2", headers: OCPP });
      assert.equal(refused.status, 503);
      assert.match(await refused.body(), /this server is ending/);
    }
    const call = await server.call("CP1", { action: "ClearCache" });
    assertProblem(call, 503);
    assert.equal(call.body.reason, "stopping");
    const change = await server.fetch("/api/v1/id-tags/TAG9", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assertProblem(change, 503);
    store.release();
    await overHttp;
    await stopped;
  },
);

onBothListeners(
  "end: operators' Calls, in flight or waiting, end with connectionLost and 502",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const server = await serve({ database: store });
    const { chargePoint, calls, overHttp, stopped } = await ending(server, store);
    store.release();
    assert.deepEqual((await within(Promise.all(calls), "the outcomes")).map(({ kind }) => kind), [
      "connectionLost",
      "connectionLost",
    ]);
    const { status, body } = await within(overHttp, "the answer");
    assert.deepEqual([status, body.reason], [502, "connectionLost"]);
    assert.equal((await within(chargePoint.closed, "1001")).code, 1001);
    await stopped;
  },
);

onBothListeners("end: event streams tell of the end and end themselves", async (serve) => {
  const server = await serve();
  const chargePoint = await server.connect("CP1");
  const abort = new AbortController();
  const response = await fetch(`${server.api}/api/v1/events`, { signal: abort.signal });
  await using events = new EventReader(response, abort);
  // One that is cut off, as the listener would do in the end, has no whole body.
  const whole = (await fetch(`${server.api}/api/v1/events`)).text();
  await chargePoint.boot();
  await server.stop();
  assert.match(await within(whole, "the end of the other stream"), /"kind":"booted"/);
  await events.ended();
  const last = events.events.at(-1)!.data;
  assert.deepEqual([last.kind, last.chargePoint, last.code], ["disconnected", "CP1", 1001]);
  await within(chargePoint.closed, "1001");
});

onBothListeners(
  "end: who connects and asks for nothing, and who never answers a close, hold nothing up",
  async (serve) => {
    const server = await serve();
    using mute = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    using idle = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await server.observer.until(() => server.observer.of("connected").length === 1, "the connection");
    await server.stop();
    assert.equal(closeCodeOf((await mute.read())!), 1001);
    assert.equal(await mute.read(), undefined);
    assert.equal(await idle.read(new Uint8Array(1)), null);
  },
);

onBothListeners("end: also while the database fails; nothing resumes after it", async (serve) => {
  const store = new ControlledStore(new SqliteStore(":memory:"));
  const clock = new VirtualClock();
  const server = await serve({ database: store, clock });
  const victim = await server.connect("CP1");
  store.isFailing = true;
  victim.sendCall("BootNotification", BOOT);
  assert.equal((await within(victim.closed, "1013")).code, 1013);
  store.isFailing = false;
  await server.stop();
  clock.advance(60_000);
  assert.equal(server.host.isReady, false);
  assert.deepEqual(server.observer.of("storeResumed"), []);
  assert.equal(clock.nextMs(), Infinity); // no timer is left
});
