/**
 * What it costs to check payloads against their schemas.
 */
import { checkReq } from "../../src/ocpp/check.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { median, type Row } from "./report.ts";

const CALLS = 100_000;
const ROUNDS = 7;
/** What the strict check of a MeterValues may cost. */
const CHECK_US_MAX = 1.5;

/** Strict success on a MeterValues with three readings. */
export function benchCheck(): Row[] {
  const sampledValue = [
    { value: "125900", context: "Sample.Periodic", measurand: "Energy.Active.Import.Register", unit: "Wh" },
    { value: "11040", context: "Sample.Periodic", measurand: "Power.Active.Import", unit: "W" },
    { value: "57", context: "Sample.Periodic", measurand: "SoC", unit: "Percent" },
  ];
  const payload = {
    connectorId: 1,
    transactionId: 4711,
    meterValue: [{ timestamp: "2026-01-01T12:11:00Z", sampledValue }],
  };
  const text = JSON.stringify([2, crypto.randomUUID(), "MeterValues", payload]);
  const checkUs = microseconds(() => checkReq("MeterValues", payload).ok);
  const parseUs = microseconds(() => parseFrame(text).ok);
  return [
    { name: "parse a MeterValues frame with 3 readings", value: `${parseUs.toFixed(2)} µs` },
    {
      name: "check its payload, strict success",
      value: `${checkUs.toFixed(2)} µs`,
      goal: `≤ ${CHECK_US_MAX} µs`,
      holds: checkUs <= CHECK_US_MAX,
    },
  ];
}

function microseconds(run: () => boolean): number {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call += 1) {
      if (!run()) throw new Error("the sample must be valid");
    }
    rounds.push((performance.now() - start) / CALLS * 1_000);
  }
  return median(rounds);
}
