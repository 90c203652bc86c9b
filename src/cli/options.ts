/**
 * What the options of all commands have in common: an environment variable each, values that are checked
 * where they are read, and the few options that every command has.
 */
import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type AddressRange, addressRangeOf } from "../adapters/address_range.ts";
import { UsageError } from "./exit_code.ts";

/** An option with its environment variable: `--heartbeat-interval` is `OCPP_HEARTBEAT_INTERVAL`. */
export function option<Flags extends string>(flags: Flags, description: string): Option<Flags> {
  const created = new Option(flags, description);
  return created.env(environmentName(created.name())) as Option<Flags>;
}

/** The environment variable of an option. */
export function environmentName(optionName: string): string {
  return `OCPP_${optionName.toUpperCase().replaceAll("-", "_")}`;
}

/** The bounds of a number; both are allowed values. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** Reads a whole number. Errors: throws commander's `InvalidArgumentError`, which names the range. */
export function wholeNumber({ min, max }: NumberRange): (text: string) => number {
  return (text) => {
    const value = /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Reads a number with or without a fraction. Errors: as `wholeNumber`. */
export function decimalNumber({ min, max }: NumberRange): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

/** Reads a text of at least one and at most `maxLength` characters. */
export function shortText({ maxLength }: { maxLength: number }): (text: string) => string {
  return (text) => {
    if (text.length >= 1 && text.length <= maxLength) return text;
    throw new InvalidArgumentError(`It must have 1 to ${maxLength} characters; this one has ${text.length}.`);
  };
}

/** Reads a bearer token. Errors: throws `UsageError`, which does not quote it, as commander's would. */
export function bearerToken(text: string): string {
  if (/^[A-Za-z0-9._~+\/-]+=*$/.test(text)) return text;
  throw new UsageError("the token of an API is letters, digits and any of - . _ ~ + /, at least one of them");
}

/** Reads the URL of an HTTP server, perhaps with a path, without anything secret in it. */
export function httpUrl(text: string): string {
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) &&
    url.username + url.search + url.hash === "";
  if (!isPlain) throw new InvalidArgumentError("It must look like https://csms.example.com.");
  return text;
}

/** Collects origins, `https://example.com`, from an option that may be given often. */
export function origins(text: string, previous: readonly string[]): readonly string[] {
  const isOrigin = text === "null" || URL.canParse(text) && new URL(text).origin === text;
  if (!isOrigin) throw new InvalidArgumentError("It must look like https://example.com, without a path.");
  return [...previous, text];
}

/** Collects addresses and ranges of them, `10.0.0.0/8`, from an option that may be given often. */
export function addressRanges(text: string, previous: readonly AddressRange[]): readonly AddressRange[] {
  const ranges = text.split(/[\s,]+/).filter((part) => part !== "").map(addressRangeOf);
  const read = ranges.filter((range) => range !== undefined);
  if (read.length === ranges.length && read.length > 0) return [...previous, ...read];
  throw new InvalidArgumentError(
    "It must look like 127.0.0.1, 10.0.0.0/8 or fd00::/8, with no bit set behind the prefix.",
  );
}

/**
 * Collects `Key=Value`, from an option that may be given often and from an environment variable with one a
 * line.
 */
export function keyValue(
  text: string,
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const pairs = { ...previous };
  for (const line of text.split("\n").filter((part) => part.trim() !== "")) {
    const equals = line.indexOf("=");
    if (equals < 1) throw new InvalidArgumentError("It must look like Key=Value.");
    pairs[line.slice(0, equals).trim()] = line.slice(equals + 1);
  }
  return pairs;
}

/** How much is logged; each level includes those after it. */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

/** `--validation`, which `serve` and `simulate` share but for its default. */
export function validationOption(description: string) {
  return option("--validation <mode>", description).choices(["tolerant", "strict"] as const);
}

/** `--log-level`. */
export function logLevelOption() {
  return option("--log-level <level>", "what is worth a log line on stderr").choices(LOG_LEVELS).default(
    "info" as const,
  );
}

/** `--log-format`; its default depends on where stderr goes. */
export function logFormatOption() {
  return option("--log-format <format>", "default: pretty on a terminal, else json").choices(
    ["pretty", "json"] as const,
  );
}

/** `--verbose`. */
export function verboseOption() {
  return option("--verbose", "show the causes of a failure");
}

const NO = new Set(["", "0", "false", "no", "off"]);

/** Lets an environment variable switch a flag off too: `OCPP_JSON=0`. */
export function heedNegativeFlags(
  command: CommandUnknownOpts,
  environment: (name: string) => string | undefined,
): void {
  for (const { envVar, required, optional, attributeName } of command.options.map(facts)) {
    if (envVar === undefined || required || optional) continue;
    if (command.getOptionValueSource(attributeName) !== "env") continue;
    if (NO.has((environment(envVar) ?? "").trim().toLowerCase())) {
      command.setOptionValue(attributeName, undefined);
    }
  }
}

function facts(one: Option): {
  envVar: string | undefined;
  required: boolean;
  optional: boolean;
  attributeName: string;
} {
  return {
    envVar: one.envVar,
    required: one.required,
    optional: one.optional,
    attributeName: one.attributeName(),
  };
}
