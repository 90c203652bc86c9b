/**
 * `ocpp test central-system`: its options and its help. What carries it out is loaded when run.
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { Option } from "@commander-js/extra-typings";
import type { FeatureProfile } from "../../ocpp/action.ts";
import { bearerToken, decimalNumber, option, shortText, verboseOption, wholeNumber } from "../options.ts";
import type { Finish } from "../program.ts";
import { authorizationKeyHex, centralSystemUrl, password } from "../simulate/command.ts";
import { stopSignal } from "../signals.ts";
import { UsageError } from "../exit_code.ts";
import { stderr, stdout } from "../terminal.ts";
import type { CaseSelection } from "./case_selection.ts";
import { caseOption, idTagOption, outputOptions, profileOption, skipOption } from "./common_options.ts";
import { type DriverChoice, driverChoice } from "./drivers/driver_choice.ts";
import type { ReportFile } from "./report_files.ts";

/** What a run was asked for. */
export interface CentralSystemTestOptions extends CaseSelection {
  readonly url?: string | undefined;
  readonly tlsUrl?: string | undefined;
  readonly list: boolean;
  /** Broken messages too. */
  readonly negative: boolean;
  readonly case?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  readonly profile?: readonly FeatureProfile[] | undefined;
  readonly repeat: number;
  /** Seconds. */
  readonly timeout: number;
  readonly quiet?: number | undefined;
  readonly settle?: number | undefined;
  readonly operatorTimeout?: number | undefined;
  /** A file. */
  readonly description?: string | undefined;
  readonly driver: DriverChoice;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly driverToken?: string | undefined;
  readonly identity: string;
  readonly idTag: string;
  readonly otherIdTag: string;
  readonly refusedIdTag: string;
  readonly parentIdTag: string;
  readonly cpoName?: string | undefined;
  readonly password?: string | undefined;
  readonly authorizationKeyHex?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly otherCert?: string | undefined;
  readonly otherKey?: string | undefined;
  readonly report: readonly ReportFile[];
  readonly json: boolean;
}

/** A case's identity is this, and the name of the case. */
const IDENTITY_MAX_LENGTH = 100;

/** Adds the command below `ocpp test`. */
export function declareCentralSystemTest(test: CommandUnknownOpts, finish: Finish): void {
  const command = test.command("central-system")
    .summary("play the Charge Point's side of the cases for a Central System")
    .description(
      "Plays a Charge Point against the Central System, case by case, and says PASS, FAIL, INCONCLUSIVE or NOT " +
        "APPLICABLE, from the frames alone. A driver does what its operator has to do: --driver ocpp uses the API of " +
        "`ocpp serve` and enters whatever a case needs by itself.",
    )
    .argument("[url]", "where Charge Points connect, without the identity, e.g. ws://localhost:9000")
    .optionsGroup("Which cases:")
    .addOption(new Option("--list", "say which there are, and play none"))
    .addOption(caseOption())
    .addOption(profileOption())
    .addOption(skipOption())
    .addOption(option("--negative", "broken messages as well (NEG_…), which have to be refused"))
    .addOption(
      option("--description <file>", "what it offers, YAML or JSON: name, profiles, securityProfiles"),
    )
    .addOption(
      option("--repeat <n>", "play them so often").argParser(wholeNumber({ min: 1, max: 1_000 })).default(1),
    )
    .optionsGroup("Who operates the Central System:")
    .addOption(
      option(
        "--driver <kind...>",
        "ocpp: the API of `ocpp serve`; manual: a person is asked; command '<program>': it is run for each deed; " +
          "http <url>: each deed is posted there",
      ).default(["ocpp"], "ocpp"),
    )
    .addOption(option("--server <url>", "that API (default: the URL with http://)"))
    .addOption(option("--token <token>", "its bearer token (better as OCPP_TOKEN)").argParser(bearerToken))
    .addOption(
      option("--driver-token <token>", "bearer token for --driver http (better as OCPP_DRIVER_TOKEN)")
        .argParser(bearerToken),
    )
    .addOption(
      option(
        "--operator-timeout <s>",
        "how long a driver may take (default: 300 for a person, else --timeout)",
      )
        .argParser(decimalNumber({ min: 0.05, max: 86_400 })),
    )
    .optionsGroup("The Charge Point that is played:")
    .addOption(
      option(
        "--identity <name>",
        "with --driver ocpp each case is one of its own, <name>-TC_…; else one for each security profile, <name>-SP…",
      ).argParser(shortText({ maxLength: IDENTITY_MAX_LENGTH })).default("CONFORMANCE"),
    )
    .addOption(idTagOption("--id-tag <tag>", "an idTag that may charge", "CONFORMANCE-A"))
    .addOption(idTagOption("--other-id-tag <tag>", "another one", "CONFORMANCE-B"))
    .addOption(
      idTagOption("--refused-id-tag <tag>", "one that is made Blocked, Expired or Invalid", "CONFORMANCE-R"),
    )
    .addOption(
      idTagOption("--parent-id-tag <tag>", "the group that the first two are put into", "CONFORMANCE-G"),
    )
    .optionsGroup("Security:")
    .addOption(
      option("--tls-url <url>", "where it connects with TLS, beside a ws:// URL").argParser(centralSystemUrl),
    )
    .addOption(
      option("--password <text>", "its password (better as OCPP_PASSWORD); with --driver ocpp: a random one")
        .argParser(password),
    )
    .addOption(
      option("--authorization-key-hex <hex>", "the password as 16 to 20 bytes (better as the variable)")
        .argParser(authorizationKeyHex),
    )
    .addOption(option("--ca <file>", "root certificates to trust instead of the system's (PEM)"))
    .addOption(option("--cert <file>", "its own certificate, sub-CAs after it (PEM)"))
    .addOption(option("--key <file>", "the private key of it (PEM)"))
    .addOption(option("--other-cert <file>", "that of another Charge Point, which has to be refused (PEM)"))
    .addOption(option("--other-key <file>", "the private key of that (PEM)"))
    .addOption(
      option("--cpo-name <name>", "the O in its certificate requests (default: that of --cert)")
        .argParser(shortText({ maxLength: 64 })),
    )
    .optionsGroup("Time:")
    .addOption(
      option("--timeout <s>", "how long a message or a connection may take")
        .argParser(decimalNumber({ min: 0.05, max: 3_600 })).default(30),
    )
    .addOption(
      option(
        "--quiet <s>",
        "how long nothing more may come after a case (default: 0.2 with --driver ocpp, else 5)",
      )
        .argParser(decimalNumber({ min: 0, max: 3_600 })),
    )
    .addOption(
      option(
        "--settle <s>",
        "how long it may ask and configure after a boot (default: 0 with --driver ocpp, else 5)",
      )
        .argParser(decimalNumber({ min: 0, max: 3_600 })),
    )
    .optionsGroup("Output:");
  for (const one of outputOptions()) command.addOption(one);
  command.addOption(verboseOption()).addHelpText("after", EXAMPLES);
  command.action(async (url: string | undefined, options: Record<string, unknown>) => {
    const { testCentralSystem } = await import("./central_system.ts");
    const { list, negative, json, report = [], driver: words } = options as {
      list?: true;
      negative?: true;
      json?: true;
      report?: readonly ReportFile[];
      driver: readonly string[];
    };
    const { driver, places } = driverChoice(words);
    const [place, another] = [...(url === undefined ? [] : [url]), ...places];
    if (another !== undefined) {
      throw new UsageError(
        "there are two URLs of a Central System, and one is under test; leave the other out",
      );
    }
    finish(
      await testCentralSystem({
        ...options as unknown as CentralSystemTestOptions,
        ...{ driver, report, list: list === true, negative: negative === true, json: json === true },
        url: place === undefined ? undefined : centralSystemUrl(place),
      }, { stdout, stderr, stopped: stopSignal }),
    );
  });
}

const EXAMPLES = `
Examples:
  ocpp test central-system ws://localhost:9000                     every case, against \`ocpp serve\`
  ocpp test central-system ws://localhost:9000 --case 'TC_0[345]*' --skip TC_049
  ocpp test central-system --list --profile Reservation
  ocpp test central-system ws://localhost:9000 --tls-url wss://localhost:9443 --ca certs/root.pem \\
    --cert certs/client-CP001.pem --key certs/client-CP001.key \\
    --other-cert certs/client-CP002.pem --other-key certs/client-CP002.key

Exit codes: 0 every case that applies has passed, 3 one has failed, 1 none has failed and one could not be judged
or none could be played, 2 wrong usage.`;
