/**
 * One question at the terminal: what there is to do, and a line below that counts the time down and takes the answer.
 */
import { plainText } from "../../plain_text.ts";
import type { TextOutput } from "../../terminal.ts";

/** Units: characters of a reason that is typed. */
const REASON_CHARACTERS_MAX = 200;

const KEYS = "Enter: done · s: cannot, skip · q: end the run";

/** What somebody has answered. */
export type Answer =
  | { readonly kind: "done" | "quit" | "late" | "notWanted" }
  | { readonly kind: "skip"; readonly reason: string };

/** Asks once. */
export class Prompt {
  readonly answered: Promise<Answer>;
  readonly #answer: (answer: Answer) => void;
  readonly #output: TextOutput;
  /** While the reason is typed. */
  #reason: string | undefined;
  #secondsLeft: number;
  #isAnswered = false;

  constructor(output: TextOutput, { heading, text, withinSeconds }: {
    readonly heading: string;
    readonly text: string;
    readonly withinSeconds: number;
  }) {
    this.#output = output;
    this.#secondsLeft = Math.ceil(withinSeconds);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.answered = promise;
    this.#answer = resolve;
    const { bold, cyan } = output.style;
    output.write(`${cyan(plainText(heading))}\n  ${bold(plainText(text))}\n`);
    this.#draw();
  }

  /** Time has passed. */
  count(secondsLeft: number): void {
    this.#secondsLeft = Math.max(0, Math.ceil(secondsLeft));
    this.#draw();
  }

  press(key: string): void {
    if (key === "\x03") return this.end({ kind: "quit" }); // Ctrl-C, where a raw terminal makes no signal of it
    const isEnter = key === "\r" || key === "\n";
    if (this.#reason !== undefined) {
      if (isEnter) return this.end({ kind: "skip", reason: this.#reason.trim() });
      this.#reason = key === "\x7f" || key === "\b"
        ? [...this.#reason].slice(0, -1).join("")
        : (this.#reason + plainText(key)).slice(0, REASON_CHARACTERS_MAX);
      return this.#draw();
    }
    if (isEnter) return this.end({ kind: "done" });
    if (key === "q") return this.end({ kind: "quit" });
    if (key !== "s") return;
    this.#reason = "";
    this.#draw();
  }

  /** The answer, or that there will be none; what comes later is not heard. */
  end(answer: Answer): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { green, yellow } = this.#output.style;
    const word = answer.kind === "done" ? green("done") : yellow(WORDS[answer.kind]);
    const reason = answer.kind === "skip" && answer.reason !== "" ? `: ${answer.reason}` : "";
    this.#output.write(`\r\x1b[K  ${word}${reason}\n`);
    this.#answer(answer);
  }

  #draw(): void {
    if (this.#isAnswered) return;
    const left = `${this.#secondsLeft} s left`;
    const line = this.#reason === undefined
      ? `  ${KEYS} · ${left}`
      : `  why not? Enter ends the reason · ${left} > ${this.#reason}`;
    // A line that is wider than the terminal could not be rewritten; of a reason the end matters.
    const columns = Math.max(1, this.#output.columns() - 1);
    const shown = this.#reason === undefined ? line.slice(0, columns) : line.slice(-columns);
    this.#output.write(`\r\x1b[K${shown}`);
  }
}

const WORDS = {
  quit: "the run ends",
  late: "the time is over",
  notWanted: "nobody waits for it any more",
  skip: "skipped",
} as const;
