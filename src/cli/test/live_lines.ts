/**
 * Lines at the bottom of a terminal that are written anew in place, below all other text.
 *
 * On what is no terminal there are none, and other text goes through as it is.
 */
import type { Style, TextOutput } from "../terminal.ts";
import { widthOf } from "./text_width.ts";

// deno-lint-ignore no-control-regex
const STYLES = /\x1b\[\d+m/g;

/** A place for text, with live lines below it. The cursor is at the end of the last of them. */
export class LiveLines implements TextOutput {
  readonly #output: TextOutput;
  #shown: readonly string[] = [];
  /** How wide the lines are that stand on the terminal. */
  #widths: readonly number[] = [];
  /** Of the terminal when they were written. */
  #drawnColumns = 0;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  get isTerminal(): boolean {
    return this.#output.isTerminal;
  }

  get style(): Style {
    return this.#output.style;
  }

  columns(): number {
    return this.#output.columns();
  }

  /** These instead of those before; none: they are taken away. Each has to fit into a line. */
  show(lines: readonly string[]): void {
    if (!this.isTerminal || this.#stands(lines)) return;
    this.#shown = lines;
    const text = this.#erasing() + this.#drawing();
    if (text !== "") this.#output.write(text);
  }

  /** Text in whole lines, which stays above the live ones; `below`: what these are from now on. */
  write(text: string, below: readonly string[] = this.#shown): void {
    if (this.isTerminal) this.#shown = below;
    this.#output.write(`${this.#erasing()}${text}${this.#drawing()}`);
  }

  /** Another output, perhaps to the same terminal: the lines make room for its text. */
  beside(other: TextOutput): TextOutput {
    if (!other.isTerminal || !this.isTerminal) return other;
    return {
      isTerminal: true,
      style: other.style,
      columns: () => other.columns(),
      write: (text) => {
        const { length } = this.#shown;
        if (length > 0) this.#output.write(this.#erasing());
        other.write(text);
        if (length > 0) this.#output.write(this.#drawing());
      },
    };
  }

  /** Whether the terminal shows just that, so that nothing has to flicker. */
  #stands(lines: readonly string[]): boolean {
    const isSame = lines.length === this.#widths.length &&
      lines.every((line, at) => line === this.#shown[at]);
    return isSame && this.#drawnColumns === this.columns();
  }

  #erasing(): string {
    if (this.#widths.length === 0) return "";
    // A terminal that became narrower has broken lines: each stands on as many as it needs now.
    const columns = Math.max(1, this.columns());
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    this.#widths = [];
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
  }

  #drawing(): string {
    this.#drawnColumns = this.columns();
    this.#widths = this.#shown.map((line) => widthOf(line.replace(STYLES, "")));
    return this.#shown.join("\n");
  }
}
