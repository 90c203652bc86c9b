/**
 * Who watches a run of test cases, while it runs.
 */
import type { CaseReport, SuiteReport } from "../../report/suite_report.ts";

/** Told in this order: `begun`, for each case `caseBegun`, its steps and `caseEnded`, and `ended`. */
export interface RunObserver {
  begun(run: { readonly total: number }): void;
  /** `number`: its place in the run, from 1. */
  caseBegun(begun: { readonly id: string; readonly title: string; readonly number: number }): void;
  /** A step of the case begins. */
  step(text: string): void;
  caseEnded(played: CaseReport): void;
  ended(report: SuiteReport): void;
}
