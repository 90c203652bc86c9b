/**
 * A run of test cases as it goes on: a line for each finished case, at once, and in the end a table.
 *
 * On a terminal two lines below them say how far the run is and which step is played; they are written anew in
 * place, are never wider than the terminal, and are gone when the run is over. Elsewhere there are plain lines only.
 */
import type { CaseReport, SuiteReport } from "../../report/suite_report.ts";
import { verdictCounts } from "../../report/tally.ts";
import type { Clock } from "../../runtime/clock.ts";
import { plainText } from "../plain_text.ts";
import { durationText } from "../table.ts";
import type { Style } from "../terminal.ts";
import { caseLines, notBegunLines, styleOf, summaryLines, wasNotBegun } from "./case_lines.ts";
import type { LiveLines } from "./live_lines.ts";
import type { QuestionPlace } from "./drivers/question_place.ts";
import type { CaseBegun, RunObserver } from "./run_observer.ts";
import { fitted, widthOf } from "./text_width.ts";

/** Between two drawings, however fast steps come. */
const REDRAW_MS = 100;

const BAR_WIDTH_MAX = 24;
/** A bar of less says nothing. */
const BAR_WIDTH_MIN = 8;

/** The longest text of a step that is looked at. */
const STEP_MAX_LENGTH = 400;

/** Makes room for whoever asks somebody: while there is a question, it stands where the progress was. */
export class LiveView implements RunObserver, QuestionPlace {
  readonly #lines: LiveLines;
  readonly #clock: Clock;
  readonly #played: Pick<CaseReport, "verdict">[] = [];
  #total = 0;
  #startedAtMs = 0;
  #current = "";
  #step = "";
  #question: readonly string[] = [];
  /** Cases in a row that were not begun, all for one reason: told together. */
  #notBegun: readonly CaseReport[] = [];
  #isRunning = false;
  #cancel: () => void = () => {};

  constructor(lines: LiveLines, { clock }: { clock: Clock }) {
    this.#lines = lines;
    this.#clock = clock;
  }

  get isTerminal(): boolean {
    return this.#lines.isTerminal;
  }

  get style(): Style {
    return this.#lines.style;
  }

  columns(): number {
    return this.#lines.columns();
  }

  begun({ total }: { readonly total: number }): void {
    this.#total = total;
    this.#startedAtMs = this.#clock.nowMs();
    this.#isRunning = true;
    if (this.#lines.isTerminal) this.#redraw();
  }

  caseBegun({ id, title }: CaseBegun): void {
    this.#current = plainText(`${id} ${title}`.slice(0, STEP_MAX_LENGTH));
    this.#step = "";
  }

  step(text: string): void {
    this.#step = plainText(text.slice(0, STEP_MAX_LENGTH));
  }

  caseEnded(played: CaseReport): void {
    this.#played.push(played);
    this.#current = this.#step = "";
    const [first] = this.#notBegun;
    if (first !== undefined && !(wasNotBegun(played) && first.failure?.came === played.failure?.came)) {
      this.#tellNotBegun();
    }
    if (wasNotBegun(played)) this.#notBegun = [...this.#notBegun, played];
    else this.#writeLines(caseLines(played, this.#lineOptions()));
  }

  #tellNotBegun(): void {
    if (this.#notBegun.length > 0) this.#writeLines(notBegunLines(this.#notBegun, this.#lineOptions()));
    this.#notBegun = [];
  }

  ended(report: SuiteReport): void {
    this.stop();
    this.#tellNotBegun();
    this.#writeLines(["", ...summaryLines(report, this.#lineOptions())]);
  }

  /** Takes the live lines away; for a run that comes to no end. */
  stop(): void {
    this.#cancel();
    this.#isRunning = false;
    this.#lines.show(this.#live());
  }

  show(question: readonly string[]): void {
    this.#question = question;
    this.#lines.show(this.#live());
  }

  write(text: string): void {
    this.#lines.write(text, this.#live());
  }

  #writeLines(lines: readonly string[]): void {
    this.write(lines.map((line) => `${line}\n`).join(""));
  }

  #lineOptions() {
    const { style, isTerminal } = this.#lines;
    return { style, columns: isTerminal ? this.columns() : Infinity };
  }

  #redraw(): void {
    if (!this.#isRunning) return;
    this.#lines.show(this.#live());
    this.#cancel = this.#clock.at(this.#clock.nowMs() + REDRAW_MS, () => this.#redraw());
  }

  /** The question, if there is one; else how far the run is. */
  #live(): readonly string[] {
    if (this.#question.length > 0 || !this.#isRunning) return this.#question;
    const columns = this.columns() - 1; // the last column makes some terminals begin a line
    return [this.#progressLine(columns), this.#stepLine(columns)].filter((line) => line !== "");
  }

  /** `████████░░░░  34 of 107  1 min 05 s  32 PASS  2 FAIL`; the bar has what room is left. */
  #progressLine(columns: number): string {
    const { style } = this;
    const counts = verdictCounts(this.#played);
    const verdicts = (["PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE"] as const)
      .filter((verdict) => counts[verdict] > 0)
      .map((verdict) => ({ text: `${counts[verdict]} ${verdict}`, paint: styleOf(verdict, style) }));
    const done = `${this.#played.length} of ${this.#total}`;
    const plain = (text: string) => ({ text, paint: (one: string) => one });
    const parts = [plain(done), plain(durationText(this.#clock.nowMs() - this.#startedAtMs)), ...verdicts];
    let line = "";
    let width = 0;
    for (const { text, paint } of parts) {
      const gap = line === "" ? "" : "  ";
      if (width + gap.length + text.length > columns) break; // what is left would not fit either
      line += gap + paint(text);
      width += gap.length + text.length;
    }
    if (line === "") return fitted(done, columns);
    const room = Math.min(BAR_WIDTH_MAX, columns - width - 2);
    return room < BAR_WIDTH_MIN ? line : `${this.#bar(room)}  ${line}`;
  }

  #bar(width: number): string {
    const share = this.#total === 0 ? 1 : Math.min(1, this.#played.length / this.#total);
    const full = Math.floor(share * width);
    return `${"█".repeat(full)}${this.style.dim("░".repeat(width - full))}`;
  }

  #stepLine(columns: number): string {
    if (this.#current === "") return "";
    const { style } = this;
    const name = fitted(this.#current, columns);
    const room = columns - widthOf(name) - 2;
    return this.#step === "" || room < BAR_WIDTH_MIN
      ? name
      : `${name}  ${style.dim(fitted(this.#step, room))}`;
  }
}
