/**
 * What a run of cases has in common, whoever is under test: it is shown, written to files, ended by Ctrl-C, and turned
 * into an exit code.
 */
import type { SuiteReport } from "../../report/suite_report.ts";
import { type SuiteEvent, type SuiteOptions, SuiteRunner } from "../../runtime/suite_runner.ts";
import { EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";
import { assertWritable, type ReportFile, writeReports } from "./report_files.ts";
import type { RunScreen } from "./run_screen.ts";
import { suiteObserver } from "./suite_observer.ts";

/** Once the user wants no more, how long one thing may take that a case has changed and puts back. */
const RESTORE_MS = 3_000;

/** An end that is quicker needs no word. */
const WORTH_A_NOTICE_MS = 300;
const STOPPING = "stopping: what cases have changed is put back; Ctrl-C again ends at once\n";

/** How a run is shown and ended. */
export interface SuiteRunTerms {
  readonly reports: readonly ReportFile[];
  /** Without a view it shows an object for each case instead of text. */
  readonly screen: RunScreen;
  /** Resolves when the user wants no more. */
  readonly stopped: Promise<void>;
}

/** A run that is set up. `blocked`: why nothing can be played. */
export type SuiteRunOptions = Omit<SuiteOptions, "observer"> & { readonly blocked?: string | undefined };

/** What plays cases: one after the other, or several at once. */
export interface Suite {
  run(): Promise<SuiteReport>;
  abort(reason: string): void;
}

/** Plays it, one case after the other. Errors: `CommandError` for a report that cannot be written. */
export function runSuite({ blocked, ...options }: SuiteRunOptions, terms: SuiteRunTerms): Promise<ExitCode> {
  return playSuite((observer) => new SuiteRunner({ ...options, observer }), { ...terms, blocked });
}

/** Plays a suite that is made for whoever observes it. Errors: as `runSuite`. */
export async function playSuite(
  makeSuite: (observer: (event: SuiteEvent) => void) => Suite,
  { blocked, reports, screen: { out, err, view }, stopped }: SuiteRunTerms & {
    readonly blocked: string | undefined;
  },
): Promise<ExitCode> {
  await assertWritable(reports);
  const show = view === undefined || blocked !== undefined ? () => {} : suiteObserver(view);
  const suite = makeSuite((event) => {
    show(event);
    if (view === undefined && event.kind === "caseEnded") out.write(jsonLine(event.report));
  });
  if (blocked !== undefined) suite.abort(blocked);
  const report = await untilStopped(suite, { stopped, err });
  await writeReports(report, reports);
  if (blocked !== undefined) {
    err.write(`ocpp: nothing can be played: ${plainText(blocked)}\n`);
    return EXIT_CODE.failed;
  }
  for (const { format, path } of reports) err.write(`report (${format}): ${plainText(path)}\n`);
  return exitCodeOf(report);
}

/** Ends it when the user wants no more: what was changed is put back, as far as that is quick. */
async function untilStopped(
  suite: Suite,
  { stopped, err }: { readonly stopped: Promise<void>; readonly err: TextOutput },
): Promise<SuiteReport> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let notice: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const abort = () => suite.abort("it was interrupted");
  stopped.then(() => {
    if (isOver) return;
    abort();
    timer = setInterval(abort, RESTORE_MS); // each ends what is being put back just then
    notice = setTimeout(() => err.write(STOPPING), WORTH_A_NOTICE_MS);
  });
  try {
    return await suite.run();
  } finally {
    isOver = true;
    clearInterval(timer);
    clearTimeout(notice);
  }
}

/** 3 where a case has failed; 1 where none has, and one could not be judged or none applied. */
export function exitCodeOf({ cases }: SuiteReport): ExitCode {
  const has = (verdict: string) => cases.some((one) => one.verdict === verdict);
  if (has("FAIL")) return EXIT_CODE.didNotHold;
  return has("INCONCLUSIVE") || !has("PASS") ? EXIT_CODE.failed : EXIT_CODE.done;
}
