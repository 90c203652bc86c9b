/**
 * Makes the driver that was chosen.
 */
import {
  CommandOperator,
  isMissing,
  NO_SUCH_PROGRAM,
  permissionFault,
} from "../../../adapters/test_operator/command_operator.ts";
import { HttpOperator } from "../../../adapters/test_operator/http_operator.ts";
import type { TestOperator } from "../../../runtime/test_operator.ts";
import { CommandError } from "../../exit_code.ts";
import { bearerToken } from "../../options.ts";
import { plainText } from "../../plain_text.ts";
import { readKeys } from "../../simulate/keys.ts";
import type { DriverChoice } from "./driver_choice.ts";
import { type KeySource, ManualOperator, type ManualOptions } from "./manual_operator.ts";

/** What drivers work with. */
export interface DriverSurroundings extends Omit<ManualOptions, "keys"> {
  /** Of `--driver http`: `OCPP_DRIVER_TOKEN`. */
  readonly token?: string | undefined;
  /** Instead of the standard input. */
  readonly keys?: KeySource | undefined;
}

/** A driver that knows no system in particular. */
export type AnySystemDriver = Exclude<DriverChoice, { readonly kind: "ocpp" }>;

/** Makes the driver. Errors: `UsageError`, `CommandError` where it cannot work here. */
export function openDriver(choice: AnySystemDriver, surroundings: DriverSurroundings): TestOperator {
  switch (choice.kind) {
    case "manual":
      return new ManualOperator({ ...surroundings, keys: surroundings.keys ?? STANDARD_INPUT });
    case "command": {
      const [program] = choice.command;
      const why = permissionFault(program) ?? (isMissing(program) ? NO_SUCH_PROGRAM : undefined);
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
