/**
 * The options that both halves of `ocpp test` have, and how a command is made of groups of options.
 */
import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { FeatureProfile } from "../../ocpp/action.ts";
import { ALL_FEATURE_PROFILES } from "../../charge_point/description.ts";
import { bearerToken, decimalNumber, option, shortText, verboseOption, wholeNumber } from "../options.ts";
import { UsageError } from "../exit_code.ts";
import { guessText } from "../nearest.ts";
import { plainText } from "../plain_text.ts";
import { authorizationKeyHex, password } from "../simulate/command.ts";
import type { DriverChoice } from "./drivers/driver_choice.ts";
import { REPORT_FORMATS, reportFile } from "./report_files.ts";

/** Units: seconds. How long a person may take, unless something else is said. */
const PERSON_SECONDS = 300;

/** Options below a title of the help. */
export type OptionGroup = readonly [title: string, ...options: Option[]];

/** Adds groups in their order. */
export function addGroups(command: CommandUnknownOpts, groups: readonly OptionGroup[]): void {
  for (const [title, ...options] of groups) {
    command.optionsGroup(title);
    for (const one of options) command.addOption(one);
  }
}

/** Which cases there are to play: `--list`, `--case`, `--profile`, `--skip`, `--negative`. */
export function caseOptions(): readonly Option[] {
  return [
    new Option("--list", "say which there are, and play none"),
    option("--case <id>", "only these, in this order, * for any characters; may be given often").argParser(
      collected,
    ),
    option("--profile <name>", "only those of a feature profile, e.g. Core; may be given often")
      .argParser(profileNamed),
    option("--skip <id>", "not these, likewise").argParser(collected),
    option("--negative", "broken messages as well (NEG_…), which have to be refused"),
  ];
}

/** That idTags, by their options, are different ones; they are so whatever their case. Errors: `UsageError`. */
export function assertDifferent(idTags: Readonly<Record<string, string>>): void {
  const optionOf = new Map<string, string>();
  for (const [name, idTag] of Object.entries(idTags)) {
    const other = optionOf.get(idTag.toLowerCase());
    if (other !== undefined) {
      throw new UsageError(`${other} and ${name} are the same idTag, ${plainText(idTag)}: give two`);
    }
    optionOf.set(idTag.toLowerCase(), name);
  }
}

/** `--repeat`. */
export function repeatOption(): Option {
  return option("--repeat <n>", "play them so often").argParser(wholeNumber({ min: 1, max: 1_000 })).default(
    1,
  );
}

/** `--driver`; `api` is what `--driver ocpp` uses. */
export function driverOption(api: string): Option {
  return option(
    "--driver <kind...>",
    `ocpp: the API of ${api}; manual: a person at this terminal is asked; command '<program>': it is run for each ` +
      "deed; http <url>: each deed is posted there",
  ).default(["ocpp"], "ocpp");
}

/** `--driver-token`. */
export function driverTokenOption(): Option {
  return option("--driver-token <token>", "bearer token of --driver http (better as OCPP_DRIVER_TOKEN)")
    .argParser(bearerToken);
}

/** `--operator-timeout`; see `operatorSeconds`. */
export function operatorTimeoutOption(): Option {
  return option(
    "--operator-timeout <s>",
    `how long a driver may take (default: ${PERSON_SECONDS} for a person, else --timeout)`,
  ).argParser(decimalNumber({ min: 0.05, max: 86_400 }));
}

/** How long a driver may take. Units: seconds. */
export function operatorSeconds(
  { driver, operatorTimeout, timeout }: {
    readonly driver: DriverChoice;
    readonly operatorTimeout?: number | undefined;
    readonly timeout: number;
  },
): number {
  return operatorTimeout ?? (driver.kind === "manual" ? PERSON_SECONDS : timeout);
}

/** An idTag that a run uses. Spec: OCPP 1.6 §7.28, a CiString20Type. */
export function idTagOption(flags: string, what: string, standard: string): Option {
  return option(flags, what).argParser(shortText({ maxLength: 20 })).default(standard);
}

/** `--password`, whose text may say more, and `--authorization-key-hex`. */
export function passwordOptions(more = ""): readonly Option[] {
  return [
    option("--password <text>", `its password (better as OCPP_PASSWORD)${more}`).argParser(password),
    option("--authorization-key-hex <hex>", "the password as 16 to 20 bytes (better as the variable)")
      .argParser(authorizationKeyHex),
  ];
}

/** `--public-host`; `whom` needs it. */
export function publicHostOption(whom: string, standard: string): Option {
  return option(
    "--public-host <name>",
    `name or address by which ${whom} reaches this machine (default: ${standard})`,
  )
    .argParser(shortText({ maxLength: 253 }));
}

/** A TCP port to listen on. */
export function portOption(flags: string, what: string): Option {
  return option(flags, `${what}; 0: any free one`).argParser(wholeNumber({ min: 0, max: 65_535 }));
}

/** `--firmware`; `what` it is to the system under test. */
export function firmwareOption(what: string): Option {
  return option("--firmware <file>", what);
}

/** Who stands above signers of firmware, and how it is signed. */
export function firmwareSignerOptions(): readonly Option[] {
  return [
    option(
      "--manufacturer-ca <file>",
      "authority below which firmware is signed (PEM; default: made on the spot)",
    ),
    option("--manufacturer-ca-key <file>", "the private key of it (PEM)"),
    option("--signature-scheme <name>", "how firmware is signed")
      .choices(["RSA PKCS#1 v1.5", "RSA-PSS", "ECDSA"] as const).default("RSA PKCS#1 v1.5" as const),
  ];
}

/** `--timeout`. */
export function timeoutOption(what: string): Option {
  return option("--timeout <s>", `how long ${what} may take`)
    .argParser(decimalNumber({ min: 0.05, max: 3_600 })).default(30);
}

/** `--report`, `--json` and `--verbose`. */
export function outputOptions(): readonly Option[] {
  return [
    option("--report <format=file>", `write a report: ${REPORT_FORMATS.join(", ")}; may be given often`)
      .argParser(reportFile),
    option("--json", "each case as a JSON object on stdout"),
    verboseOption(),
  ];
}

/** Several stand in one environment variable, with commas or spaces between them. */
function collected(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...text.split(/[\s,]+/).filter((one) => one !== "")];
}

function profileNamed(
  text: string,
  previous: readonly FeatureProfile[] | undefined,
): readonly FeatureProfile[] {
  const found = collected(text, undefined).map((name) => {
    const profile = ALL_FEATURE_PROFILES.find((one) => one.toLowerCase() === name.toLowerCase());
    if (profile !== undefined) return profile;
    const guess = guessText(name, ALL_FEATURE_PROFILES);
    throw new InvalidArgumentError(
      `There is no such profile${guess || `: ${ALL_FEATURE_PROFILES.join(", ")}`}.`,
    );
  });
  return [...(previous ?? []), ...found];
}
