/**
 * A payload of each Action that every system answers, and that does as little as possible where a broken one is
 * carried out after all: ids that nobody has, files that are nowhere, keys that do not exist.
 */
import type { Action } from "../../ocpp/action.ts";
import type { Req } from "../../ocpp/registry.ts";

/** What payloads are made from. */
export interface PayloadMaterial {
  /** Dates and times. */
  readonly now: string;
  readonly soon: string;
  readonly connectorId: number;
  readonly idTag: string;
}

/** Of transactions, reservations, profiles, requests: none that a system has come to know. */
const UNKNOWN_ID = 2_147_400_000;

/** Where nobody listens: the discard port. */
const NOWHERE = "http://127.0.0.1:9/nothing";

const NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

const HASHES: Req<"DeleteCertificate">["certificateHashData"] = {
  hashAlgorithm: "SHA256",
  issuerNameHash: "0".repeat(64),
  issuerKeyHash: "0".repeat(64),
  serialNumber: "1",
};

type Payloads = { readonly [A in Action]: (material: PayloadMaterial) => Req<A> };

const PAYLOADS: Payloads = {
  Authorize: ({ idTag }) => ({ idTag }),
  BootNotification: () => ({
    chargePointVendor: "Conformance",
    chargePointModel: "Tester",
    chargePointSerialNumber: "1",
    chargeBoxSerialNumber: "2",
    firmwareVersion: "3",
    iccid: "4",
    imsi: "5",
    meterType: "6",
    meterSerialNumber: "7",
  }),
  CancelReservation: () => ({ reservationId: UNKNOWN_ID }),
  CertificateSigned: () => ({ certificateChain: NO_CERTIFICATE }),
  ChangeAvailability: ({ connectorId }) => ({ connectorId, type: "Operative" }),
  ChangeConfiguration: () => ({ key: "ConformanceUnheardOf", value: "1" }),
  ClearCache: () => ({}),
  ClearChargingProfile: ({ connectorId }) => ({
    id: UNKNOWN_ID,
    connectorId,
    chargingProfilePurpose: "TxDefaultProfile",
    stackLevel: 1,
  }),
  DataTransfer: () => ({ vendorId: "Conformance", messageId: "Unheard", data: "of" }),
  DeleteCertificate: () => ({ certificateHashData: HASHES }),
  DiagnosticsStatusNotification: () => ({ status: "Idle" }),
  ExtendedTriggerMessage: ({ connectorId }) => ({ requestedMessage: "Heartbeat", connectorId }),
  FirmwareStatusNotification: () => ({ status: "Idle" }),
  GetCompositeSchedule: ({ connectorId }) => ({ connectorId, duration: 60, chargingRateUnit: "A" }),
  GetConfiguration: () => ({ key: ["HeartbeatInterval"] }),
  GetDiagnostics: ({ now }) => ({
    location: NOWHERE,
    retries: 0,
    retryInterval: 1,
    startTime: now,
    stopTime: now,
  }),
  GetInstalledCertificateIds: () => ({ certificateType: "CentralSystemRootCertificate" }),
  GetLocalListVersion: () => ({}),
  GetLog: ({ now }) => ({
    log: { remoteLocation: NOWHERE, oldestTimestamp: now, latestTimestamp: now },
    logType: "DiagnosticsLog",
    requestId: UNKNOWN_ID,
    retries: 0,
    retryInterval: 1,
  }),
  Heartbeat: () => ({}),
  InstallCertificate: () => ({
    certificateType: "CentralSystemRootCertificate",
    certificate: NO_CERTIFICATE,
  }),
  LogStatusNotification: () => ({ status: "Idle", requestId: UNKNOWN_ID }),
  MeterValues: ({ connectorId, now }) => ({
    connectorId,
    transactionId: UNKNOWN_ID,
    meterValue: [meterValue(now)],
  }),
  RemoteStartTransaction: ({ connectorId, idTag }) => ({
    connectorId,
    idTag,
    chargingProfile: {
      chargingProfileId: UNKNOWN_ID,
      stackLevel: 0,
      chargingProfilePurpose: "TxProfile",
      chargingProfileKind: "Relative",
      chargingSchedule: schedule(),
    },
  }),
  RemoteStopTransaction: () => ({ transactionId: UNKNOWN_ID }),
  ReserveNow: ({ connectorId, idTag, soon }) => ({
    connectorId,
    expiryDate: soon,
    idTag,
    parentIdTag: idTag,
    reservationId: UNKNOWN_ID,
  }),
  Reset: () => ({ type: "Soft" }),
  SecurityEventNotification: ({ now }) => ({
    type: "SettingSystemTime",
    timestamp: now,
    techInfo: "conformance",
  }),
  SendLocalList: ({ idTag, soon }) => ({
    listVersion: 1,
    localAuthorizationList: [{
      idTag,
      idTagInfo: { status: "Accepted", expiryDate: soon, parentIdTag: idTag },
    }],
    updateType: "Full",
  }),
  SetChargingProfile: ({ connectorId, now, soon }) => ({
    connectorId,
    csChargingProfiles: {
      chargingProfileId: UNKNOWN_ID,
      stackLevel: 0,
      chargingProfilePurpose: "TxDefaultProfile",
      chargingProfileKind: "Absolute",
      validFrom: now,
      validTo: soon,
      chargingSchedule: { ...schedule(), duration: 60, startSchedule: now, minChargingRate: 6 },
    },
  }),
  SignCertificate: () => ({
    csr: "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
  }),
  SignedFirmwareStatusNotification: () => ({ status: "Idle", requestId: UNKNOWN_ID }),
  SignedUpdateFirmware: ({ now }) => ({
    retries: 0,
    retryInterval: 1,
    requestId: UNKNOWN_ID,
    firmware: {
      location: NOWHERE,
      retrieveDateTime: now,
      installDateTime: now,
      signingCertificate: NO_CERTIFICATE,
      signature: "AA==",
    },
  }),
  StartTransaction: ({ connectorId, idTag, now }) => ({
    connectorId,
    idTag,
    meterStart: 1_000,
    reservationId: UNKNOWN_ID,
    timestamp: now,
  }),
  StatusNotification: ({ connectorId, now }) => ({
    connectorId,
    errorCode: "NoError",
    info: "conformance",
    status: "Available",
    timestamp: now,
    vendorId: "Conformance",
    vendorErrorCode: "0",
  }),
  StopTransaction: ({ idTag, now }) => ({
    idTag,
    meterStop: 1_000,
    timestamp: now,
    transactionId: UNKNOWN_ID,
    reason: "Local",
    transactionData: [meterValue(now)],
  }),
  TriggerMessage: ({ connectorId }) => ({ requestedMessage: "Heartbeat", connectorId }),
  UnlockConnector: ({ connectorId }) => ({ connectorId }),
  UpdateFirmware: ({ now }) => ({ location: NOWHERE, retries: 0, retrieveDate: now, retryInterval: 1 }),
};

/** A reading with every field. */
function meterValue(timestamp: string): Req<"MeterValues">["meterValue"][number] {
  return {
    timestamp,
    sampledValue: [{
      value: "1000",
      context: "Trigger",
      format: "Raw",
      measurand: "Energy.Active.Import.Register",
      phase: "L1",
      location: "Outlet",
      unit: "Wh",
    }],
  };
}

function schedule(): Req<"SetChargingProfile">["csChargingProfiles"]["chargingSchedule"] {
  return {
    chargingRateUnit: "A",
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 16, numberPhases: 3 }],
  };
}

/** A valid payload of an Action. */
export function validReq<A extends Action>(action: A, material: PayloadMaterial): Req<A> {
  return (PAYLOADS[action] as (material: PayloadMaterial) => Req<A>)(material);
}
