import assert from "node:assert/strict";
import type { ChargePointDescription } from "../../src/charge_point/description.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

type AtPowerLoss = ChargePointDescription["atPowerLoss"];

/** An hour without power, 100 s after the start of a transaction. */
function throughPowerCut(
  atPowerLoss: AtPowerLoss,
  { meanwhile = () => {}, ...options }: ScriptOptions & {
    meanwhile?: (script: ScriptedCentralSystem) => void;
  } = {},
): ScriptedCentralSystem {
  const script = new ScriptedCentralSystem({
    ...options,
    description: { atPowerLoss },
    configuration: { MeterValueSampleInterval: "60", ...options.configuration },
  });
  script.boot().charge().run(100).forget();
  script.input({ kind: "powerOff" }).run(10);
  meanwhile(script);
  script.run(3_590).input({ kind: "powerOn" }).run(0);
  return script;
}

/** Wh of 100 s at 11 kW, within the swing of the voltage. */
const ENERGY_WH = 11_040 * 100 / 3_600;

function assertEnergy(script: ScriptedCentralSystem, meterStop: number): void {
  const start = script.chargePoint.connectors[0]!.registerWh;
  assert.ok(meterStop <= start);
  const [connector] = script.chargePoint.connectors;
  assert.ok(connector !== undefined);
}

Deno.test("PowerLoss stopBeforeGoingDown: told before the link dies, and nothing is left for after the boot", () => {
  const script = throughPowerCut("stopBeforeGoingDown");
  assert.equal(script.actions()[0], "StopTransaction");
  const [stop] = script.seen("StopTransaction");
  assert.equal(stop?.payload.reason, "PowerLoss");
  assert.equal(stop?.payload.timestamp, "2026-01-01T12:01:40.000Z");
  assert.equal(script.seen("StopTransaction").length, 1);
  assert.equal(script.seen("BootNotification").length, 1);
  assert.equal(script.statuses().at(-1), "Finishing");
});

Deno.test("PowerLoss stopBeforeGoingDown without a link: the stop waits, and is told after the boot", () => {
  const script = new ScriptedCentralSystem({ description: { atPowerLoss: "stopBeforeGoingDown" } });
  script.boot().charge().run(100).cut().forget().input({ kind: "powerOff" }).run(600);
  script.input({ kind: "powerOn" }).run(0).reconnect();
  const [stop] = script.seen("StopTransaction");
  assert.deepEqual([stop?.payload.reason, stop?.payload.timestamp], [
    "PowerLoss",
    "2026-01-01T12:01:40.000Z",
  ]);
});

Deno.test("PowerLoss stopAfterBoot: boot, statuses, then the stop with the last stored reading and time", () => {
  const script = throughPowerCut("stopAfterBoot");
  assert.deepEqual(script.actions(), [
    ...["BootNotification", "StatusNotification", "StatusNotification", "StopTransaction"],
  ]);
  const [stop] = script.seen("StopTransaction");
  assert.equal(stop?.payload.reason, "PowerLoss");
  assert.equal(stop?.payload.timestamp, "2026-01-01T12:01:40.000Z");
  assertEnergy(script, stop?.payload.meterStop);
  const started = script.events("transactionStopped")[0]!;
  const takenWh = started.meterStopWh - started.meterStartWh;
  assert.ok(Math.abs(takenWh - ENERGY_WH) < 0.02 * ENERGY_WH, `${takenWh} Wh`);
  assert.equal(script.statuses().at(-1), "Finishing");
});

Deno.test("PowerLoss resume: the transaction goes on, and the hour without power takes no energy", () => {
  const script = throughPowerCut("resume");
  assert.equal(script.seen("StopTransaction").length, 0);
  assert.equal(script.chargePoint.connectors[0]?.transaction?.transactionId, 101);
  assert.equal(script.statuses().at(-1), "Charging");
  script.run(100);
  assert.deepEqual(script.seen("MeterValues").map(({ payload }) => payload.transactionId), [101]);
  script.present();
  const stopped = script.events("transactionStopped")[0]!;
  const takenWh = stopped.meterStopWh - stopped.meterStartWh;
  assert.ok(Math.abs(takenWh - 2 * ENERGY_WH) < 0.02 * ENERGY_WH, `${takenWh} Wh`);
  assert.equal(script.seen("StopTransaction")[0]?.payload.reason, "Local");
});

Deno.test("PowerLoss resume: who unplugs meanwhile has ended it, as the configuration says", () => {
  const rows = [["true", "Available", ["EVDisconnected"]], ["false", "SuspendedEV", []]] as const;
  for (const [StopTransactionOnEVSideDisconnect, status, reasons] of rows) {
    const script = throughPowerCut("resume", {
      configuration: { StopTransactionOnEVSideDisconnect },
      meanwhile: (it) => it.unplug(),
    });
    assert.equal(script.statuses().at(-1), status);
    assert.deepEqual(script.seen("StopTransaction").map(({ payload }) => payload.reason), reasons);
  }
});

Deno.test("PowerLoss resume: a fault that came meanwhile stops the transaction", () => {
  const script = throughPowerCut("resume", {
    meanwhile: (it) => it.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }),
  });
  assert.equal(script.statuses().at(-1), "Faulted");
  assert.deepEqual(script.seen("StopTransaction").map(({ payload }) => payload.reason), ["Other"]);
});

/** What a connector is when the power is back, by what was before and what happened meanwhile. */
const ROWS: readonly {
  readonly what: string;
  readonly before: (script: ScriptedCentralSystem) => void;
  readonly meanwhile?: (script: ScriptedCentralSystem) => void;
  readonly status: string;
}[] = [
  { what: "free stays Available", before: () => {}, status: "Available" },
  { what: "a cable that is in makes Preparing", before: (it) => it.plugIn(), status: "Preparing" },
  {
    what: "a cable that comes meanwhile makes Preparing",
    before: () => {},
    meanwhile: (it) => it.plugIn(),
    status: "Preparing",
  },
  {
    what: "a cable that goes meanwhile makes Available",
    before: (it) => it.plugIn(),
    meanwhile: (it) => it.unplug(),
    status: "Available",
  },
  { what: "an idTag without a cable is forgotten", before: (it) => it.present(), status: "Available" },
  { what: "Finishing stays", before: (it) => it.charge().present(), status: "Finishing" },
  {
    what: "Finishing ends when the cable goes",
    before: (it) => it.charge().present(),
    meanwhile: (it) => it.unplug(),
    status: "Available",
  },
  {
    what: "Unavailable persists",
    before: (it) => it.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" }),
    status: "Unavailable",
  },
  {
    what: "a fault persists until it is cleared",
    before: (it) => it.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }),
    status: "Faulted",
  },
  {
    what: "a fault that is cleared meanwhile is gone",
    before: (it) => it.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }),
    meanwhile: (it) => it.input({ kind: "clearFault", connectorId: 1 }),
    status: "Available",
  },
];

for (const { what, before, meanwhile, status } of ROWS) {
  Deno.test(`power cut: ${what}`, () => {
    const script = new ScriptedCentralSystem().boot();
    before(script);
    script.run(5).forget().input({ kind: "powerOff" }).run(10);
    meanwhile?.(script);
    assert.deepEqual(script.events("status"), [], "nothing is told without power");
    script.run(10).input({ kind: "powerOn" }).run(0);
    assert.deepEqual(script.statuses(), [status]);
    assert.deepEqual(script.statuses(0), ["Available"]);
  });
}

Deno.test("power cut: without power nothing is sent, nobody can start, and time asks for nothing", () => {
  const script = new ScriptedCentralSystem({ configuration: { AllowOfflineTxForUnknownId: "true" } });
  script.boot().plugIn().input({ kind: "powerOff" }).forget();
  script.present().run(86_400);
  assert.deepEqual(script.calls, []);
  assert.equal(script.chargePoint.deadlineMs(), Infinity);
  assert.equal(script.events("idTagIgnored")[0]?.reason, "the Charge Point is starting");
});

Deno.test("power cut: mains that fail twice, come twice or come back at once do no harm", () => {
  for (const atPowerLoss of ["stopBeforeGoingDown", "stopAfterBoot", "resume"] as const) {
    const script = new ScriptedCentralSystem({ description: { atPowerLoss }, latencyMs: 100 });
    script.boot().run(2).charge().run(60).forget();
    for (const kind of ["powerOff", "powerOff", "powerOn", "powerOn"] as const) script.input({ kind });
    script.run(60);
    assert.equal(script.seen("BootNotification").length, 1, atPowerLoss);
    assert.equal(script.chargePoint.isOnline, true);
    assert.equal(script.seen("StopTransaction").length, atPowerLoss === "resume" ? 0 : 1);
  }
});

Deno.test("power cut during a restart: it comes back with the power, not before", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  script.result("Reset", { type: "Hard" });
  script.run(1).input({ kind: "powerOff" }).run(100);
  assert.equal(script.seen("BootNotification").length, 0);
  script.input({ kind: "powerOn" }).run(0);
  assert.equal(script.seen("BootNotification").length, 1);
});

Deno.test("power cut with an idTag being checked: no transaction comes of the answer that never came", () => {
  const script = new ScriptedCentralSystem({
    configuration: { AllowOfflineTxForUnknownId: "true" },
    answers: { Authorize: () => "silence" },
  });
  script.boot().plugIn().present().input({ kind: "powerOff" }).run(1).input({ kind: "powerOn" }).run(5);
  assert.equal(script.events("transactionStarted").length, 0);
});
