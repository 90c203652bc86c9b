/**
 * What each standard configuration key changes in a simulated Charge Point, and the test that shows it: the README's
 * table is made of this.
 */
import type { ConfigurationKey } from "../../src/ocpp/configuration_key.ts";

/** One row. `file` below `tests`; `test` is the name of a test, that of a row of a table included. */
export interface KeyProof {
  readonly does: string;
  readonly file: string;
  readonly test: string;
}

type Row = readonly [does: string, file: string, test: string];

const AUTHORIZATION = "spec/charge_point_authorization_test.ts";
const CONFIGURATION = "spec/charge_point_configuration_test.ts";
const KEYS = "spec/charge_point_configuration_key_test.ts";
const METERING = "spec/charge_point_metering_test.ts";
const PROFILES = "spec/charge_point_smart_charging_test.ts";
const QUEUE = "spec/charge_point_transaction_queue_test.ts";

const ROWS: Readonly<Record<ConfigurationKey, Row>> = {
  AllowOfflineTxForUnknownId: [
    "offline, an idTag that neither list nor cache knows may charge",
    "unit/charge_point_authorization_test.ts",
    "§3.5 offline an unknown idTag charges only with AllowOfflineTxForUnknownId",
  ],
  AuthorizationCacheEnabled: [
    "the cache is read, filled and cleared",
    AUTHORIZATION,
    "§5.4 ClearCache without a cache that is switched on is Rejected, and nothing is remembered",
  ],
  AuthorizeRemoteTxRequests: [
    "RemoteStartTransaction asks for the idTag before it starts",
    "spec/charge_point_call_test.ts",
    "§5.11 without AuthorizeRemoteTxRequests the start is left to StartTransaction",
  ],
  BlinkRepeat: [
    "how often the lighting blinks for an accepted idTag (an event only)",
    AUTHORIZATION,
    "§9.1.4 an accepted idTag makes the lighting blink, unless BlinkRepeat or LightIntensity is 0",
  ],
  ClockAlignedDataInterval: [
    "readings at whole intervals from midnight, with a transaction or not",
    METERING,
    "§9.1 ClockAlignedDataInterval: every meter at every interval from midnight, with a transaction or not",
  ],
  ConnectionTimeOut: [
    "how long an authorized idTag waits for the cable, and a cable for an idTag",
    "spec/charge_point_call_test.ts",
    "§5.11 RemoteStartTransaction without a cable ends with ConnectionTimeOut",
  ],
  ConnectorPhaseRotation: [
    "which phase of the grid a one-phase EV loads",
    PROFILES,
    "one-phase EVs on different phases of the grid do not take each other's share",
  ],
  ConnectorPhaseRotationMaxLength: [
    "the most items of ConnectorPhaseRotation",
    KEYS,
    "§9 ConnectorPhaseRotation takes as many items as its MaxLength says, and no more",
  ],
  GetConfigurationMaxKeys: [
    "the most keys of one GetConfiguration",
    CONFIGURATION,
    "§9 GetConfiguration of more than GetConfigurationMaxKeys keys is refused",
  ],
  HeartbeatInterval: [
    "time between Heartbeats; the answer to BootNotification sets it",
    "spec/charge_point_boot_test.ts",
    "§9 HeartbeatInterval counts from its change",
  ],
  LightIntensity: [
    "how bright the lighting blinks (an event only)",
    AUTHORIZATION,
    "§9.1.4 an accepted idTag makes the lighting blink, unless BlinkRepeat or LightIntensity is 0",
  ],
  LocalAuthorizeOffline: [
    "offline, list and cache decide",
    AUTHORIZATION,
    "§3.5 offline, valid in the list, LocalAuthorizeOffline off: NotAuthorizedOffline",
  ],
  LocalPreAuthorize: [
    "online, what list and cache know to be valid starts without Authorize",
    AUTHORIZATION,
    "§3.5 online, valid in the list, LocalPreAuthorize: Accepted",
  ],
  MaxEnergyOnInvalidId: [
    "energy that a transaction still gets whose idTag was refused",
    AUTHORIZATION,
    "§9.1.14 MaxEnergyOnInvalidId is delivered still, and not more",
  ],
  MessageTimeout: [
    "how long an answer is waited for",
    "unit/charge_point_authorization_test.ts",
    "an Authorize without an answer is decided offline after MessageTimeout",
  ],
  MeterValuesAlignedData: [
    "what clock-aligned readings measure",
    METERING,
    "§3.16.2 what counts an interval bears its beginning, and the intervals add up to the register",
  ],
  MeterValuesAlignedDataMaxLength: [
    "the most items of MeterValuesAlignedData",
    KEYS,
    "§9 MeterValuesAlignedData takes as many items as its MaxLength says, and no more",
  ],
  MeterValuesSampledData: [
    "what samples measure",
    METERING,
    "§7.31 every measurand can be read while charging, with its unit",
  ],
  MeterValuesSampledDataMaxLength: [
    "the most items of MeterValuesSampledData",
    KEYS,
    "§9 MeterValuesSampledData takes as many items as its MaxLength says, and no more",
  ],
  MeterValueSampleInterval: [
    "time between samples of a transaction; 0: none",
    CONFIGURATION,
    "§9 MeterValueSampleInterval counts from its change, and 0 ends sampling",
  ],
  MinimumStatusDuration: [
    "how long a status lasts before it is told",
    "spec/charge_point_minimum_status_test.ts",
    "§9.1.21 a status is reported once it has lasted, with the time at which it began",
  ],
  NumberOfConnectors: ["how it is built", KEYS, "§9 NumberOfConnectors is how many have a status"],
  ResetRetries: [
    "how often a reset that fails is tried again",
    "spec/charge_point_reset_test.ts",
    "§9.1.22 a reset that fails is tried again ResetRetries times",
  ],
  StopTransactionMaxMeterValues: [
    "the most readings of transactionData; those between are thinned out",
    METERING,
    "errata StopTransactionMaxMeterValues: Begin and End stay, those between are spread evenly",
  ],
  StopTransactionOnEVSideDisconnect: [
    "unplugging at the EV ends the transaction, else it suspends",
    "spec/charge_point_cable_test.ts",
    "§9.1 an EV-side disconnect with a detachable cable, StopTransactionOnEVSideDisconnect=false, " +
    "UnlockConnectorOnEVSideDisconnect=true",
  ],
  StopTransactionOnInvalidId: [
    "a refused idTag ends its transaction, else it gets no energy",
    "spec/charge_point_status_test.ts",
    "§4.9 C5: StartTransaction is refused and StopTransactionOnInvalidId is off",
  ],
  StopTxnAlignedData: [
    "what the clock-aligned readings of transactionData measure",
    METERING,
    "§4.10 transactionData has the samples of the transaction and of the clock, in order",
  ],
  StopTxnAlignedDataMaxLength: [
    "the most items of StopTxnAlignedData",
    KEYS,
    "§9 StopTxnAlignedData takes as many items as its MaxLength says, and no more",
  ],
  StopTxnSampledData: [
    "what the samples of transactionData measure",
    "unit/charge_point_metering_test.ts",
    "StopTransaction carries Transaction.Begin and Transaction.End when StopTxnSampledData asks for them",
  ],
  StopTxnSampledDataMaxLength: [
    "the most items of StopTxnSampledData",
    KEYS,
    "§9 StopTxnSampledData takes as many items as its MaxLength says, and no more",
  ],
  SupportedFeatureProfiles: [
    "how it is built: other profiles' Calls get NotSupported",
    KEYS,
    "§9 SupportedFeatureProfiles names what is built in, and what is not is NotSupported",
  ],
  SupportedFeatureProfilesMaxLength: [
    "the most items of SupportedFeatureProfiles",
    KEYS,
    "§9 SupportedFeatureProfiles names what is built in, and what is not is NotSupported",
  ],
  TransactionMessageAttempts: [
    "how often a transaction-related message is sent that gets no usable answer",
    QUEUE,
    "§3.7 StartTransaction, a single attempt",
  ],
  TransactionMessageRetryInterval: [
    "the wait before it is sent again, times the transmissions so far",
    QUEUE,
    "§3.7 StartTransaction, an interval of 0 repeats at once",
  ],
  UnlockConnectorOnEVSideDisconnect: [
    "unplugging at the EV gives the cable free; read-only with a fixed cable",
    "spec/charge_point_cable_test.ts",
    "§9.1 an EV-side disconnect with a detachable cable, StopTransactionOnEVSideDisconnect=true, " +
    "UnlockConnectorOnEVSideDisconnect=false",
  ],
  WebSocketPingInterval: [
    "time between pings; a pong that stays away ends the link",
    "unit/charge_point_ping_test.ts",
    "WebSocketPingInterval: the host is told before the link opens, and once",
  ],
  LocalAuthListEnabled: [
    "the list is used and can be updated",
    AUTHORIZATION,
    "§5.10, §5.15 without LocalAuthListEnabled the version is -1 and an update NotSupported",
  ],
  LocalAuthListMaxLength: [
    "the most entries of the list",
    AUTHORIZATION,
    "§5.15 a list grows by Differential updates up to LocalAuthListMaxLength, and no further",
  ],
  SendLocalListMaxLength: [
    "the most entries of one SendLocalList",
    AUTHORIZATION,
    "§5.15 SendLocalList: more than SendLocalListMaxLength entries is Failed",
  ],
  ReserveConnectorZeroSupported: [
    "how it is built: whether connector 0 can be reserved",
    "spec/charge_point_reservation_test.ts",
    "§5.13 any connector is Rejected where ReserveConnectorZeroSupported is off",
  ],
  ChargeProfileMaxStackLevel: [
    "the highest stackLevel",
    PROFILES,
    "§9.4.1 a stackLevel above ChargeProfileMaxStackLevel is Rejected",
  ],
  ChargingScheduleAllowedChargingRateUnit: [
    "schedules in A and in W are taken",
    KEYS,
    "§9.4.2 ChargingScheduleAllowedChargingRateUnit: schedules in A and in W are taken",
  ],
  ChargingScheduleMaxPeriods: [
    "the most periods of a schedule",
    PROFILES,
    "§5.7 a composite schedule has no more periods than ChargingScheduleMaxPeriods, and says how far it got",
  ],
  ConnectorSwitch3to1PhaseSupported: [
    "how it is built: whether a limit for one phase leaves an EV with one",
    PROFILES,
    "§9.4 ConnectorSwitch3to1PhaseSupported true: a limit for one phase gives 10.00,0.00",
  ],
  MaxChargingProfilesInstalled: [
    "the most charging profiles",
    PROFILES,
    "§9.4.5 MaxChargingProfilesInstalled is kept, and what replaces another needs no room",
  ],
  SupportedFileTransferProtocols: [
    "which URLs GetDiagnostics, GetLog and firmware updates take",
    "spec/charge_point_log_test.ts",
    "errata SupportedFileTransferProtocols: another protocol, or no URL, is refused without a try",
  ],
  AdditionalRootCertificateCheck: [
    "one Central System root only, and the next must be signed by it",
    "spec/charge_point_security_test.ts",
    "Security AdditionalRootCertificateCheck: the next root is signed by the old one, which stays until then",
  ],
  AuthorizationKey: [
    "the password of profiles 1 and 2; a new one reconnects, and falls back if it is refused",
    "spec/charge_point_security_test.ts",
    "TC_073 AuthorizationKey: answered, then the link is opened with the new password, without a boot",
  ],
  CertificateSignedMaxChainSize: [
    "the most characters of a chain in CertificateSigned",
    KEYS,
    "Security CertificateSignedMaxChainSize: a longer chain is refused before it is read",
  ],
  CertificateStoreMaxLength: [
    "the most root certificates",
    "spec/charge_point_certificate_test.ts",
    "Security CertificateStoreMaxLength: a full store refuses, the same certificate takes no place",
  ],
  CpoName: [
    "the O of its certificates; without it none is asked for",
    "spec/charge_point_certificate_test.ts",
    "Security without CpoName no certificate is asked for",
  ],
  SecurityProfile: [
    "how the link is secured; only upwards, with a fall-back",
    "spec/charge_point_security_test.ts",
    "Security §2.3 no link with the new profile: back to the old one after some attempts",
  ],
};

/** The row of a key. */
export function proofOf(key: ConfigurationKey): KeyProof {
  const [does, file, test] = ROWS[key];
  return { does, file, test };
}

/** Every key that has a row. */
export const PROVED_KEYS: readonly string[] = Object.keys(ROWS);

/** Whether a source has a test of this name; one whose name is put together counts when its parts are there. */
export function hasTest(source: string, name: string): boolean {
  if (source.includes(`(${JSON.stringify(name)}`)) return true;
  return [...source.matchAll(/\(`((?:[^`\\]|\\.)*)`/g)].some(([, template = ""]) => {
    const fixed = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    if (fixed.length === 1) return template === name;
    const escaped = fixed.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const found = new RegExp(`^${escaped.join("(.+?)")}$`).exec(name);
    if (found === null) return false;
    const [longest = ""] = found.slice(1).sort((one, other) => other.length - one.length);
    return longest.split(/[^\w.]+/).every((word) => source.includes(word));
  });
}
