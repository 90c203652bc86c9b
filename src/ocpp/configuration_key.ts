/**
 * The standard configuration keys: what kind of value each has, its unit, and whether it may be changed.
 *
 * These are the facts of the specification; defaults and ranges belong to the Charge Point that has the key.
 * A key is missing here as long as nothing is wired to it. Values are always texts on the wire.
 * Spec: OCPP 1.6 §9, with errata 1.6 (MessageTimeout, StopTransactionOnEVSideDisconnect).
 */
import { sameCiString } from "./types.ts";

/** `list`: items separated by commas, at most as many as the key `…MaxLength` says. */
export type ConfigurationType = "boolean" | "integer" | "list";

/** What is known of one key. `readOnly` keys are reported and never changed. */
export interface ConfigurationKeyInfo {
  readonly type: ConfigurationType;
  readonly readOnly: boolean;
  readonly unit?: "s" | "times";
}

const writable = (type: ConfigurationType, unit?: "s" | "times"): ConfigurationKeyInfo =>
  unit === undefined ? { type, readOnly: false } : { type, readOnly: false, unit };
const readOnly = (type: ConfigurationType): ConfigurationKeyInfo => ({ type, readOnly: true });

const KEYS = {
  AllowOfflineTxForUnknownId: writable("boolean"),
  AuthorizeRemoteTxRequests: writable("boolean"),
  ConnectionTimeOut: writable("integer", "s"),
  GetConfigurationMaxKeys: readOnly("integer"),
  HeartbeatInterval: writable("integer", "s"),
  MessageTimeout: writable("integer", "s"),
  MeterValuesSampledData: writable("list"),
  MeterValuesSampledDataMaxLength: readOnly("integer"),
  MeterValueSampleInterval: writable("integer", "s"),
  NumberOfConnectors: readOnly("integer"),
  StopTransactionOnEVSideDisconnect: writable("boolean"),
  StopTransactionOnInvalidId: writable("boolean"),
  StopTxnSampledData: writable("list"),
  StopTxnSampledDataMaxLength: readOnly("integer"),
  SupportedFeatureProfiles: readOnly("list"),
  TransactionMessageAttempts: writable("integer", "times"),
  TransactionMessageRetryInterval: writable("integer", "s"),
} as const;

/** The name of a standard key, e.g. `HeartbeatInterval`. */
export type ConfigurationKey = keyof typeof KEYS;

/** All keys, in the order of the specification. */
export const CONFIGURATION_KEYS: Readonly<Record<ConfigurationKey, ConfigurationKeyInfo>> = KEYS;

/** The keys' names, in the same order. */
export const CONFIGURATION_KEY_NAMES = Object.keys(KEYS) as readonly ConfigurationKey[];

/** The key that a received name means; names compare without regard to case. Spec: OCPP 1.6 §7.17. */
export function configurationKeyOf(name: string): ConfigurationKey | undefined {
  if (Object.hasOwn(KEYS, name)) return name as ConfigurationKey;
  return CONFIGURATION_KEY_NAMES.find((key) => sameCiString(key, name));
}
