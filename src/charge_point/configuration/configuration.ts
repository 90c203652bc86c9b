/**
 * The configuration of a Charge Point: which keys it has, what they are at first, reading them.
 *
 * Values stay texts as they travel; they are parsed where they are read. A changed configuration is a new
 * record, so that Charge Points that changed nothing share theirs.
 * Spec: OCPP 1.6 §5.3 ChangeConfiguration, §5.8 GetConfiguration, §9; Security for the keys of that profile.
 */
import {
  CONFIGURATION_KEY_NAMES,
  CONFIGURATION_KEYS,
  type ConfigurationKey,
} from "../../ocpp/configuration_key.ts";
import { type ChargePointDescription, hasProfile } from "../description.ts";

/** The keys that a Charge Point has, with their values. `AuthorizationKey` is a secret. */
export type Configuration = Readonly<Partial<Record<ConfigurationKey, string>>>;

/** Most items of a list of measurands. */
const MEASURANDS_MAX = 20;

/** The values of keys that are the same for every Charge Point that has them. */
const DEFAULTS = {
  AllowOfflineTxForUnknownId: "false",
  AuthorizeRemoteTxRequests: "true",
  BlinkRepeat: "3",
  ClockAlignedDataInterval: "0",
  ConnectionTimeOut: "60",
  GetConfigurationMaxKeys: "50",
  HeartbeatInterval: "300",
  LightIntensity: "100",
  LocalAuthorizeOffline: "true",
  LocalPreAuthorize: "false",
  MaxEnergyOnInvalidId: "0",
  MessageTimeout: "30",
  MeterValuesAlignedData: "Energy.Active.Import.Register",
  MeterValuesAlignedDataMaxLength: String(MEASURANDS_MAX),
  MeterValuesSampledData: "Energy.Active.Import.Register,Power.Active.Import,SoC",
  MeterValuesSampledDataMaxLength: String(MEASURANDS_MAX),
  MeterValueSampleInterval: "60",
  MinimumStatusDuration: "0",
  ResetRetries: "1",
  StopTransactionMaxMeterValues: "100",
  StopTransactionOnEVSideDisconnect: "true",
  StopTransactionOnInvalidId: "true",
  StopTxnAlignedData: "",
  StopTxnAlignedDataMaxLength: String(MEASURANDS_MAX),
  StopTxnSampledData: "",
  StopTxnSampledDataMaxLength: String(MEASURANDS_MAX),
  SupportedFeatureProfilesMaxLength: "6",
  TransactionMessageAttempts: "3",
  TransactionMessageRetryInterval: "60",
  WebSocketPingInterval: "0",
  LocalAuthListEnabled: "true",
  LocalAuthListMaxLength: "1000",
  SendLocalListMaxLength: "100",
  ChargeProfileMaxStackLevel: "10",
  ChargingScheduleAllowedChargingRateUnit: "Current,Power",
  ChargingScheduleMaxPeriods: "24",
  MaxChargingProfilesInstalled: "20",
  SupportedFileTransferProtocols: "FTP,FTPS,HTTP,HTTPS",
  CertificateSignedMaxChainSize: "10000",
  CertificateStoreMaxLength: "10",
  CpoName: "",
  SecurityProfile: "0",
} as const satisfies Configuration;

/** The keys and values of one description, made once. */
const INITIAL = new WeakMap<ChargePointDescription, Configuration>();

/** The configuration that a Charge Point is delivered with. */
export function factoryConfiguration(description: ChargePointDescription): Configuration {
  const known = INITIAL.get(description);
  if (known !== undefined) return known;
  const values: Configuration = { ...DEFAULTS, ...valuesOf(description) };
  const configuration: Partial<Record<ConfigurationKey, string>> = {};
  for (const key of CONFIGURATION_KEY_NAMES) {
    const value = values[key];
    if (value !== undefined && hasKey(description, key)) configuration[key] = value;
  }
  INITIAL.set(description, configuration);
  return configuration;
}

/** The values that follow from how the Charge Point is built. */
function valuesOf({ connectors, cable, featureProfiles, ...rest }: ChargePointDescription): Configuration {
  const rotation = Array.from({ length: connectors + 1 }, (_, connectorId) => `${connectorId}.RST`);
  // The security extension has no identifier of its own.
  const profiles = featureProfiles.filter((profile) => profile !== "Security");
  return {
    AdditionalRootCertificateCheck: String(rest.checksNewRoots === true),
    AuthorizationCacheEnabled: "true",
    ConnectorPhaseRotation: rotation.join(","),
    ConnectorPhaseRotationMaxLength: String(connectors + 1),
    ConnectorSwitch3to1PhaseSupported: String(rest.switchesToOnePhase ?? false),
    NumberOfConnectors: String(connectors),
    ReserveConnectorZeroSupported: String(rest.reservesConnectorZero),
    SupportedFeatureProfiles: profiles.join(","),
    UnlockConnectorOnEVSideDisconnect: String(cable === "detachable"),
  };
}

/** Whether a Charge Point has a key, be it without a value so far. */
export function hasKey(description: ChargePointDescription, key: ConfigurationKey): boolean {
  if (key === "AuthorizationCacheEnabled") return description.hasAuthorizationCache;
  return hasProfile(description, CONFIGURATION_KEYS[key].profile);
}

/** Whether a key is told and never changed here. */
export function isReadOnly({ cable }: ChargePointDescription, key: ConfigurationKey): boolean {
  // Errata: without a lock there is nothing to choose.
  if (key === "UnlockConnectorOnEVSideDisconnect") return cable === "fixed";
  return CONFIGURATION_KEYS[key].access === "R";
}

/** The items of a list, e.g. `"SoC, Voltage"` → `["SoC", "Voltage"]`; none for an empty text. */
export function listItems(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** The same configuration with one value changed. */
export function withValue(configuration: Configuration, key: ConfigurationKey, value: string): Configuration {
  return configuration[key] === value ? configuration : { ...configuration, [key]: value };
}

/** A text key; empty where the Charge Point does not have it. */
export function textOf(configuration: Configuration, key: ConfigurationKey): string {
  return configuration[key] ?? "";
}

/** A boolean key; false where the Charge Point does not have it. */
export function isOn(configuration: Configuration, key: ConfigurationKey): boolean {
  return configuration[key] === "true";
}

/** An integer key; 0 where the Charge Point does not have it. */
export function integer(configuration: Configuration, key: ConfigurationKey): number {
  return Number(configuration[key] ?? 0);
}

/** A key in seconds. Units: gives milliseconds. */
export function durationMs(configuration: Configuration, key: ConfigurationKey): number {
  return integer(configuration, key) * 1_000;
}
