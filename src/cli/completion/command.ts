/**
 * `ocpp completion`: the script that has a shell complete commands, options, Actions and fields.
 */
import { Argument, type Command } from "@commander-js/extra-typings";
import { EXIT_CODE } from "../exit_code.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";

/** The shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** Adds the command. */
export function declareCompletion(program: Command, finish: Finish): void {
  program.command("completion")
    .summary("have a shell complete what is typed")
    .description(
      "Prints a script that has a shell complete commands, options with what they may be, the Actions of " +
        "`ocpp call` and the fields of each.",
    )
    .addArgument(new Argument("<shell>", "which one").choices(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action(async (shell) => {
      const { completionScript } = await import("./script.ts");
      stdout.write(completionScript(shell, program));
      finish(EXIT_CODE.done);
    });
}

const EXAMPLES = `
Examples:
  source <(ocpp completion bash)                                        in ~/.bashrc
  source <(ocpp completion zsh)                                         in ~/.zshrc, after compinit
  ocpp completion fish > ~/.config/fish/completions/ocpp.fish
  ocpp completion powershell | Out-String | Invoke-Expression           in $PROFILE`;
