import assert from "node:assert/strict";
import {
  REBOOT_SECONDS,
  RESET_DELIVERY_SECONDS_MAX,
  RESET_RETRY_SECONDS,
} from "../../src/charge_point/storage/reset.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

type Type = "Soft" | "Hard";

const OFFLINE_STARTS = { AllowOfflineTxForUnknownId: "true", MeterValueSampleInterval: "0" };

/** A Charge Point in some state, how it gets there, and what a reset makes of its connector. */
const STATES: readonly {
  readonly what: string;
  readonly options?: ScriptOptions;
  readonly reach: (script: ScriptedCentralSystem) => void;
  readonly statusAfter: string;
  /** StopTransactions that the Central System sees for the reset. */
  readonly stops: number;
}[] = [
  { what: "idle", reach: () => {}, statusAfter: "Available", stops: 0 },
  { what: "Preparing with a cable", reach: (it) => it.plugIn(), statusAfter: "Preparing", stops: 0 },
  { what: "Preparing with an idTag", reach: (it) => it.present(), statusAfter: "Available", stops: 0 },
  {
    what: "while an idTag is checked",
    options: { answers: { Authorize: () => "silence" } },
    reach: (it) => it.plugIn().present(),
    statusAfter: "Preparing",
    stops: 0,
  },
  {
    what: "while an idTag is checked that would be accepted offline",
    options: { answers: { Authorize: () => "silence" }, configuration: OFFLINE_STARTS },
    reach: (it) => it.plugIn().present(),
    statusAfter: "Preparing",
    stops: 0,
  },
  { what: "in a transaction", reach: (it) => it.charge().run(5), statusAfter: "Finishing", stops: 1 },
  {
    what: "in a transaction that an EV has paused",
    reach: (it) => it.charge().input({ kind: "evPause", connectorId: 1 }).run(5),
    statusAfter: "Finishing",
    stops: 1,
  },
  { what: "Finishing", reach: (it) => it.charge().present(), statusAfter: "Finishing", stops: 0 },
  {
    what: "Unavailable",
    reach: (it) => it.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" }),
    statusAfter: "Unavailable",
    stops: 0,
  },
  {
    what: "Faulted",
    reach: (it) => it.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }).run(0),
    statusAfter: "Faulted",
    stops: 0,
  },
];

for (const type of ["Soft", "Hard"] as const) {
  for (const { what, options, reach, statusAfter, stops } of STATES) {
    Deno.test(`§5.14 Reset ${type} ${what}: it boots anew and its connector is ${statusAfter}`, () => {
      const script = new ScriptedCentralSystem(options).boot();
      reach(script);
      script.forget();
      assert.equal(script.result("Reset", { type }).status, "Accepted");
      script.run(RESET_DELIVERY_SECONDS_MAX + REBOOT_SECONDS + 5);
      assert.equal(script.seen("BootNotification").length, 1);
      assert.equal(script.statuses().at(-1), statusAfter);
      assert.equal(script.statuses(0).at(-1), "Available");
      const seen = script.seen("StopTransaction");
      assert.deepEqual(seen.map(({ payload }) => payload.reason), Array(stops).fill(`${type}Reset`));
      assert.equal(script.seen("StartTransaction").length, 0);
      assert.equal(script.chargePoint.queueLength, 0);
    });
  }
}

Deno.test("§5.14 Soft: the StopTransaction is delivered before it goes down; Hard: after the boot", () => {
  const positions = (["Soft", "Hard"] as Type[]).map((type) => {
    const script = new ScriptedCentralSystem().boot().charge().run(5).forget();
    script.result("Reset", { type });
    const actions = script.run(30).actions();
    return actions.indexOf("StopTransaction") < actions.indexOf("BootNotification");
  });
  assert.deepEqual(positions, [true, false]);
});

Deno.test("§5.14 Soft: what cannot be delivered is waited for no longer than the bound", () => {
  const script = new ScriptedCentralSystem({ answers: { StopTransaction: () => "silence" } });
  script.boot().charge().run(5).forget();
  script.result("Reset", { type: "Soft" });
  script.run(RESET_DELIVERY_SECONDS_MAX + REBOOT_SECONDS - 1);
  assert.equal(script.seen("BootNotification").length, 0);
  script.run(1);
  assert.equal(script.seen("BootNotification").length, 1);
});

Deno.test("§5.14 Soft while Pending: nothing may be delivered, so it does not wait", () => {
  const script = new ScriptedCentralSystem({
    answers: {
      BootNotification: () => ({ status: "Pending", currentTime: "2026-01-01T12:00:00Z", interval: 60 }),
    },
  });
  script.boot().run(1).forget();
  assert.equal(script.result("Reset", { type: "Soft" }).status, "Accepted");
  script.run(REBOOT_SECONDS);
  assert.equal(script.seen("BootNotification").length, 1);
});

Deno.test("§5.14 Hard cuts a Soft short; Soft during either changes nothing; there is one boot", () => {
  const script = new ScriptedCentralSystem({ answers: { StopTransaction: () => "silence" } });
  script.boot().charge().run(5).forget();
  script.result("Reset", { type: "Soft" });
  script.run(1);
  assert.equal(script.result("Reset", { type: "Soft" }).status, "Accepted");
  assert.equal(script.result("Reset", { type: "Hard" }).status, "Accepted");
  script.run(REBOOT_SECONDS);
  assert.equal(script.seen("BootNotification").length, 1);
  assert.equal(script.run(60).seen("BootNotification").length, 1);
});

Deno.test("§5.14 a Reset that was received and an offline transaction: the stop keeps its time and reason", () => {
  const script = new ScriptedCentralSystem({ configuration: OFFLINE_STARTS });
  script.boot().cut().charge().run(5);
  script.input({ kind: "watchdog" }).forget().run(REBOOT_SECONDS).reconnect();
  const [stop] = script.seen("StopTransaction");
  assert.equal(stop?.payload.reason, "Reboot");
  assert.equal(stop?.payload.transactionId, 101);
  assert.equal(stop?.payload.timestamp, "2026-01-01T12:00:05.000Z");
});

Deno.test("§9.1.22 a reset that fails is tried again ResetRetries times", () => {
  const script = new ScriptedCentralSystem({ configuration: { ResetRetries: "2" } }).boot();
  for (let order = 0; order < 2; order++) script.input({ kind: "orderFailure", failure: "reset" });
  script.forget();
  assert.equal(script.result("Reset", { type: "Hard" }).status, "Accepted");
  script.run(2 * RESET_RETRY_SECONDS + REBOOT_SECONDS - 1);
  assert.equal(script.seen("BootNotification").length, 0);
  script.run(1);
  assert.equal(script.seen("BootNotification").length, 1);
  assert.ok(script.seen("StatusNotification").every(({ payload }) => payload.errorCode === "NoError"));
});

Deno.test("§7.6 a reset that keeps failing ends in ResetFailure, which the next reset that works clears", () => {
  const script = new ScriptedCentralSystem({ configuration: { ResetRetries: "1" } }).boot().charge().run(3);
  for (let order = 0; order < 2; order++) script.input({ kind: "orderFailure", failure: "reset" });
  script.forget();
  script.result("Reset", { type: "Soft" });
  script.run(60);
  assert.equal(script.seen("BootNotification").length, 0);
  const [told] = script.seen("StatusNotification").filter(({ payload }) => payload.connectorId === 0);
  assert.deepEqual([told?.payload.status, told?.payload.errorCode], ["Available", "ResetFailure"]);
  // It is in service: a new session is possible.
  script.unplug().charge().run(1);
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
  script.forget();
  script.result("Reset", { type: "Hard" });
  script.run(REBOOT_SECONDS);
  const zero = script.seen("StatusNotification").filter(({ payload }) => payload.connectorId === 0);
  assert.equal(zero.at(-1)?.payload.errorCode, "NoError");
});

Deno.test("a reset to factory state forgets what was stored, and leaves the world as it is", () => {
  const script = new ScriptedCentralSystem({ options: { configuration: { ConnectionTimeOut: "20" } } });
  script.boot().charge().run(100);
  script.result("ChangeConfiguration", { key: "ConnectionTimeOut", value: "99" });
  const registerWh = script.chargePoint.connectors[0]!.registerWh;
  script.forget().input({ kind: "factoryReset" }).run(REBOOT_SECONDS);
  assert.deepEqual(script.actions().slice(0, 3), [
    ...["StopTransaction", "StatusNotification", "BootNotification"],
  ]);
  assert.equal(script.seen("StopTransaction")[0]?.payload.reason, "Reboot");
  assert.equal(script.chargePoint.configuration["ConnectionTimeOut"], "20");
  const [connector] = script.chargePoint.connectors;
  assert.equal(connector?.isPlugged, true);
  assert.ok(connector!.registerWh >= registerWh);
});

Deno.test("a reset to factory state says of every message that waits that it is lost", () => {
  const script = new ScriptedCentralSystem({ configuration: OFFLINE_STARTS });
  script.boot().cut().charge().run(5).present().forget();
  script.input({ kind: "factoryReset" }).run(60);
  assert.deepEqual(script.events("messageLost").map(({ action }) => action), [
    "StartTransaction",
    "StopTransaction",
  ]);
  script.reconnect();
  assert.deepEqual(script.actions().filter((action) => action.endsWith("Transaction")), []);
});

for (const [what, seconds] of [["at once", 0], ["on the way back", REBOOT_SECONDS - 1]] as const) {
  Deno.test(`a reset to factory state is not undone by a power cut ${what}`, () => {
    const script = new ScriptedCentralSystem().boot();
    script.result("ChangeConfiguration", { key: "ConnectionTimeOut", value: "99" });
    script.input({ kind: "factoryReset" }).run(seconds);
    script.input({ kind: "powerOff" }).run(60).input({ kind: "powerOn" }).run(0);
    assert.equal(script.chargePoint.configuration["ConnectionTimeOut"], "60");
  });
}

Deno.test("a reset to factory state is not undone by the end of the program on the way back", () => {
  const script = new ScriptedCentralSystem().boot();
  script.result("ChangeConfiguration", { key: "ConnectionTimeOut", value: "99" });
  script.input({ kind: "factoryReset" }).run(1);
  const stored = JSON.parse(JSON.stringify(script.chargePoint.durable()));
  const again = new ScriptedCentralSystem({}, stored).boot();
  assert.equal(again.chargePoint.configuration["ConnectionTimeOut"], "60");
});
