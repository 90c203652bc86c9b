/**
 * The configuration keys of a Charge Point: defaults, what a new value must be like, reading them.
 *
 * Values stay texts as they travel; they are parsed where they are read. A changed configuration is a new
 * record, so that Charge Points that changed nothing share theirs.
 * Spec: OCPP 1.6 §5.3 ChangeConfiguration, §5.8 GetConfiguration, §9.
 */
import { CONFIGURATION_KEYS, type ConfigurationKey, configurationKeyOf } from "../ocpp/configuration_key.ts";
import { InvariantError } from "../rpc/invariant.ts";
import type { ChargePointDescription, ChargePointOptions } from "./contract.ts";
import { measurandsOf } from "./measurand.ts";

const DEFAULTS = {
  AllowOfflineTxForUnknownId: "false",
  AuthorizeRemoteTxRequests: "true",
  ConnectionTimeOut: "60",
  GetConfigurationMaxKeys: "50",
  HeartbeatInterval: "300",
  MessageTimeout: "30",
  MeterValuesSampledData: "Energy.Active.Import.Register,Power.Active.Import,SoC",
  MeterValuesSampledDataMaxLength: "20",
  MeterValueSampleInterval: "60",
  NumberOfConnectors: "1",
  StopTransactionOnEVSideDisconnect: "true",
  StopTransactionOnInvalidId: "true",
  StopTxnSampledData: "",
  StopTxnSampledDataMaxLength: "20",
  SupportedFeatureProfiles: "Core,RemoteTrigger",
  TransactionMessageAttempts: "3",
  TransactionMessageRetryInterval: "60",
} as const satisfies Partial<Record<ConfigurationKey, string>>;

/** A key that changes or tells something here; other standard keys are answered as unknown. */
export type KeyInUse = keyof typeof DEFAULTS;

/** The keys in use, in the order in which they are listed. */
export const KEYS_IN_USE = Object.keys(DEFAULTS) as readonly KeyInUse[];

/** Every key in use with its value. */
export type Configuration = Readonly<Record<KeyInUse, string>>;

/** A value in the form in which it is kept, or why it is none. */
export type CheckedValue =
  | { readonly ok: true; readonly key: KeyInUse; readonly value: string }
  | { readonly ok: false; readonly refusal: "unknownKey" | "readOnly" | "badValue"; readonly reason: string };

/** The least value of an integer key that may not be 0: a timeout or an interval of nothing means nothing. */
const INTEGER_MIN: Partial<Record<KeyInUse, number>> = {
  ConnectionTimeOut: 1,
  HeartbeatInterval: 1,
  MessageTimeout: 1,
  TransactionMessageAttempts: 1,
};

const INTEGER_MAX = 2 ** 31 - 1;

/** The longest value that ChangeConfiguration and GetConfiguration can carry. Spec: OCPP 1.6 §6.9, §7.29. */
const VALUE_MAX_LENGTH = 500;

/**
 * The configuration that a Charge Point starts with.
 *
 * Errors: `InvariantError` for a value that `checkValue` refuses; whoever takes values from a user checks first.
 */
export function initialConfiguration(options: ChargePointOptions): Configuration {
  let configuration: Configuration = {
    ...DEFAULTS,
    NumberOfConnectors: String(options.description.connectors),
  };
  if (options.heartbeatIntervalSeconds !== undefined) {
    configuration = withValue(configuration, "HeartbeatInterval", String(options.heartbeatIntervalSeconds));
  }
  for (const [name, text] of Object.entries(options.configuration ?? {})) {
    const checked = checkValue(name, text, options.description);
    if (!checked.ok) throw new InvariantError(`${options.identity}: ${checked.reason}`);
    configuration = withValue(configuration, checked.key, checked.value);
  }
  return configuration;
}

/** The key in use that a received name means. */
export function keyInUseOf(name: string): KeyInUse | undefined {
  const key = configurationKeyOf(name);
  return key !== undefined && Object.hasOwn(DEFAULTS, key) ? key as KeyInUse : undefined;
}

/** Whether a key is told and never changed here. */
export function isReadOnly(key: KeyInUse): boolean {
  return CONFIGURATION_KEYS[key].access === "R";
}

/** Whether a key may get this value here; names and booleans in any case, lists with or without spaces. */
export function checkValue(name: string, text: string, description: ChargePointDescription): CheckedValue {
  const key = keyInUseOf(name);
  if (key === undefined) {
    return { ok: false, refusal: "unknownKey", reason: `there is no configuration key ${name}` };
  }
  if (isReadOnly(key)) {
    return { ok: false, refusal: "readOnly", reason: `${key} cannot be changed` };
  }
  if (text.length > VALUE_MAX_LENGTH) {
    return { ok: false, refusal: "badValue", reason: `${key} has at most ${VALUE_MAX_LENGTH} characters` };
  }
  const parsed = parseValue(key, text.trim(), description);
  return parsed.ok ? { ok: true, key, value: parsed.value } : {
    ok: false,
    refusal: "badValue",
    reason: `${key} ${parsed.reason}`,
  };
}

/** Reads one `Key=Value`, as a user writes it, and checks it. */
export function parseSetting(setting: string, description: ChargePointDescription): CheckedValue {
  const equals = setting.indexOf("=");
  if (equals <= 0) {
    return {
      ok: false,
      refusal: "badValue",
      reason: `${JSON.stringify(setting)} is not of the form Key=Value`,
    };
  }
  return checkValue(setting.slice(0, equals).trim(), setting.slice(equals + 1), description);
}

type ParsedValue = { ok: true; value: string } | { ok: false; reason: string };

function parseValue(key: KeyInUse, text: string, description: ChargePointDescription): ParsedValue {
  switch (CONFIGURATION_KEYS[key].type) {
    case "boolean": {
      const value = text.toLowerCase();
      return value === "true" || value === "false"
        ? { ok: true, value }
        : { ok: false, reason: "is either true or false" };
    }
    case "integer": {
      const min = INTEGER_MIN[key] ?? 0;
      const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= INTEGER_MAX
        ? { ok: true, value: String(value) }
        : { ok: false, reason: `is a whole number from ${min} to ${INTEGER_MAX}` };
    }
    case "list":
      return parseMeasurandList(key, text, description);
    case "text":
      return { ok: true, value: text };
  }
}

/** Every writable list so far is one of measurands; its limit stands in the key `…MaxLength`. */
function parseMeasurandList(
  key: KeyInUse,
  text: string,
  description: ChargePointDescription,
): ParsedValue {
  const items = listItems(text);
  const limit = Number(DEFAULTS[`${key}MaxLength` as KeyInUse]);
  if (items.length > limit) return { ok: false, reason: `has at most ${limit} items` };
  // §4.7: one measurand that is not supported refuses the whole list.
  const unsupported = items.find((item) => measurandsOf(item, description) === undefined);
  return unsupported === undefined
    ? { ok: true, value: items.join(",") }
    : { ok: false, reason: `has ${JSON.stringify(unsupported)}, which is not measured here` };
}

/** The items of a list, e.g. `"SoC, Voltage"` → `["SoC", "Voltage"]`; none for an empty text. */
export function listItems(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** The same configuration with one value changed. */
export function withValue(configuration: Configuration, key: KeyInUse, value: string): Configuration {
  return configuration[key] === value ? configuration : { ...configuration, [key]: value };
}

/** A boolean key. */
export function isOn(configuration: Configuration, key: KeyInUse): boolean {
  return configuration[key] === "true";
}

/** An integer key. */
export function integer(configuration: Configuration, key: KeyInUse): number {
  return Number(configuration[key]);
}

/** A key in seconds. Units: gives milliseconds. */
export function durationMs(configuration: Configuration, key: KeyInUse): number {
  return Number(configuration[key]) * 1_000;
}
