/**
 * One question at the terminal: what there is to do, and a line below that counts the time down and takes the answer.
 */
import { plainText } from "../../plain_text.ts";
import { fitted, widthOf, wrapped } from "../text_width.ts";
import type { QuestionPlace } from "./question_place.ts";

/** Units: characters of a reason that is typed. */
const REASON_CHARACTERS_MAX = 200;

const KEYS = "Enter: done · c: cannot, say why · s: skip · q: end the run";
const REASON_KEYS = "why not? Enter: that is why · Esc: back";
const DEAF = "one moment …";

const INDENT = "     ";

/** Ctrl-C, where a raw terminal makes no signal of it. */
export const INTERRUPT = "\x03";

/** What somebody has answered. */
export type Answer =
  | { readonly kind: "done" | "skip" | "quit" | "late" | "notWanted" }
  | { readonly kind: "cannot"; readonly reason: string };

/** What is asked. */
export interface Question {
  /** Its place in the run, from 1. */
  readonly number: number;
  /** What there is to do. */
  readonly text: string;
  /** What stands above it, where that is not there already. */
  readonly heading?: string | undefined;
  readonly withinSeconds: number;
  /** Keys are not heard yet: they may be meant for the question before. */
  readonly isDeaf: boolean;
}

/** Asks once. */
export class Prompt {
  readonly answered: Promise<Answer>;
  readonly #answer: (answer: Answer) => void;
  readonly #place: QuestionPlace;
  /** While the reason is typed. */
  #reason: string | undefined;
  #secondsLeft: number;
  #isDeaf: boolean;
  #isAnswered = false;

  constructor(place: QuestionPlace, { number, text, heading, withinSeconds, isDeaf }: Question) {
    this.#place = place;
    this.#secondsLeft = Math.ceil(withinSeconds);
    this.#isDeaf = isDeaf;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.answered = promise;
    this.#answer = resolve;
    const { bold, cyan } = place.style;
    const lines = wrapped(plainText(text), place.columns() - INDENT.length).map((line, index) =>
      `${index === 0 ? `${number}. `.padStart(INDENT.length) : INDENT}${bold(line)}\n`
    );
    const above = heading === undefined ? [] : wrapped(plainText(heading), place.columns());
    this.#draw(); // first, so that nothing else comes up between
    place.write([...above.map((line) => `${cyan(line)}\n`), ...lines].join(""));
  }

  /** Time has passed. */
  count(secondsLeft: number): void {
    this.#secondsLeft = Math.max(0, Math.ceil(secondsLeft));
    this.#draw();
  }

  /** From here on keys are heard. */
  hear(): void {
    this.#isDeaf = false;
    this.#draw();
  }

  press(key: string): void {
    if (key === INTERRUPT) return this.end({ kind: "quit" });
    if (this.#isDeaf) return;
    const isEnter = key === "\r" || key === "\n";
    if (this.#reason !== undefined) return this.#type(key, { isEnter });
    if (isEnter) return this.end({ kind: "done" });
    switch (key.toLowerCase()) {
      case "q":
        return this.end({ kind: "quit" });
      case "s":
        return this.end({ kind: "skip" });
      case "c":
        this.#reason = "";
        return this.#draw();
    }
  }

  /** The answer, or that there will be none; what comes later is not heard. */
  end(answer: Answer): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { green, yellow } = this.#place.style;
    const word = answer.kind === "done" ? green("done") : yellow(WORDS[answer.kind]);
    const reason = answer.kind === "cannot" && answer.reason !== "" ? `: ${answer.reason}` : "";
    this.#place.write(`${INDENT}${word}${reason}\n`);
    this.#place.show([]);
    this.#answer(answer);
  }

  #type(key: string, { isEnter }: { readonly isEnter: boolean }): void {
    const reason = this.#reason ?? "";
    if (isEnter) return this.end({ kind: "cannot", reason: reason.trim() });
    if (key === "\x1b") this.#reason = undefined;
    else if (key === "\x7f" || key === "\b") this.#reason = [...reason].slice(0, -1).join("");
    else this.#reason = (reason + plainText(key)).slice(0, REASON_CHARACTERS_MAX);
    this.#draw();
  }

  #draw(): void {
    if (this.#isAnswered) return;
    const { dim } = this.#place.style;
    const columns = Math.max(1, this.#place.columns() - 1);
    const keys = this.#isDeaf ? DEAF : this.#reason === undefined ? KEYS : REASON_KEYS;
    const told = `${keys} · ${clockText(this.#secondsLeft)} left`;
    const lines = wrapped(told, columns - INDENT.length).map((line) => fitted(INDENT + line, columns));
    this.#place.show([
      ...lines.map(dim),
      ...(this.#reason === undefined ? [] : [endOf(`${INDENT}> ${this.#reason}`, columns)]),
    ]);
  }
}

/** `4:59`. */
function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The end of a text, which is where somebody types, on no more than so many columns. */
function endOf(text: string, columns: number): string {
  let shown = [...text];
  while (widthOf(shown.join("")) > columns) shown = shown.slice(1);
  return shown.join("");
}

const WORDS = {
  cannot: "cannot",
  skip: "skipped",
  quit: "the run ends",
  late: "the time is over",
  notWanted: "no answer is needed any more",
} as const;
