/**
 * A terminal that keeps its screen: lines, the cursor, and what a program does with both.
 */
import assert from "node:assert/strict";
import { widthOf } from "../../src/cli/test/text_width.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";

/** As high as it needs to be: nothing scrolls away. */
export class FakeTerminal implements TextOutput {
  readonly isTerminal = true;
  readonly style: TextOutput["style"];
  /** Every text as it was written. */
  readonly written: string[] = [];
  /** The widest line that ever was. */
  widest = 0;
  #columns: number;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor({ columns, colours = false }: { readonly columns: number; readonly colours?: boolean }) {
    this.#columns = columns;
    this.style = styleFor({ colours });
  }

  columns(): number {
    return this.#columns;
  }

  /** Makes it narrower or wider; lines that are longer are broken, as terminals do. */
  resize(columns: number): void {
    this.#columns = columns;
    const rows = this.#rows.flatMap((row) => {
      const pieces: string[][] = [];
      for (let at = 0; at === 0 || at < row.length; at += columns) pieces.push(row.slice(at, at + columns));
      return pieces;
    });
    this.#rows = rows;
    this.#row = rows.length - 1; // all who use it here leave the cursor at the end
    this.#column = rows.at(-1)!.length;
  }

  /** What stands on the screen, without spaces at the ends. */
  get screen(): readonly string[] {
    return this.#rows.map((row) => row.join("").trimEnd());
  }

  write(text: string): void {
    this.written.push(text);
    // deno-lint-ignore no-control-regex
    for (const [piece] of text.matchAll(/\x1b\[(\d*)([A-Za-z])|[\s\S]/gu)) this.#take(piece);
  }

  #take(piece: string): void {
    if (piece === "\n") {
      this.#row++;
      this.#column = 0;
      this.#rows[this.#row] ??= [];
    } else if (piece === "\r") this.#column = 0;
    else if (piece.startsWith("\x1b[")) this.#control(Number(piece.slice(2, -1) || "0"), piece.at(-1)!);
    else this.#put(piece);
  }

  #control(count: number, command: string): void {
    switch (command) {
      case "m":
        return;
      case "A":
        this.#row -= count;
        assert.ok(this.#row >= 0, "the cursor left the screen");
        return;
      case "J":
        this.#rows[this.#row]!.length = this.#column;
        this.#rows.length = this.#row + 1;
        return;
      default:
        assert.fail(`this terminal does not know ${command}`);
    }
  }

  #put(character: string): void {
    assert.ok(!/\p{Cc}/u.test(character), `a control character: ${JSON.stringify(character)}`);
    const row = this.#rows[this.#row]!;
    while (row.length < this.#column) row.push(" ");
    row[this.#column++] = character;
    this.widest = Math.max(this.widest, widthOf(row.join("")));
  }
}
