/**
 * A run of cases as text: a line a case, what came instead where it has not passed, and a summary by profile.
 */
import {
  CASE_VERDICTS,
  type CaseReport,
  type CaseVerdict,
  type SuiteReport,
} from "../../report/suite_report.ts";
import type { SuiteEvent } from "../../runtime/suite_runner.ts";
import { plainText } from "../plain_text.ts";
import { amountText, durationText, latencyText, tableLines } from "../table.ts";
import type { Style, TextOutput } from "../terminal.ts";

/** As many frames before a failure say what led to it. */
const FRAMES_SHOWN = 6;

/** More of a frame, or of what came, is in the reports. */
const TEXT_SHOWN_MAX = 400;

const VERDICT_WIDTH = Math.max(...CASE_VERDICTS.map(({ length }) => length));

/** Prints what happens, as it happens. */
export function suiteTextObserver(out: TextOutput): (event: SuiteEvent) => void {
  return (event) => {
    if (event.kind === "caseEnded") {
      for (const line of caseLines(event.report, out.style)) out.write(`${line}\n`);
    } else if (event.kind === "suiteEnded") {
      out.write(`\n${summaryLines(event.report, out.style).join("\n")}\n`);
    }
  };
}

/** One case. */
function caseLines(report: CaseReport, style: Style): readonly string[] {
  const { id, title, verdict, durationMs, failure, leftOut, remarks } = report;
  const time = verdict === "NOT APPLICABLE" ? "" : `  ${style.dim(latencyText(durationMs))}`;
  const lines = [`${coloured(verdict, style)}  ${plainText(id)}  ${plainText(title)}${time}`];
  const note = (name: string, text: string) => lines.push(`  ${style.dim(name.padEnd(9))} ${shown(text)}`);
  if (verdict === "NOT APPLICABLE") note("because", failure?.expected ?? "");
  else if (failure !== undefined) {
    note("step", failure.step);
    note("expected", failure.expected);
    note("came", failure.came);
    for (const frame of report.frames.slice(-FRAMES_SHOWN)) {
      const from = frame.from === "system" ? "it sent" : "we sent";
      note(from, `${clockText(frame.atMs)} ${frame.text}`);
    }
  }
  for (const text of leftOut) note("left out", text);
  for (const text of remarks) note("remark", text);
  return lines;
}

/** The whole run, profile by profile. */
function summaryLines({ cases, startedAtMs, endedAtMs }: SuiteReport, style: Style): readonly string[] {
  const profiles = [...new Set(cases.map(({ profile }) => profile))];
  const row = (name: string, of: readonly CaseReport[]) => [
    name,
    ...CASE_VERDICTS.map((verdict) => String(of.filter((one) => one.verdict === verdict).length)),
  ];
  const rows = [
    ...profiles.map((profile) => row(profile, cases.filter((one) => one.profile === profile))),
    row("all", cases),
  ];
  const columns = ["profile", ...CASE_VERDICTS].map((title, index) => (
    { title, align: index === 0 ? "left" : "right" } as const
  ));
  const passed = cases.filter(({ verdict }) => verdict === "PASS").length;
  const applicable = cases.filter(({ verdict }) => verdict !== "NOT APPLICABLE").length;
  return [
    ...tableLines(columns, rows, style),
    "",
    `${style.bold(`${passed} of ${applicable} PASS`)} in ${durationText(endedAtMs - startedAtMs)}` +
    (applicable === cases.length ? "" : `; ${amountText(cases.length - applicable, "case")} not applicable`),
  ];
}

function coloured(verdict: CaseVerdict, style: Style): string {
  const paint = {
    PASS: style.green,
    FAIL: style.red,
    INCONCLUSIVE: style.yellow,
    "NOT APPLICABLE": style.dim,
  };
  return paint[verdict](verdict.padEnd(VERDICT_WIDTH));
}

function clockText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}

function shown(text: string): string {
  return plainText(text.length <= TEXT_SHOWN_MAX ? text : `${text.slice(0, TEXT_SHOWN_MAX)}…`);
}
