/**
 * `ocpp local-list`: its options and its help. What carries it out is loaded when run.
 */
import type { Command } from "@commander-js/extra-typings";
import { decimalNumber, option, verboseOption, wholeNumber } from "../options.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";

/** Adds the command. */
export function declareLocalList(program: Command, finish: Finish): void {
  const command = program.command("local-list")
    .summary("bring a Charge Point's Local Authorization List up to the idTags")
    .description(
      "Sends a Charge Point that is connected to `ocpp serve` the idTags that were entered there and may charge at " +
        "it: what changed where it is known what it has, else the whole list, in as many messages as that takes. " +
        "Each Call is shown with what became of it.",
    )
    .argument("<identity>", "the Charge Point")
    .optionsGroup("What:")
    .addOption(option("--show", "send nothing: what is known of its list"))
    .addOption(option("--full", "the whole list in any case"))
    .addOption(
      option("--max-length <n>", "SendLocalListMaxLength; without it the Charge Point is asked")
        .argParser(wholeNumber({ min: 1, max: 1_000 })),
    )
    .optionsGroup("Where:")
    .addOption(option("--server <url>", "the API of `ocpp serve`").default("http://localhost:9000"))
    .addOption(option("--token <token>", "its bearer token (better as OCPP_TOKEN)"))
    .optionsGroup("How:")
    .addOption(
      option("--timeout <s>", "how long to wait for each answer (default: as `ocpp serve` was told)")
        .argParser(decimalNumber({ min: 0.05, max: 600 })),
    )
    .optionsGroup("Output:")
    .addOption(option("--json", "what became of it as one JSON object on stdout"))
    .addOption(verboseOption())
    .addHelpText("after", EXAMPLES);
  command.action(async (identity, { show, full, json, maxLength, ...where }) => {
    const { localList } = await import("./local_list.ts");
    const flags = { show: show === true, full: full === true, json: json === true };
    finish(await localList({ ...where, ...flags, identity, maxLength }, { stdout }));
  });
}

const EXAMPLES = `
Examples:
  ocpp local-list CP001              send what is missing
  ocpp local-list CP001 --show       is it in step with the idTags?

Exit codes: 0 it is in step, 1 it is not.`;
