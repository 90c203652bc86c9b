/**
 * The bounds to what one Charge Point may send, and the answer of each: frame size, unanswered Calls, pace, upgrades.
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { FRAME_BYTES_MAX } from "../../src/ocpp/frame.ts";
import { BURST_MS, WAITING_MESSAGES_MAX } from "../../src/runtime/intake.ts";
import { SLOW_READER, UNREAD_BYTES_MAX } from "../../src/runtime/listener.ts";
import { UNANSWERED_CALLS_MAX } from "../../src/runtime/server_connection.ts";
import { UPGRADES_A_MINUTE_MAX } from "../../src/runtime/upgrade_limit.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import {
  assertProblem,
  overSockets,
  startHardenedServer,
  startServer,
  type TestServer,
} from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Socket" };
const AVAILABLE = { connectorId: 1, status: "Available", errorCode: "NoError" };

/** Time for whatever was sent before to arrive: several round trips beside it. */
async function settle(server: TestServer): Promise<void> {
  for (let trips = 0; trips < 5; trips++) assert.equal((await server.get("/healthz")).status, 200);
}

const heartbeats = (chargePoint: SocketClient, count: number) =>
  Array.from({ length: count }, () => chargePoint.sendCall("Heartbeat", {}));

// --- frame size ----------------------------------------------------------------------------------------------

onBothListeners("bounds: a frame of 1 MiB is read, one byte more is closed with 1009", async (serve) => {
  await using server = await serve();
  await using chargePoint = await server.connect("CP1");
  chargePoint.sendText("x".repeat(FRAME_BYTES_MAX)); // no JSON, and noted as that
  await chargePoint.result("Heartbeat", {});
  chargePoint.sendText("x".repeat(FRAME_BYTES_MAX + 1));
  assert.equal((await within(chargePoint.closed, "1009")).code, 1009);
  await using other = await server.connect("CP1");
  other.sendText("ä".repeat(FRAME_BYTES_MAX / 2 + 1)); // fewer characters than bytes
  assert.equal((await within(other.closed, "1009")).code, 1009);
  const { body } = await server.get("/api/v1/charge-points/CP1/messages?outcome=ignored");
  const reasons = body.items.map(({ answer }: { answer: string }) => answer);
  assert.deepEqual(reasons, ["tooLarge", "tooLarge", "notJson"]);
});

// --- unanswered Calls ----------------------------------------------------------------------------------------

onBothListeners(
  `bounds: beyond ${UNANSWERED_CALLS_MAX} unanswered Calls nothing is taken in until one is answered; all are served`,
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store });
    await using chargePoint = await server.connect("CP1");
    store.hold();
    const ids = [chargePoint.sendCall("BootNotification", BOOT)];
    await store.until(() => store.isHeld, "the first commit");
    for (let sent = 0; sent < 3 * UNANSWERED_CALLS_MAX; sent++) {
      ids.push(chargePoint.sendCall("StatusNotification", AVAILABLE));
    }
    await settle(server);
    store.release({ thenHold: true });
    await store.until(() => store.isHeld, "the second commit");
    const taken = store.commits[1]!.length; // one row for each; the boot is answered by now
    assert.ok(taken <= UNANSWERED_CALLS_MAX, `${taken} Calls were taken in`);
    store.release();
    await chargePoint.answerTo(ids.at(-1)!);
    assert.deepEqual(
      chargePoint.frames.map(([type, uniqueId]) => [type, uniqueId]),
      ids.map((id) => [3, id]),
    );
    assert.deepEqual(server.observer.of("disconnected"), []);
  },
);

/** More than may be unanswered and wait, sent while no answer leaves. */
async function flood(server: TestServer, store: ControlledStore) {
  const chargePoint = await server.connect("CP1");
  store.hold();
  const ids = [chargePoint.sendCall("BootNotification", BOOT)];
  await store.until(() => store.isHeld, "the commit");
  ids.push(...heartbeats(chargePoint, UNANSWERED_CALLS_MAX + WAITING_MESSAGES_MAX));
  return { chargePoint, ids };
}

Deno.test({
  ...overSockets(
    `bounds: native listener, which cannot stop reading: more than ${WAITING_MESSAGES_MAX} messages wait, 1008`,
  ),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ database: store });
    const { chargePoint } = await flood(server, store);
    await server.observer.until(() => server.observer.of("disconnected").length === 1, "1008");
    const { code, reason } = server.observer.of("disconnected")[0]!;
    assert.deepEqual([code, reason], [1008, "sends faster than it is read: more than 4096 messages wait"]);
    store.release();
    await within(chargePoint.closed, "its end");
    const { body } = await server.get("/api/v1/charge-points/CP1/messages?outcome=ignored");
    assert.deepEqual(body.items.map(({ answer }: { answer: string }) => answer), [
      `${WAITING_MESSAGES_MAX + 1} messages that waited were not read`,
    ]);
  },
});

Deno.test({
  ...overSockets(
    "bounds: hardened listener: reading stops, so that the same flood is served to the end",
    "env",
  ),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await startHardenedServer({ database: store });
    const { chargePoint, ids } = await flood(server, store);
    await settle(server);
    assert.deepEqual(server.observer.of("disconnected"), []);
    store.release();
    await chargePoint.answerTo(ids.at(-1)!);
    assert.deepEqual(chargePoint.frames.map(([, uniqueId]) => uniqueId), ids);
    await chargePoint.close();
  },
});

// --- frames per second ---------------------------------------------------------------------------------------

onBothListeners(
  "bounds: more frames a second than --max-frame-rate wait for their time, in order, and nobody is closed",
  async (serve) => {
    const clock = new VirtualClock();
    const maxFrameRate = 5;
    await using server = await serve({ clock, admission: { maxFrameRate } });
    await using chargePoint = await server.connect("CP1");
    await using other = await server.connect("CP2");
    const burst = maxFrameRate * BURST_MS / 1_000;
    const ids = [chargePoint.sendCall("BootNotification", BOOT), ...heartbeats(chargePoint, burst + 7)];
    await chargePoint.answerTo(ids[burst - 1]!);
    await settle(server);
    assert.equal(chargePoint.frames.length, burst);
    await other.boot(); // the pace of one is not that of another

    clock.advance(199);
    await settle(server);
    assert.equal(chargePoint.frames.length, burst);
    clock.advance(1);
    await chargePoint.answerTo(ids[burst]!);
    await settle(server);
    assert.equal(chargePoint.frames.length, burst + 1);

    clock.advance(7 * 200);
    await chargePoint.answerTo(ids.at(-1)!);
    assert.deepEqual(chargePoint.frames.map(([, uniqueId]) => uniqueId), ids);
    assert.deepEqual(server.observer.of("disconnected"), []);
    clock.advance(BURST_MS); // or its close is not read
  },
);

Deno.test({
  ...overSockets("bounds: hardened listener: a peer beyond the pace is slowed for ever, never closed", "env"),
  async fn() {
    const clock = new VirtualClock();
    await using server = await startHardenedServer({ clock, admission: { maxFrameRate: 100 } });
    await using chargePoint = await server.connect("CP1");
    const ids = [chargePoint.sendCall("BootNotification", BOOT)];
    ids.push(...heartbeats(chargePoint, 2 * WAITING_MESSAGES_MAX));
    while (chargePoint.frames.length < ids.length) {
      const before = chargePoint.frames.length;
      clock.advance(BURST_MS);
      await settle(server);
      assert.ok(chargePoint.frames.length - before <= 4 * 100, "slowed");
    }
    assert.deepEqual(chargePoint.frames.map(([, uniqueId]) => uniqueId), ids);
    clock.advance(BURST_MS); // or its close is not read
  },
});

onBothListeners("bounds: binary messages and texts that are no frames count as frames too", async (serve) => {
  const clock = new VirtualClock();
  await using server = await serve({ clock, admission: { maxFrameRate: 1 } });
  await using chargePoint = await server.connect("CP1");
  for (const text of ["", new Uint8Array(3).buffer, "no frame"]) chargePoint.sendText(text);
  const noted = () => server.observer.of("exchanged").map(({ exchange }) => exchange.answer);
  await server.observer.until(() => noted().length === 2, "the first two");
  await settle(server);
  assert.deepEqual(noted(), ["empty", "binary message of 3 bytes"]);
  clock.advance(1_000);
  assert.deepEqual(noted(), ["empty", "binary message of 3 bytes", "notJson"]);
  clock.advance(BURST_MS); // or its close is not read
});

// --- slow readers and bodies ---------------------------------------------------------------------------------

onBothListeners(
  `bounds: a Charge Point that does not read is dropped when more than ${UNREAD_BYTES_MAX} bytes wait for it`,
  async (serve) => {
    const clock = new VirtualClock();
    await using server = await serve({ clock });
    using deaf = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    await deaf.sendCall("BootNotification", BOOT, "boot");
    await deaf.read();
    const timeoutMs = 1_000;
    const payload = { vendorId: "Test", data: "x".repeat(FRAME_BYTES_MAX / 2) };
    const command = { action: "DataTransfer", payload, timeoutMs, validate: true };
    const dropped = () => server.observer.of("disconnected");
    // What the system's own buffers take is unknown, but bounded: far less than sixteen times our bound.
    for (let sent = 0; sent < 16 * UNREAD_BYTES_MAX && dropped().length === 0; sent += payload.data.length) {
      const outcome = server.host.call("CP1", command);
      await settle(server);
      clock.advance(timeoutMs); // unanswered, so that the next may leave
      await outcome;
    }
    assert.deepEqual(dropped().map(({ code, reason }) => [code, reason]), [[1008, SLOW_READER]]);
    assert.equal(server.host.connectionOf("CP1"), undefined);
  },
);

onBothListeners(
  "bounds: a request body of more than 1 MiB is 413, announced or not, and the next request is answered",
  async (serve) => {
    await using server = await serve();
    const path = "/api/v1/charge-points/CP1/calls";
    const headers = { "content-type": "application/json" };
    const send = (body: BodyInit) =>
      within(server.fetch(path, { method: "POST", headers, body }), "the answer");
    const fits = `{"action":"ClearCache","payload":{}}`;
    assertProblem(await send(fits.padEnd(1_048_576)), 404); // read, and nobody of that name is here
    for (const tooLarge of [fits.padEnd(1_048_577), new Blob([fits.padEnd(1_048_577)]).stream()]) {
      assertProblem(await send(tooLarge), 413);
      assertProblem(await send(fits), 404); // what was not read of the one before does not stand in its way
    }
  },
);

// --- upgrades ------------------------------------------------------------------------------------------------

async function attempt(server: TestServer, path: string, headers: Record<string, string> = OCPP) {
  using socket = await RawWebSocket.request({ port: server.port, path, headers });
  const text = socket.status === 101 ? "" : await socket.body();
  return { status: socket.status, retryAfter: socket.headers.get("retry-after"), text };
}

onBothListeners(
  `bounds: ${UPGRADES_A_MINUTE_MAX} upgrades a minute of one address and identity, also refused ones, then 429`,
  async (serve) => {
    const clock = new VirtualClock();
    await using server = await serve({ clock });
    const wrong = { "sec-websocket-protocol": "ocpp2.0.1" };
    for (let tries = 0; tries < UPGRADES_A_MINUTE_MAX; tries++) {
      assert.equal((await attempt(server, "/CP1", wrong)).status, 400);
    }
    clock.advance(12_500);
    const refused = await attempt(server, "/CP1");
    assert.deepEqual([refused.status, refused.retryAfter], [429, "48"]);
    assert.match(refused.text, /more than 30 upgrades in a minute/);
    const [latest] = (await server.get("/api/v1/refusals?limit=1")).body.items;
    assert.deepEqual([latest.identity, latest.status], ["CP1", 429]);
    assert.match(latest.reason, /more than 30 upgrades/);

    assert.equal((await attempt(server, "/CP2")).status, 101); // another identity
    clock.advance(47_499);
    assert.equal((await attempt(server, "/CP1")).status, 429);
    clock.advance(1);
    assert.equal((await attempt(server, "/CP1")).status, 101);
  },
);

onBothListeners(
  "bounds: a stranger who hammers an identity keeps neither the connected device out nor one that comes",
  async (serve) => {
    await using server = await serve({ clock: new VirtualClock() });
    const hammer = async () => {
      for (let tries = 0; tries < 2 * UPGRADES_A_MINUTE_MAX; tries++) {
        await server.host.upgrade({
          path: "/CP1",
          subprotocols: [],
          origin: "https://evil.test",
          authorization: undefined,
          remoteAddress: "192.0.2.66",
        });
      }
      assert.equal(server.observer.of("refused").at(-1)!.status, 429);
    };
    await hammer();
    let device = await server.connect("CP1");
    await hammer();
    for (let times = 0; times < UPGRADES_A_MINUTE_MAX + 5; times++) {
      const again = await server.connect("CP1"); // as after a power cut: its old socket still counts as connected
      await within(device.closed, "the end of the old one");
      device = again;
    }
    await device.boot();
    await device.close();
    assert.ok(server.observer.of("refused").every(({ remoteAddress }) => remoteAddress === "192.0.2.66"));
  },
);
