/**
 * `--driver`: what stands behind it.
 *
 * `ocpp` and `manual` take no further word, `command` and `http` take one; both words may stand in one, as an environment
 * variable has them. Whatever comes after is not the driver's. A program is split into words at spaces; what stands in
 * '…' or "…" stays together, and nothing else is special. There is no shell, so whoever wants one writes `sh -c '…'`.
 */
import type { CommandWords } from "../../../adapters/test_operator/command_operator.ts";
import { UsageError } from "../../exit_code.ts";
import { guessText } from "../../nearest.ts";
import { plainText } from "../../plain_text.ts";

/** Who does what cases ask for. */
export type DriverChoice =
  /** The API of `ocpp serve` or `ocpp simulate`. */
  | { readonly kind: "ocpp" }
  | { readonly kind: "manual" }
  | { readonly kind: "command"; readonly command: CommandWords }
  | { readonly kind: "http"; readonly url: string };

const KINDS = ["ocpp", "manual", "command", "http"] as const satisfies readonly DriverChoice["kind"][];

/** The driver, and what stands on the command line instead of options. */
export interface DriverAndPlaces {
  readonly driver: DriverChoice;
  readonly places: readonly string[];
}

/**
 * Reads the words behind `--driver`; those that are too many for it belong to `places` where they are URLs.
 * Errors: `UsageError`.
 */
export function driverChoice(words: readonly string[]): DriverAndPlaces {
  const [first = "", ...others] = words.map((word) => word.trim());
  const kind = /^\S*/.exec(first)![0];
  const isWhole = kind !== first;
  const takesOne = kind === "command" || kind === "http";
  const [behind = "", ...further] = takesOne && !isWhole
    ? others
    : [first.slice(kind.length).trim(), ...others];
  const driver = driverOf(kind, behind);
  const stray = further.find((word) => !word.includes("://"));
  if (stray !== undefined) throw new UsageError(strayText(stray, { driver, behind }));
  return { driver, places: further };
}

function driverOf(kind: string, behind: string): DriverChoice {
  switch (kind) {
    case "ocpp":
    case "manual":
      if (behind !== "") throw new UsageError(`--driver ${kind} takes no further word`);
      return { kind };
    case "command":
      return { kind, command: commandWords(behind) };
    case "http":
      return { kind, url: driverUrl(behind) };
    default:
      throw new UsageError(
        `--driver must be ocpp, manual, command '<program>' or http <url>, not ${
          kind.includes("://") ? "a URL" : plainText(kind) || "nothing"
        }${meantText(kind)}`,
      );
  }
}

/** What was meant by a word that is no driver. */
function meantText(word: string): string {
  if (word.includes("://")) return ", did you mean --driver http <url>?"; // there may be a secret in it
  if (/[./\\]/.test(word)) return `, did you mean --driver command ${plainText(word)}?`;
  return guessText(word, KINDS);
}

function strayText(
  word: string,
  { driver, behind }: { readonly driver: DriverChoice; readonly behind: string },
): string {
  const stray = plainText(word);
  switch (driver.kind) {
    case "ocpp":
    case "manual":
      return `--driver ${driver.kind} takes no further word, and ${stray} is no URL`;
    case "command":
      return `--driver command takes one word, and ${stray} is one too many: ` +
        `quotes keep a program and its words together, --driver command "${plainText(behind)} ${stray}"`;
    case "http":
      return `--driver http takes one URL, and ${stray} is one word too many`;
  }
}

/** Splits a command line into words. Errors: `UsageError`. */
export function commandWords(text: string): CommandWords {
  const words: string[] = [];
  // A word is pieces side by side: bare, in single quotes, in double quotes.
  const pattern = /\s*((?:[^\s'"]|'[^']*'|"[^"]*")+)/y;
  let read = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    read = pattern.lastIndex;
    words.push(found[1]!.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  if (text.slice(read).trim() !== "") throw new UsageError("--driver command has a quote that is not closed");
  const [program, ...others] = words;
  // Where the program was forgotten, what comes next is where the Central System is.
  if (program === undefined || program === "" || /^wss?:\/\//.test(program)) {
    throw new UsageError("--driver command needs a program to run, e.g. --driver command ./drive.sh");
  }
  return [program, ...others];
}

function driverUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.hash !== "") {
    throw new UsageError(
      "--driver http needs a URL like http://localhost:8080/driver; a token goes into OCPP_DRIVER_TOKEN",
    );
  }
  return url.href;
}
