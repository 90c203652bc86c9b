import assert from "node:assert/strict";
import type { MeterValue } from "../../src/ocpp/meter_value.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

const EVERYTHING = [
  "Energy.Active.Import.Register",
  "Power.Active.Import",
  "Power.Offered",
  "Current.Import",
  "Current.Offered",
  "Voltage",
  "Frequency",
  "Temperature",
  "SoC",
].join();

const ONE_PHASE = { phases: 1, voltageV: 230, maxCurrentA: 16 } as const;
const THREE_PHASES = { phases: 3, voltageV: 230, maxCurrentA: 32 } as const;

/** The readings of a MeterValue by measurand and phase, e.g. `Voltage.L1-N`, with their units. */
function readings(
  { sampledValue }: MeterValue,
): ReadonlyMap<string, { value: number; unit?: string | undefined }> {
  return new Map(sampledValue.map(({ measurand, phase, value, unit }) => [
    phase === undefined ? `${measurand}` : `${measurand}.${phase}`,
    { value: Number(value), unit },
  ]));
}

function samples(script: ScriptedCentralSystem): ReturnType<typeof readings>[] {
  return script.seen("MeterValues").map(({ payload }) => readings(payload.meterValue[0]));
}

function charging(measurands: string, given: ScriptOptions = {}): ScriptedCentralSystem {
  const configuration = {
    MeterValueSampleInterval: "60",
    MeterValuesSampledData: measurands,
    ...given.configuration,
  };
  return new ScriptedCentralSystem({ ...given, configuration }).boot().charge();
}

Deno.test("every sample of a three-phase supply is coherent: P = U × I × phases, energy follows, SoC follows", () => {
  const script = charging(EVERYTHING).run(3_600);
  const all = samples(script);
  assert.equal(all.length, 60);
  const first = all[0]!;
  assert.deepEqual([...first].map(([name, { unit }]) => [name, unit]), [
    ["Energy.Active.Import.Register", "Wh"],
    ["Power.Active.Import", "W"],
    ["Power.Offered", "W"],
    ["Current.Import.L1", "A"],
    ["Current.Import.L2", "A"],
    ["Current.Import.L3", "A"],
    ["Current.Offered", "A"],
    ["Voltage.L1-N", "V"],
    ["Voltage.L2-N", "V"],
    ["Voltage.L3-N", "V"],
    ["Frequency", undefined],
    ["Temperature", "Celsius"],
    ["SoC", "Percent"],
  ]);
  for (const sample of all) {
    const value = (name: string) => sample.get(name)?.value ?? NaN;
    const powerW = value("Voltage.L1-N") * value("Current.Import.L1") * 3;
    assert.ok(Math.abs(value("Power.Active.Import") - powerW) <= 0.5, `${value("Power.Active.Import")}`);
    assert.ok(Math.abs(value("Voltage.L1-N") - 230) <= 2.4);
  }
  const { meterStart } = script.seen("StartTransaction")[0]!.payload;
  const chargedWh = all.at(-1)!.get("Energy.Active.Import.Register")!.value - meterStart;
  const meanW = all.reduce((sum, sample) => sum + sample.get("Power.Active.Import")!.value, 0) / all.length;
  assert.ok(Math.abs(chargedWh - meanW) < meanW * 0.001, `${chargedWh} Wh in an hour at ${meanW} W`);
  const socGained = all.at(-1)!.get("SoC")!.value - 50;
  assert.ok(Math.abs(socGained - chargedWh / 60_000 * 100) < 0.1, `${socGained} %`);
});

Deno.test("a one-phase EV draws on L1 only, whatever the supply offers", () => {
  const vehicle = { batteryCapacityWh: 60_000, socAtArrivalPercent: 50, phases: 1, maxCurrentA: 20 } as const;
  const [sample] = samples(
    charging(
      "Current.Import,Power.Active.Import,Power.Active.Import.L1,Power.Active.Import.L2,Power.Offered",
      {
        description: { supply: THREE_PHASES, vehicle },
      },
    ).run(60),
  );
  const value = (name: string) => sample?.get(name)?.value;
  assert.deepEqual(["L1", "L2", "L3"].map((phase) => value(`Current.Import.${phase}`)), [20, 0, 0]);
  assert.equal(value("Power.Active.Import.L1"), value("Power.Active.Import"));
  assert.equal(value("Power.Active.Import.L2"), 0);
  assert.equal(value("Power.Offered"), 230 * 32 * 3);
});

Deno.test("a one-phase supply has no phases to tell apart", () => {
  const [sample] = samples(
    charging("Current.Import,Voltage", { description: { supply: ONE_PHASE } }).run(60),
  );
  assert.deepEqual([...sample!.keys()], ["Current.Import", "Voltage"]);
  assert.equal(sample!.get("Current.Import")?.value, 16);
});

Deno.test("a list may name phases", () => {
  const [sample] = samples(charging("Voltage.L2,Voltage.L3-N,Current.Import.L1").run(60));
  assert.deepEqual([...sample!.keys()], ["Voltage.L2", "Voltage.L3-N", "Current.Import.L1"]);
});

Deno.test("an EV that pauses draws nothing, and goes on where it was", () => {
  const script = charging("Energy.Active.Import.Register,Power.Active.Import,Current.Offered").run(120);
  script.input({ kind: "evPause", connectorId: 1 }).run(120).input({ kind: "evResume", connectorId: 1 }).run(
    60,
  );
  const powers = samples(script).map((sample) => sample.get("Power.Active.Import")!.value > 0);
  assert.deepEqual(powers, [true, true, false, false, true]);
  const energies = samples(script).map((sample) => sample.get("Energy.Active.Import.Register")!.value);
  assert.equal(energies[1], energies[3]);
  assert.equal(samples(script)[2]?.get("Current.Offered")?.value, 32);
});

Deno.test("a full battery takes exactly what was missing", () => {
  const vehicle = { batteryCapacityWh: 40_000, socAtArrivalPercent: 90, phases: 3, maxCurrentA: 16 } as const;
  const script = charging("SoC,Power.Active.Import", { description: { vehicle } }).run(3_600).present();
  assert.equal(script.chargePoint.connectors[0]?.socPercent?.toFixed(2), "100.00");
  const { meterStop } = script.seen("StopTransaction")[0]!.payload;
  const { meterStart } = script.seen("StartTransaction")[0]!.payload;
  assert.ok(Math.abs(meterStop - meterStart - 4_000) <= 1, `${meterStop - meterStart}`);
  assert.equal(samples(script).at(-1)?.get("Power.Active.Import")?.value, 0);
});

Deno.test("energy is the same whether time comes in one step or in many", () => {
  const coarse = charging("SoC", { configuration: { MeterValueSampleInterval: "0" } }).run(1_750).present();
  const fine = charging("SoC", { configuration: { MeterValueSampleInterval: "1" } }).run(1_750).present();
  const stop = (script: ScriptedCentralSystem) => script.seen("StopTransaction")[0]?.payload.meterStop;
  assert.equal(stop(coarse), stop(fine));
});

Deno.test("meters begin at a plausible value that the seed decides", () => {
  const start = (seed: number) =>
    charging("SoC", { options: { seed } }).seen("StartTransaction")[0]?.payload.meterStart;
  assert.equal(start(5), start(5));
  assert.notEqual(start(5), start(6));
  for (let seed = 0; seed < 50; seed++) {
    assert.ok(Number.isInteger(start(seed)) && start(seed) >= 0 && start(seed) < 20_000_000);
  }
});

Deno.test("StopTransaction carries Transaction.Begin and Transaction.End when StopTxnSampledData asks for them", () => {
  const script = charging("SoC", {
    configuration: { StopTxnSampledData: "Energy.Active.Import.Register,SoC" },
  }).run(90).present();
  const { transactionData, meterStop } = script.seen("StopTransaction")[0]!.payload;
  assert.deepEqual(
    transactionData.map(({ timestamp, sampledValue }: MeterValue) => [
      timestamp,
      sampledValue.map(({ context }) => context),
    ]),
    [
      ["2026-01-01T12:00:00.000Z", ["Transaction.Begin", "Transaction.Begin"]],
      ["2026-01-01T12:01:00.000Z", ["Sample.Periodic", "Sample.Periodic"]],
      ["2026-01-01T12:01:30.000Z", ["Transaction.End", "Transaction.End"]],
    ],
  );
  assert.equal(transactionData[2].sampledValue[0].value, String(meterStop));
});

Deno.test("StopTransaction carries no transactionData when StopTxnSampledData is empty", () => {
  const script = charging("SoC").run(90).present();
  assert.equal("transactionData" in script.seen("StopTransaction")[0]!.payload, false);
});

Deno.test("samples keep to their grid when the host comes late, and missed ones are not made up", () => {
  const script = charging("SoC").run(60);
  script.nowMs += 130_000;
  script.input({ kind: "deadline" }).run(60);
  assert.deepEqual(script.seen("MeterValues").map(({ seconds }) => seconds), [60, 190, 240]);
});

Deno.test("a second car is a new one, with its own battery", () => {
  const script = charging("SoC").run(600).present().unplug().run(10);
  assert.equal(script.chargePoint.connectors[0]?.socPercent, undefined);
  script.plugIn();
  assert.equal(script.chargePoint.connectors[0]?.socPercent, 50);
});
