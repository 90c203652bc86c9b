/**
 * What the Central System does when its store is slow or fails: nothing is visible before it is committed, and
 * what could not be committed never happened.
 */
import assert from "node:assert/strict";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { PROBE_INTERVAL_MS } from "../../src/runtime/store_probe.ts";
import type { Write } from "../../src/central_system/store.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Socket" };
const start = (idTag: string) => ({
  connectorId: 1,
  idTag,
  meterStart: 100,
  timestamp: "2024-05-01T10:00:00Z",
});

// --- a commit that takes its time ----------------------------------------------------------------------------

onBothListeners(
  "held commit: no answer leaves before it, and answers leave in the order of their Calls",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store });
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
);

onBothListeners("held commit: whatever arrives meanwhile is one next commit", async (serve) => {
  const store = new ControlledStore(new SqliteStore(":memory:"));
  await using server = await serve({ database: store });
  const [one, other] = await Promise.all(
    [1, 2].map((number) => RawWebSocket.request({ port: server.port, path: `/CP${number}`, headers: OCPP })),
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
});

onBothListeners(
  "commit: all that arrives in one turn of the event loop is one commit, without any timer",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store, clock: new VirtualClock() });
    const sent: string[] = [];
    const connection = {
      send: (text: string) => {
        sent.push(JSON.parse(text)[1]);
        store.happened();
      },
      close: () => {},
    };
    const one = await server.attach("CP1", connection);
    const other = await server.attach("CP2", connection);
    one.onText(JSON.stringify([2, "1", "BootNotification", BOOT]));
    other.onText(JSON.stringify([2, "2", "BootNotification", BOOT]));
    one.onText(JSON.stringify([2, "3", "StartTransaction", start("TAG1")]));
    assert.deepEqual(store.commits, []);
    await store.until(() => sent.length === 3, "the answers");
    assert.deepEqual(sent, ["1", "2", "3"]);
    assert.equal(store.commits.length, 1);
  },
);

const CSR = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----";
const METER_VALUE = [{ timestamp: "2024-05-01T10:00:00Z", sampledValue: [{ value: "500" }] }];

/** What is durable before it is acknowledged, and the write that makes it so. */
const ACKNOWLEDGED: readonly (readonly [action: string, payload: unknown, write: Write["kind"]])[] = [
  ["BootNotification", BOOT, "putChargePoint"],
  ["StartTransaction", start("TAG1"), "startTransaction"],
  ["MeterValues", { connectorId: 1, meterValue: METER_VALUE }, "addReadings"],
  [
    "StopTransaction",
    { transactionId: 1, meterStop: 200, timestamp: "2024-05-01T11:00:00Z" },
    "addUnmatchedStop", // nobody started it; one that was started: `sqlite_test.ts`
  ],
  ["StatusNotification", { connectorId: 1, status: "Charging", errorCode: "NoError" }, "putConnector"],
  [
    "SecurityEventNotification",
    { type: "TamperDetectionActivated", timestamp: "2024-05-01T10:00:00Z" },
    "addReport",
  ],
  ["SignCertificate", { csr: CSR }, "addReport"],
];

for (const [action, payload, write] of ACKNOWLEDGED) {
  onBothListeners(
    `acknowledged means durable: ${action} is committed before its answer leaves`,
    async (serve) => {
      const store = new ControlledStore(new SqliteStore(":memory:"));
      await using server = await serve({ database: store });
      using chargePoint = await RawWebSocket.request({ port: server.port, path: "/CP1", headers: OCPP });
      store.hold();
      await chargePoint.sendCall(action, payload, "1");
      await store.until(() => store.isHeld, "the commit");
      assert.ok(store.commits[0]!.some(({ kind }) => kind === write), JSON.stringify(store.commits[0]));
      assert.deepEqual(await chargePoint.readUntilPong(), []);
      assert.deepEqual(server.observer.of("exchanged"), []);
      store.release();
      assert.deepEqual(JSON.parse((await chargePoint.read())!.text).slice(0, 2), [3, "1"]);
    },
  );
}

// --- a commit that fails -------------------------------------------------------------------------------------

onBothListeners(
  "failing commit: no answer at all, 1013, 503; it resumes by itself and the repeat is answered",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const clock = new VirtualClock();
    await using server = await serve({ database: store, clock });
    const victim = await server.connect("CP1");
    const bystander = await server.connect("CP2");
    for (const chargePoint of [victim, bystander]) await chargePoint.boot();
    assert.equal((await server.get("/readyz")).status, 200);

    store.isFailing = true;
    const before = victim.frames.length;
    victim.sendCall("StartTransaction", start("TAG1"), { uniqueId: "start-1" });
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
    const { transactionId, idTagInfo } = await again.result("StartTransaction", start("TAG1"), {
      uniqueId: "start-1",
    });
    assert.equal(idTagInfo.status, "Accepted");
    const { body } = await server.get("/api/v1/transactions");
    assert.deepEqual(body.items.map((one: { transactionId: number }) => one.transactionId), [transactionId]);
  },
);

onBothListeners("failing commit: what was rolled back is in nobody's memory", async (serve) => {
  const store = new ControlledStore(new SqliteStore(":memory:"));
  const clock = new VirtualClock();
  await using server = await serve({ database: store, clock, admission: { validation: "strict" } });
  const first = await server.connect("CP1");
  store.isFailing = true;
  first.sendCall("BootNotification", BOOT);
  assert.equal((await within(first.closed, "1013")).code, 1013);
  store.isFailing = false;
  clock.advance(PROBE_INTERVAL_MS);
  await server.observer.until(() => server.observer.of("storeResumed").length === 1, "the probe");
  await using again = await server.connect("CP1");
  assert.equal((await again.call("Heartbeat", {}))[2], "SecurityError"); // that boot never was
});

onBothListeners(
  "failing commit: what was written although it failed is found there, not in memory",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    const clock = new VirtualClock();
    await using server = await serve({ database: store, clock });
    const first = await server.connect("CP1");
    const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
    await first.result("StatusNotification", status); // known from here on, and never booted
    store.isFailingLate = true;
    first.sendCall("BootNotification", BOOT);
    assert.equal((await within(first.closed, "1013")).code, 1013);
    store.isFailingLate = false;
    clock.advance(PROBE_INTERVAL_MS);
    await server.observer.until(() => server.observer.of("storeResumed").length === 1, "the probe");
    await using again = await server.connect("CP1");
    await again.result("Heartbeat", {});
    assert.deepEqual(server.observer.deviations, ["callBeforeBoot"]); // only that of the status
  },
);

onBothListeners(
  "failing commit: an upgrade that was granted just before is closed with 1013",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store, clock: new VirtualClock() });
    const granted = await server.host.upgrade({
      path: "/CP2",
      subprotocols: ["ocpp1.6"],
      origin: undefined,
      authorization: undefined,
      remoteAddress: "192.0.2.1",
    });
    const victim = await server.connect("CP1");
    store.isFailing = true;
    victim.sendCall("BootNotification", BOOT);
    assert.equal((await within(victim.closed, "1013")).code, 1013);
    assert.ok(granted.granted);
    const closes: number[] = [];
    granted.open({ send: () => {}, close: (code) => closes.push(code) });
    assert.deepEqual(closes, [1013]);
    assert.equal(server.host.connections.size, 0);
  },
);

onBothListeners(
  "failing frame log: Charge Points notice nothing, and the lost rows are counted",
  async (serve) => {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = await serve({ database: store });
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
);
