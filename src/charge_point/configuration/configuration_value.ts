/**
 * What a new value of a configuration key must be like.
 *
 * Names and booleans come in any case, lists with or without spaces. What depends on more than the key and its
 * text, as the security profile does on certificates, stands with what it depends on.
 * Spec: OCPP 1.6 §5.3, §9; Security for the keys of that profile.
 */
import {
  CONFIGURATION_KEYS,
  type ConfigurationKey,
  configurationKeyOf,
} from "../../ocpp/configuration_key.ts";
import { InvariantError } from "../../rpc/invariant.ts";
import {
  type Configuration,
  factoryConfiguration,
  hasKey,
  integer,
  isReadOnly,
  listItems,
  withValue,
} from "./configuration.ts";
import type { ChargePointOptions } from "../contract.ts";
import type { ChargePointDescription } from "../description.ts";
import { measurandsOf } from "../energy/measurand.ts";
import { withDelivered } from "../security/security_state.ts";

/** A value in the form in which it is kept, or why it is none. */
export type CheckedValue =
  | { readonly ok: true; readonly key: ConfigurationKey; readonly value: string }
  | { readonly ok: false; readonly refusal: "unknownKey" | "readOnly" | "badValue"; readonly reason: string };

const INTEGER_MAX = 2 ** 31 - 1;

/** The range of an integer key that is narrower than 0 to `INTEGER_MAX`. */
const RANGES: Partial<Record<ConfigurationKey, readonly [min: number, max: number]>> = {
  // A timeout or an interval of nothing means nothing.
  ConnectionTimeOut: [1, INTEGER_MAX],
  HeartbeatInterval: [1, INTEGER_MAX],
  MessageTimeout: [1, INTEGER_MAX],
  TransactionMessageAttempts: [1, INTEGER_MAX],
  LightIntensity: [0, 100],
  SecurityProfile: [0, 3],
};

/** The longest value that ChangeConfiguration and GetConfiguration can carry. Spec: OCPP 1.6 §6.9, §7.29. */
const VALUE_MAX_LENGTH = 500;

/** The longest CpoName: it becomes the O of a certificate. Spec: RFC 5280, upper bounds. */
const CPO_NAME_MAX_LENGTH = 64;

/** Spec: OCPP 1.6 §9.1.8. */
const PHASE_ROTATIONS = ["NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR"];

/**
 * The configuration that a Charge Point starts with.
 *
 * Errors: `InvariantError` for a value that `checkValue` refuses; whoever takes values from a user checks first.
 */
export function initialConfiguration(options: ChargePointOptions): Configuration {
  const { description } = options;
  let configuration = withDelivered(factoryConfiguration(description), options.security);
  if (options.heartbeatIntervalSeconds !== undefined) {
    configuration = withValue(configuration, "HeartbeatInterval", String(options.heartbeatIntervalSeconds));
  }
  for (const [name, text] of Object.entries(options.configuration ?? {})) {
    const checked = checkValue(name, text, description);
    if (!checked.ok) throw new InvariantError(`${options.identity}: ${checked.reason}`);
    configuration = withValue(configuration, checked.key, checked.value);
  }
  return configuration;
}

/** The key of this Charge Point that a received name means. */
export function keyOf(name: string, description: ChargePointDescription): ConfigurationKey | undefined {
  const key = configurationKeyOf(name);
  return key !== undefined && hasKey(description, key) ? key : undefined;
}

/** Whether a key may get this value here. */
export function checkValue(name: string, text: string, description: ChargePointDescription): CheckedValue {
  const key = keyOf(name, description);
  if (key === undefined) {
    return { ok: false, refusal: "unknownKey", reason: `there is no configuration key ${name}` };
  }
  if (isReadOnly(description, key)) {
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

type ParsedValue = { ok: true; value: string } | { ok: false; reason: string };

function parseValue(key: ConfigurationKey, text: string, description: ChargePointDescription): ParsedValue {
  switch (CONFIGURATION_KEYS[key].type) {
    case "boolean": {
      const value = text.toLowerCase();
      return value === "true" || value === "false"
        ? { ok: true, value }
        : { ok: false, reason: "is either true or false" };
    }
    case "integer": {
      const [min, max] = RANGES[key] ?? [0, INTEGER_MAX];
      const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max
        ? { ok: true, value: String(value) }
        : { ok: false, reason: `is a whole number from ${min} to ${max}` };
    }
    case "list":
      return parseList(key, text, description);
    case "text":
      return key === "AuthorizationKey" ? parseAuthorizationKey(text) : parseCpoName(text);
  }
}

/** 16 to 20 bytes as hexadecimal digits. Spec: Security §4, OCPP-J 1.6 §6.2.2. The value is a secret: not repeated. */
function parseAuthorizationKey(text: string): ParsedValue {
  return /^([0-9a-f]{2}){16,20}$/i.test(text)
    ? { ok: true, value: text }
    : { ok: false, reason: "has 32 to 40 hexadecimal digits, an even number" };
}

function parseCpoName(text: string): ParsedValue {
  return text.length <= CPO_NAME_MAX_LENGTH
    ? { ok: true, value: text }
    : { ok: false, reason: `has at most ${CPO_NAME_MAX_LENGTH} characters` };
}

/** The limit of a list stands in the key `…MaxLength`. */
function parseList(key: ConfigurationKey, text: string, description: ChargePointDescription): ParsedValue {
  const items = listItems(text);
  const limit = integer(factoryConfiguration(description), `${key}MaxLength` as ConfigurationKey);
  if (items.length > limit) return { ok: false, reason: `has at most ${limit} items` };
  return key === "ConnectorPhaseRotation"
    ? parsePhaseRotations(items, description)
    : parseMeasurands(items, description);
}

function parseMeasurands(items: readonly string[], description: ChargePointDescription): ParsedValue {
  // §4.7: one measurand that is not supported refuses the whole list.
  const unsupported = items.find((item) => measurandsOf(item, description) === undefined);
  return unsupported === undefined
    ? { ok: true, value: items.join(",") }
    : { ok: false, reason: `has ${JSON.stringify(unsupported)}, which is not measured here` };
}

/** E.g. `0.RST,1.STR`; each connector at most once. */
function parsePhaseRotations(items: readonly string[], description: ChargePointDescription): ParsedValue {
  const named = new Set<number>();
  for (const item of items) {
    const [, digits = "", rotation = ""] = /^(\d+)\.(\w+)$/.exec(item) ?? [];
    const connectorId = digits === "" ? NaN : Number(digits);
    const isGood = connectorId <= description.connectors && !named.has(connectorId) &&
      PHASE_ROTATIONS.includes(rotation);
    if (!isGood) return { ok: false, reason: `has ${JSON.stringify(item)}; an item is like 1.RST` };
    named.add(connectorId);
  }
  return { ok: true, value: items.join(",") };
}
