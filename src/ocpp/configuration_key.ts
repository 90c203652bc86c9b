/**
 * The standard configuration keys: the profile that each belongs to, what kind of value it has, its unit, and
 * whether it may be changed.
 *
 * These are the facts of the specification; defaults and ranges belong to the Charge Point that has the key, and
 * no Charge Point has to have them all. Values are always texts on the wire.
 * Spec: OCPP 1.6 §9, with the errata (MessageTimeout, StopTransactionMaxMeterValues,
 * SupportedFileTransferProtocols, StopTransactionOnEVSideDisconnect); Security for the keys of that profile.
 */
import type { FeatureProfile } from "./action.ts";
import { sameCiString } from "./types.ts";

/** `list`: items separated by commas, at most as many as the key `…MaxLength` says. */
export type ConfigurationType = "boolean" | "integer" | "list" | "text";

/** Read, written, both, or read and possibly written. `W`: never told. */
export type ConfigurationAccess = "R" | "RW" | "R or RW" | "W";

export type ConfigurationUnit = "s" | "times" | "%" | "Wh";

/** What is known of one key. `isRequired`: by every Charge Point that supports the profile. */
export interface ConfigurationKeyInfo {
  readonly profile: FeatureProfile;
  readonly isRequired: boolean;
  readonly type: ConfigurationType;
  readonly access: ConfigurationAccess;
  readonly unit: ConfigurationUnit | undefined;
}

type Row = (
  profile: FeatureProfile,
  type: ConfigurationType,
  access: ConfigurationAccess,
  unit?: ConfigurationUnit,
) => ConfigurationKeyInfo;

const required: Row = (profile, type, access, unit) => ({ profile, isRequired: true, type, access, unit });
const optional: Row = (profile, type, access, unit) => ({ profile, isRequired: false, type, access, unit });

const KEYS = {
  AllowOfflineTxForUnknownId: optional("Core", "boolean", "RW"),
  AuthorizationCacheEnabled: optional("Core", "boolean", "RW"),
  AuthorizeRemoteTxRequests: required("Core", "boolean", "R or RW"),
  BlinkRepeat: optional("Core", "integer", "RW", "times"),
  ClockAlignedDataInterval: required("Core", "integer", "RW", "s"),
  ConnectionTimeOut: required("Core", "integer", "RW", "s"),
  ConnectorPhaseRotation: required("Core", "list", "RW"),
  ConnectorPhaseRotationMaxLength: optional("Core", "integer", "R"),
  GetConfigurationMaxKeys: required("Core", "integer", "R"),
  HeartbeatInterval: required("Core", "integer", "RW", "s"),
  LightIntensity: optional("Core", "integer", "RW", "%"),
  LocalAuthorizeOffline: required("Core", "boolean", "RW"),
  LocalPreAuthorize: required("Core", "boolean", "RW"),
  MaxEnergyOnInvalidId: optional("Core", "integer", "RW", "Wh"),
  MessageTimeout: optional("Core", "integer", "RW", "s"),
  MeterValuesAlignedData: required("Core", "list", "RW"),
  MeterValuesAlignedDataMaxLength: optional("Core", "integer", "R"),
  MeterValuesSampledData: required("Core", "list", "RW"),
  MeterValuesSampledDataMaxLength: optional("Core", "integer", "R"),
  MeterValueSampleInterval: required("Core", "integer", "RW", "s"),
  MinimumStatusDuration: optional("Core", "integer", "RW", "s"),
  NumberOfConnectors: required("Core", "integer", "R"),
  ResetRetries: required("Core", "integer", "RW", "times"),
  StopTransactionMaxMeterValues: optional("Core", "integer", "R"),
  StopTransactionOnEVSideDisconnect: optional("Core", "boolean", "R or RW"),
  StopTransactionOnInvalidId: required("Core", "boolean", "RW"),
  StopTxnAlignedData: required("Core", "list", "RW"),
  StopTxnAlignedDataMaxLength: optional("Core", "integer", "R"),
  StopTxnSampledData: required("Core", "list", "RW"),
  StopTxnSampledDataMaxLength: optional("Core", "integer", "R"),
  SupportedFeatureProfiles: required("Core", "list", "R"),
  SupportedFeatureProfilesMaxLength: optional("Core", "integer", "R"),
  TransactionMessageAttempts: required("Core", "integer", "RW", "times"),
  TransactionMessageRetryInterval: required("Core", "integer", "RW", "s"),
  UnlockConnectorOnEVSideDisconnect: required("Core", "boolean", "R or RW"),
  WebSocketPingInterval: optional("Core", "integer", "RW", "s"),
  LocalAuthListEnabled: required("LocalAuthListManagement", "boolean", "RW"),
  LocalAuthListMaxLength: required("LocalAuthListManagement", "integer", "R"),
  SendLocalListMaxLength: required("LocalAuthListManagement", "integer", "R"),
  ReserveConnectorZeroSupported: optional("Reservation", "boolean", "R"),
  ChargeProfileMaxStackLevel: required("SmartCharging", "integer", "R"),
  ChargingScheduleAllowedChargingRateUnit: required("SmartCharging", "list", "R"),
  ChargingScheduleMaxPeriods: required("SmartCharging", "integer", "R"),
  ConnectorSwitch3to1PhaseSupported: optional("SmartCharging", "boolean", "R"),
  MaxChargingProfilesInstalled: required("SmartCharging", "integer", "R"),
  SupportedFileTransferProtocols: optional("FirmwareManagement", "list", "R"),
  AdditionalRootCertificateCheck: optional("Security", "boolean", "R"),
  AuthorizationKey: optional("Security", "text", "W"),
  CertificateSignedMaxChainSize: optional("Security", "integer", "R"),
  CertificateStoreMaxLength: optional("Security", "integer", "R"),
  CpoName: optional("Security", "text", "RW"),
  SecurityProfile: optional("Security", "integer", "RW"),
} as const satisfies Record<string, ConfigurationKeyInfo>;

/** The name of a standard key, e.g. `HeartbeatInterval`. */
export type ConfigurationKey = keyof typeof KEYS;

/** All keys, by profile. */
export const CONFIGURATION_KEYS: Readonly<Record<ConfigurationKey, ConfigurationKeyInfo>> = KEYS;

/** The keys' names, in the same order. */
export const CONFIGURATION_KEY_NAMES = Object.keys(KEYS) as readonly ConfigurationKey[];

/** The key that a received name means; names compare without regard to case. Spec: OCPP 1.6 §7.17. */
export function configurationKeyOf(name: string): ConfigurationKey | undefined {
  if (Object.hasOwn(KEYS, name)) return name as ConfigurationKey;
  return CONFIGURATION_KEY_NAMES.find((key) => sameCiString(key, name));
}
