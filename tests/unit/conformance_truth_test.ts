/**
 * What a Charge Point under test says of time and energy must be possible, whatever a case is about.
 */
import assert from "node:assert/strict";
import { call, type Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { SampledValue } from "../../src/ocpp/meter_value.ts";
import { Rig } from "../support/conformance_rig.ts";

/** Seconds from the beginning of the case. */
const at = (rig: Rig, seconds: number) => dateTimeOf(rig.nowMs + seconds * 1_000);

/** Takes whatever comes for a long time. */
const listening = (t: Tester): Steps => t.wait(10_000);

const start = (rig: Rig, { seconds = 0, meterStart = 1_000 } = {}) => ({
  ...{ connectorId: 1, idTag: "A", meterStart },
  timestamp: at(rig, seconds),
});

const stop = (rig: Rig, { seconds = 0, meterStop = 1_000, transactionId = 7 } = {}) => ({
  ...{ transactionId, meterStop },
  timestamp: at(rig, seconds),
});

const energy = (
  rig: Rig,
  value: string,
  { seconds = 0, ...more }: Partial<SampledValue> & { readonly seconds?: number } = {},
) => ({
  ...{ connectorId: 1, transactionId: 7 },
  meterValue: [{ timestamp: at(rig, seconds), sampledValue: [{ value, ...more }] }],
});

const status = (rig: Rig, seconds: number, name: string) => ({
  ...{ connectorId: 1, errorCode: "NoError", status: name },
  timestamp: at(rig, seconds),
});

const YEARS = 365 * 24 * 3_600;

type Call = readonly [action: string, payload: (rig: Rig) => object];

const TRUE: readonly (readonly [what: string, calls: readonly Call[]])[] = [
  ["clocks that differ by less than a minute", [
    ["StartTransaction", (rig) => start(rig, { seconds: -59 })],
    ["StopTransaction", (rig) => stop(rig, { seconds: 59 })],
  ]],
  ["the end of a transaction that nobody has seen begin", [
    ["StopTransaction", (rig) => stop(rig, { seconds: -YEARS, transactionId: 3 })],
    ["StopTransaction", (rig) => stop(rig, { seconds: -YEARS, transactionId: 81_234 })],
    ["StopTransaction", (rig) => stop(rig, { seconds: -YEARS, transactionId: -1 })],
  ]],
  ["a status that is told again", [["StatusNotification", (rig) => status(rig, -YEARS, "Available")]]],
  ["a register that stays, grows, and is rounded in kWh", [
    ["StartTransaction", (rig) => start(rig)],
    ["MeterValues", (rig) => energy(rig, "1.0", { unit: "kWh" })],
    ["MeterValues", (rig) => energy(rig, "1234")],
    ["MeterValues", (rig) => energy(rig, "1.2", { unit: "kWh" })],
    ["StopTransaction", (rig) => stop(rig, { meterStop: 1_234 })],
  ]],
  ["a register that is told in whole kWh between those in Wh", [
    ["StartTransaction", (rig) => start(rig, { meterStart: 12_900 })],
    ["MeterValues", (rig) => energy(rig, "12", { unit: "kWh" })],
    ["MeterValues", (rig) => energy(rig, "14", { unit: "kWh" })],
    ["StopTransaction", (rig) => stop(rig, { meterStop: 13_600 })],
  ]],
  ["an older reading that comes late", [
    ["StartTransaction", (rig) => start(rig, { seconds: -20 })],
    ["MeterValues", (rig) => energy(rig, "5000")],
    ["MeterValues", (rig) => energy(rig, "2000", { seconds: -10 })],
  ]],
  ["what another register counts", [
    ["StartTransaction", (rig) => start(rig)],
    ["MeterValues", (rig) => energy(rig, "3", { measurand: "Energy.Active.Export.Register" })],
    ["MeterValues", (rig) => energy(rig, "3", { phase: "L1" })],
    ["MeterValues", (rig) => energy(rig, "3", { location: "Inlet" })],
  ]],
];

const UNTRUE: readonly (readonly [what: string, calls: readonly Call[], expected: RegExp])[] = [
  ["a transaction of tomorrow", [
    ["StartTransaction", (rig) => start(rig, { seconds: 24 * 3_600 })],
  ], /timestamp of StartTransaction to be no later than now/],
  ["a transaction from before the case", [
    ["StartTransaction", (rig) => start(rig, { seconds: -61 })],
  ], /no earlier than/],
  ["an end before the beginning of the case", [
    ["StartTransaction", (rig) => start(rig)],
    ["StopTransaction", (rig) => stop(rig, { seconds: -3_600 })],
  ], /timestamp of StopTransaction/],
  ["a reading of yesterday", [
    ["StartTransaction", (rig) => start(rig)],
    ["MeterValues", (rig) => energy(rig, "2000", { seconds: -24 * 3_600 })],
  ], /timestamp of a reading of MeterValues/],
  ["a new status of yesterday", [
    ["StatusNotification", (rig) => status(rig, 0, "Available")],
    ["StatusNotification", (rig) => status(rig, -24 * 3_600, "Preparing")],
  ], /timestamp of StatusNotification/],
  ["a clock that was never set", [
    ["SecurityEventNotification", () => ({ type: "StartupOfTheDevice", timestamp: "2000-01-01T00:00:10Z" })],
  ], /no earlier than 2015/],
  ["less at the end than at the beginning", [
    ["StartTransaction", (rig) => start(rig)],
    ["StopTransaction", (rig) => stop(rig, { meterStop: 899 })],
  ], /register of connector 1 to be no less than 1000 Wh/],
  ...["12,5", "", "NaN", "Infinity", "1e308"].map((value) =>
    [`a register of ${JSON.stringify(value)} kWh`, [
      ["MeterValues", (rig: Rig) => energy(rig, value, { unit: "kWh" })],
    ], /register of connector 1 to be a number/] as const
  ),
  ["a whole kWh less than before", [
    ["MeterValues", (rig) => energy(rig, "14", { unit: "kWh" })],
    ["MeterValues", (rig) => energy(rig, "12.9", { unit: "kWh" })],
  ], /register of connector 1 to be no less than 14000 Wh/],
  ["Wh that are told as kWh", [
    ["StartTransaction", (rig) => start(rig, { meterStart: 5_000 })],
    ["MeterValues", (rig) => energy(rig, "6000", { unit: "kWh" })],
    ["StopTransaction", (rig) => stop(rig, { meterStop: 6_000 })],
  ], /no less than 6000000 Wh/],
];

function played(calls: readonly Call[]): Rig {
  const rig = new Rig(listening);
  calls.forEach(([action, payload], index) => rig.frame(2, `u${index}`, action, payload(rig)));
  return rig;
}

for (const [what, calls] of TRUE) {
  Deno.test(`truth: ${what} is possible`, () => {
    assert.equal(played(calls).pass(20_000).verdict, "PASS");
  });
}

for (const [what, calls, expected] of UNTRUE) {
  Deno.test(`truth: ${what} is not`, () => {
    const rig = played(calls).pass(20_000);
    assert.equal(rig.verdict, "FAIL");
    assert.match(rig.run.result!.failure!.expected, expected);
  });
}

Deno.test("truth: a register that falls is one fault, and then the new one counts", () => {
  const rig = played([
    ["StartTransaction", (rig) => start(rig)],
    ["MeterValues", (rig) => energy(rig, "1000000000")],
    ["MeterValues", (rig) => energy(rig, "1100")],
  ]);
  assert.equal(rig.pass(20_000).verdict, "FAIL");
  const { registers } = rig.run.session;
  assert.equal(registers.fault("MeterValues", energy(rig, "1200")), undefined);
});

Deno.test("truth: what is no number hides no fall", () => {
  const rig = played([
    ["StartTransaction", (rig) => start(rig)],
    ["MeterValues", (rig) => energy(rig, "-")],
  ]);
  const { registers } = rig.pass(20_000).run.session;
  assert.match(registers.fault("MeterValues", energy(rig, "5"))!.expected, /no less than 1000 Wh/);
});

Deno.test("truth: a case that went wrong may have left an older transaction", () => {
  const rig = new Rig(function* (t) {
    yield* t.expect(call("StartTransaction"));
  });
  rig.run.session.isDisturbed = true;
  rig.frame(2, "u1", "StartTransaction", start(rig, { seconds: -3_600 })).pass(60);
  assert.equal(rig.verdict, "PASS");
});
