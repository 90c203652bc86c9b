/**
 * `ocpp test`: one command for each that can be under test.
 */
import type { Command } from "@commander-js/extra-typings";
import type { Finish } from "../program.ts";
import { declareCentralSystemTest } from "./central_system_command.ts";
import { declareChargePointTest } from "./charge_point/command.ts";

/** Adds the command. */
export function declareTest(program: Command, finish: Finish): void {
  const test = program.command("test")
    .summary("compliance cases for a Central System or a Charge Point")
    .description(
      "Plays compliance cases against a system of anybody's and gives a verdict for each. Nothing but frames decides: " +
        "each is checked against the official schemas, and a failure names the step, what was expected and what came.",
    )
    .addHelpText("after", EXAMPLES);
  declareCentralSystemTest(test, finish);
  declareChargePointTest(test, finish);
}

const EXAMPLES = `
Examples:
  ocpp test central-system ws://localhost:9000     a Central System: here \`ocpp serve\`
  ocpp test charge-point                           Charge Points: here \`ocpp simulate --control-port 9001\`
  ocpp test central-system --list                  which cases there are`;
