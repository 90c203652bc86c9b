/**
 * `ocpp certs`: its options, with what each may be, and its help. What carries it out is loaded when run.
 */
import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { addressIn } from "../../adapters/address_range.ts";
import { option, shortText, verboseOption, wholeNumber } from "../options.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";

/** What a run of `certs` was asked for. */
export interface CertsOptions {
  readonly dir: string;
  readonly host?: readonly string[] | undefined;
  readonly serial?: readonly string[] | undefined;
  readonly cpoName?: string | undefined;
  readonly keyType: "rsa" | "ec";
  readonly days: number;
  readonly json: boolean;
}

/** What the CN and the O of a certificate have room for. Spec: RFC 5280 A.1 (ub-common-name). */
const NAME_CHARACTERS_MAX = 64;

/** Adds the command. */
export function declareCerts(program: Command, finish: Finish): void {
  program.command("certs")
    .summary("make certificates for a test bench")
    .description(
      "Makes what security profiles 2 and 3 need: a root of your own, a certificate for the Central System and one " +
        "for each Charge Point, and says how to use them. Nothing is overwritten: run it again to add Charge " +
        "Points under the same root. For a test bench; its keys lie unencrypted in files that only you can read.",
    )
    .addOption(option("--dir <path>", "where the files are, or come to be").default("certs"))
    .addOption(
      option(
        "--host <name>",
        "a name or IP address of the Central System; may be given often (default: localhost, 127.0.0.1, ::1)",
      ).argParser(hosts),
    )
    .addOption(
      option("--serial <n>", "serial number of a Charge Point; may be given often (default: CP001)")
        .argParser(serials),
    )
    .addOption(
      option("--cpo-name <name>", "the operator, in all certificates (default: the root's, or Test CPO)")
        .argParser(shortText({ maxLength: NAME_CHARACTERS_MAX - " Root".length })),
    )
    .addOption(
      option("--key-type <type>", "RSA with 2048 bits or EC on P-256").choices(["rsa", "ec"] as const)
        .default("rsa" as const),
    )
    .addOption(
      option("--days <n>", "how long certificates hold, the root ten years")
        .argParser(wholeNumber({ min: 1, max: 3_650 })).default(365),
    )
    .addOption(option("--json", "what was made as one JSON object on stdout"))
    .addOption(verboseOption())
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const { makeCertificates } = await import("./certs.ts");
      finish(await makeCertificates({ ...options, json: options.json === true }, stdout));
    });
}

/** Labels of letters, digits and hyphens; the first may be `*`. */
const DNS_NAME = /^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$/;

function hosts(text: string, previous: readonly string[] = []): readonly string[] {
  const isHost = addressIn(text) !== undefined && !/[[\]]/.test(text) || DNS_NAME.test(text);
  if (!isHost || text.length > 253) {
    throw new InvalidArgumentError("It must be a host name or an IP address, without a port.");
  }
  return [...previous, text];
}

function serials(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, shortText({ maxLength: NAME_CHARACTERS_MAX })(text)];
}

const EXAMPLES = `
Examples:
  ocpp certs                                           for a Central System on localhost and CP001
  ocpp certs --serial CP002 --serial CP003             two more Charge Points under the same root
  ocpp certs --dir bench --host csms.test --host 192.0.2.7 --cpo-name "My CPO"`;
