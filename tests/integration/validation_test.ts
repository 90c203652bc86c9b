/**
 * Deviations over a real socket: answered or refused, shown everywhere, and the connection stays up.
 */
import assert from "node:assert/strict";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import type { ChargePointRecord } from "../../src/central_system/store.ts";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import type { TestServer } from "../support/server.ts";

const ODD_STATUS = { connectorId: 1, status: "available", errorCode: "NoError", foo: 1 };

/** What the frame view shows of all exchanges so far. */
function frameLines(server: TestServer): string[] {
  const lines: string[] = [];
  const output = {
    isTerminal: false,
    style: styleFor({ colours: false }),
    columns: () => 120,
    write: (text: string) => void lines.push(text.trimEnd()),
  };
  const view = new FrameView(output, { json: false });
  for (const { exchange } of server.observer.of("exchanged")) view.show(exchange);
  return lines;
}

onBothListeners(
  "tolerant: what is repaired is answered, counted, and shown in API, messages and frame view",
  async (start) => {
    await using server = await start();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    assert.deepEqual(
      await chargePoint.result("StatusNotification", ODD_STATUS, { broken: "case, extra field" }),
      {},
    );
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));

    const { body } = await server.get("/api/v1/charge-points/CP1");
    assert.deepEqual(body.deviations, { wrongCase: 1, extraField: 1 });
    assert.equal(body.connectors[0].status, "Available");
    const messages = await server.get("/api/v1/charge-points/CP1/messages?action=StatusNotification");
    assert.deepEqual(messages.body.items[0].deviations, [
      { rule: "wrongCase", path: "status", detail: '"available" is taken as "Available"' },
      { rule: "extraField", path: "foo", detail: "dropped" },
    ]);
    assert.deepEqual(messages.body.items[0].payload, ODD_STATUS, "as it was on the wire");
    const [, line] = frameLines(server);
    assert.match(line!, /StatusNotification .* {2}! wrongCase status, extraField foo$/);
    const [, , heartbeat] = frameLines(server);
    assert.doesNotMatch(heartbeat!, /!/);
  },
);

onBothListeners("tolerant: an answer to our own Call is repaired, and counted too", async (start) => {
  await using server = await start();
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const asked = server.call("CP1", { action: "GetConfiguration", payload: {} });
  const call = await chargePoint.takeCall();
  const configurationKey = [{ key: "HeartbeatInterval", readonly: "false", value: 300 }];
  chargePoint.sendText(JSON.stringify([3, call[1], { configurationKey }]));
  const { body } = await asked;
  assert.equal(body.outcome, "result");
  assert.deepEqual(body.payload, {
    configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: "300" }],
  });
  assert.deepEqual(body.deviations.map(({ rule, path }: { rule: string; path: string }) => [rule, path]), [
    ["booleanAsString", "configurationKey[0].readonly"],
    ["stringAsNumber", "configurationKey[0].value"],
  ]);
  const view = await server.get("/api/v1/charge-points/CP1");
  assert.deepEqual(view.body.deviations, { booleanAsString: 1, stringAsNumber: 1 });
  const messages = await server.get("/api/v1/charge-points/CP1/messages?action=GetConfiguration");
  assert.equal(messages.body.items[0].deviations.length, 2);
});

onBothListeners(
  "a Call and an answer without payload: repaired where it can be empty, refused under strict",
  async (start) => {
    for (const validation of ["tolerant", "strict"] as const) {
      await using server = await start({ admission: { validation } });
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      chargePoint.sendText('[2,"a","Heartbeat"]');
      const [type, , code] = await chargePoint.answerTo("a");
      if (validation === "tolerant") assert.equal(type, 3);
      else assert.deepEqual([type, code], [4, "FormationViolation"]);
      const asked = server.call("CP1", { action: "GetConfiguration", payload: {} });
      const call = await chargePoint.takeCall();
      chargePoint.sendText(JSON.stringify([3, call[1]]));
      assert.equal((await asked).body.outcome, validation === "tolerant" ? "result" : "invalid");
      const { body } = await server.get("/api/v1/charge-points/CP1");
      assert.deepEqual(body.deviations, validation === "tolerant" ? { noPayload: 2 } : {});
    }
  },
);

onBothListeners(
  "strict: the same is refused and changes nothing, and the connection stays up",
  async (start) => {
    await using server = await start({ admission: { validation: "strict" } });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const [type, , code] = await chargePoint.call("StatusNotification", ODD_STATUS, {
      broken: "case, extra field",
    });
    assert.deepEqual([type, code], [4, "PropertyConstraintViolation"]);
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));
    const { body } = await server.get("/api/v1/charge-points/CP1");
    assert.deepEqual([body.deviations, body.connectors], [{}, []]);
    const messages = await server.get("/api/v1/charge-points/CP1/messages?action=StatusNotification");
    assert.equal(messages.body.items[0].deviations, undefined);
  },
);

onBothListeners("a Charge Point's record chooses its own validation, whatever the default", async (start) => {
  const store = new SqliteStore(":memory:");
  const record: ChargePointRecord = {
    identity: "CP1",
    registration: "Accepted",
    validation: "strict",
    bootCount: 0,
    firstSeenAtMs: 0,
    lastSeenAtMs: 0,
    connectors: new Map(),
    recentReadings: [],
    activeTransactions: [],
  };
  store.commit([{ kind: "putChargePoint", record }]);
  await using server = await start({ database: store });
  await using chosen = await server.connect("CP1");
  await using other = await server.connect("CP2");
  await Promise.all([chosen.boot(), other.boot()]);
  const broken = "case, extra field";
  const [type, , code] = await chosen.call("StatusNotification", ODD_STATUS, { broken });
  assert.deepEqual([type, code], [4, "PropertyConstraintViolation"]);
  assert.deepEqual(await other.result("StatusNotification", ODD_STATUS, { broken }), {});
  assert.equal((await server.get("/api/v1/charge-points/CP1")).body.validation, "strict");
  assert.equal((await server.get("/api/v1/charge-points/CP2")).body.validation, undefined);
});

onBothListeners(
  "a Charge Point's record chooses by rule: what it names is refused, the rest is repaired",
  async (start) => {
    const store = new SqliteStore(":memory:");
    const record: ChargePointRecord = {
      identity: "CP1",
      registration: "Accepted",
      refusedRules: ["extraField"],
      bootCount: 0,
      firstSeenAtMs: 0,
      lastSeenAtMs: 0,
      connectors: new Map(),
      recentReadings: [],
      activeTransactions: [],
    };
    store.commit([{ kind: "putChargePoint", record }]);
    assert.deepEqual((await store.query("chargePoint", { identity: "CP1" }))?.refusedRules, ["extraField"]);
    await using server = await start({ database: store });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const { foo: _foo, ...wrongCase } = ODD_STATUS;
    assert.deepEqual(await chargePoint.result("StatusNotification", wrongCase, { broken: "case" }), {});
    const extra = { ...wrongCase, status: "Available", foo: 1 };
    const [type, , code] = await chargePoint.call("StatusNotification", extra, { broken: "extra field" });
    assert.deepEqual([type, code], [4, "FormationViolation"]);
    assert.deepEqual((await server.get("/api/v1/charge-points/CP1")).body.refusedRules, ["extraField"]);
  },
);

for (const validation of ["tolerant", "strict"] as const) {
  onBothListeners(
    `${validation}: what makes no sense but fits its schema is answered, kept as it came, and recorded`,
    async (start) => {
      await using server = await start({ admission: { validation } });
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      const timestamp = new Date().toISOString();
      const tell = (status: string) =>
        chargePoint.result("StatusNotification", { connectorId: 1, status, errorCode: "NoError" });
      // A transition that §4.9 does not have; the connector is what it was last said to be.
      for (const status of ["Charging", "Reserved"]) assert.deepEqual(await tell(status), {});
      const { transactionId } = await chargePoint.result("StartTransaction", {
        ...{ connectorId: 1, idTag: "TAG1", meterStart: 500, timestamp: "1970-01-01T00:00:07Z" },
      });
      await chargePoint.result("StopTransaction", { transactionId, meterStop: 499, timestamp });
      const unknown = transactionId + 1;
      assert.deepEqual(
        await chargePoint.result("StopTransaction", { transactionId: unknown, meterStop: 1, timestamp }),
        {},
      );
      const { body } = await server.get("/api/v1/charge-points/CP1");
      assert.equal(body.connectors[0].status, "Reserved");
      assert.deepEqual(body.deviations, {
        implausibleClock: 1,
        meterStopBelowMeterStart: 1,
        statusTransition: 1,
        unknownTransaction: 1,
      });
      const kept = (await server.get(`/api/v1/transactions/${transactionId}`)).body;
      assert.deepEqual([kept.meterStart, kept.meterStop, kept.active], [500, 499, false]);
      const stops = await server.get("/api/v1/charge-points/CP1/messages?action=StopTransaction");
      assert.deepEqual(
        stops.body.items.map(({ deviations }: { deviations: { rule: string }[] }) =>
          deviations.map(({ rule }) => rule)
        ),
        [["unknownTransaction"], ["meterStopBelowMeterStart"]],
      );
    },
  );
}
