/**
 * `serve` with the npm package `ocpp-rpc` as its Charge Point, in strict mode: it checks every payload, its own
 * and ours, against the official JSON schemas.
 *
 * First as the specification wants it, then as real devices behave.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { BOOT, interop } from "../support/rpc_client.ts";
import type { TestServerOptions } from "../support/server.ts";

const strict: TestServerOptions = { admission: { validation: "strict" } };

/** An hour ago: a clock that is far off would be a deviation. */
const BEGAN_AT_MS = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
const at = (second: number) => new Date(BEGAN_AT_MS + second * 1_000).toISOString();

const status = (name: string, connectorId = 1) => ({
  connectorId,
  status: name,
  errorCode: "NoError",
  timestamp: at(0),
});
const reading = (value: string, context = "Sample.Periodic") => ({
  timestamp: at(10),
  sampledValue: [
    { value, context, measurand: "Energy.Active.Import.Register", unit: "Wh", location: "Outlet" },
    { value: "11040.5", context, measurand: "Power.Active.Import", unit: "W" },
    { value: "57", context, measurand: "SoC", unit: "Percent", location: "EV" },
  ],
});

interop("ocpp-rpc strict: a whole session against strict validation", async (server, { client, call }) => {
  assert.equal(client.protocol, "ocpp1.6");
  const boot = await call("BootNotification", {
    ...BOOT,
    chargePointSerialNumber: "S-1",
    firmwareVersion: "1.0.0",
    meterType: "MID",
  });
  assert.deepEqual([boot.status, boot.interval], ["Accepted", 300]);
  assert.ok(Math.abs(Date.parse(boot.currentTime) - systemClock.nowMs()) < 60_000);
  for (const connectorId of [0, 1]) {
    assert.deepEqual(await call("StatusNotification", status("Available", connectorId)), {});
  }
  assert.ok((await call("Heartbeat", {})).currentTime);
  assert.equal((await call("Authorize", { idTag: "FOREIGN1" })).idTagInfo.status, "Accepted");
  await call("StatusNotification", status("Preparing"));
  const start = { connectorId: 1, idTag: "FOREIGN1", meterStart: 1_000, timestamp: at(1) };
  const { transactionId, idTagInfo } = await call("StartTransaction", start);
  assert.ok(Number.isInteger(transactionId) && transactionId > 0 && transactionId < 2 ** 31);
  assert.equal(idTagInfo.status, "Accepted");
  await call("StatusNotification", status("Charging"));
  for (const value of ["1010", "1020"]) {
    assert.deepEqual(
      await call("MeterValues", { connectorId: 1, transactionId, meterValue: [reading(value)] }),
      {},
    );
  }
  const stop = await call("StopTransaction", {
    transactionId,
    idTag: "FOREIGN1",
    meterStop: 1_030,
    timestamp: at(60),
    reason: "Local",
    transactionData: [reading("1030", "Transaction.End")],
  });
  assert.equal(stop.idTagInfo.status, "Accepted");
  await call("StatusNotification", status("Finishing"));
  await call("StatusNotification", status("Available"));
  assert.equal((await call("DataTransfer", { vendorId: "foreign", data: "x" })).status, "UnknownVendorId");

  const { body } = await server.get(`/api/v1/transactions/${transactionId}`);
  const { startReceivedAt: _1, stopReceivedAt: _2, ...stored } = body;
  assert.deepEqual(stored, {
    transactionId,
    chargePoint: "RPC1",
    connectorId: 1,
    idTag: "FOREIGN1",
    idTagStatus: "Accepted",
    active: false,
    meterStart: 1_000,
    meterStop: 1_030,
    energyWh: 30,
    startedAt: at(1),
    stoppedAt: at(60),
    closedBy: "chargePoint",
    stopReason: "Local",
    stopIdTag: "FOREIGN1",
  });
  const readings = await server.get(`/api/v1/transactions/${transactionId}/meter-values`);
  assert.deepEqual(
    readings.body.items.map(({ sampledValue }: { sampledValue: { value: string }[] }) =>
      sampledValue[0]!.value
    ),
    ["1010", "1020", "1030"],
  );
  assert.deepEqual(server.observer.deviations, []);
}, { server: strict });

interop("ocpp-rpc strict: refused idTags and a Pending boot keep to the schemas too", async (_, { call }) => {
  assert.equal((await call("BootNotification", BOOT)).status, "Pending");
  await assert.rejects(call("Heartbeat", {}), { rpcErrorCode: "SecurityError" });
}, { server: { settings: { bootStatus: "Pending", authorization: "closed" } } });

interop(
  "ocpp-rpc strict: under closed authorization an unknown idTag is Invalid and still gets its transaction",
  async (_, { call }) => {
    await call("BootNotification", BOOT);
    assert.deepEqual(await call("Authorize", { idTag: "NOBODY" }), { idTagInfo: { status: "Invalid" } });
    const start = { connectorId: 1, idTag: "NOBODY", meterStart: 0, timestamp: at(1) };
    const { transactionId, idTagInfo } = await call("StartTransaction", start);
    assert.deepEqual([typeof transactionId, idTagInfo], ["number", { status: "Invalid" }]); // §4.8
  },
  { server: { settings: { authorization: "closed" } } },
);

// --- as real devices behave ----------------------------------------------------------------------------------

interop(
  "real device: Calls before the boot answer are processed after the boot",
  async (server, { call, answered }) => {
    const [boot, state, heartbeat] = await Promise.all([
      call("BootNotification", BOOT), // its answer is not waited for
      call("StatusNotification", status("Available")),
      call("Heartbeat", {}),
    ]);
    assert.deepEqual([boot.status, state, typeof heartbeat.currentTime], ["Accepted", {}, "string"]);
    assert.equal(answered().length, 3);
    assert.deepEqual(server.observer.deviations, []); // the boot was decided before them
  },
  { client: { callConcurrency: 3 } },
);

interop("real device: a status before any boot is stored, with a deviation", async (server, { call }) => {
  await call("StatusNotification", status("Available"));
  await call("BootNotification", BOOT);
  const { body } = await server.get("/api/v1/charge-points/RPC1");
  assert.deepEqual(
    [body.connectors[0].status, body.registration, body.deviations],
    ["Available", "Accepted", { callBeforeBoot: 1 }],
  );
});

interop(
  "real device: two Calls outstanding are both served, in order",
  async (_, { call, messages, answered }) => {
    await call("BootNotification", BOOT);
    await Promise.all(Array.from({ length: 20 }, () => call("Heartbeat", {})));
    const sent = messages.filter(({ outbound }) => outbound).map(({ text }) => JSON.parse(text)[1]);
    assert.deepEqual(answered(), sent);
  },
  { client: { callConcurrency: 2 } },
);

interop(
  "real device: decimal strings stay as they came, a status without timestamp gets the time of receipt",
  async (server, { call }) => {
    await call("BootNotification", BOOT);
    const { transactionId } = await call("StartTransaction", {
      connectorId: 1,
      idTag: "FOREIGN1",
      meterStart: 0,
      timestamp: at(1),
    });
    const meterValue = [{
      timestamp: at(5),
      sampledValue: [{ value: "125.40" }, { value: "-0.5", measurand: "Current.Import", unit: "A" }],
    }];
    await call("MeterValues", { connectorId: 1, transactionId, meterValue });
    const readings = await server.get(`/api/v1/transactions/${transactionId}/meter-values`);
    assert.deepEqual(readings.body.items[0].sampledValue, meterValue[0]!.sampledValue);
    assert.equal(readings.body.items[0].timestamp, at(5));

    const { timestamp: _, ...untimed } = status("Charging");
    await call("StatusNotification", untimed);
    const { connectors } = (await server.get("/api/v1/charge-points/RPC1")).body;
    assert.equal(connectors[0].statusAt, connectors[0].receivedAt);
  },
);

interop(
  "real device: StopTransaction sent twice is answered twice and stored once",
  async (server, { call }) => {
    await call("BootNotification", BOOT);
    const start = { connectorId: 1, idTag: "FOREIGN1", meterStart: 5, timestamp: at(1) };
    const { transactionId } = await call("StartTransaction", start);
    const stop = {
      transactionId,
      idTag: "FOREIGN1",
      meterStop: 50,
      timestamp: at(9),
      reason: "EVDisconnected",
      transactionData: [reading("50", "Transaction.End")],
    };
    const first = await call("StopTransaction", stop);
    const { body: before } = await server.get(`/api/v1/transactions/${transactionId}`);
    assert.deepEqual(await call("StopTransaction", stop), first); // with another uniqueId
    const { body } = await server.get(`/api/v1/transactions`);
    assert.deepEqual(body.items, [before]);
    const readings = await server.get(`/api/v1/transactions/${transactionId}/meter-values`);
    assert.equal(readings.body.items.length, 1);
    assert.equal(server.observer.of("transactionStopped").length, 1);
    assert.deepEqual(server.observer.deviations, []);
  },
);

interop(
  "real device: StartTransaction repeated with another uniqueId gets the same transactionId",
  async (server, { call }) => {
    await call("BootNotification", BOOT);
    const start = { connectorId: 1, idTag: "FOREIGN1", meterStart: 5, timestamp: at(1) };
    const first = await call("StartTransaction", start);
    assert.deepEqual(await call("StartTransaction", start), first);
    const other = await call("StartTransaction", { ...start, timestamp: at(2) });
    assert.notEqual(other.transactionId, first.transactionId);
    const { body } = await server.get("/api/v1/transactions");
    assert.equal(body.items.length, 2);
  },
);
