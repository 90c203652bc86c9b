/**
 * `--driver`: who does what cases ask for.
 *
 * A program is split into words at spaces; what stands in '…' or "…" stays together, and nothing else is special. There
 * is no shell, so whoever wants one writes `sh -c '…'`.
 */
import {
  CommandOperator,
  type CommandWords,
  permissionFault,
} from "../../../adapters/test_operator/command_operator.ts";
import { HttpOperator } from "../../../adapters/test_operator/http_operator.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { TestOperator } from "../../../runtime/test_operator.ts";
import { CommandError, UsageError } from "../../exit_code.ts";
import { bearerToken } from "../../options.ts";
import { plainText } from "../../plain_text.ts";
import { readKeys } from "../../simulate/keys.ts";
import type { TextOutput } from "../../terminal.ts";
import type { LiveView } from "./live_view.ts";
import { type KeySource, ManualOperator } from "./manual_operator.ts";

/** A driver that knows no system in particular. */
export type DriverChoice =
  | { readonly kind: "manual" }
  | { readonly kind: "command"; readonly command: CommandWords }
  | { readonly kind: "http"; readonly url: string };

/** What drivers work with. */
export interface DriverSurroundings {
  /** Where a person is asked. */
  readonly output: TextOutput;
  readonly clock: Clock;
  readonly view?: LiveView | undefined;
  readonly onQuit: () => void;
  /** Of `--driver http`: `OCPP_DRIVER_TOKEN`. */
  readonly token?: string | undefined;
  /** Instead of the standard input. */
  readonly keys?: KeySource | undefined;
}

/**
 * Reads what stands behind `--driver`: `manual`, `command <program>` or `http <url>`, in one word or in several.
 * Errors: `UsageError`.
 */
export function driverChoice(words: readonly string[]): DriverChoice {
  const text = words.join(" ").trim();
  const kind = /^\S*/.exec(text)![0];
  const rest = text.slice(kind.length).trim();
  switch (kind) {
    case "manual":
      if (rest !== "") throw new UsageError("--driver manual has nothing behind it");
      return { kind };
    case "command":
      return { kind, command: commandWords(rest) };
    case "http":
      return { kind, url: driverUrl(rest) };
    default:
      throw new UsageError(
        `--driver must be ocpp, manual, command '<program>' or http <url>, not ${
          plainText(kind) || "nothing"
        }`,
      );
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
  if (program === undefined || program === "") {
    throw new UsageError("--driver command needs a program to run");
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

/** Makes the driver. Errors: `UsageError`, `CommandError` where it cannot work here. */
export function openDriver(choice: DriverChoice, surroundings: DriverSurroundings): TestOperator {
  switch (choice.kind) {
    case "manual":
      return new ManualOperator({ ...surroundings, keys: surroundings.keys ?? STANDARD_INPUT });
    case "command": {
      const [program] = choice.command;
      const why = permissionFault(program);
      if (why !== undefined) throw new CommandError(`cannot run ${plainText(program)}: ${why}`);
      return new CommandOperator(choice.command);
    }
    case "http":
      return new HttpOperator({
        url: choice.url,
        token: surroundings.token === undefined ? undefined : bearerToken(surroundings.token),
      });
  }
}

const STANDARD_INPUT: KeySource = {
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  open: readKeys,
};
