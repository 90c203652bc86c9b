/** §9.1.21 MinimumStatusDuration: statuses that do not last are not reported, the last one always is. */
import assert from "node:assert/strict";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";

const booted = (given: ScriptOptions = {}) =>
  new ScriptedCentralSystem({ configuration: { MinimumStatusDuration: "10" }, ...given }).boot().forget();
const told = (script: ScriptedCentralSystem) =>
  script.seen("StatusNotification").map(({ seconds, payload }) => [seconds, payload.status]);

Deno.test("§9.1.21 a status is reported once it has lasted, with the time at which it began", () => {
  const script = booted().run(5).plugIn().run(60);
  assert.deepEqual(told(script), [[15, "Preparing"]]);
  const { timestamp } = script.seen("StatusNotification")[0]!.payload;
  assert.equal(timestamp, new Date(BEGIN_AT_MS + 5_000).toISOString());
});

Deno.test("§9.1.21 statuses that pass are not reported", () => {
  const script = booted().charge().run(9).present().unplug().run(60);
  assert.deepEqual(told(script), []);
  assert.equal(script.seen("StopTransaction").length, 1);
});

Deno.test("§9.1.21 only the last of several is reported", () => {
  assert.deepEqual(told(booted().plugIn().run(5).present().run(60)), [[15, "Charging"]]);
});

Deno.test("§9.1.21 a status that comes back while another one's report is under way is reported", () => {
  const script = booted({ latencyMs: 30_000 }).run(300).forget();
  script.plugIn().run(11).unplug().run(100); // Preparing is on its way when it is Available again
  assert.deepEqual(script.statuses(), ["Preparing", "Available"]);
});

Deno.test("§9.1.21 what has become of it offline is told at once after the reconnect", () => {
  const script = booted().cut().plugIn().run(5).reconnect();
  assert.deepEqual(told(script), [[5, "Preparing"]]);
  script.run(60);
  assert.deepEqual(told(script), [[5, "Preparing"]]);
});

Deno.test("§9.1.21 a link that breaks before it is time loses nothing", () => {
  const script = booted().plugIn().run(5).cut().run(40).reconnect().run(10);
  assert.deepEqual(told(script), [[45, "Preparing"]]);
});

Deno.test("§9.1.21 a trigger gets the present status at any time", () => {
  const script = booted().plugIn();
  script.result("TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 1 });
  assert.deepEqual(told(script), [[0, "Preparing"]]);
});

Deno.test("§9.1.21 a cause that was told with a status goes with it when it is late", () => {
  const script = booted({
    configuration: { MinimumStatusDuration: "10", StopTransactionOnEVSideDisconnect: "false" },
  });
  script.charge().run(30).forget().unplug().run(30);
  assert.deepEqual(script.statuses(), ["SuspendedEV"]);
  assert.equal(script.seen("StatusNotification")[0]?.payload.info, "EV side disconnected");
});

Deno.test("§9.1.21 a boot tells every status at once", () => {
  const script = booted().plugIn();
  script.result("Reset", { type: "Hard" });
  script.forget().run(30);
  assert.deepEqual(script.statuses(), ["Preparing"]);
});
