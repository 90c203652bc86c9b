/**
 * What came of a run of test cases, as every report shows it. Secrets are taken out before it is made.
 *
 * Units: instants in milliseconds since 1970 UTC.
 */

/** PASS and FAIL rest on frames alone; INCONCLUSIVE: what was needed never happened; NOT APPLICABLE: it offers no such thing. */
export type CaseVerdict = "PASS" | "FAIL" | "INCONCLUSIVE" | "NOT APPLICABLE";

/** In the order in which reports count them. */
export const CASE_VERDICTS = [
  "PASS",
  "FAIL",
  "INCONCLUSIVE",
  "NOT APPLICABLE",
] as const satisfies readonly CaseVerdict[];

/** One frame, as it was on the wire. */
export interface ReportedFrame {
  readonly atMs: number;
  readonly from: "system" | "tester";
  readonly text: string;
}

/** Why a case has not passed. */
export interface ReportedFailure {
  readonly step: string;
  readonly expected: string;
  readonly came: string;
}

/** Of messages that are broken: how many were sent, and how many of them refused as they may be. */
export interface ReportedShare {
  readonly refused: number;
  readonly sent: number;
}

/** One case, played once. */
export interface CaseReport {
  readonly id: string;
  readonly title: string;
  /** Feature profile, e.g. `Core`. */
  readonly profile: string;
  readonly purpose: string;
  /** Sections, e.g. `OCPP 1.6 §4.8`. */
  readonly spec: readonly string[];
  readonly verdict: CaseVerdict;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** What the system under test was while it was played, where that is known, e.g. a description's name. */
  readonly playedOn?: string;
  readonly failure?: ReportedFailure;
  /** Of a case that sends broken messages. */
  readonly share?: ReportedShare;
  readonly steps: readonly string[];
  readonly frames: readonly ReportedFrame[];
  /** What belongs to the case and was not checked, and why. */
  readonly leftOut: readonly string[];
  readonly remarks: readonly string[];
}

/** A whole run. */
export interface SuiteReport {
  /** `ocpp` and its version. */
  readonly tool: string;
  readonly systemUnderTest: "chargePoint" | "centralSystem";
  /** A URL, or where the Charge Point connected. */
  readonly target: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What was chosen for the run, by name; no secrets. */
  readonly setup: Readonly<Record<string, string>>;
  readonly cases: readonly CaseReport[];
}
