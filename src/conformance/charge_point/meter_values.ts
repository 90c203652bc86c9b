/** Group 09: meter values. */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { MeterValue } from "../../ocpp/meter_value.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { arrayContaining, oneOf, optional } from "../matcher.ts";
import { energyWhOf } from "../register_check.ts";
import { call, type Seen, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { askTheCentralSystem, charging, type SeenTransaction, stopLocally } from "./states.ts";

const ENERGY = "Energy.Active.Import.Register";

/** Units: seconds. */
const INTERVAL_SECONDS = 10;
const TOLERANCE_SECONDS = 3;
const MS_PER_DAY = 86_400_000;

/** Readings of one context with the energy register, which is what a SampledValue without a measurand is too. */
function readings(
  context: "Sample.Periodic" | "Sample.Clock",
  { connectorId, transactionId }: SeenTransaction,
) {
  return call("MeterValues", {
    connectorId,
    transactionId,
    meterValue: arrayContaining({
      sampledValue: arrayContaining({
        measurand: optional(ENERGY),
        context: context === "Sample.Periodic" ? optional(context) : oneOf(context),
        phase: optional(oneOf("L1", "L2", "L3", "L1-N", "L2-N", "L3-N")),
      }),
    }),
  });
}

/** The register of a reading: that of all phases, or theirs together where each has its own. Signed ones nobody reads. Wh. */
function registerWh({ payload }: Seen<"MeterValues">): number {
  const registers = payload.meterValue
    .map(({ sampledValue }) =>
      sampledValue.filter(({ measurand = ENERGY, format = "Raw" }) =>
        measurand === ENERGY && format === "Raw"
      )
    )
    .find(({ length }) => length > 0) ?? [];
  const all = registers.find(({ phase }) => phase === undefined);
  const counted = all === undefined ? registers : [all];
  return counted.reduce((sum, sampled) => sum + energyWhOf(sampled), 0);
}

/** The instant of a reading. */
function takenAtMs({ payload }: Seen<"MeterValues">): number {
  const [first] = payload.meterValue as [MeterValue];
  return atMsOf(first.timestamp);
}

function* judgeSequence(t: Tester, seen: readonly Seen<"MeterValues">[]): Steps {
  for (const [index, reading] of seen.entries()) {
    const before = seen[index - 1];
    if (before === undefined) continue;
    const seconds = (takenAtMs(reading) - takenAtMs(before)) / 1_000;
    const isInTime = Math.abs(seconds - INTERVAL_SECONDS) <= TOLERANCE_SECONDS;
    yield* t.check(`readings are taken every ${INTERVAL_SECONDS} s`, `${seconds} s`, isInTime);
    const grows = registerWh(reading) >= registerWh(before);
    yield* t.check("the register grows", `${registerWh(reading)} after ${registerWh(before)}`, grows);
  }
}

export const METER_VALUES: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_070_CS",
    title: "Sampled meter values",
    profile: "Core",
    purpose: "During a transaction the configured measurand is told every MeterValueSampleInterval.",
    spec: [
      "OCPP 1.6 §3.16",
      "OCPP 1.6 §4.7",
      "OCPP 1.6 §9.1 MeterValueSampleInterval, MeterValuesSampledData",
    ],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({
        ClockAlignedDataInterval: "0",
        MeterValueSampleInterval: String(INTERVAL_SECONDS),
        MeterValuesSampledData: ENERGY,
      }));
      const transaction = yield* t.prepare(charging(t));
      const expected = readings("Sample.Periodic", transaction);
      const within = INTERVAL_SECONDS + TOLERANCE_SECONDS;
      const seen: Seen<"MeterValues">[] = [];
      while (seen.length < 3) seen.push(yield* t.expect(expected, { within }));
      yield* judgeSequence(t, seen);
      yield* stopLocally(t, transaction);
      yield* t.absent([call("MeterValues", { transactionId: transaction.transactionId })], { for: within });
    },
  }),
  chargePointCase({
    id: "TC_071_CS",
    title: "Clock-aligned meter values",
    profile: "Core",
    purpose: "The configured measurand is told at every multiple of ClockAlignedDataInterval since midnight.",
    spec: [
      "OCPP 1.6 §3.16",
      "OCPP 1.6 §4.7",
      "OCPP 1.6 §9.1 ClockAlignedDataInterval, MeterValuesAlignedData",
    ],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({
        MeterValueSampleInterval: "0",
        ClockAlignedDataInterval: String(INTERVAL_SECONDS),
        MeterValuesAlignedData: ENERGY,
      }));
      const transaction = yield* t.prepare(charging(t));
      const expected = readings("Sample.Clock", transaction);
      const within = INTERVAL_SECONDS + TOLERANCE_SECONDS;
      const seen: Seen<"MeterValues">[] = [];
      // The first one may be for an interval in which the transaction began.
      while (seen.length < 3) seen.push(yield* t.expect(expected, { within }));
      yield* judgeSequence(t, seen);
      for (const reading of seen) {
        const offset = takenAtMs(reading) % MS_PER_DAY % (INTERVAL_SECONDS * 1_000) / 1_000;
        const away = Math.min(offset, INTERVAL_SECONDS - offset);
        yield* t.check("readings are taken at full intervals", `${away} s away`, away <= TOLERANCE_SECONDS);
      }
    },
  }),
];
