/**
 * What can stand on the command line, as the program itself has it: what completion scripts are made from.
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { fieldsOfReq } from "../../ocpp/field.ts";
import { CALL_ACTIONS, guideOf } from "../call/action_guide.ts";
import { namedFields } from "../call/fields_text.ts";

/** A word with what it is for. */
export interface Word {
  readonly word: string;
  readonly about: string;
}

/** An option: all its spellings, and what may follow it. */
export interface OptionWords {
  readonly flags: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  /** Empty: anything. */
  readonly choices: readonly string[];
}

/** A command with its options, and the words that its first operand may be. */
export interface CommandWords extends Word {
  readonly options: readonly OptionWords[];
  readonly operands: readonly Word[];
}

/** An Action of `ocpp call`, with the pairs that its payload may have; one that ends with `=` goes on. */
export interface ActionWords extends Word {
  readonly pairs: readonly string[];
}

/** Everything that can be completed. */
export interface CompletionWords {
  readonly commands: readonly CommandWords[];
  /** Of `ocpp call <identity> <Action> [pairs]`. */
  readonly actions: readonly ActionWords[];
}

/** The words of a program. */
export function wordsOf(program: CommandUnknownOpts): CompletionWords {
  const commands = program.commands.map((command): CommandWords => ({
    word: command.name(),
    about: command.summary(),
    options: [
      ...optionsOf(command),
      ...(command.options.some(({ long }) => long === "--help") ? [] : [HELP]),
    ],
    operands: [
      ...(command.registeredArguments[0]?.argChoices ?? []).map((word) => ({ word, about: "" })),
      ...command.commands.map((below) => ({ word: below.name(), about: below.summary() })),
    ],
  }));
  const help = { word: "help", about: "explain a command", options: [], operands: commands };
  return {
    commands: [...commands, help],
    actions: CALL_ACTIONS.map((action) => ({
      word: action,
      about: guideOf(action)!.summary,
      pairs: [...namedFields(fieldsOfReq(action), "")].flatMap(({ path, type }) => {
        const leaf = type.kind === "array" ? type.item : type;
        if (leaf.kind === "object") return [];
        if (leaf.kind === "boolean") return [`${path}=true`, `${path}=false`];
        return leaf.kind === "enumeration" ? leaf.values.map((value) => `${path}=${value}`) : [`${path}=`];
      }),
    })),
  };
}

/** Those of a command, and of the commands below it. */
function optionsOf(command: CommandUnknownOpts): readonly OptionWords[] {
  const all = [command, ...command.commands].flatMap(({ options }) => options);
  return all.filter(({ long }, index) => all.findIndex((other) => other.long === long) === index)
    .map((option): OptionWords => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
      about: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    }));
}

const HELP: OptionWords = {
  flags: ["-h", "--help"],
  about: "explain a command",
  takesValue: false,
  choices: [],
};
