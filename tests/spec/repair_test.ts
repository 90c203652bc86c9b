/**
 * What tolerant validation makes of payloads that break their schema: a row for each rule, repaired or not.
 */
import assert from "node:assert/strict";
import type { Action } from "../../src/ocpp/action.ts";
import { pathText } from "../../src/ocpp/call_error.ts";
import { readConf, readReq, REPAIRED_FAULTS_MAX } from "../../src/ocpp/repair.ts";
import { REPAIR_RULES, type RepairRule } from "../../src/ocpp/repair_rule.ts";

const AT = "2026-01-01T12:00:00Z";
const BOOT = { chargePointVendor: "V", chargePointModel: "M" };
const START = { connectorId: 1, idTag: "TAG", meterStart: 0, timestamp: AT };
const STOP = { transactionId: 1, meterStop: 5, timestamp: AT };
const STATUS = { connectorId: 1, errorCode: "NoError", status: "Available" };
const reading = (...sampledValue: unknown[]) => ({
  connectorId: 1,
  meterValue: [{ timestamp: AT, sampledValue }],
});
const profile = (fields: object, period: object = { startPeriod: 0, limit: 16 }) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: "TxProfile",
    chargingProfileKind: "Relative",
    chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [period] },
    ...fields,
  },
});

type Row = readonly [
  rules: readonly RepairRule[],
  message: `${Action}.${"req" | "conf"}`,
  payload: unknown,
  repaired: unknown,
];

const REPAIRED: readonly Row[] = [
  [["extraField"], "Heartbeat.req", { foo: 1 }, {}],
  [["extraField", "extraField"], "Heartbeat.req", { foo: 1, toString: 2 }, {}],
  [["extraField"], "Heartbeat.req", JSON.parse('{"__proto__":{"a":1}}'), {}],
  [["extraField"], "MeterValues.req", reading({ value: "1", foo: {} }), reading({ value: "1" })],
  [["tooLong"], "Authorize.req", { idTag: "x".repeat(21) }, { idTag: "x".repeat(20) }],
  [["tooLong"], "BootNotification.req", { ...BOOT, chargePointSerialNumber: "9".repeat(34) }, {
    ...BOOT,
    chargePointSerialNumber: "9".repeat(25),
  }],
  [["wrongCase"], "StatusNotification.req", { ...STATUS, errorCode: "NOERROR" }, STATUS],
  [["wrongCase"], "BootNotification.conf", { status: "accepted", currentTime: AT, interval: 1 }, {
    status: "Accepted",
    currentTime: AT,
    interval: 1,
  }],
  [["unknownEnumerationValue"], "StatusNotification.req", { ...STATUS, errorCode: "Error" }, {
    ...STATUS,
    errorCode: "OtherError",
  }],
  [["unknownEnumerationValue"], "StatusNotification.req", { ...STATUS, status: "Occupied" }, {
    ...STATUS,
    status: "Unavailable",
  }],
  [["unknownEnumerationValue"], "StopTransaction.req", { ...STOP, reason: "Bored" }, {
    ...STOP,
    reason: "Other",
  }],
  [["unknownEnumerationValue"], "Authorize.conf", { idTagInfo: { status: "NoCredit" } }, {
    idTagInfo: { status: "Invalid" },
  }],
  [
    ["unknownEnumerationValue"],
    "MeterValues.req",
    reading({ value: "50", measurand: "Frequency", unit: "Hertz" }),
    reading({ value: "50", measurand: "Frequency" }),
  ],
  [
    ["unknownEnumerationValue"],
    "MeterValues.req",
    reading({ value: "1", context: "Sample.Odd" }),
    reading({ value: "1", context: "Other" }),
  ],
  [
    ["unknownEnumerationValue"],
    "MeterValues.req",
    reading({ value: "1", location: "Moon" }),
    reading({ value: "1" }),
  ],
  // Without its measurand it would be the energy register; without its unit, Wh.
  [
    ["unknownEnumerationValue", "unknownEnumerationValue", "unknownEnumerationValue"],
    "MeterValues.req",
    reading(
      { value: "7", measurand: "Power.Of.Love" },
      { value: "8" },
      { value: "9", unit: "MWh" },
      { value: "10", phase: "L4", measurand: "Voltage" },
    ),
    reading({ value: "8" }),
  ],
  // Two faults in one reading that goes: the next reading keeps its own.
  [
    ["unknownEnumerationValue", "unknownEnumerationValue", "stringAsNumber"],
    "MeterValues.req",
    reading({ value: "7", measurand: "No", phase: "No" }, { value: 8 }),
    reading({ value: "8" }),
  ],
  [["numberAsString"], "StartTransaction.req", { ...START, meterStart: "12" }, { ...START, meterStart: 12 }],
  [["numberAsString"], "StartTransaction.req", { ...START, meterStart: "12.0" }, {
    ...START,
    meterStart: 12,
  }],
  [["numberAsString"], "StartTransaction.req", { ...START, meterStart: " +12 " }, {
    ...START,
    meterStart: 12,
  }],
  [["numberAsString", "fraction"], "StopTransaction.req", { ...STOP, meterStop: "125.4" }, {
    ...STOP,
    meterStop: 125,
  }],
  [["numberAsString", "hugeInteger"], "StopTransaction.req", {
    ...STOP,
    transactionId: "99999999999999999999",
  }, {
    ...STOP,
    transactionId: -1,
  }],
  [["stringAsNumber"], "MeterValues.req", reading({ value: 12.5 }), reading({ value: "12.5" })],
  [["stringAsNumber"], "Authorize.req", { idTag: 12345678901234567890n }, { idTag: "12345678901234567890" }],
  [["stringAsNumber", "tooLong"], "Authorize.req", { idTag: 10n ** 24n }, { idTag: `1${"0".repeat(19)}` }],
  [["stringAsNumber"], "GetConfiguration.conf", {
    configurationKey: [{ key: "a", readonly: true, value: 300 }],
  }, {
    configurationKey: [{ key: "a", readonly: true, value: "300" }],
  }],
  [["booleanAsString"], "GetConfiguration.conf", { configurationKey: [{ key: "a", readonly: "True" }] }, {
    configurationKey: [{ key: "a", readonly: true }],
  }],
  [
    ["stringAsBoolean"],
    "GetConfiguration.conf",
    { configurationKey: [{ key: "a", readonly: false, value: true }] },
    { configurationKey: [{ key: "a", readonly: false, value: "true" }] },
  ],
  [["decimalComma", "fraction"], "StopTransaction.req", { ...STOP, meterStop: "12,5" }, {
    ...STOP,
    meterStop: 13,
  }],
  [
    ["decimalComma"],
    "SetChargingProfile.req",
    profile({}, { startPeriod: 0, limit: "12,5" }),
    profile({}, {
      startPeriod: 0,
      limit: 12.5,
    }),
  ],
  [["fraction"], "StopTransaction.req", { ...STOP, meterStop: 125.4 }, { ...STOP, meterStop: 125 }],
  [
    ["tooPrecise"],
    "SetChargingProfile.req",
    profile({}, { startPeriod: 0, limit: 16.05 }),
    profile({}, {
      startPeriod: 0,
      limit: 16.1,
    }),
  ],
  [["hugeInteger"], "StopTransaction.req", { ...STOP, transactionId: 2n ** 64n }, {
    ...STOP,
    transactionId: -1,
  }],
  [["hugeInteger"], "StopTransaction.req", { ...STOP, transactionId: 1e300 }, { ...STOP, transactionId: -1 }],
  [["nullForOptional"], "StopTransaction.req", { ...STOP, idTag: null }, STOP],
  [["nullForOptional"], "MeterValues.req", reading({ value: "1", unit: null }), reading({ value: "1" })],
  [["noPayload"], "Heartbeat.req", undefined, {}],
  [["emptyArrayForObject"], "Heartbeat.req", [], {}],
  [["emptyArrayForObject"], "StopTransaction.conf", [], {}],
  [["emptyArrayForObject"], "StopTransaction.conf", { idTagInfo: [] }, {}],
  [["emptyArray"], "GetInstalledCertificateIds.conf", { status: "NotFound", certificateHashData: [] }, {
    status: "NotFound",
  }],
  [["timeWithoutZone"], "StartTransaction.req", { ...START, timestamp: "2024-01-01T12:00:00" }, {
    ...START,
    timestamp: "2024-01-01T12:00:00Z",
  }],
  [["timeWithSpace", "timeWithoutZone"], "StartTransaction.req", {
    ...START,
    timestamp: "2024-01-01 12:00:00.5",
  }, {
    ...START,
    timestamp: "2024-01-01T12:00:00.5Z",
  }],
  [["timeWithSpace"], "StartTransaction.req", { ...START, timestamp: "2024-01-01 12:00:00+01:00" }, {
    ...START,
    timestamp: "2024-01-01T12:00:00+01:00",
  }],
  [["unreadableTime"], "StatusNotification.req", { ...STATUS, timestamp: "yesterday" }, STATUS],
  [["unreadableTime"], "StatusNotification.req", { ...STATUS, timestamp: "" }, STATUS],
  [
    ["stringAsNumber", "unreadableTime"],
    "StatusNotification.req",
    { ...STATUS, timestamp: 1704110400 },
    STATUS,
  ],
];

for (const [rules, message, payload, repaired] of REPAIRED) {
  Deno.test(`${rules.join(", ")}: ${message} ${shown(payload)} is repaired`, () => {
    const before = structuredClone(payload);
    const outcome = read(message, payload, "tolerant");
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.deepEqual(outcome.payload, repaired);
    assert.deepEqual(outcome.repairs.map(({ rule }) => rule), rules);
    assert.deepEqual(payload, before, "what arrived is not changed");
    assert.equal(read(message, payload, "strict").ok, false);
    assert.deepEqual(read(message, repaired, "strict"), { ok: true, payload: repaired, repairs: [] });
  });
}

/** What nothing is made of, with the path of the fault that it is refused for. */
const REFUSED: readonly (readonly [message: Row[1], payload: unknown, path: string])[] = [
  ["Authorize.req", {}, "idTag"],
  ["Authorize.req", null, "idTag"],
  ["Authorize.req", [], ""],
  ["Authorize.req", { foo: 1, idTag: null }, "idTag"],
  ["StartTransaction.req", { ...START, connectorId: "1", meterStart: null }, "meterStart"],
  ["Authorize.req", { idTag: {} }, "idTag"],
  ["Authorize.req", ["TAG"], ""],
  ["Authorize.req", "TAG", ""],
  ["Authorize.conf", { idTagInfo: [] }, "idTagInfo"],
  ["Authorize.conf", { idTagInfo: {} }, "idTagInfo.status"],
  ["BootNotification.conf", { status: "Perhaps", currentTime: AT, interval: 1 }, "status"],
  ["FirmwareStatusNotification.req", { status: "Dreaming" }, "status"],
  ["StartTransaction.req", { ...START, timestamp: "yesterday" }, "timestamp"],
  ["StartTransaction.req", { ...START, timestamp: "2024-02-30T12:00:00" }, "timestamp"],
  ["StartTransaction.req", { ...START, connectorId: 1.5 }, "connectorId"],
  ["StartTransaction.req", { ...START, connectorId: 2n ** 64n }, "connectorId"],
  ["StartTransaction.req", { ...START, meterStart: 2n ** 64n }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: 1e300 }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: "1,234" }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: "1.234,5" }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: "0x10" }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: "" }, "meterStart"],
  ["StartTransaction.req", { ...START, meterStart: true }, "meterStart"],
  [
    "GetConfiguration.conf",
    { configurationKey: [{ key: "a", readonly: "yes" }] },
    "configurationKey[0].readonly",
  ],
  [
    "SetChargingProfile.req",
    profile({}, { startPeriod: 0, limit: Infinity }),
    "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit",
  ],
  ["MeterValues.req", reading(null), "meterValue[0].sampledValue[0]"],
];

for (const [message, payload, path] of REFUSED) {
  Deno.test(`${message} ${shown(payload)} is not repaired`, () => {
    const outcome = read(message, payload, "tolerant");
    assert.ok(!outcome.ok);
    assert.equal(pathText(outcome.faults[0]!.path), path);
    const strict = read(message, payload, "strict");
    assert.ok(!strict.ok);
    assert.deepEqual(new Set(outcome.faults), new Set(strict.faults), "the faults of what was sent");
  });
}

Deno.test("every rule of the table repairs something here", () => {
  const tested = new Set(REPAIRED.flatMap(([rules]) => rules));
  assert.deepEqual(REPAIR_RULES.map(({ rule }) => rule).filter((rule) => !tested.has(rule)), []);
});

Deno.test("a decimal comma in a text that the schema takes stays as sent", () => {
  const outcome = readReq("MeterValues", reading({ value: "12,5" }), "tolerant");
  assert.deepEqual(outcome, { ok: true, payload: reading({ value: "12,5" }), repairs: [] });
});

Deno.test("a repair tells its path, what was made of the value, and the section", () => {
  const outcome = readReq("StopTransaction", { ...STOP, meterStop: 125.4 }, "tolerant");
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.repairs, [{
    rule: "fraction",
    path: ["meterStop"],
    detail: "125.4 is taken as 125",
    spec: "OCPP 1.6 §6",
  }]);
});

Deno.test("a payload with more faults than the bound is refused as it is", () => {
  const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, 1]));
  assert.equal(readReq("Heartbeat", fields(REPAIRED_FAULTS_MAX), "tolerant").ok, true);
  assert.equal(readReq("Heartbeat", fields(REPAIRED_FAULTS_MAX + 1), "tolerant").ok, false);
});

Deno.test("Security: a detail quotes no free text", () => {
  const secret = "0123456789abcdef".repeat(40);
  const odd = { configurationKey: [{ key: "AuthorizationKey", readonly: "False", value: secret }] };
  const outcome = readConf("GetConfiguration", odd, "tolerant");
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.repairs.map(({ rule }) => rule), ["booleanAsString", "tooLong"]);
  assert.ok(!JSON.stringify(outcome.repairs).includes("0123"));
});

function read(message: Row[1], payload: unknown, validation: "tolerant" | "strict") {
  const [action, kind] = message.split(".") as [Action, "req" | "conf"];
  return kind === "req" ? readReq(action, payload, validation) : readConf(action, payload, validation);
}

function shown(payload: unknown): string {
  const text = JSON.stringify(payload, (_, value) => typeof value === "bigint" ? `${value}n` : value) ??
    "undefined";
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
