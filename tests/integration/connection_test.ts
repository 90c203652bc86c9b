/**
 * One Charge Point's connection to a running Central System: take-over, order, bounds, odd frames, dead peers.
 */
import assert from "node:assert/strict";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { OWN_CALLS_MAX } from "../../src/runtime/server_connection.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { within } from "../support/within.ts";

const RESET = { action: "Reset", payload: { type: "Soft" } };
const CLEAR_CACHE = { action: "ClearCache", payload: {} };
const OCPP = { "sec-websocket-protocol": "ocpp1.6" };

// --- one identity, newest socket wins ------------------------------------------------------------------------

onBothListeners(
  "take-over: the newest socket wins and the old one's late end changes nothing",
  async (serve) => {
    await using server = await serve();
    const closes: [code: number, reason: string][] = [];
    const old = await server.attach("CP1", {
      send: () => {},
      close: (code, reason) => closes.push([code, reason]),
    });
    await using newest = await server.connect("CP1");
    await newest.boot();
    assert.deepEqual(closes, [[1000, "replaced by a newer connection of the same identity"]]);

    old.onClose(1000, ""); // a close may come late, and twice
    old.onClose(1006, "");
    assert.ok("currentTime" in await newest.result("Heartbeat", {}));
    assert.equal((await server.get("/api/v1/charge-points/CP1")).body.connected, true);
    assert.deepEqual(server.observer.of("connected").map(({ replaced }) => replaced), [false, true]);
    assert.deepEqual(server.observer.of("disconnected"), []);
  },
);

onBothListeners(
  "take-over: the Call in flight fails with connectionReplaced, those that wait go to the new socket",
  async (serve) => {
    await using server = await serve();
    const old = await server.connect("CP1");
    await old.boot();
    const inFlight = server.call("CP1", RESET);
    await old.takeCall();
    const waiting = server.host.call("CP1", { ...CLEAR_CACHE, timeoutMs: 30_000, validate: true });
    await old.result("Heartbeat", {}); // comes after it in the order of inputs

    await using newest = await server.connect("CP1");
    const { status, body } = await inFlight;
    assert.deepEqual([status, body.reason], [502, "connectionReplaced"]);
    await within(old.closed, "the end of the old socket");
    await newest.result("Heartbeat", {});
    assert.equal(newest.frames.length, 1); // nothing before the boot gate opens
    await newest.boot();
    const call = await newest.takeCall();
    assert.equal(call[2], "ClearCache");
    newest.answer(call, { status: "Accepted" });
    assert.deepEqual(await waiting, { kind: "result", payload: { status: "Accepted" } });
    assert.equal(old.frames.filter(([type]) => type === 2).length, 1);
  },
);

onBothListeners(
  "take-over: a Call that the old socket had sent is committed, and its repeat gets that answer",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store });
    const old = await server.connect("CP1");
    await old.boot();
    store.hold();
    const start = { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp: new Date().toISOString() };
    old.sendCall("StartTransaction", start, { uniqueId: "start-1" });
    await store.until(() => store.isHeld, "the commit");
    await using newest = await server.connect("CP1");
    const repeated = newest.call("StartTransaction", start, { uniqueId: "start-1" });
    await within(old.closed, "the end of the old socket");
    store.release();
    const [, , { transactionId }] = await repeated;
    const { body } = await server.get("/api/v1/transactions");
    assert.deepEqual(body.items.map((one: { transactionId: number }) => one.transactionId), [transactionId]);
  },
);

onBothListeners(
  "take-over: the old socket is told 1000 and why; a refused upgrade takes nothing over",
  async (serve) => {
    await using server = await serve();
    const old = await server.connect("CP1");
    await old.boot();
    for (
      const headers of [{ "sec-websocket-protocol": "ocpp2.0.1" }, { ...OCPP, origin: "https://evil.test" }]
    ) {
      using refused = await RawWebSocket.request({ port: server.port, path: "/CP1", headers });
      assert.ok(refused.status >= 400);
    }
    await old.result("Heartbeat", {});
    assert.deepEqual(server.observer.of("disconnected"), []);
    await using newest = await server.connect("CP1");
    const { code, reason } = await within(old.closed, "the end of the old socket");
    assert.deepEqual([code, reason], [1000, "replaced by a newer connection of the same identity"]);
    await newest.boot();
    assert.equal(server.host.connections.size, 1);
  },
);

onBothListeners(
  "take-over: Calls of the old socket that still wait for their turn are committed too",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store });
    using old = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    store.hold();
    await old.sendCall("BootNotification", { chargePointVendor: "Test", chargePointModel: "Raw" }, "boot");
    await store.until(() => store.isHeld, "the first commit");
    const timestamp = "2024-05-01T10:00:00Z";
    await old.sendCall(
      "StartTransaction",
      { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp },
      "start",
    );
    assert.deepEqual(await old.readUntilPong(), []); // it has arrived, and waits for the commit
    await using newest = await server.connect("CP1");
    await server.observer.until(() => server.observer.of("connected").length === 2, "the take-over");
    store.release();
    await newest.result("Heartbeat", {});
    const { body } = await server.get("/api/v1/transactions");
    assert.deepEqual(body.items.map((one: { startedAt: string }) => Date.parse(one.startedAt)), [
      Date.parse(timestamp),
    ]);
  },
);

// --- own Calls -----------------------------------------------------------------------------------------------

onBothListeners(
  `own Calls: one in flight, ${OWN_CALLS_MAX} wait, the next is refused with 429`,
  async (serve) => {
    await using server = await serve();
    const chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const command = { ...CLEAR_CACHE, timeoutMs: 30_000, validate: true };
    const outcomes = Array.from({ length: 1 + OWN_CALLS_MAX }, () => server.host.call("CP1", command));
    await chargePoint.takeCall();
    const { status, body } = await server.call("CP1", RESET);
    assert.deepEqual([status, body.reason], [429, "queueFull"]);
    assert.equal(chargePoint.frames.filter(([type]) => type === 2).length, 1);
    await chargePoint.close();
    const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
    assert.deepEqual(kinds, outcomes.map(() => "connectionLost"));
  },
);

onBothListeners(
  "own Calls: a Call of the peer is answered while ours waits for its answer",
  async (serve) => {
    await using server = await serve();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const outcome = server.call("CP1", RESET);
    const call = await chargePoint.takeCall();
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));
    chargePoint.answer(call, { status: "Accepted" });
    assert.equal((await outcome).body.outcome, "result");
  },
);

// --- the peer's Calls ----------------------------------------------------------------------------------------

onBothListeners("peer: several Calls outstanding are answered in their order", async (serve) => {
  await using server = await serve();
  await using chargePoint = await server.connect("CP1");
  const boot = { chargePointVendor: "Test", chargePointModel: "Socket" };
  const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
  const ids = [
    chargePoint.sendCall("BootNotification", boot),
    chargePoint.sendCall("NoSuchAction", {}, { broken: "an Action that nobody knows" }),
    chargePoint.sendCall("StatusNotification", status),
    chargePoint.sendCall("Heartbeat", {}),
    chargePoint.sendCall("Authorize", {}, { broken: "without idTag" }),
    chargePoint.sendCall("Authorize", { idTag: "TAG1" }),
  ];
  await chargePoint.answerTo(ids.at(-1)!);
  assert.deepEqual(chargePoint.frames.map(([, uniqueId]) => uniqueId), ids);
  assert.deepEqual(chargePoint.frames.map(([type]) => type), [3, 4, 3, 3, 4, 3]);
  assert.deepEqual(server.observer.deviations, []);
});

/** What is no frame, and why; none of it can be answered. */
const STRAY: readonly (readonly [text: string, why: string])[] = [
  ["", "empty"],
  ["hello", "notJson"],
  [`[2,"1","Heartbeat",{}`, "notJson"],
  [`{"a":1}`, "notAnArray"],
  ["[]", "unknownMessageType"],
  [`[9,"1",{}]`, "unknownMessageType"],
  [`[2,7,"Heartbeat",{}]`, "noUniqueId"],
  [`[3,"nobody-asked",{}]`, "unknown answer"],
  [`[4,"nobody-asked","GenericError","",{}]`, "unknown answer"],
  [`[3,"1"]`, "unknown answer"],
];

onBothListeners(
  "peer: texts that are no frames and binary messages are noted, not answered, and survived",
  async (serve) => {
    await using server = await serve();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    for (const [text] of STRAY) chargePoint.sendText(text);
    chargePoint.sendText(new Uint8Array([1, 2, 3]).buffer);
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));
    assert.equal(chargePoint.frames.length, 2);
    const { body } = await server.get("/api/v1/charge-points/CP1/messages?outcome=ignored");
    const noted = body.items.toReversed().map((one: { request: string; answer: string }) => [
      one.request,
      one.answer,
    ]);
    assert.deepEqual(noted, [...STRAY, ["", "binary message of 3 bytes"]]);
  },
);

/** Calls that are none, with an id to answer to. */
const NO_CALLS: readonly (readonly [text: string, uniqueId: string, description: RegExp])[] = [
  [`[2,"a"]`, "a", /4 elements, this one 2/],
  [`[2,"b",7,{}]`, "b", /Action is no string/],
  [`[2,"${"c".repeat(37)}","Heartbeat",{}]`, "c".repeat(37), /at most 36 characters/],
];

onBothListeners("peer: what was meant as a Call gets a FormationViolation", async (serve) => {
  await using server = await serve();
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  for (const [text, id, expected] of NO_CALLS) {
    chargePoint.sendText(text);
    const [type, uniqueId, code, description] = await chargePoint.answerTo(id);
    assert.deepEqual([type, uniqueId, code], [4, id, "FormationViolation"]);
    assert.match(description, expected);
  }
});

// --- liveness ------------------------------------------------------------------------------------------------

onBothListeners(
  "ping: a half-open peer is pinged, dropped when no pong comes, and everybody is told",
  async (serve) => {
    await using server = await serve({ pingIntervalSeconds: 1 });
    using silent = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
    await silent.sendCall("BootNotification", { chargePointVendor: "Test", chargePointModel: "Raw" }, "boot");
    assert.equal(JSON.parse((await silent.read())!.text)[1], "boot");
    const outcome = server.call("CP1", RESET); // which it never answers either
    assert.equal(JSON.parse((await silent.read())!.text)[2], "Reset");
    assert.equal((await silent.read())?.opcode, OPCODE.ping);
    const { status, body } = await within(outcome, "the outcome of the Call");
    assert.deepEqual([status, body.reason], [502, "connectionLost"]);
    assert.deepEqual(server.observer.of("disconnected").map(({ chargePoint }) => chargePoint), ["CP1"]);
    assert.equal((await server.get("/api/v1/charge-points/CP1")).body.connected, false);
  },
);

onBothListeners("ping: a peer that answers pings stays connected", async (serve) => {
  await using server = await serve({ pingIntervalSeconds: 1 });
  using quiet = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
  for (let pings = 0; pings < 2; pings++) {
    const ping = await quiet.read();
    assert.equal(ping?.opcode, OPCODE.ping);
    await quiet.send(OPCODE.pong, ping!.payload);
  }
  assert.deepEqual(server.observer.of("disconnected"), []);
});
