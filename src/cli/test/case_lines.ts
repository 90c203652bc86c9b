/**
 * A finished case as lines of text: one that has passed on one line, one that has failed with all that shows why.
 */
import {
  CASE_VERDICTS,
  type CaseReport,
  type CaseVerdict,
  type SuiteReport,
} from "../../report/suite_report.ts";
import { countsText, tallyByProfile, verdictCounts } from "../../report/tally.ts";
import { plainText } from "../plain_text.ts";
import { amountText, countText, durationText, tableLines } from "../table.ts";
import type { Style } from "../terminal.ts";
import { fitted, wrapped } from "./text_width.ts";

/** How many frames before a failure are shown. */
const FRAMES_SHOWN = 6;

const FRAMES_LEGEND = "frames: → from the system under test, ← to it";

/** The longest text of a peer, in characters; of a longer one its beginning and its end are shown. */
const TEXT_MAX_LENGTH = 600;
const TEXT_END_LENGTH = 200;

const VERDICT_WIDTH = "NOT APPLICABLE".length;
/** Most ids with a Charge Point under test, and with a Central System: `TC_004_1_CS`, `TC_004_1_CSMS`. */
const ID_WIDTH = 11;
const CSMS_ID_WIDTH = 13;
const LABEL_WIDTH = 10;
/** On fewer columns there is no room for how long a case took. */
const WORTH_A_TIME = 40;

/** How lines are made: `columns` is Infinity where they may be as long as they are. */
export interface LineOptions {
  readonly style: Style;
  readonly columns: number;
}

/** The lines of a case. */
export function caseLines(played: CaseReport, { style, columns }: LineOptions): readonly string[] {
  const { verdict, title, durationMs, failure, leftOut, remarks } = played;
  const took = columns < WORTH_A_TIME ? "" : `  ${caseDurationText(durationMs)}`;
  const line = `${headLine(played, title, { style, columns: columns - took.length })}${style.dim(took)}`;
  const room = columns - 2 - LABEL_WIDTH;
  const labelled = (label: string, lines: readonly string[], paint = style.dim) =>
    lines.map((one, index) => fitted(`  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${one}`, columns))
      .map((one) => `${paint(one.slice(0, 2 + LABEL_WIDTH))}${one.slice(2 + LABEL_WIDTH)}`);
  const detail = (label: string, text: string, paint = style.dim) =>
    labelled(label, wrapped(shown(text), room), paint);
  const notes = [
    ...leftOut.flatMap((what) => detail("left out", what)),
    ...remarks.flatMap((remark) => detail("remark", remark)),
  ];
  if (failure === undefined) return [line, ...notes];
  if (verdict === "NOT APPLICABLE") return [line, ...detail("because", failure.expected), ...notes];
  const paint = styleOf(verdict, style);
  return [
    line,
    ...detail("step", failure.step),
    ...detail("expected", failure.expected, paint),
    ...detail("came", failure.came, paint),
    ...labelled("frames", frameLines(played)),
    ...notes,
  ];
}

/** Whether it is without a verdict because nothing of it was played. */
export function wasNotBegun({ verdict, steps, frames }: CaseReport): boolean {
  return verdict === "INCONCLUSIVE" && steps.length === 0 && frames.length === 0;
}

/** The lines of cases that were not begun, all for the same reason; there is at least one. */
export function notBegunLines(cases: readonly CaseReport[], options: LineOptions): readonly string[] {
  const first = cases[0]!;
  const others = cases.length === 1
    ? first.title
    : `and ${countText(cases.length - 1)} more, up to ${cases.at(-1)!.id}`;
  const { style, columns } = options;
  const reason = wrapped(shown(`not begun: ${first.failure?.came ?? ""}`), columns - 2);
  return [headLine(first, others, options), ...reason.map((line) => style.dim(fitted(`  ${line}`, columns)))];
}

/** `PASS            TC_001_CS    Cold boot`. */
function headLine({ verdict, id }: CaseReport, title: string, { style, columns }: LineOptions): string {
  const width = id.endsWith("_CSMS") ? CSMS_ID_WIDTH : ID_WIDTH;
  const head = `${verdict.padEnd(VERDICT_WIDTH)}  ${plainText(id).padEnd(width)}  `;
  const told = fitted(`${head}${shown(title)}`, columns);
  return `${styleOf(verdict, style)(told.slice(0, VERDICT_WIDTH))}${told.slice(VERDICT_WIDTH)}`;
}

/** The last frames: `→` from the system under test, `←` to it. */
function frameLines({ frames, startedAtMs }: CaseReport): readonly string[] {
  return frames.slice(-FRAMES_SHOWN).map(({ atMs, from, text }) => {
    const after = ((atMs - startedAtMs) / 1_000).toFixed(2).padStart(6);
    return `${after} s ${from === "system" ? "→" : "←"} ${shown(text)}`;
  });
}

/** As `CASE_VERDICTS`, where there is less room. */
const SHORT_VERDICTS = ["PASS", "FAIL", "INC.", "N/A"];

/** What is said when all cases are over: a row for each feature profile, and what has not passed, by id. */
export function summaryLines(report: SuiteReport, { style, columns }: LineOptions): readonly string[] {
  const { cases, startedAtMs, endedAtMs } = report;
  const counts = verdictCounts(cases);
  const row = (name: string, own: readonly CaseReport[]) => {
    const counts = verdictCounts(own);
    const durationMs = own.reduce((sum, one) => sum + one.durationMs, 0);
    const told = CASE_VERDICTS.map((verdict) => counts[verdict] === 0 ? "" : countText(counts[verdict]));
    return [plainText(name), countText(own.length), ...told, caseDurationText(durationMs)];
  };
  const tallies = tallyByProfile(cases);
  const rows = tallies.map(({ profile, cases: own }) => row(profile, own));
  if (tallies.length > 1) rows.push(row("all", cases));
  const titled = (verdicts: readonly string[]) =>
    tableLines(
      [
        { title: "profile", align: "left" },
        ...["cases", ...verdicts, "time"].map((title) => ({ title, align: "right" as const })),
      ],
      rows,
      { dim: (text) => text },
    );
  const wide = titled(CASE_VERDICTS);
  const table = (wide.every((line) => line.length <= columns) ? wide : titled(SHORT_VERDICTS))
    .map((line) => fitted(line, columns));
  const paragraph = (text: string) =>
    wrapped(text, columns - 2).map((line, index) => fitted(index === 0 ? line : `  ${line}`, columns));
  const hasFrames = cases.some(({ failure, frames }) => failure !== undefined && frames.length > 0);
  const missed = (["FAIL", "INCONCLUSIVE"] as const).flatMap((verdict) => {
    const names = missedNames(cases.filter((one) => one.verdict === verdict));
    return names === "" ? [] : paragraph(`${verdict}: ${names}`).map(styleOf(verdict, style));
  });
  const isWhole = counts.FAIL === 0 && counts.INCONCLUSIVE === 0;
  const outcome = `${amountText(cases.length, "case")} in ${caseDurationText(endedAtMs - startedAtMs)}: ${
    countsText(counts) || "none played"
  }`;
  return [
    style.dim(table[0]!),
    ...table.slice(1),
    ...(hasFrames ? paragraph(FRAMES_LEGEND).map(style.dim) : []),
    ...missed,
    ...paragraph(outcome).map(isWhole ? style.green : style.red),
  ];
}

/** So many that were not begun are told by name; of more only how many there are. */
const NOT_BEGUN_NAMED = 5;

function missedNames(cases: readonly CaseReport[]): string {
  const notBegun = cases.filter(wasNotBegun);
  const isShort = notBegun.length > NOT_BEGUN_NAMED;
  const ids = (isShort ? cases.filter((one) => !wasNotBegun(one)) : cases).map(({ id }) => plainText(id));
  const names = ids.join(", ");
  if (!isShort) return names;
  return `${names === "" ? "" : `${names} and `}${countText(notBegun.length)} that were not begun`;
}

/** Colour of a verdict; the word says it too. */
export function styleOf(verdict: CaseVerdict, style: Style): (text: string) => string {
  switch (verdict) {
    case "PASS":
      return style.green;
    case "FAIL":
      return style.red;
    case "INCONCLUSIVE":
      return style.yellow;
    case "NOT APPLICABLE":
      return style.dim;
  }
}

/** `0.4 s`, `12 s`, `1 min 05 s`. */
export function caseDurationText(durationMs: number): string {
  return durationMs < 9_950 ? `${(durationMs / 1_000).toFixed(1)} s` : durationText(durationMs);
}

/** A text of a peer on one line, bounded before anything looks at it. */
function shown(text: string): string {
  const cut = text.length <= TEXT_MAX_LENGTH
    ? text
    : `${text.slice(0, TEXT_MAX_LENGTH - TEXT_END_LENGTH)} … ${text.slice(-TEXT_END_LENGTH)}`;
  return plainText(cut.replace(/\s*[\r\n]+\s*/g, " "));
}
