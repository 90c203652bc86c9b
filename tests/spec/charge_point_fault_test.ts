import assert from "node:assert/strict";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

const booted = (given: ScriptOptions = {}) =>
  new ScriptedCentralSystem({ description: { connectors: 2 }, ...given }).boot();
const statuses = (script: ScriptedCentralSystem) => [
  script.chargePoint.status,
  ...script.chargePoint.connectors.map(({ status }) => status),
];
const stops = (script: ScriptedCentralSystem) =>
  script.seen("StopTransaction").map(({ payload }) => payload.reason);
const press = (script: ScriptedCentralSystem) => script.input({ kind: "emergencyStop" }).run(0);
const release = (script: ScriptedCentralSystem) =>
  script.input({ kind: "clearFault", connectorId: 0 }).run(0);

Deno.test("§4.10 the emergency button stops every transaction and makes everything Faulted", () => {
  const script = press(booted().charge(1, "A").charge(2, "B").run(5).forget());
  assert.deepEqual(stops(script), ["EmergencyStop", "EmergencyStop"]);
  assert.deepEqual(statuses(script), ["Faulted", "Faulted", "Faulted"]);
  const told = script.seen("StatusNotification").map(({ payload: { timestamp: _, ...payload } }) => payload);
  assert.deepEqual(
    told,
    [0, 1, 2].map((connectorId) => ({
      ...{ connectorId, errorCode: "OtherError", status: "Faulted" },
      ...{ info: "Emergency stop", vendorId: "Vendor", vendorErrorCode: "EmergencyStop" },
    })),
  );
});

Deno.test("§4.9 what is pressed stays pressed until connector 0 is cleared, a Reset notwithstanding", () => {
  const script = press(booted().charge(1)).unplug(1);
  script.input({ kind: "clearFault", connectorId: 1 }).run(0);
  script.result("Reset", { type: "Hard" });
  script.run(60).plugIn(2).present("B", 2);
  assert.deepEqual(statuses(script), ["Faulted", "Faulted", "Faulted"]);
  assert.deepEqual(statuses(release(script)), ["Available", "Available", "Preparing"]);
});

Deno.test("§4.9 releasing the button leaves a connector's own fault", () => {
  const script = booted().input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" });
  assert.deepEqual(statuses(release(press(script))), ["Available", "Faulted", "Available"]);
});

Deno.test("§4.10 pressed twice is pressed once; a session that has not begun is called off", () => {
  const script = booted().present("A", 1).forget();
  press(press(script));
  assert.equal(script.seen("StatusNotification").length, 3);
  assert.deepEqual(statuses(release(script.plugIn(1))), ["Available", "Preparing", "Available"]);
  assert.equal(script.seen("StartTransaction").length, 0, "the idTag has to be shown again");
});

Deno.test("§7.6 the emergency button offline: the stops are delivered, the statuses told", () => {
  const script = press(booted().charge(1).cut().forget()).reconnect();
  assert.deepEqual(stops(script), ["EmergencyStop"]);
  assert.deepEqual(statuses(script), ["Faulted", "Faulted", "Faulted"]);
  assert.deepEqual(script.statuses(1), ["Faulted"]);
});

/** Error codes by what they do while a transaction runs. Spec: OCPP 1.6 §7.6. */
for (
  const errorCode of ["EVCommunicationError", "LocalListConflict", "ResetFailure", "WeakSignal"] as const
) {
  Deno.test(`§7.6 ${errorCode} is a warning: told, and nothing is stopped`, () => {
    const script = booted().charge(1).forget();
    script.input({ kind: "fault", connectorId: 1, errorCode }).run(5);
    assert.deepEqual(stops(script), []);
    const [told] = script.seen("StatusNotification");
    assert.equal(told?.payload.errorCode, errorCode);
    assert.notEqual(told?.payload.status, "Faulted");
  });
}

for (
  const errorCode of ["ConnectorLockFailure", "GroundFailure", "HighTemperature", "OverVoltage"] as const
) {
  Deno.test(`§7.6 ${errorCode} is a fault: the transaction is stopped`, () => {
    const script = booted().charge(1).forget();
    script.input({ kind: "fault", connectorId: 1, errorCode }).run(5);
    assert.deepEqual(stops(script), ["Other"]);
    assert.equal(statuses(script)[1], "Faulted");
  });
}

Deno.test("§4.9 while connector 0 is Faulted no transaction starts; one that waited for its cable starts afterwards", () => {
  const script = booted().charge(2, "B").present("A", 1).forget();
  script.input({ kind: "fault", connectorId: 0, errorCode: "InternalError" }).run(0).plugIn(1);
  assert.deepEqual(statuses(script), ["Faulted", "Preparing", "Charging"]);
  assert.equal(script.seen("StartTransaction").length, 0);
  assert.deepEqual(statuses(release(script)), ["Available", "Charging", "Charging"]);
  assert.equal(script.seen("StartTransaction").length, 1);
});

Deno.test("§4.10 the button pressed without power stops the transaction that would go on, for that reason", () => {
  const script = booted({ description: { connectors: 1, atPowerLoss: "resume" } }).charge(1).run(5);
  press(script.input({ kind: "powerOff" })).input({ kind: "powerOn" }).run(0);
  assert.deepEqual(stops(script), ["EmergencyStop"]);
});
