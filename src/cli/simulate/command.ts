/**
 * `ocpp simulate`: its options, with what each may be, and its help. What carries it out is loaded when run.
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { IDENTITY_MAX_BYTES } from "../../runtime/identity.ts";
import { CHARGE_POINT_PRESETS, type ChargePointPreset } from "../../charge_point/presets.ts";
import { UsageError } from "../exit_code.ts";
import {
  bearerToken,
  decimalNumber,
  keyValue,
  logFormatOption,
  type LogLevelName,
  logLevelOption,
  option,
  shortText,
  validationOption,
  verboseOption,
  wholeNumber,
} from "../options.ts";
import type { Finish } from "../program.ts";
import type { ControlOptions } from "./control.ts";
import type { DescribeOptions } from "./describe.ts";
import type { SecurityOptions } from "./security.ts";

/** What a run of `simulate` was asked for, checked and complete but for what is chosen at random. */
export interface SimulateOptions extends SecurityOptions, DescribeOptions, ControlOptions {
  readonly identities: readonly string[];
  readonly heartbeatIntervalSeconds?: number | undefined;
  readonly durationSeconds: number;
  /** Charging sessions of each connector; 0: until stopped. */
  readonly cycles: number;
  /** Begin nothing: obey keys, the API and the Central System. */
  readonly idle: boolean;
  /** Take keys from stdin. */
  readonly keys: boolean;
  readonly idTag: string;
  readonly speed: number;
  readonly seed?: number | undefined;
  readonly connectTimeoutSeconds: number;
  readonly state?: string | undefined;
  readonly validation: "strict" | "tolerant";
  readonly json: boolean;
  readonly logLevel: LogLevelName;
  readonly logFormat?: "pretty" | "json" | undefined;
}

const URL_DEFAULT = "ws://localhost:9000";

/** Adds the command. */
export function declareSimulate(program: Command, finish: Finish): void {
  const command = program.command("simulate")
    .summary("be a Charge Point, or many of them")
    .description(
      "Plays one whole charging session against a Central System, step by step: connect, BootNotification, " +
        "statuses, Heartbeat, plug in, Authorize, StartTransaction, MeterValues, StopTransaction, unplug; " +
        "then a summary. Ends with 0, or with 1 and the reason.",
    )
    .argument("[url]", `the Central System, without the identity (default: ${URL_DEFAULT}, env: OCPP_URL)`)
    .optionsGroup("What it is:")
    .addOption(
      option(
        "--id <identity>",
        "last part of the connection URL; with --count a prefix: CP-00001 … (default: CP001, or CP)",
      )
        .argParser(identity),
    )
    .addOption(
      option("--count <n>", "how many Charge Points").argParser(wholeNumber({ min: 1, max: 100_000 }))
        .default(1),
    )
    .addOption(
      option("--preset <name>", "what it is as a whole; --list-presets tells more")
        .choices(Object.keys(CHARGE_POINT_PRESETS) as ChargePointPreset[]),
    )
    .addOption(
      option("--charge-point <file>", "a YAML or JSON file that says how it is built, over the preset"),
    )
    .addOption(
      option("--connectors <n>", "connectors of each").argParser(wholeNumber({ min: 1, max: 100 })),
    )
    .addOption(option("--vendor <text>", "chargePointVendor").argParser(shortText({ maxLength: 20 })))
    .addOption(option("--model <text>", "chargePointModel").argParser(shortText({ maxLength: 20 })))
    .addOption(option("--serial <text>", "chargePointSerialNumber").argParser(shortText({ maxLength: 25 })))
    .addOption(option("--firmware-version <text>", "firmwareVersion").argParser(shortText({ maxLength: 50 })))
    .addOption(
      option("--set <Key=Value>", "a configuration key; may be given often (environment: one a line)")
        .argParser(keyValue),
    )
    .addOption(new Option("--list-presets", "say what presets and EVs there are"))
    .optionsGroup("What it does:")
    .addOption(
      option("--interval <s>", "between MeterValues (MeterValueSampleInterval; default: 10)")
        .argParser(wholeNumber({ min: 0, max: 86_400 })),
    )
    .addOption(
      option("--heartbeat-interval <s>", "instead of what the Central System gives")
        .argParser(wholeNumber({ min: 1, max: 86_400 })),
    )
    .addOption(
      option("--duration <s>", "of the charging in a session").argParser(
        decimalNumber({ min: 0, max: 604_800 }),
      )
        .default(60),
    )
    .addOption(
      option(
        "--cycles <n>",
        "sessions of each connector; 0: until stopped (default: 1, with --control-port none)",
      )
        .argParser(wholeNumber({ min: 0, max: 1_000_000_000 })),
    )
    .addOption(
      option("--id-tag <tag>", "shown at the reader").argParser(shortText({ maxLength: 20 })).default(
        "TAG001",
      ),
    )
    .addOption(
      option("--idle", "boot, then only obey the Central System and keys: p plug in, u unplug, c card, …"),
    )
    .addOption(
      option("--speed <x>", "how many times faster than real it charges; timestamps run ahead")
        .argParser(decimalNumber({ min: 0.01, max: 10_000 })).default(1),
    )
    .addOption(
      option("--seed <n>", "of every random choice; without one it is drawn and printed")
        .argParser(wholeNumber({ min: 0, max: 0xffff_ffff })),
    )
    .optionsGroup(
      "Security (profile 1: ws:// and a password, 2: wss:// and a password, 3: wss:// and a certificate):",
    )
    .addOption(
      option("--password <text>", "HTTP Basic password (better as OCPP_PASSWORD)").argParser(password),
    )
    .addOption(
      option("--authorization-key-hex <hex>", "the password as 16 to 20 bytes (better as the variable)")
        .argParser(authorizationKeyHex),
    )
    .addOption(option("--ca <file>", "root certificates to trust instead of the system's (PEM)"))
    .addOption(option("--cert <file>", "client certificate, sub-CAs after it (PEM)"))
    .addOption(option("--key <file>", "its private key (PEM)"))
    .addOption(
      option("--tls-url <url>", "where profiles 2 and 3 connect; default: the URL with wss://")
        .argParser(centralSystemUrl),
    )
    .optionsGroup("Control:")
    .addOption(
      option("--control-port <n>", "HTTP API to operate it; it runs until it is stopped. 0: any free port")
        .argParser(wholeNumber({ min: 0, max: 65_535 })),
    )
    .addOption(option("--control-host <name>", "address of the API").default("localhost"))
    .addOption(
      option(
        "--control-token <token>",
        "bearer token of the API (better as OCPP_CONTROL_TOKEN); none on loopback",
      ).argParser(bearerToken),
    )
    .optionsGroup("Connection and output:")
    .addOption(
      option("--connect-timeout <s>", "until the first accepted boot; after that it reconnects without end")
        .argParser(decimalNumber({ min: 0.1, max: 86_400 })).default(30),
    )
    .addOption(
      option("--state <path>", "keep queue, configuration, lists, keys and transactions in this SQLite file"),
    )
    .addOption(
      validationOption("of what the Central System sends; strict also insists on ocpp1.6 as subprotocol")
        .default("strict" as const),
    )
    .addOption(option("--json", "one JSON object a line on stdout instead of text"))
    .addOption(verboseOption())
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addHelpText("after", EXAMPLES);
  command.action(async (url, options) => {
    if (options.listPresets === true) {
      const { listPresets } = await import("./list_presets.ts");
      return listPresets();
    }
    const loose = (["controlHost", "controlToken"] as const).find((name) =>
      options.controlPort === undefined && command.getOptionValueSource(name) === "cli"
    );
    if (loose !== undefined) {
      const flag = loose === "controlHost" ? "--control-host" : "--control-token";
      throw new UsageError(`${flag} is of no use without an API: add --control-port <n>`);
    }
    const { simulate } = await import("./simulate.ts");
    finish(
      await simulate({
        ...options,
        url: centralSystemUrl(url ?? Deno.env.get("OCPP_URL") ?? URL_DEFAULT),
        heartbeatIntervalSeconds: options.heartbeatInterval,
        durationSeconds: options.duration,
        connectTimeoutSeconds: options.connectTimeout,
        identities: identitiesOf(options),
        cycles: options.cycles ?? 1,
        idle: options.idle === true || (options.controlPort !== undefined && options.cycles === undefined),
        keys: options.idle === true,
        json: options.json === true,
      }),
    );
  });
}

const EXAMPLES = `
Examples:
  ocpp simulate                                    one session of a minute against ${URL_DEFAULT}
  ocpp simulate ws://csms.test/ocpp --id CP042     the identity is appended: ws://csms.test/ocpp/CP042
  ocpp simulate --interval 5 --duration 20         a reading every 5 seconds, 20 seconds of charging
  ocpp simulate --speed 60 --duration 3600         an hour of charging in a minute
  ocpp simulate --count 100 --cycles 0             a hundred Charge Points, until Ctrl-C
  ocpp simulate --idle                             wait for remote commands and keys
  ocpp simulate --control-port 9001                operate it by HTTP: see http://localhost:9001/
  ocpp simulate --json | jq .                      every step as JSON
  OCPP_PASSWORD=… ocpp simulate wss://csms.test    security profile 2`;

/** The longest password, in bytes; the key of the specification has 20 at most, devices take more. */
export const PASSWORD_BYTES_MAX = 64;

// The two below are secrets: what commander says of a wrong value repeats it, so they say it themselves.

/** Reads a password. Errors: `UsageError`, which does not quote it. */
export function password(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes >= 1 && bytes <= PASSWORD_BYTES_MAX) return text;
  throw new UsageError(`--password has 1 to ${PASSWORD_BYTES_MAX} bytes; this one has ${bytes}`);
}

/** Reads 16 to 20 bytes in hexadecimal. Errors: `UsageError`, which does not quote them. */
export function authorizationKeyHex(text: string): string {
  if (/^(?:[0-9a-f]{2}){16,20}$/i.test(text)) return text;
  throw new UsageError(
    "--authorization-key-hex is 16 to 20 bytes in hexadecimal: 32 to 40 digits, an even number of them; " +
      `this one has ${text.length} characters`,
  );
}

function identity(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (text === "." || text === "..") throw new UsageError(`--id ${text} cannot stand at the end of a URL`);
  if (bytes >= 1 && bytes <= IDENTITY_MAX_BYTES) return text;
  throw new UsageError(`an identity has 1 to ${IDENTITY_MAX_BYTES} bytes; --id has ${bytes}`);
}

/** `CP001`, or with a count `CP-00001`, `CP-00002` … */
export function identitiesOf({ id, count }: { id?: string | undefined; count: number }): readonly string[] {
  if (count === 1) return [id ?? "CP001"];
  return Array.from({ length: count }, (_, index) => `${id ?? "CP"}-${String(index + 1).padStart(5, "0")}`);
}

/** The URL as connections need it. Errors: `UsageError` says what a better one looks like. */
export function centralSystemUrl(text: string): string {
  const wrong = (why: string) =>
    new UsageError(`the URL "${text}" ${why}; it looks like ${URL_DEFAULT} or wss://example.com/ocpp`);
  if (!URL.canParse(text)) throw wrong("is none");
  const url = new URL(text);
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw wrong(text.includes("://") ? `begins with ${url.protocol}//` : "has no ws:// or wss:// in front");
  }
  // Not repeated in the message: this may be a secret.
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("leave user and password out of the URL");
  }
  if (url.hash !== "") throw wrong("has a # part");
  if (url.search !== "") throw wrong("has a ? part, and the identity must come last");
  return url.href.replace(/\/+$/, "");
}
