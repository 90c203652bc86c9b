import assert from "node:assert/strict";
import { CHARGE_POINT_PRESETS } from "../../src/charge_point/presets.ts";
import { VEHICLES } from "../../src/charge_point/energy/vehicle_description.ts";
import { Measurand, type MeterValue, type SampledValue } from "../../src/ocpp/meter_value.ts";
import { profile } from "../support/profiles.ts";
import {
  ScriptedCentralSystem,
  type ScriptOptions,
  type SeenCall,
} from "../support/scripted_central_system.ts";

const REGISTER = "Energy.Active.Import.Register";
const INTERVAL = "Energy.Active.Import.Interval";

function booted(
  configuration: Readonly<Record<string, string>>,
  given: Omit<ScriptOptions, "configuration"> = {},
): ScriptedCentralSystem {
  return new ScriptedCentralSystem({ ...given, configuration }).boot();
}

/** What a TriggerMessage of MeterValues brings for one connector. */
function triggered(script: ScriptedCentralSystem, connectorId: number): MeterValue {
  const req = { requestedMessage: "MeterValues", connectorId } as const;
  assert.equal(script.result("TriggerMessage", req).status, "Accepted");
  script.run(0);
  const { payload } = script.seen("MeterValues").at(-1)!;
  assert.equal(payload.connectorId, connectorId);
  assert.equal(payload.meterValue.length, 1);
  return payload.meterValue[0];
}

/** Readings by measurand and phase. */
function valuesOf({ sampledValue }: MeterValue): Readonly<Record<string, number>> {
  return Object.fromEntries(sampledValue.map(({ measurand, phase, value }) => [
    phase === undefined ? `${measurand}` : `${measurand}.${phase}`,
    Number(value),
  ]));
}

// --- §7.31, §7.43: what can be read -----------------------------------------------------------------------------

Deno.test("§7.31 every measurand can be read while charging, with its unit", () => {
  const script = booted({
    MeterValuesSampledData: Measurand.options.slice(0, 20).join(),
    MeterValueSampleInterval: "0",
  }).charge().run(60);
  const units = new Map(triggered(script, 1).sampledValue.map(({ measurand, unit }) => [measurand, unit]));
  assert.equal(
    script.result("ChangeConfiguration", { key: "MeterValuesSampledData", value: "SoC,RPM" }).status,
    "Accepted",
  );
  for (const { measurand, unit } of triggered(script, 1).sampledValue) units.set(measurand, unit);
  assert.deepEqual(Object.fromEntries(units), {
    "Energy.Active.Export.Register": "Wh",
    "Energy.Active.Import.Register": "Wh",
    "Energy.Reactive.Export.Register": "varh",
    "Energy.Reactive.Import.Register": "varh",
    "Energy.Active.Export.Interval": "Wh",
    "Energy.Active.Import.Interval": "Wh",
    "Energy.Reactive.Export.Interval": "varh",
    "Energy.Reactive.Import.Interval": "varh",
    "Power.Active.Export": "W",
    "Power.Active.Import": "W",
    "Power.Offered": "W",
    "Power.Reactive.Export": "var",
    "Power.Reactive.Import": "var",
    "Power.Factor": undefined,
    "Current.Import": "A",
    "Current.Export": "A",
    "Current.Offered": "A",
    "Voltage": "V",
    "Frequency": undefined,
    "Temperature": "Celsius",
    "SoC": "Percent",
    "RPM": undefined,
  });
});

/** Items of a list of measurands: the phases that they are read on, or that they are refused. */
const ITEMS: readonly (readonly [
  supply: keyof typeof CHARGE_POINT_PRESETS,
  item: string,
  phases: readonly (string | undefined)[] | "Rejected",
])[] = [
  ["ac-22kw", "Voltage", ["L1-N", "L2-N", "L3-N"]],
  ["ac-22kw", "Voltage.L2", ["L2"]],
  ["ac-22kw", "Voltage.L3-L1", ["L3-L1"]],
  ["ac-22kw", "Voltage.N", "Rejected"],
  ["ac-22kw", "Current.Import", ["L1", "L2", "L3"]],
  ["ac-22kw", "Current.Import.N", ["N"]],
  ["ac-22kw", "Current.Import.L1-N", "Rejected"],
  ["ac-22kw", "Power.Active.Import", [undefined]],
  ["ac-22kw", "Power.Active.Import.L3", ["L3"]],
  ["ac-22kw", "SoC.L1", "Rejected"],
  ["ac-22kw", "Voltage.L4", "Rejected"],
  ["ac-3.7kw", "Voltage", [undefined]],
  ["ac-3.7kw", "Voltage.L1-N", ["L1-N"]],
  ["ac-3.7kw", "Voltage.L2", "Rejected"],
  ["ac-3.7kw", "Voltage.L1-L2", "Rejected"],
  ["dc-50kw", "Voltage", [undefined]],
  ["dc-50kw", "Current.Import", [undefined]],
  ["dc-50kw", "Current.Import.L1", "Rejected"],
];

for (const [preset, item, phases] of ITEMS) {
  Deno.test(`§4.7 ${preset} reads ${item} as ${JSON.stringify(phases)}`, () => {
    const script = booted({}, { description: CHARGE_POINT_PRESETS[preset] }).charge();
    const { status } = script.result("ChangeConfiguration", { key: "MeterValuesSampledData", value: item });
    assert.equal(status, phases === "Rejected" ? "Rejected" : "Accepted");
    if (phases === "Rejected") return;
    assert.deepEqual(triggered(script, 1).sampledValue.map(({ phase }) => phase), phases);
  });
}

const ELECTRICAL = "Power.Active.Import,Voltage,Current.Import,Current.Import.N,Voltage.L1-L2";

Deno.test("the neutral carries what one phase takes, and nothing of three that are alike", () => {
  const three = booted({ MeterValuesSampledData: ELECTRICAL }).charge();
  const balanced = valuesOf(triggered(three, 1));
  assert.equal(balanced["Current.Import.N"], 0);
  const between = balanced["Voltage.L1-N"]! * Math.sqrt(3);
  assert.ok(Math.abs(balanced["Voltage.L1-L2"]! - between) < 0.06);
  const one = booted({ MeterValuesSampledData: ELECTRICAL });
  one.input({ kind: "plugIn", connectorId: 1, vehicle: VEHICLES["city-car"] }).present();
  const values = valuesOf(triggered(one, 1));
  assert.deepEqual([values["Current.Import.N"], values["Current.Import.L2"]], [32, 0]);
});

for (const preset of ["dc-50kw", "dc-150kw"] as const) {
  Deno.test(`${preset}: P = U × I at the outlet all the way up the curve, more goes in, and the inlet sees it`, () => {
    const configuration = {
      MeterValuesSampledData: `${REGISTER},Power.Active.Import,Voltage,Current.Import,SoC`,
      MeterValueSampleInterval: "0",
    };
    const description = CHARGE_POINT_PRESETS[preset];
    const { dc } = description.supply;
    const script = booted(configuration, { description }).charge();
    const powers: number[] = [];
    let before: Readonly<Record<string, number>> | undefined;
    let inletBefore: Readonly<Record<string, number>> | undefined;
    for (let minute = 0; minute < 120; minute++) {
      const values = valuesOf(triggered(script, 1));
      const inlet = valuesOf(triggered(script, 0));
      const [powerW, voltageV, currentA] = [
        values["Power.Active.Import"]!,
        values["Voltage"]!,
        values["Current.Import"]!,
      ];
      assert.ok(Math.abs(powerW - voltageV * currentA) <= 0.5);
      assert.ok(voltageV <= dc.maxVoltageV && currentA <= dc.maxCurrentA && powerW <= dc.maxPowerW);
      assert.ok(Math.abs(inlet["Power.Active.Import"]! * dc.efficiency - powerW) <= 1);
      if (before !== undefined && inletBefore !== undefined) {
        assert.ok(values["SoC"]! >= before["SoC"]!);
        const addedWh = values[REGISTER]! - before[REGISTER]!;
        assert.ok(Math.abs((inlet[REGISTER]! - inletBefore[REGISTER]!) * dc.efficiency - addedWh) <= 2);
      }
      powers.push(powerW);
      [before, inletBefore] = [values, inlet];
      script.run(60);
    }
    assert.ok(powers[0]! > dc.maxPowerW * 0.8, `${powers[0]} W at first`);
    assert.ok(powers.filter((powerW) => powerW > 0).at(-1)! < dc.maxPowerW * 0.2, "taper");
    assert.equal(before?.["SoC"], 100);
    assert.deepEqual([powers.at(-1), script.chargePoint.connectors[0]?.status], [0, "SuspendedEV"]);
    assert.equal(before?.["Voltage"], 0); // nothing is connected any more
  });
}

Deno.test("an EV that takes no DC, or has a battery of too high a voltage, is not charged", () => {
  for (const [preset, vehicle] of [["dc-150kw", "plug-in-hybrid"], ["dc-50kw", "grand-tourer"]] as const) {
    const script = booted({}, { description: CHARGE_POINT_PRESETS[preset] });
    script.input({ kind: "plugIn", connectorId: 1, vehicle: VEHICLES[vehicle] }).present();
    assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEV");
    assert.equal(script.run(600).chargePoint.connectors[0]?.powerW, 0);
  }
});

Deno.test("what is offered follows the limits, and is nothing while suspended", () => {
  const script = booted({ MeterValuesSampledData: "Current.Offered,Power.Offered" }).charge();
  const offered = () => Object.values(valuesOf(triggered(script, 1)));
  assert.deepEqual(offered(), [32, 22_080]);
  script.result("SetChargingProfile", { connectorId: 1, csChargingProfiles: profile() });
  assert.deepEqual(offered(), [10, 6_900]);
  const csChargingProfiles = profile({ unit: "W", periods: [[0, 5_000]] });
  script.result("SetChargingProfile", { connectorId: 1, csChargingProfiles });
  assert.deepEqual(offered(), [7.24, 5_000]);
  script.result("SetChargingProfile", { connectorId: 1, csChargingProfiles: profile({ periods: [[0, 0]] }) });
  assert.deepEqual(offered(), [0, 0]);
});

Deno.test("SoC is read while an EV is there, at the EV", () => {
  const script = booted({ MeterValuesSampledData: `SoC,${REGISTER}` });
  assert.deepEqual(triggered(script, 1).sampledValue.map(({ measurand }) => measurand), [REGISTER]);
  const [soc] = triggered(script.charge(), 1).sampledValue;
  assert.deepEqual([soc?.measurand, soc?.location, soc?.value], ["SoC", "EV", "50.0"]);
});

Deno.test("§8.4 connector 0 is the main meter at the inlet: the sum of its connectors", () => {
  const script = booted(
    { MeterValuesSampledData: `${REGISTER},Power.Active.Import,Current.Import,SoC` },
    { description: { connectors: 2 } },
  ).charge(1).charge(2, "TAG002").run(600);
  const main = triggered(script, 0);
  const [one, other] = [valuesOf(triggered(script, 1)), valuesOf(triggered(script, 2))];
  const values = valuesOf(main);
  assert.ok(
    main.sampledValue.every(({ location, context }) => location === "Inlet" && context === "Trigger"),
  );
  assert.equal(values["Power.Active.Import"], one["Power.Active.Import"]! + other["Power.Active.Import"]!);
  assert.equal(values["Current.Import.L3"], 32);
  assert.ok(Math.abs(values[REGISTER]! - one[REGISTER]! - other[REGISTER]!) <= 2);
  assert.equal("SoC" in values, false);
});

// --- §3.16.2: clock-aligned ------------------------------------------------------------------------------------------

/** MeterValues with readings of the clock. */
function aligned(script: ScriptedCentralSystem): readonly SeenCall[] {
  return script.seen("MeterValues").filter(({ payload }) =>
    payload.meterValue[0].sampledValue[0].context === "Sample.Clock"
  );
}

const CLOCK = {
  ClockAlignedDataInterval: "900",
  MeterValuesAlignedData: REGISTER,
  MeterValueSampleInterval: "0",
};

Deno.test("§9.1 ClockAlignedDataInterval: every meter at every interval from midnight, with a transaction or not", () => {
  const script = booted(CLOCK).run(60).charge().run(900).present().run(900);
  const transactionId = script.seen("StopTransaction")[0]?.payload.transactionId;
  assert.deepEqual(
    aligned(script).map(({ seconds, payload }) => [
      ...[seconds, payload.connectorId, payload.transactionId],
      payload.meterValue[0].timestamp,
    ]),
    [
      [900, 0, undefined, "2026-01-01T12:15:00.000Z"],
      [900, 1, transactionId, "2026-01-01T12:15:00.000Z"],
      [1_800, 0, undefined, "2026-01-01T12:30:00.000Z"],
      [1_800, 1, undefined, "2026-01-01T12:30:00.000Z"],
    ],
  );
  assert.deepEqual(aligned(script).map(({ payload }) => payload.meterValue[0].sampledValue[0].location), [
    ...["Inlet", undefined, "Inlet", undefined],
  ]);
});

Deno.test("§9.1 after a reset without a link the meters are read as before", () => {
  const script = booted(CLOCK).cut().input({ kind: "watchdog" }).run(900);
  assert.equal(script.chargePoint.queueLength, 2);
});

Deno.test("§9.1 an interval that does not fit into a day begins anew at midnight", () => {
  const script = booted({ ...CLOCK, ClockAlignedDataInterval: "25000" }).run(24 * 3_600);
  const moments = aligned(script).filter(({ payload }) => payload.connectorId === 1)
    .map(({ payload }) => payload.meterValue[0].timestamp);
  assert.deepEqual(moments, [
    "2026-01-01T13:53:20.000Z",
    "2026-01-01T20:50:00.000Z",
    "2026-01-02T00:00:00.000Z",
    "2026-01-02T06:56:40.000Z",
  ]);
});

Deno.test("§9.1 a new ClockAlignedDataInterval counts at once, and 0 ends it", () => {
  const script = booted(CLOCK).run(60);
  const setInterval = (value: string) =>
    script.result("ChangeConfiguration", { key: "ClockAlignedDataInterval", value });
  setInterval("300");
  script.run(600);
  assert.deepEqual([...new Set(aligned(script).map(({ seconds }) => seconds))], [300, 600]);
  setInterval("0");
  script.forget().run(3_600);
  assert.deepEqual(aligned(script), []);
});

Deno.test("§3.16.2 what counts an interval bears its beginning, and the intervals add up to the register", () => {
  const script = booted({ ...CLOCK, MeterValuesAlignedData: `${REGISTER},${INTERVAL}` }).run(60).charge();
  script.run(3_600);
  const ofConnector = aligned(script).filter(({ payload }) => payload.connectorId === 1);
  assert.deepEqual(
    ofConnector[1]?.payload.meterValue.map(({ timestamp, sampledValue }: MeterValue) => [
      timestamp,
      sampledValue.map(({ measurand }) => measurand),
    ]),
    [
      ["2026-01-01T12:15:00.000Z", [INTERVAL]],
      ["2026-01-01T12:30:00.000Z", [REGISTER]],
    ],
  );
  const readings = ofConnector.map(({ payload }) =>
    payload.meterValue.map(({ sampledValue }: MeterValue) => Number(sampledValue[0]?.value))
  );
  const { meterStart } = script.seen("StartTransaction")[0]!.payload;
  const sumWh = readings.reduce((sum, [intervalWh]) => sum + intervalWh, 0);
  assert.equal(readings.length, 4);
  assert.equal(sumWh, readings.at(-1)![1] - meterStart);
});

Deno.test("§3.7 offline, clock-aligned readings wait for the link in their order", () => {
  const script = booted(CLOCK).cut().run(2_000).forget().reconnect().run(60);
  assert.deepEqual(
    aligned(script).map(({ payload }) => [payload.connectorId, payload.meterValue[0].timestamp]),
    [
      [0, "2026-01-01T12:15:00.000Z"],
      [1, "2026-01-01T12:15:00.000Z"],
      [0, "2026-01-01T12:30:00.000Z"],
      [1, "2026-01-01T12:30:00.000Z"],
    ],
  );
});

Deno.test("clock-aligned readings follow simulated time", () => {
  const script = booted(CLOCK, { options: { speed: 60 } }).run(61);
  assert.deepEqual(
    aligned(script).filter(({ payload }) => payload.connectorId === 1)
      .map(({ seconds, payload }) => [seconds, payload.meterValue[0].timestamp]),
    [15, 30, 45, 60].map((seconds) => [
      seconds,
      `2026-01-01T${seconds === 60 ? 13 : 12}:${seconds === 60 ? "00" : seconds}:00.000Z`,
    ]),
  );
});

Deno.test("a host that comes late gets the last moment, and no other is made up", () => {
  const script = booted(CLOCK).run(60);
  script.nowMs += 2_000_000;
  script.input({ kind: "deadline" }).run(0);
  assert.deepEqual(aligned(script).map(({ payload }) => payload.meterValue[0].timestamp), [
    ...["2026-01-01T12:30:00.000Z", "2026-01-01T12:30:00.000Z"],
  ]);
});

// --- §4.10: transactionData ----------------------------------------------------------------------------------------

function transactionData(script: ScriptedCentralSystem): readonly MeterValue[] {
  return script.seen("StopTransaction")[0]?.payload.transactionData ?? [];
}

const contexts = (values: readonly MeterValue[]) =>
  values.map(({ sampledValue }) => (sampledValue[0] as SampledValue).context);

Deno.test("§4.10 transactionData has the samples of the transaction and of the clock, in order", () => {
  const script = booted({
    ...CLOCK,
    MeterValueSampleInterval: "600",
    StopTxnSampledData: REGISTER,
    StopTxnAlignedData: `${REGISTER},SoC`,
  }).run(60).charge().run(1_000).present();
  const data = transactionData(script);
  assert.deepEqual(contexts(data), [
    ...["Transaction.Begin", "Sample.Periodic", "Sample.Clock", "Transaction.End"],
  ]);
  const times = data.map(({ timestamp }) => timestamp);
  assert.deepEqual(times, times.toSorted());
  const registers = data.map(({ sampledValue }) => Number(sampledValue[0]?.value));
  assert.deepEqual(registers, registers.toSorted((one, other) => one - other));
});

Deno.test("errata StopTransactionMaxMeterValues: Begin and End stay, those between are spread evenly", () => {
  const script = booted({ MeterValueSampleInterval: "10", StopTxnSampledData: REGISTER }).charge();
  script.run(10_000).present();
  const data = transactionData(script);
  const most = Number(script.chargePoint.configuration["StopTransactionMaxMeterValues"]);
  assert.ok(data.length <= most && data.length > most / 2, `${data.length} of ${most}`);
  assert.deepEqual([contexts(data)[0], contexts(data).at(-1)], ["Transaction.Begin", "Transaction.End"]);
  const between = data.slice(1, -1).map(({ timestamp }) => Date.parse(timestamp));
  const gaps = new Set(between.slice(1).map((atMs, index) => atMs - between[index]!));
  assert.deepEqual(gaps, new Set([160_000]));
});

Deno.test("§4.7 sampled intervals add up to the register", () => {
  const script = booted({
    MeterValueSampleInterval: "60",
    MeterValuesSampledData: INTERVAL,
    StopTxnSampledData: INTERVAL,
  }).charge().run(630).present();
  const { meterStart } = script.seen("StartTransaction")[0]!.payload;
  const { meterStop } = script.seen("StopTransaction")[0]!.payload;
  const data = transactionData(script).map(({ sampledValue }) => Number(sampledValue[0]?.value));
  assert.equal(data.length, 12);
  assert.equal(data.reduce((sum, wh) => sum + wh, 0), meterStop - meterStart);
  const sampled = script.seen("MeterValues").map(({ payload }) =>
    Number(payload.meterValue[0].sampledValue[0].value)
  );
  assert.deepEqual(sampled, data.slice(1, -1));
});
