/**
 * Who watches a run of test cases, while it runs.
 */
import type { CaseReport, SuiteReport } from "../../report/suite_report.ts";

/** A case that begins. */
export interface CaseBegun {
  readonly id: string;
  readonly title: string;
  /** Its place in the run, from 1. */
  readonly number: number;
}

/** Told in this order: `begun`, for each case `caseBegun`, its steps and `caseEnded`, and `ended`. */
export interface RunObserver {
  begun(run: { readonly total: number }): void;
  caseBegun(begun: CaseBegun): void;
  /** A step of the case begins. */
  step(text: string): void;
  caseEnded(played: CaseReport): void;
  ended(report: SuiteReport): void;
}
