import assert from "node:assert/strict";
import { CHARGE_POINT_PRESETS } from "../../src/charge_point/presets.ts";
import { VEHICLES } from "../../src/charge_point/energy/vehicle_description.ts";
import { at, profile, type ProfileSketch } from "../support/profiles.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

const TWO: ScriptOptions = { description: { connectors: 2 } };

/** The id of the first transaction that a script starts. */
const TRANSACTION_ID = 101;

function set(
  script: ScriptedCentralSystem,
  connectorId: number,
  sketch: ProfileSketch = {},
): "Accepted" | "Rejected" | "NotSupported" {
  return script.result("SetChargingProfile", { connectorId, csChargingProfiles: profile(sketch) }).status;
}

/** The current on each phase of the EV, as a meter shows it now. */
function currentA(script: ScriptedCentralSystem, connectorId = 1): number {
  const before = script.seen("MeterValues").length;
  const req = { requestedMessage: "MeterValues", connectorId } as const;
  assert.equal(script.result("TriggerMessage", req).status, "Accepted");
  script.run(0);
  const [meterValue] = script.seen("MeterValues").slice(before)[0]!.payload.meterValue;
  return Number(meterValue.sampledValue[0].value);
}

/** A script that reads Current.Import.L1 and nothing else, never by itself. */
function booted(options: ScriptOptions = {}): ScriptedCentralSystem {
  const configuration = {
    MeterValuesSampledData: "Current.Import.L1",
    MeterValueSampleInterval: "0",
    ...options.configuration,
  };
  return new ScriptedCentralSystem({ ...options, configuration }).boot();
}

// --- §2.6, §7.1: what may be installed ---------------------------------------------------------------------

/** The transaction of connector 1 runs; there is a connector 2 without one. */
const ANSWERED: readonly (readonly [rule: string, connectorId: number, ProfileSketch, status: string])[] = [
  ["§3.13.1 ChargePointMaxProfile on connector 0", 0, { purpose: "ChargePointMaxProfile" }, "Accepted"],
  ["§3.13.1 ChargePointMaxProfile on connector 1", 1, { purpose: "ChargePointMaxProfile" }, "Rejected"],
  ["§3.13.1 TxDefaultProfile for all connectors", 0, {}, "Accepted"],
  ["§3.13.1 TxDefaultProfile for one connector", 2, {}, "Accepted"],
  ["§3.13.1 TxProfile for the running transaction", 1, { purpose: "TxProfile" }, "Accepted"],
  [
    "§5.16 TxProfile that names the running transaction",
    1,
    { purpose: "TxProfile", transactionId: TRANSACTION_ID },
    "Accepted",
  ],
  ["TC_058_2 TxProfile that names another", 1, { purpose: "TxProfile", transactionId: 1 }, "Rejected"],
  ["TC_058_1 TxProfile without a transaction", 2, { purpose: "TxProfile" }, "Rejected"],
  ["errata TxProfile on connector 0", 0, { purpose: "TxProfile" }, "Rejected"],
  ["§9.4.1 the highest stackLevel", 0, { level: 10 }, "Accepted"],
  ["§9.4.1 a stackLevel above ChargeProfileMaxStackLevel", 0, { level: 11 }, "Rejected"],
  ["§9.4.3 as many periods as may be", 0, { periods: steps(24) }, "Accepted"],
  ["§9.4.3 more than ChargingScheduleMaxPeriods", 0, { periods: steps(25) }, "Rejected"],
  ["§7.11 Recurring without recurrencyKind", 0, { kind: "Recurring" }, "Rejected"],
  ["§7.11 Recurring daily", 0, { kind: "Recurring", recurrency: "Daily" }, "Accepted"],
  ["§7.13 without startSchedule", 0, { start: undefined }, "Accepted"],
  ["§7.11 Relative to the start of charging", 0, { kind: "Relative" }, "Accepted"],
  [
    "§7.11 Relative for the whole Charge Point, to nothing",
    0,
    { kind: "Relative", purpose: "ChargePointMaxProfile" },
    "Rejected",
  ],
  ["§7.8 validTo before validFrom", 0, { from: 60, to: 60 }, "Rejected"],
];

function steps(count: number): [number, number][] {
  return Array.from({ length: count }, (_, index) => [index * 60, 10]);
}

for (const [rule, connectorId, sketch, status] of ANSWERED) {
  Deno.test(`${rule} is ${status}`, () => {
    const script = booted(TWO).charge();
    assert.equal(script.seen("StartTransaction").length, 1);
    assert.equal(set(script, connectorId, sketch), status);
  });
}

/** Calls that have no conf. */
const REFUSED: readonly (readonly [rule: string, action: string, payload: unknown, errorCode: string])[] = [
  [
    "errata §5.16 a connector that does not exist",
    "SetChargingProfile",
    { connectorId: 2, csChargingProfiles: profile() },
    "PropertyConstraintViolation",
  ],
  [
    "errata §5.16 a purpose that does not exist",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: { ...profile(), chargingProfilePurpose: "TxMaxProfile" } },
    "PropertyConstraintViolation",
  ],
  [
    "§7.13 a schedule that does not begin with 0",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: profile({ periods: [[1, 10]] }) },
    "PropertyConstraintViolation",
  ],
  [
    "§7.13 a schedule without a period",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: profile({ periods: [] }) },
    "PropertyConstraintViolation",
  ],
  [
    "§7.14 periods that run backwards",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: profile({ periods: [[0, 10], [60, 8], [30, 6]] }) },
    "PropertyConstraintViolation",
  ],
  [
    "§7.14 a limit below 0",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: profile({ periods: [[0, -1]] }) },
    "PropertyConstraintViolation",
  ],
  [
    "§7.14 four phases",
    "SetChargingProfile",
    { connectorId: 0, csChargingProfiles: profile({ periods: [[0, 10, 4]] }) },
    "PropertyConstraintViolation",
  ],
  [
    "errata §5.7 a unit that does not exist",
    "GetCompositeSchedule",
    { connectorId: 1, duration: 60, chargingRateUnit: "kW" },
    "PropertyConstraintViolation",
  ],
];

for (const [rule, action, payload, errorCode] of REFUSED) {
  Deno.test(`${rule} gets ${errorCode}`, () => {
    const answer = booted().callRaw(action, payload);
    assert.equal(answer.kind === "callError" && answer.errorCode, errorCode, JSON.stringify(answer));
  });
}

for (
  const [action, payload] of [
    ["SetChargingProfile", { connectorId: 0, csChargingProfiles: profile() }],
    ["ClearChargingProfile", {}],
    ["GetCompositeSchedule", { connectorId: 0, duration: 60 }],
  ] as const
) {
  Deno.test(`errata §5.16 ${action} gets NotSupported of a Charge Point without SmartCharging`, () => {
    const answer = booted({ description: { featureProfiles: ["Core"] } }).callRaw(action, payload);
    assert.equal(answer.kind === "callError" && answer.errorCode, "NotSupported");
  });
}

Deno.test("§9.4.5 MaxChargingProfilesInstalled is kept, and what replaces another needs no room", () => {
  const script = booted();
  const installed = Array.from({ length: 11 }, (_, level) => set(script, 0, { id: level, level }));
  const more = Array.from({ length: 10 }, (_, level) => set(script, 1, { id: 50 + level, level }));
  assert.deepEqual([...installed, ...more].filter((status) => status === "Accepted").length, 20);
  assert.equal(more.at(-1), "Rejected");
  assert.equal(set(script, 1, { id: 99, level: 0 }), "Accepted"); // in place of id 50
  assert.equal(script.result("ClearChargingProfile", { id: 50 }).status, "Unknown");
  assert.equal(set(script, 1, { id: 99, level: 9 }), "Accepted"); // in place of itself
});

Deno.test("§7.8 a profile whose validTo has passed makes room", () => {
  const script = booted();
  for (let id = 0; id < 20; id++) set(script, id % 2, { id, level: Math.floor(id / 2), to: 60 });
  assert.equal(set(script, 0, { id: 30, level: 10 }), "Rejected");
  script.run(60);
  assert.equal(set(script, 0, { id: 30, level: 10 }), "Accepted");
  assert.equal(script.result("ClearChargingProfile", { id: 3 }).status, "Unknown");
});

// --- §3.13, §7.13: which limit holds -------------------------------------------------------------------------

type Install = readonly [connectorId: number, sketch: ProfileSketch];

/** What an EV of 16 A on three phases draws at some seconds after the beginning; 0: suspended by the EVSE. */
const LIMITED: readonly (readonly [
  rule: string,
  installed: readonly Install[],
  currents: Readonly<Record<number, number>>,
])[] = [
  ["§3.13 nothing installed", [], { 0: 16 }],
  ["§3.13 a limit in A", [[1, {}]], { 0: 10, 7_200: 10 }],
  ["§7.12 a limit in W by the nominal voltage", [[1, { unit: "W", periods: [[0, 6_900]] }]], { 0: 10 }],
  ["§3.13 a limit above what the EV takes", [[1, { periods: [[0, 20]] }]], { 0: 16 }],
  ["§3.13 less than the EV can take", [[1, { periods: [[0, 5.9]] }]], { 0: 0 }],
  ["§3.13 just what the EV can take", [[1, { periods: [[0, 6]] }]], { 0: 6 }],
  ["§3.13 just what the EV can take, in W", [[1, { unit: "W", periods: [[0, 4_140]] }]], { 0: 6 }],
  ["§3.13 nothing", [[1, { periods: [[0, 0]] }]], { 0: 0 }],
  ["§7.14 periods follow each other", [[1, { periods: [[0, 8], [60, 12], [120, 0], [180, 7]] }]], {
    0: 8,
    59: 8,
    60: 12,
    120: 0,
    180: 7,
    9_999: 7,
  }],
  ["§7.13 a duration ends the schedule", [[1, { duration: 60, periods: [[0, 8], [90, 12]] }]], {
    59: 8,
    60: 16,
    100: 16,
  }],
  ["§7.13 a schedule to come", [[1, { start: 60 }]], { 59: 16, 60: 10 }],
  ["§7.8 valid for a time", [[1, { from: 60, to: 120 }]], { 59: 16, 60: 10, 119: 10, 120: 16 }],
  ["§3.13.2 the highest stackLevel counts", [
    [1, { id: 1, level: 1, periods: [[0, 12]] }],
    [1, { id: 2, level: 2, periods: [[0, 8]], duration: 60 }],
    [1, { id: 3, level: 0, periods: [[0, 6]] }],
  ], { 0: 8, 60: 12 }],
  ["§3.13.2 the highest stackLevel counts, be it the weaker limit", [
    [1, { id: 1, level: 0, periods: [[0, 8]] }],
    [1, { id: 2, level: 1, periods: [[0, 12]] }],
  ], { 0: 12 }],
  ["§3.13.1 TxDefaultProfile of all connectors", [[0, {}]], { 0: 10 }],
  ["§3.13.1 that of the connector counts before it", [
    [0, { id: 1, level: 5, periods: [[0, 8]] }],
    [1, { id: 2, level: 0, periods: [[0, 12]], duration: 60 }],
  ], { 0: 12, 60: 8 }],
  ["§3.13.1 TxProfile overrules TxDefaultProfile, and leaves the rest to it", [
    [1, { id: 1, level: 5, periods: [[0, 8]] }],
    [1, { id: 2, level: 0, periods: [[0, 12]], duration: 60, purpose: "TxProfile" }],
  ], { 0: 12, 60: 8 }],
  ["§3.13.1 ChargePointMaxProfile limits whatever the others say", [
    [0, { id: 1, purpose: "ChargePointMaxProfile", periods: [[0, 9], [60, 14]] }],
    [1, { id: 2, periods: [[0, 12]] }],
  ], { 0: 9, 60: 12 }],
  ["§7.12 units are not mixed up", [
    [0, { id: 1, purpose: "ChargePointMaxProfile", unit: "W", periods: [[0, 6_900]] }],
    [1, { id: 2, periods: [[0, 12]] }],
  ], { 0: 10 }],
  ["§7.11 Relative begins with the transaction", [
    [1, { kind: "Relative", periods: [[0, 8], [60, 12]] }],
  ], { 0: 8, 60: 12 }],
  ["§7.13 without startSchedule as well", [[1, { start: undefined, periods: [[0, 8], [60, 12]] }]], {
    0: 8,
    60: 12,
  }],
  ["§7.11 Recurring daily", [
    [1, { kind: "Recurring", recurrency: "Daily", start: -86_400 * 3, duration: 60, periods: [[0, 8]] }],
  ], { 0: 8, 60: 16, 3_600: 16 }],
  ["§7.11 Recurring daily ends what is beyond a day", [
    [1, {
      kind: "Recurring",
      recurrency: "Daily",
      start: -86_400 + 60,
      periods: [[0, 12], [86_340, 8], [90_000, 6]],
    }],
  ], { 0: 8, 60: 12, 3_660: 12 }],
  ["§7.11 Recurring weekly", [
    [1, { kind: "Recurring", recurrency: "Weekly", start: -7 * 86_400 + 60, duration: 60 }],
  ], { 0: 16, 60: 10, 120: 16 }],
  ["§7.14 a limit for one phase leaves an EV on three", [[1, { periods: [[0, 10, 1]] }]], { 0: 10 }],
];

for (const [rule, installed, currents] of LIMITED) {
  Deno.test(`${rule}: the EV draws ${JSON.stringify(currents)}`, () => {
    const script = booted().charge();
    const begunAtMs = script.nowMs;
    for (const [connectorId, sketch] of installed) assert.equal(set(script, connectorId, sketch), "Accepted");
    for (const [seconds, expected] of Object.entries(currents)) {
      script.run(Number(seconds) - (script.nowMs - begunAtMs) / 1_000);
      assert.equal(currentA(script), expected, `after ${seconds} s`);
      const status = script.chargePoint.connectors[0]?.status;
      assert.equal(status, expected === 0 ? "SuspendedEVSE" : "Charging");
    }
  });
}

Deno.test("§4.9 C5, E3: a schedule suspends and lets go on at its own moments, and tells so", () => {
  const script = booted().charge().forget();
  set(script, 1, { periods: [[0, 10], [60, 0], [120, 5], [180, 10]] });
  script.run(300);
  assert.deepEqual(
    script.seen("StatusNotification").map(({ seconds, payload }) => [seconds, payload.status]),
    [
      [60, "SuspendedEVSE"],
      [180, "Charging"],
    ],
  );
});

Deno.test("§4.9 where EV and schedule suspend, SuspendedEVSE takes precedence", () => {
  const script = booted().charge().input({ kind: "evPause", connectorId: 1 }).run(0);
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEV");
  set(script, 1, { periods: [[0, 0]] });
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEVSE");
  script.result("ClearChargingProfile", {});
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEV");
});

Deno.test("§7.13 minChargingRate: below it charging is not worth while", () => {
  const script = booted().charge();
  set(script, 1, { minChargingRate: 10.5 });
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEVSE");
  set(script, 1, { minChargingRate: 9.5 });
  assert.equal(currentA(script), 10);
});

for (
  const [switchesToOnePhase, expected] of [[true, ["10.00", "0.00"]], [false, ["10.00", "10.00"]]] as const
) {
  Deno.test(`§9.4 ConnectorSwitch3to1PhaseSupported ${switchesToOnePhase}: a limit for one phase gives ${expected}`, () => {
    const script = booted({
      description: { switchesToOnePhase },
      configuration: { MeterValuesSampledData: "Current.Import.L1,Current.Import.L2" },
    }).charge();
    assert.equal(
      script.chargePoint.configuration["ConnectorSwitch3to1PhaseSupported"],
      String(switchesToOnePhase),
    );
    set(script, 1, { periods: [[0, 10, 1]] });
    script.result("TriggerMessage", { requestedMessage: "MeterValues", connectorId: 1 });
    const [{ sampledValue }] = script.run(0).seen("MeterValues").at(-1)!.payload.meterValue;
    assert.deepEqual(sampledValue.map(({ value }: { value: string }) => value), expected);
  });
}

Deno.test("§3.13.1 TC_082 a TxDefaultProfile takes effect on a running transaction and leaves it again", () => {
  const script = booted().charge().run(600);
  assert.equal(currentA(script), 16);
  set(script, 1, { id: 7 });
  assert.equal(currentA(script), 10);
  set(script, 1, { id: 8, periods: [[0, 12]] });
  assert.equal(currentA(script), 12);
  assert.equal(script.result("ClearChargingProfile", { id: 8 }).status, "Accepted");
  assert.equal(currentA(script), 16);
});

Deno.test("§3.13.1 a TxProfile ends with its transaction", () => {
  const script = booted().charge();
  set(script, 1, { purpose: "TxProfile" });
  assert.equal(currentA(script), 10);
  script.present().unplug().charge();
  assert.equal(currentA(script), 16);
  assert.equal(
    script.result("ClearChargingProfile", { chargingProfilePurpose: "TxProfile" }).status,
    "Unknown",
  );
});

Deno.test("§3.13.8 offline the profiles go on", () => {
  const script = booted().charge();
  set(script, 1, { purpose: "TxProfile", periods: [[0, 10], [60, 0]] });
  script.cut().run(90);
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEVSE");
});

Deno.test("errata §5.16 profiles outlive a reset, TxProfiles only their transaction", () => {
  const script = booted().charge();
  set(script, 1, { id: 1, purpose: "TxProfile" });
  set(script, 0, { id: 2, periods: [[0, 12]] });
  script.result("Reset", { type: "Hard" });
  script.run(60).unplug().charge();
  assert.equal(currentA(script), 12);
  assert.equal(script.result("ClearChargingProfile", { id: 1 }).status, "Unknown");
});

Deno.test("errata §5.16 profiles outlive a power cut, and nothing flows in the dark", () => {
  const script = booted({ description: { atPowerLoss: "resume" } }).charge();
  set(script, 1, { id: 1, purpose: "TxProfile", kind: "Relative", periods: [[0, 10], [600, 7]] });
  script.run(120).input({ kind: "powerOff" });
  const { registerWh } = script.chargePoint.connectors[0]!;
  script.run(300).input({ kind: "powerOn" }).run(10);
  const flowedWh = script.chargePoint.connectors[0]!.registerWh - registerWh;
  assert.ok(flowedWh <= 20, `${flowedWh} Wh`); // in the ten seconds since
  assert.equal(currentA(script), 10);
  assert.equal(currentA(script.run(180)), 7);
});

Deno.test("errata §5.16 profiles come back from what was stored", () => {
  const script = booted();
  set(script, 0, { id: 2, unit: "W", from: -60, to: 86_400, periods: [[0, 6_900], [60, 5_520]] });
  const stored = JSON.parse(JSON.stringify(script.run(1).chargePoint.durable()));
  const after = new ScriptedCentralSystem(
    { configuration: { MeterValuesSampledData: "Current.Import.L1" } },
    stored,
  );
  after.nowMs = script.nowMs;
  after.boot().run(60).charge();
  assert.equal(currentA(after), 8);
});

// --- §5.5 ------------------------------------------------------------------------------------------------------

const INSTALLED: readonly Install[] = [
  [0, { id: 1, purpose: "ChargePointMaxProfile", level: 1 }],
  [0, { id: 2, level: 0 }],
  [1, { id: 3, level: 1 }],
  [1, { id: 4, purpose: "TxProfile", level: 0 }],
  [2, { id: 5, level: 1 }],
];

const CLEARED: readonly (readonly [rule: string, req: object, left: readonly number[]])[] = [
  ["without a field everything goes", {}, []],
  ["by id", { id: 3 }, [1, 2, 4, 5]],
  ["by id, whatever else is named", { id: 3, connectorId: 0, stackLevel: 9 }, [1, 2, 4, 5]],
  ["of the Charge Point as a whole", { connectorId: 0 }, [3, 4, 5]],
  ["of a connector", { connectorId: 1 }, [1, 2, 5]],
  ["by purpose", { chargingProfilePurpose: "TxDefaultProfile" }, [1, 4]],
  ["by stackLevel", { stackLevel: 1 }, [2, 4]],
  ["by all of them", { connectorId: 1, chargingProfilePurpose: "TxDefaultProfile", stackLevel: 1 }, [
    ...[1, 2, 4, 5],
  ]],
  ["of what is not there", { connectorId: 2, stackLevel: 0 }, [1, 2, 3, 4, 5]],
  ["of an id that is not there", { id: 9 }, [1, 2, 3, 4, 5]],
  ["of a connector that is not there", { connectorId: 7 }, [1, 2, 3, 4, 5]],
];

for (const [rule, req, left] of CLEARED) {
  Deno.test(`§5.5 ClearChargingProfile ${rule}`, () => {
    const script = booted(TWO).charge();
    for (const [connectorId, sketch] of INSTALLED) set(script, connectorId, sketch);
    const status = left.length === INSTALLED.length ? "Unknown" : "Accepted";
    assert.equal(script.result("ClearChargingProfile", req).status, status);
    const found = [1, 2, 3, 4, 5].filter((id) =>
      script.result("ClearChargingProfile", { id }).status === "Accepted"
    );
    assert.deepEqual(found, left);
  });
}

// --- §5.11 -----------------------------------------------------------------------------------------------------

Deno.test("§5.11 TC_059 the profile of a RemoteStartTransaction limits the transaction that it starts", () => {
  const script = booted().plugIn();
  const chargingProfile = profile({ purpose: "TxProfile", kind: "Relative", periods: [[0, 8], [60, 12]] });
  const req = { idTag: "TAG001", connectorId: 1, chargingProfile };
  assert.equal(script.result("RemoteStartTransaction", req).status, "Accepted");
  assert.equal(currentA(script.run(1)), 8);
  assert.equal(currentA(script.run(60)), 12);
  // §7.5: a later one with its stackLevel replaces it.
  set(script, 1, { id: 2, purpose: "TxProfile", transactionId: TRANSACTION_ID, periods: [[0, 6]] });
  assert.equal(currentA(script), 6);
  script.present().unplug().charge();
  assert.equal(currentA(script), 16);
});

const BAD_START: readonly (readonly [rule: string, ProfileSketch])[] = [
  ["TC_060 another purpose", {}],
  ["a transactionId", { purpose: "TxProfile", transactionId: 5 }],
  ["a stackLevel that is too high", { purpose: "TxProfile", level: 11 }],
  ["a schedule that does not begin with 0", { purpose: "TxProfile", periods: [[1, 10]] }],
];

for (const [rule, sketch] of BAD_START) {
  Deno.test(`§5.11 a RemoteStartTransaction with ${rule} in its profile is Rejected`, () => {
    const script = booted().plugIn();
    const req = { idTag: "TAG001", connectorId: 1, chargingProfile: profile(sketch) };
    assert.equal(script.result("RemoteStartTransaction", req).status, "Rejected");
    assert.equal(script.run(60).seen("StartTransaction").length, 0);
  });
}

Deno.test("§5.11 a profile for a start that was called off is not used for the next", () => {
  const script = booted();
  const chargingProfile = profile({ purpose: "TxProfile" });
  script.result("RemoteStartTransaction", { idTag: "TAG001", connectorId: 1, chargingProfile });
  script.run(61).charge(); // ConnectionTimeOut has ended it
  assert.equal(currentA(script), 16);
});

Deno.test("§5.11 the profile is ignored by a Charge Point without SmartCharging", () => {
  const script = booted({ description: { featureProfiles: ["Core", "RemoteTrigger"] } }).plugIn();
  const req = { idTag: "TAG001", connectorId: 1, chargingProfile: profile({ purpose: "TxProfile" }) };
  assert.equal(script.result("RemoteStartTransaction", req).status, "Accepted");
  assert.equal(currentA(script.run(1)), 16);
});

// --- §5.7 ------------------------------------------------------------------------------------------------------

interface Composite {
  readonly unit: "A" | "W";
  readonly periods: readonly (readonly [number, number])[];
}

const COMPOSITES: readonly (readonly [
  rule: string,
  installed: readonly Install[],
  req: { connectorId: number; duration: number; chargingRateUnit?: "A" | "W" },
  Composite,
])[] = [
  ["nothing installed: what the supply gives", [], { connectorId: 1, duration: 60 }, {
    unit: "A",
    periods: [[0, 32]],
  }],
  ["in W", [], { connectorId: 1, duration: 60, chargingRateUnit: "W" }, {
    unit: "W",
    periods: [[0, 22_080]],
  }],
  ["connector 0 is the sum", [], { connectorId: 0, duration: 60 }, { unit: "A", periods: [[0, 64]] }],
  [
    "periods are merged, from now on",
    [
      [1, { id: 1, periods: [[0, 12], [60, 8], [100, 8], [120, 10]] }],
      [0, { id: 2, purpose: "ChargePointMaxProfile", periods: [[0, 20], [90, 6]], start: 0, duration: 200 }],
    ],
    { connectorId: 1, duration: 300 },
    { unit: "A", periods: [[0, 12], [60, 8], [90, 6], [200, 10]] },
  ],
  ["the unit of what is installed", [[1, { unit: "W", periods: [[0, 6_900]] }]], {
    connectorId: 1,
    duration: 60,
  }, { unit: "W", periods: [[0, 6_900]] }],
  ["the other unit by the nominal voltage", [[1, { unit: "W", periods: [[0, 7_000]] }]], {
    connectorId: 1,
    duration: 60,
    chargingRateUnit: "A",
  }, { unit: "A", periods: [[0, 10.1]] }],
  [
    "a recurring schedule",
    [[
      1,
      { kind: "Recurring", recurrency: "Daily", periods: [[0, 32], [3_600, 10], [7_200, 32]] },
    ]],
    { connectorId: 1, duration: 100_000 },
    {
      unit: "A",
      periods: [[0, 32], [3_600, 10], [7_200, 32], [90_000, 10], [93_600, 32]],
    },
  ],
  [
    "connector 0 within ChargePointMaxProfile",
    [
      [0, { id: 1, purpose: "ChargePointMaxProfile", periods: [[0, 40]] }],
      [1, { id: 2, periods: [[0, 6], [30, 10]] }],
    ],
    { connectorId: 0, duration: 60 },
    { unit: "A", periods: [[0, 38], [30, 40]] },
  ],
];

for (const [rule, installed, req, { unit, periods }] of COMPOSITES) {
  Deno.test(`§5.7 GetCompositeSchedule: ${rule}`, () => {
    const script = booted(TWO);
    for (const [connectorId, sketch] of installed) assert.equal(set(script, connectorId, sketch), "Accepted");
    const conf = script.result("GetCompositeSchedule", req);
    assert.deepEqual(conf, {
      status: "Accepted",
      connectorId: req.connectorId,
      scheduleStart: at(0),
      chargingSchedule: {
        duration: req.duration,
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
      },
    });
  });
}

for (
  const [rule, req] of [
    ["a connector that does not exist", { connectorId: 3, duration: 60 }],
    ["no time at all", { connectorId: 1, duration: 0 }],
  ] as const
) {
  Deno.test(`§5.7 GetCompositeSchedule for ${rule} is Rejected`, () => {
    assert.deepEqual(booted(TWO).result("GetCompositeSchedule", req), { status: "Rejected" });
  });
}

Deno.test("§5.7 a composite schedule has no more periods than ChargingScheduleMaxPeriods, and says how far it got", () => {
  const script = booted();
  const periods = Array.from({ length: 24 }, (_, hour) => [hour * 3_600, 10 + hour % 2] as const);
  set(script, 1, { kind: "Recurring", recurrency: "Daily", periods });
  const conf = script.result("GetCompositeSchedule", { connectorId: 1, duration: 2_000_000_000 });
  assert.equal(conf.chargingSchedule?.chargingSchedulePeriod.length, 24);
  assert.equal(conf.chargingSchedule?.duration, 86_400);
});

Deno.test("§5.7 a one-phase supply says that its A are of one phase", () => {
  const script = booted({ description: CHARGE_POINT_PRESETS["ac-3.7kw"] });
  const conf = script.result("GetCompositeSchedule", { connectorId: 1, duration: 60 });
  assert.deepEqual(conf.chargingSchedule?.chargingSchedulePeriod, [
    { startPeriod: 0, limit: 16, numberPhases: 1 },
  ]);
});

// --- sharing (design §6) -------------------------------------------------------------------------------------------

const { compact } = VEHICLES;

Deno.test("connectors share a ChargePointMaxProfile equally, and what one leaves goes to the other", () => {
  const script = booted(TWO).charge(1).charge(2, "TAG002");
  set(script, 0, { purpose: "ChargePointMaxProfile", periods: [[0, 24]] });
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [12, 12]);
  set(script, 2, { id: 2, periods: [[0, 9]] });
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [15, 9]);
  script.input({ kind: "evPause", connectorId: 1 }).run(0);
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [0, 9]);
});

Deno.test("when there is not enough for two, who came first charges and the other is suspended", () => {
  const script = booted(TWO).charge(2, "TAG002").run(5).charge(1);
  set(script, 0, { purpose: "ChargePointMaxProfile", periods: [[0, 11]] });
  const statuses = () => script.chargePoint.connectors.map(({ status }) => status);
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [0, 11]);
  assert.deepEqual(statuses(), ["SuspendedEVSE", "Charging"]);
  script.present("TAG002", 2);
  assert.deepEqual([currentA(script, 1), statuses()[0]], [11, "Charging"]);
});

Deno.test("one-phase EVs on different phases of the grid do not take each other's share", () => {
  const vehicle = { ...compact, phases: 1, maxCurrentA: 32 } as const;
  const options = { description: { connectors: 2, chargePointLimit: { maxCurrentA: 32 }, vehicle } };
  const same = booted(options).charge(1).charge(2, "TAG002");
  assert.deepEqual([currentA(same, 1), currentA(same, 2)], [16, 16]);
  const configuration = { ConnectorPhaseRotation: "0.RST,1.RST,2.STR" };
  const turned = booted({ ...options, configuration }).charge(1).charge(2, "TAG002");
  assert.deepEqual([currentA(turned, 1), currentA(turned, 2)], [32, 32]);
});

Deno.test("what the grid gives holds at once, in A and in W, until it is lifted", () => {
  const script = booted(TWO).charge(1).charge(2, "TAG002");
  script.input({ kind: "gridLimit", maxCurrentA: 20 }).run(0);
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [10, 10]);
  script.input({ kind: "gridLimit", maxPowerW: 11_040 }).run(0);
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [8, 8]);
  script.input({ kind: "gridLimit" }).run(0);
  assert.deepEqual([currentA(script, 1), currentA(script, 2)], [16, 16]);
});

Deno.test("an EV that wants more than is offered pauses by itself", () => {
  const script = booted({ description: { vehicle: VEHICLES["three-phase-22kw"] } }).charge();
  set(script, 1, { periods: [[0, 7]] });
  assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEV");
  set(script, 1, { periods: [[0, 8]] });
  assert.equal(currentA(script), 8);
});

Deno.test("§3.15 a profile from a leap second on is kept, obeyed, told and found again after a power cut", () => {
  const script = booted();
  const leapSecond = "2016-12-31T23:59:60Z";
  const { chargingSchedule: schedule, ...rest } = profile({ kind: "Recurring", recurrency: "Daily" });
  const csChargingProfiles = {
    ...{ ...rest, validFrom: leapSecond },
    chargingSchedule: { ...schedule, startSchedule: leapSecond },
  };
  const answer = script.result("SetChargingProfile", { connectorId: 1, csChargingProfiles });
  assert.equal(answer.status, "Accepted");
  script.charge().input({ kind: "powerOff" }).run(5).input({ kind: "powerOn" }).run(5);
  script.charge(1).run(60);
  const { chargingSchedule } = script.result("GetCompositeSchedule", { connectorId: 1, duration: 60 });
  assert.deepEqual(chargingSchedule?.chargingSchedulePeriod, [{ startPeriod: 0, limit: 10 }]);
});
