/**
 * Plays a list of cases several at once, each on a stage of its own: for systems of which there can be as many as are
 * wanted, such as simulated Charge Points.
 *
 * Rules: what is told of a case is told when it is over, as a whole, so that cases do not mix; `number` counts them in
 * that order. The report has them in the order of the list.
 */
import type { CaseSetup } from "../conformance/session.ts";
import type { CaseReport, SuiteReport } from "../report/suite_report.ts";
import type { CasePlayer } from "./case_player.ts";
import { type PlannedCase, type SuiteEvent, type SuiteOptions, SuiteRunner } from "./suite_runner.ts";

/** What one case is played with. */
export interface Stage {
  readonly player: CasePlayer;
  /** Beyond that of the list: who it is here. */
  readonly setup: Partial<CaseSetup>;
  /** What the tester knows and nobody may read. */
  readonly secrets: readonly string[];
  /** Brings the system under test on; gives why that is not possible. Not called where the case does not apply. */
  prepare(): Promise<string | undefined>;
  /** Takes everything away again. */
  close(): Promise<void>;
}

/** What such a suite is. */
export interface ParallelOptions<P extends PlannedCase>
  extends Pick<SuiteOptions, "clock" | "repeat" | "head" | "observer"> {
  readonly cases: readonly P[];
  /** How many cases are played at once. */
  readonly lanes: number;
  /** Makes the stage of a case; `number` counts from 1 and is its own. Never rejects. */
  readonly stageFor: (planned: P, number: number) => Promise<Stage>;
}

/** One run of it. */
export class ParallelSuite<P extends PlannedCase> {
  readonly #options: ParallelOptions<P>;
  readonly #running = new Set<SuiteRunner>();
  #stopped: string | undefined;
  #ended = 0;

  constructor(options: ParallelOptions<P>) {
    this.#options = options;
  }

  /** Plays everything. Errors: rejects where a case itself is wrong. */
  async run(): Promise<SuiteReport> {
    const { clock, cases, repeat, lanes, head, observer } = this.#options;
    const startedAtMs = clock.nowMs();
    const all = Array.from({ length: repeat }, () => cases).flat();
    observer({ kind: "suiteBegan", cases: all.length });
    const reports: CaseReport[] = [];
    const waiting = all.entries();
    // All lanes take from the same list.
    await Promise.all(Array.from({ length: lanes }, async () => {
      for (const [index, planned] of waiting) reports[index] = await this.#play(planned, index + 1);
    }));
    const report = { ...head, startedAtMs, endedAtMs: clock.nowMs(), cases: reports };
    observer({ kind: "suiteEnded", report });
    return report;
  }

  /** The user wants no more: what is under way and all that is left become INCONCLUSIVE. */
  abort(reason: string): void {
    this.#stopped ??= reason;
    for (const runner of this.#running) runner.abort(reason);
  }

  async #play(planned: P, number: number): Promise<CaseReport> {
    const { clock, head, stageFor } = this.#options;
    const stage = await stageFor(planned, number);
    const events: SuiteEvent[] = [];
    const runner = new SuiteRunner({
      ...{ clock, head, player: stage.player, secrets: stage.secrets, repeat: 1 },
      cases: [{ ...planned, setup: { ...planned.setup, ...stage.setup } }],
      prepare: () => stage.prepare(),
      observer: (event) => events.push(event),
    });
    this.#running.add(runner);
    if (this.#stopped !== undefined) runner.abort(this.#stopped);
    try {
      const { cases: [report] } = await runner.run();
      this.#tell(events);
      return report!;
    } finally {
      this.#running.delete(runner);
      await stage.close();
    }
  }

  #tell(events: readonly SuiteEvent[]): void {
    const number = ++this.#ended;
    for (const event of events) {
      if (event.kind === "suiteBegan" || event.kind === "suiteEnded") continue;
      this.#options.observer("number" in event ? { ...event, number } : event);
    }
  }
}
