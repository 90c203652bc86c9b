/**
 * `ocpp test charge-point`: its options and its help. What carries it out is loaded when run.
 */
import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { CHARGE_POINT_PRESETS, type ChargePointPreset } from "../../../charge_point/presets.ts";
import { identityFault } from "../../../runtime/identity.ts";
import { UsageError } from "../../exit_code.ts";
import { bearerToken, decimalNumber, httpUrl, option, shortText, wholeNumber } from "../../options.ts";
import { plainText } from "../../plain_text.ts";
import type { Finish } from "../../program.ts";
import { stopSignal } from "../../signals.ts";
import { stderr, stdout } from "../../terminal.ts";
import type { CaseSelection } from "../case_selection.ts";
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
} from "../common_options.ts";
import { type DriverChoice, driverChoice } from "../drivers/driver_choice.ts";
import type { ReportFile } from "../report_files.ts";
import type { SystemOptions } from "./tested_system.ts";
import type { SiteOptions } from "./tester_site.ts";

/** What a run was asked for. Times in seconds. */
export interface ChargePointTestOptions extends CaseSelection, SystemOptions, SiteOptions {
  readonly list: boolean;
  /** Broken messages too. */
  readonly negative: boolean;
  readonly repeat: number;
  readonly tlsPort: number;
  readonly identity?: string | undefined;
  readonly connectTimeout: number;
  readonly driver: DriverChoice;
  readonly control: string;
  readonly controlToken?: string | undefined;
  readonly driverToken?: string | undefined;
  readonly operatorTimeout?: number | undefined;
  readonly parallel: number;
  readonly idTag: string;
  readonly otherIdTag: string;
  readonly parentIdTag: string;
  readonly password?: string | undefined;
  readonly authorizationKeyHex?: string | undefined;
  readonly timeout: number;
  readonly report: readonly ReportFile[];
  readonly json: boolean;
}

/** The most Charge Points at once: each has a listener where it speaks TLS. */
const PARALLEL_MAX = 64;

/** Adds the command below `ocpp test`. */
export function declareChargePointTest(test: CommandUnknownOpts, finish: Finish): void {
  const command = test.command("charge-point")
    .summary("play the Central System's side of the cases for a Charge Point")
    .description(
      "Waits for a Charge Point and plays the Central System for it, case by case: PASS, FAIL, INCONCLUSIVE or NOT " +
        "APPLICABLE, from the frames alone. A driver does what its users have to do. --driver ocpp uses the API of " +
        "`ocpp simulate --control-port`; without --identity it adds a Charge Point of its own for every case, built " +
        "as the case needs it.",
    );
  addGroups(command, [
    ["Which cases:", ...caseOptions(), repeatOption()],
    [
      "Where it connects:",
      portOption("--port <n>", "for ws://").default(9000),
      option("--host <name>", "address to listen on").default("localhost"),
      portOption("--tls-port <n>", "for wss://, where security profiles 2 and 3 are under test").default(0),
      publicHostOption("it", "--host"),
      option("--identity <identity>", "this one; else the first that comes, or those that --driver ocpp adds")
        .argParser(identity),
      option("--connect-timeout <s>", "how long it may take to connect, its start included")
        .argParser(decimalNumber({ min: 0.1, max: 86_400 })).default(300),
    ],
    [
      "What it is (default: as each case needs it, or what its configuration keys say):",
      option("--preset <name>", "one of `ocpp simulate --list-presets`")
        .choices(Object.keys(CHARGE_POINT_PRESETS) as ChargePointPreset[]),
      option("--description <file>", "a description file, as for `ocpp simulate --charge-point`"),
      option("--capabilities <file>", "what one of anybody's offers, YAML or JSON; see the README"),
      option("--security-profile <n>", "the one in use").choices(["0", "1", "2", "3"] as const),
    ],
    [
      "Who uses it:",
      driverOption("`ocpp simulate`"),
      option("--control <url>", "that API, of its --control-port").argParser(httpUrl)
        .default("http://localhost:9001"),
      option("--control-token <token>", "its bearer token (better as OCPP_CONTROL_TOKEN)").argParser(
        bearerToken,
      ),
      driverTokenOption(),
      option("--parallel <n>", "with --driver ocpp and without --identity: so many cases at once")
        .argParser(wholeNumber({ min: 1, max: PARALLEL_MAX })).default(16),
      operatorTimeoutOption(),
      idTagOption("--id-tag <tag>", "an idTag that can be presented", "TAG001"),
      idTagOption("--other-id-tag <tag>", "another one", "TAG002"),
      idTagOption("--parent-id-tag <tag>", "the group that both are put into", "GROUP001"),
    ],
    [
      "Security:",
      ...passwordOptions(),
      option("--ca <file>", "authority below which everything is signed (PEM; default: made on the spot)"),
      option("--ca-key <file>", "the private key of it (PEM)"),
    ],
    [
      "Files that it gets and sends:",
      portOption("--bench-port <n>", "where they are, by HTTP").default(0),
      firmwareOption("what it can install (default: what `ocpp simulate` can)"),
      option("--firmware-version <text>", "what it tells afterwards").argParser(shortText({ maxLength: 50 })),
      ...firmwareSignerOptions(),
    ],
    ["Time:", timeoutOption("a message")],
    ["Output:", ...outputOptions()],
  ]);
  command.addHelpText("after", EXAMPLES);
  command.allowExcessArguments().action(async (options: Record<string, unknown>) => {
    const { testChargePoint } = await import("./charge_point.ts");
    const { list, negative, json, report = [], driver: words, securityProfile } = options as {
      list?: true;
      negative?: true;
      json?: true;
      report?: readonly ReportFile[];
      driver: readonly string[];
      securityProfile?: string;
    };
    const { driver, places } = driverChoice(words);
    const [word] = [...command.args, ...places];
    if (word !== undefined) throw new UsageError(needlessText(word));
    finish(
      await testChargePoint({
        ...options as unknown as ChargePointTestOptions,
        ...{ driver, report, list: list === true, negative: negative === true, json: json === true },
        securityProfile: securityProfile === undefined ? undefined : Number(securityProfile) as 0 | 1 | 2 | 3,
      }, { stdout, stderr, stopped: stopSignal }),
    );
  });
}

function identity(text: string): string {
  const fault = text === "" ? "an identity has at least one character" : identityFault(text);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return text;
}

function needlessText(word: string): string {
  return word.includes("://")
    ? "a Charge Point connects by itself, so there is no URL to give; see --host and --port"
    : `${plainText(word)} is one word too many: this command has options only`;
}

const EXAMPLES = `
Examples:
  ocpp simulate --control-port 9001 --idle         in another terminal; then
  ocpp test charge-point                           every case, each on a Charge Point that is built for it
  ocpp test charge-point --preset dc-50kw          on those of one kind; what it cannot play is not applicable
  ocpp test charge-point --driver manual --host 0.0.0.0 --public-host 192.0.2.7 --identity CP001
  ocpp test charge-point --driver command ./robot --capabilities device.yaml --case 'TC_00*'

Exit codes: 0 every case that applies has passed, 3 one has failed, 1 none has failed and one could not be judged
or none could be played, 2 wrong usage.`;
