/**
 * Plays a list of cases in order, as often as wanted, and gathers what came of them.
 *
 * Rules: every case of the list gets a verdict. What cannot begin is INCONCLUSIVE: because nobody could prepare it,
 * because the user wants no more, or because nobody is there: after `UNREACHABLE_MAX` cases in a row that found nobody,
 * or `SILENT_MAX` that spoke and heard nothing, the rest are not tried. What is told to whoever watches has no secrets.
 */
import { unmetNeeds } from "../conformance/capabilities.ts";
import type { CaseResult } from "../conformance/contract.ts";
import type { CaseReport, ReportedFrame, SuiteReport } from "../report/suite_report.ts";
import type { CasePlayer, PlayedCase } from "./case_player.ts";
import { CaseRedactor, caseReportOf } from "./case_report.ts";
import type { Clock } from "./clock.ts";

/** So many cases in a row that found nobody to connect to: the next ones would not either. */
const UNREACHABLE_MAX = 2;

/** So many cases in a row that could not be judged, in which the tester spoke and not one message came. */
const SILENT_MAX = 3;

/** A case of the list. */
export interface PlannedCase extends PlayedCase {
  /** What the system under test is while it is played, e.g. a description's name. */
  readonly playedOn?: string;
}

/** What is said while a suite is played. */
export type SuiteEvent =
  | { readonly kind: "suiteBegan"; readonly cases: number }
  /** `number` counts from 1, over all repetitions. */
  | { readonly kind: "caseBegan"; readonly id: string; readonly title: string; readonly number: number }
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "frame"; readonly frame: ReportedFrame }
  | { readonly kind: "caseEnded"; readonly report: CaseReport; readonly number: number }
  | { readonly kind: "suiteEnded"; readonly report: SuiteReport };

/** What a suite is. */
export interface SuiteOptions {
  readonly clock: Clock;
  readonly player: CasePlayer;
  readonly cases: readonly PlannedCase[];
  /** How often the list is played. */
  readonly repeat: number;
  /** What stands at the head of the report; no secrets. */
  readonly head: Pick<SuiteReport, "tool" | "systemUnderTest" | "target" | "setup">;
  /** What the tester knows and nobody may read. */
  readonly secrets: readonly string[];
  /** What has to be so before a case begins; gives why that cannot be brought about, if so. Never rejects. */
  readonly prepare?: (planned: PlannedCase) => Promise<string | undefined>;
  readonly observer: (event: SuiteEvent) => void;
}

/** One run of a suite. */
export class SuiteRunner {
  readonly #options: SuiteOptions;
  /** Why no further case is begun. */
  #stopped: string | undefined;
  #unreachable = 0;
  #silent = 0;

  constructor(options: SuiteOptions) {
    this.#options = options;
  }

  /** Plays everything. Errors: rejects where a case itself is wrong. */
  async run(): Promise<SuiteReport> {
    const { clock, cases, repeat, head, observer } = this.#options;
    const startedAtMs = clock.nowMs();
    const all = Array.from({ length: repeat }, () => cases).flat();
    observer({ kind: "suiteBegan", cases: all.length });
    const reports: CaseReport[] = [];
    for (const [index, planned] of all.entries()) {
      const { definition: { id, title } } = planned;
      observer({ kind: "caseBegan", id, title, number: index + 1 });
      const report = await this.#play(planned);
      reports.push(report);
      observer({ kind: "caseEnded", report, number: index + 1 });
    }
    const report = { ...head, startedAtMs, endedAtMs: clock.nowMs(), cases: reports };
    observer({ kind: "suiteEnded", report });
    return report;
  }

  /** The user wants no more: the case under way and all that are left become INCONCLUSIVE. */
  abort(reason: string): void {
    this.#stopped ??= reason;
    this.#options.player.abort(reason);
  }

  async #play(planned: PlannedCase): Promise<CaseReport> {
    const { clock, secrets } = this.#options;
    const startedAtMs = clock.nowMs();
    const result = await this.#result(planned);
    const { playedOn } = planned;
    return caseReportOf(planned.definition, result, {
      ...{ startedAtMs, endedAtMs: clock.nowMs(), secrets },
      ...(playedOn === undefined ? {} : { playedOn }),
    });
  }

  async #result(planned: PlannedCase): Promise<CaseResult> {
    const { player, prepare, secrets, observer } = this.#options;
    const { id, needs } = planned.definition;
    // What does not apply is played without anybody: nothing has to be prepared for it.
    if (unmetNeeds(needs, planned.capabilities).length === 0) {
      const why = this.#stopped ?? await prepare?.(planned) ?? this.#stopped;
      if (why !== undefined) return notBegun(id, why);
    }
    const redactor = new CaseRedactor(secrets);
    const { result, unreachable } = await player.play(planned, {
      onStep: (text) => observer({ kind: "step", text: redactor.text(text) }),
      onFrame: (frame) => observer({ kind: "frame", frame: redactor.frame(frame) }),
    });
    this.#unreachable = unreachable === undefined ? 0 : this.#unreachable + 1;
    if (this.#unreachable >= UNREACHABLE_MAX) this.#stopped ??= unreachable;
    this.#noteSilence(result);
    return result;
  }

  /** Refusals that a case is about are silent too: only what could not be judged counts. */
  #noteSilence({ verdict, frames }: CaseResult): void {
    if (verdict === "PASS" || frames.some(({ from }) => from === "system")) this.#silent = 0;
    else if (verdict === "INCONCLUSIVE" && frames.length > 0) this.#silent++;
    if (this.#silent < SILENT_MAX) return;
    this.#stopped ??= `not tried: not one message came in the last ${SILENT_MAX} cases that were`;
  }
}

function notBegun(id: string, came: string): CaseResult {
  return {
    id,
    verdict: "INCONCLUSIVE",
    failure: { step: "begin", expected: "the case to begin", came },
    ...{ steps: [], frames: [], leftOut: [], remarks: [] },
  };
}
