/**
 * `ocpp secure`: its options and its help. What carries it out is loaded when run.
 */
import type { Command } from "@commander-js/extra-typings";
import type { SecurityProfile } from "../../central_system/security_profile.ts";
import { CommandError } from "../exit_code.ts";
import { decimalNumber, option, verboseOption, wholeNumber } from "../options.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";
import { whyUnreadable } from "../unreadable.ts";

/** Adds the command. */
export function declareSecure(program: Command, finish: Finish): void {
  const command = program.command("secure")
    .summary("give a Charge Point a password, or a higher security profile")
    .description(
      "Leads a Charge Point that is connected to `ocpp serve` to a security profile, step by step: a new password, " +
        "the root certificate, a certificate of its own, SecurityProfile, a reset, and its first link on the new " +
        "profile. It ends at the first step that fails and says where things stand; until the Charge Point uses what " +
        "is new, what it had before is good as well. Run it again to go on.",
    )
    .argument("<identity>", "the Charge Point")
    .optionsGroup("What:")
    .addOption(
      option(
        "--profile <n>",
        "1: password, 2: TLS and password, 3: TLS and client certificate; without it: only a new password",
      )
        .argParser((text) => wholeNumber({ min: 1, max: 3 })(text) as Exclude<SecurityProfile, 0>),
    )
    .addOption(
      option(
        "--authorization-key-hex <key>",
        "the new password, 32 to 40 hexadecimal digits; without it: a random one",
      ),
    )
    .addOption(option("--keep-password", "leave the password that it has"))
    .addOption(
      option("--root <file>", "the Central System's root certificate (PEM), to be installed for 2 and 3"),
    )
    .addOption(option("--cpo-name <name>", "CpoName, the O of its own certificate (3)"))
    .addOption(
      option(
        "--certificate-serial-number <n>",
        "CN of its own certificate (3); without it: the serial number that it boots with",
      ),
    )
    .addOption(option("--no-reset", "do not reset it; it uses the profile when it connects again"))
    .optionsGroup("Where:")
    .addOption(option("--server <url>", "the API of `ocpp serve`").default("http://localhost:9000"))
    .addOption(option("--token <token>", "its bearer token (better as OCPP_TOKEN)"))
    .optionsGroup("How:")
    .addOption(
      option("--timeout <s>", "how long a step may take, a reset and its return included")
        .argParser(decimalNumber({ min: 0.05, max: 3_600 })).default(120),
    )
    .optionsGroup("Output:")
    .addOption(option("--json", "each step as a JSON object on stdout"))
    .addOption(verboseOption())
    .addHelpText("after", EXAMPLES);
  command.action(async (identity, { json, reset, keepPassword, ...options }) => {
    const { secure } = await import("./secure.ts");
    finish(
      await secure({
        ...options,
        identity,
        json: json === true,
        reset: reset !== false,
        keepPassword: keepPassword === true,
      }, { stdout, readFile }),
    );
  });
}

function readFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CommandError(`cannot read ${path}: ${whyUnreadable(cause)}`, { cause });
  }
}

const EXAMPLES = `
Examples:
  ocpp secure CP001                                          a new random password
  ocpp secure CP001 --profile 1                              … and HTTP Basic from now on
  ocpp secure CP001 --profile 2 --root certs/root.pem        TLS, the password inside
  ocpp secure CP001 --profile 3 --root certs/root.pem --cpo-name "My CPO"

Exit codes: 0 it is on the profile, 1 a step failed, 2 wrong usage.`;
