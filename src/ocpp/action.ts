/**
 * Every Action of OCPP 1.6 and its security extension: who may send it and the feature profile it belongs to.
 *
 * The table is complete although not every Action has a schema yet: the difference between an Action nobody
 * knows (`NotImplemented`) and one that is merely not supported (`NotSupported`) must hold from the start.
 *
 * Spec: OCPP 1.6 §3.3, with the profile matrix corrected by the errata; Security §A1–A5, §L, §N.
 */

/** The feature profiles of OCPP 1.6; `Security` is the white paper's extension and has no official identifier. */
export type FeatureProfile =
  | "Core"
  | "FirmwareManagement"
  | "LocalAuthListManagement"
  | "Reservation"
  | "SmartCharging"
  | "RemoteTrigger"
  | "Security";

/** The two ends of a connection. */
export type Role = "chargePoint" | "centralSystem";

/** What is known of one Action. */
export interface ActionInfo {
  readonly sender: Role | "both";
  readonly profile: FeatureProfile;
}

const fromChargePoint = (profile: FeatureProfile) => ({ sender: "chargePoint", profile } as const);
const fromCentralSystem = (profile: FeatureProfile) => ({ sender: "centralSystem", profile } as const);

/** All 28 + 11 Actions. */
export const ACTIONS = {
  Authorize: fromChargePoint("Core"),
  BootNotification: fromChargePoint("Core"),
  ChangeAvailability: fromCentralSystem("Core"),
  ChangeConfiguration: fromCentralSystem("Core"),
  ClearCache: fromCentralSystem("Core"),
  DataTransfer: { sender: "both", profile: "Core" },
  GetConfiguration: fromCentralSystem("Core"),
  Heartbeat: fromChargePoint("Core"),
  MeterValues: fromChargePoint("Core"),
  RemoteStartTransaction: fromCentralSystem("Core"),
  RemoteStopTransaction: fromCentralSystem("Core"),
  Reset: fromCentralSystem("Core"),
  StartTransaction: fromChargePoint("Core"),
  StatusNotification: fromChargePoint("Core"),
  StopTransaction: fromChargePoint("Core"),
  UnlockConnector: fromCentralSystem("Core"),
  DiagnosticsStatusNotification: fromChargePoint("FirmwareManagement"),
  FirmwareStatusNotification: fromChargePoint("FirmwareManagement"),
  GetDiagnostics: fromCentralSystem("FirmwareManagement"),
  UpdateFirmware: fromCentralSystem("FirmwareManagement"),
  GetLocalListVersion: fromCentralSystem("LocalAuthListManagement"),
  SendLocalList: fromCentralSystem("LocalAuthListManagement"),
  CancelReservation: fromCentralSystem("Reservation"),
  ReserveNow: fromCentralSystem("Reservation"),
  ClearChargingProfile: fromCentralSystem("SmartCharging"),
  GetCompositeSchedule: fromCentralSystem("SmartCharging"),
  SetChargingProfile: fromCentralSystem("SmartCharging"),
  TriggerMessage: fromCentralSystem("RemoteTrigger"),
  CertificateSigned: fromCentralSystem("Security"),
  DeleteCertificate: fromCentralSystem("Security"),
  ExtendedTriggerMessage: fromCentralSystem("Security"),
  GetInstalledCertificateIds: fromCentralSystem("Security"),
  GetLog: fromCentralSystem("Security"),
  InstallCertificate: fromCentralSystem("Security"),
  LogStatusNotification: fromChargePoint("Security"),
  SecurityEventNotification: fromChargePoint("Security"),
  SignCertificate: fromChargePoint("Security"),
  SignedFirmwareStatusNotification: fromChargePoint("Security"),
  SignedUpdateFirmware: fromCentralSystem("Security"),
} as const satisfies Record<string, ActionInfo>;

/** The name of an operation as it stands in a Call, e.g. `BootNotification`. */
export type Action = keyof typeof ACTIONS;

/** Whether OCPP 1.6 or its security extension knows this Action; names are case-sensitive. */
export function isAction(name: string): name is Action {
  return Object.hasOwn(ACTIONS, name);
}

/** Whether `role` may send this Action as a Call. */
export function maySend(role: Role, action: Action): boolean {
  const { sender } = ACTIONS[action];
  return sender === role || sender === "both";
}
