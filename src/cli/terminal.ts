/**
 * Where the program's text goes: stdout for results, stderr for logs and progress, each with or without
 * colours.
 */
import { EXIT_CODE } from "./exit_code.ts";

/** A place for text. */
export interface TextOutput {
  readonly isTerminal: boolean;
  readonly style: Style;
  /** Characters in a line; a guess where it goes to no terminal. */
  columns(): number;
  write(text: string): void;
}

/** Colours and weights, or none of them: each gives its text back as it should be printed. */
export interface Style {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** ANSI styles, or, where they are not wanted, none. */
export function styleFor({ colours }: { colours: boolean }): Style {
  const ansi = (on: number, off: number) => (text: string) =>
    colours && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    dim: ansi(2, 22),
    bold: ansi(1, 22),
    red: ansi(31, 39),
    green: ansi(32, 39),
    yellow: ansi(33, 39),
    blue: ansi(34, 39),
    cyan: ansi(36, 39),
  };
}

/** The real stdout. */
export const stdout: TextOutput = outputOf(Deno.stdout);

/** The real stderr. */
export const stderr: TextOutput = outputOf(Deno.stderr);

function outputOf(stream: typeof Deno.stdout | typeof Deno.stderr): TextOutput {
  const isTerminal = stream.isTerminal();
  const encoder = new TextEncoder();
  return {
    isTerminal,
    style: styleFor({ colours: isTerminal && !Deno.noColor }), // https://no-color.org
    // A terminal on a serial line tells no size.
    columns: () =>
      isTerminal ? Deno.consoleSize().columns || COLUMNS_WITHOUT_TERMINAL : COLUMNS_WITHOUT_TERMINAL,
    write(text) {
      let rest = encoder.encode(text);
      try {
        while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
      } catch (error) {
        // Whoever read this has gone (`ocpp simulate | head`): nobody is left to work for.
        if (error instanceof Deno.errors.BrokenPipe) Deno.exit(EXIT_CODE.failed);
        throw error;
      }
    },
  };
}
