/**
 * `ocpp test central-system`: its options and its help. What carries it out is loaded when run.
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../exit_code.ts";
import { bearerToken, decimalNumber, option, shortText } from "../options.ts";
import { plainText } from "../plain_text.ts";
import type { Finish } from "../program.ts";
import { centralSystemUrl } from "../simulate/command.ts";
import { stopSignal } from "../signals.ts";
import { stderr, stdout } from "../terminal.ts";
import type { BenchOptions } from "./bench_options.ts";
import type { CaseSelection } from "./case_selection.ts";
import {
  addGroups,
  caseOptions,
  driverOption,
  driverTokenOption,
  firmwareOption,
  firmwareSignerOptions,
  idTagOption,
  operatorTimeoutOption,
  outputOptions,
  passwordOptions,
  portOption,
  publicHostOption,
  repeatOption,
  timeoutOption,
} from "./common_options.ts";
import { type DriverChoice, driverChoice } from "./drivers/driver_choice.ts";
import type { ReportFile } from "./report_files.ts";

/** What a run was asked for. */
export interface CentralSystemTestOptions
  extends
    CaseSelection,
    Pick<BenchOptions, "firmware" | "manufacturerCa" | "manufacturerCaKey" | "signatureScheme"> {
  readonly url?: string | undefined;
  readonly tlsUrl?: string | undefined;
  readonly list: boolean;
  /** Broken messages too. */
  readonly negative: boolean;
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
  readonly benchHost: string;
  readonly benchPort: number;
  readonly publicHost?: string | undefined;
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
    .argument("[url]", "where Charge Points connect, without the identity, e.g. ws://localhost:9000");
  addGroups(command, [
    [
      "Which cases:",
      ...caseOptions(),
      option("--description <file>", "what it offers, YAML or JSON: name, profiles, securityProfiles"),
      repeatOption(),
    ],
    [
      "Who operates the Central System:",
      driverOption("`ocpp serve`"),
      option("--server <url>", "that API (default: the URL with http://)"),
      option("--token <token>", "its bearer token (better as OCPP_TOKEN)").argParser(bearerToken),
      driverTokenOption(),
      operatorTimeoutOption(),
    ],
    [
      "The Charge Point that is played:",
      option(
        "--identity <name>",
        "with --driver ocpp each case is one of its own, <name>-TC_…; else one for each security profile, <name>-SP…",
      ).argParser(shortText({ maxLength: IDENTITY_MAX_LENGTH })).default("CONFORMANCE"),
      idTagOption("--id-tag <tag>", "an idTag that may charge", "CONFORMANCE-A"),
      idTagOption("--other-id-tag <tag>", "another one", "CONFORMANCE-B"),
      idTagOption("--refused-id-tag <tag>", "one that is made Blocked, Expired or Invalid", "CONFORMANCE-R"),
      idTagOption("--parent-id-tag <tag>", "the group that the first two are put into", "CONFORMANCE-G"),
    ],
    [
      "Security:",
      option("--tls-url <url>", "where it connects with TLS, beside a ws:// URL").argParser(centralSystemUrl),
      ...passwordOptions("; with --driver ocpp: a random one"),
      option("--ca <file>", "root certificates to trust instead of the system's (PEM)"),
      option("--cert <file>", "its own certificate, sub-CAs after it (PEM)"),
      option("--key <file>", "the private key of it (PEM)"),
      option("--other-cert <file>", "that of another Charge Point, which has to be refused (PEM)"),
      option("--other-key <file>", "the private key of that (PEM)"),
      option("--cpo-name <name>", "the O in its certificate requests (default: that of --cert)")
        .argParser(shortText({ maxLength: 64 })),
    ],
    [
      "Files that UpdateFirmware and GetDiagnostics name:",
      option("--bench-host <name>", "address where they are, by HTTP").default("127.0.0.1"),
      portOption("--bench-port <n>", "their port").default(0),
      publicHostOption("whoever gets them", "--bench-host"),
      firmwareOption("firmware of its own (default: what `ocpp simulate` can install)"),
      ...firmwareSignerOptions(),
    ],
    [
      "Time:",
      timeoutOption("a message or a connection"),
      option(
        "--quiet <s>",
        "how long nothing more may come after a case (default: 0.2 with --driver ocpp, else 5)",
      )
        .argParser(decimalNumber({ min: 0, max: 3_600 })),
      option(
        "--settle <s>",
        "how long it may ask and configure after a boot (default: 0 with --driver ocpp, else 5)",
      )
        .argParser(decimalNumber({ min: 0, max: 3_600 })),
    ],
    ["Output:", ...outputOptions()],
  ]);
  command.addHelpText("after", EXAMPLES);
  command.allowExcessArguments().action(
    async (_url: string | undefined, options: Record<string, unknown>) => {
      const { testCentralSystem } = await import("./central_system.ts");
      const { list, negative, json, report = [], driver: words } = options as {
        list?: true;
        negative?: true;
        json?: true;
        report?: readonly ReportFile[];
        driver: readonly string[];
      };
      const { driver, places } = driverChoice(words);
      const [place, another] = [...command.args, ...places];
      if (another !== undefined) throw new UsageError(tooManyText(another));
      finish(
        await testCentralSystem({
          ...options as unknown as CentralSystemTestOptions,
          ...{ driver, report, list: list === true, negative: negative === true, json: json === true },
          url: place === undefined ? undefined : centralSystemUrl(place),
        }, { stdout, stderr, stopped: stopSignal }),
      );
    },
  );
}

/** Said here: where a URL may stand is more than one place. */
function tooManyText(word: string): string {
  return word.includes("://")
    ? "there are two URLs of a Central System, and one is under test; leave the other out"
    : `${
      plainText(word)
    } is one word too many: the URL of the Central System is all that stands beside options`;
}

const EXAMPLES = `
Examples:
  ocpp test central-system ws://localhost:9000                     every case, against \`ocpp serve\`
  ocpp test central-system ws://localhost:9000 --case 'TC_03*' --case 'TC_04*' --skip TC_049
  ocpp test central-system --list --profile Reservation
  ocpp test central-system ws://localhost:9000 --tls-url wss://localhost:9443 --ca certs/root.pem \\
    --cert certs/client-CP001.pem --key certs/client-CP001.key \\
    --other-cert certs/client-CP002.pem --other-key certs/client-CP002.key

Exit codes: 0 every case that applies has passed, 3 one has failed, 1 none has failed and one could not be judged
or none could be played, 2 wrong usage.`;
