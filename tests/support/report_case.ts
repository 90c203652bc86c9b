/**
 * Reports made by hand, for what no real case shows.
 */
import type { CaseReport, ReportedFrame, SuiteReport } from "../../src/report/suite_report.ts";

/** When everything here begins. */
export const BEGAN_AT_MS = Date.UTC(2026, 0, 1, 12);

/** A case that has passed, but for what is said. */
export function caseOf(changes: Partial<CaseReport> = {}): CaseReport {
  return {
    id: "TC_001_CS",
    title: "Cold boot",
    profile: "Core",
    purpose: "After a start it sends BootNotification.",
    spec: ["OCPP 1.6 §4.2"],
    verdict: "PASS",
    startedAtMs: BEGAN_AT_MS,
    durationMs: 1_500,
    steps: ["expect BootNotification {} within 15 s"],
    frames: [],
    leftOut: [],
    remarks: [],
    ...changes,
  };
}

/** A run of these. */
export function reportOf(...cases: readonly CaseReport[]): SuiteReport {
  return {
    tool: "ocpp 0.1.0",
    systemUnderTest: "chargePoint",
    target: "ws://localhost:9000/CP001",
    startedAtMs: BEGAN_AT_MS,
    endedAtMs: BEGAN_AT_MS + 65_000,
    setup: { driver: "ocpp" },
    cases,
  };
}

/** Frames 10 ms after each other; `>` before a text: the system under test sent it, `<`: the tester. */
export function framesOf(...texts: readonly string[]): readonly ReportedFrame[] {
  return texts.map((text, index) => ({
    atMs: BEGAN_AT_MS + index * 10,
    from: text.startsWith(">") ? "system" : "tester",
    text: text.slice(1),
  }));
}
