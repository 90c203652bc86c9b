/**
 * `ocpp database`: its arguments and its help. What carries it out is loaded when run.
 */
import { Argument, type Command } from "@commander-js/extra-typings";
import { option, verboseOption } from "../options.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";

/** Adds the command. */
export function declareDatabase(program: Command, finish: Finish): void {
  program.command("database")
    .summary("look after the database of a Central System")
    .description(
      "Works on the database of an `ocpp serve` that is not running: check reads all of it and says what is wrong; " +
        "vacuum gives the room of deleted rows back to the disk (needs all permissions: deno run -A main.ts …); backup copies it to a new file, which is there " +
        "whole or not at all.",
    )
    .addArgument(new Argument("<task>", "what to do").choices(["check", "vacuum", "backup"] as const))
    .argument("<path>", "the database, e.g. ocpp.db")
    .argument("[target]", "backup: the new file")
    .addOption(option("--json", "what was found or done as one JSON object on stdout"))
    .addOption(verboseOption())
    .addHelpText("after", EXAMPLES)
    .action(async (task, path, target, options) => {
      const { maintain } = await import("./database.ts");
      finish(maintain({ task, path, target, json: options.json === true }, stdout));
    });
}

const EXAMPLES = `
Examples:
  ocpp database check ocpp.db
  ocpp database vacuum ocpp.db
  ocpp database backup ocpp.db monday.db

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the check found something wrong.`;
