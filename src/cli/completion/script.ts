/**
 * Which completion script is made for which shell.
 */
import type { Command } from "@commander-js/extra-typings";
import { bashScript } from "./bash.ts";
import type { SHELLS } from "./command.ts";
import { fishScript } from "./fish.ts";
import { powershellScript } from "./powershell.ts";
import { wordsOf } from "./words.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript } as const;

/** The script for one shell, made from the program that it completes. */
export function completionScript(shell: typeof SHELLS[number], program: Command): string {
  return SCRIPTS[shell](wordsOf(program));
}
