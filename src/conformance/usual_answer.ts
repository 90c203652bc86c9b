/**
 * What a Call of the system under test is answered where a case says nothing else.
 */
import type { Action } from "../ocpp/action.ts";
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import type { Session } from "./session.ts";

/** Seconds; long, so that Heartbeats are no matter where a case is not about them. */
const HEARTBEAT_INTERVAL_SECONDS = 300;

/** Configuration of the Charge Point that the tester plays: value and whether it is read-only, by key. */
const CONFIGURATION: Readonly<Record<string, readonly [value: string, readonly: boolean]>> = {
  AuthorizeRemoteTxRequests: ["true", false],
  ConnectionTimeOut: ["60", false],
  GetConfigurationMaxKeys: ["20", true],
  HeartbeatInterval: [String(HEARTBEAT_INTERVAL_SECONDS), false],
  LocalAuthListMaxLength: ["100", true],
  MeterValueSampleInterval: ["60", false],
  MeterValuesSampledData: ["Energy.Active.Import.Register", false],
  NumberOfConnectors: ["2", true],
  StopTransactionOnInvalidId: ["true", false],
  SupportedFeatureProfiles: [
    "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
    true,
  ],
};

/**
 * The payload of the usual answer: everything is Accepted. A StartTransaction gets the next transactionId.
 *
 * `undefined` where there is none: such a Call is a case of its own.
 */
export function usualAnswer(
  action: Action,
  payload: unknown,
  { session, nowMs }: { readonly session: Session; readonly nowMs: number },
): unknown {
  const currentTime = dateTimeOf(nowMs);
  switch (action) {
    case "BootNotification":
      return { status: "Accepted", currentTime, interval: HEARTBEAT_INTERVAL_SECONDS };
    case "Heartbeat":
      return { currentTime };
    case "Authorize":
      return { idTagInfo: { status: "Accepted" } };
    case "StartTransaction":
      return { idTagInfo: { status: "Accepted" }, transactionId: ++session.lastTransactionId };
    case "DataTransfer":
      return { status: "UnknownVendorId" };
    case "SignCertificate":
      return { status: "Accepted" };
    case "StopTransaction":
    case "StatusNotification":
    case "MeterValues":
    case "DiagnosticsStatusNotification":
    case "FirmwareStatusNotification":
    case "LogStatusNotification":
    case "SecurityEventNotification":
    case "SignedFirmwareStatusNotification":
      return {};
    default:
      return chargePointAnswer(action, payload);
  }
}

/** What the tester answers as a Charge Point. */
function chargePointAnswer(action: Action, payload: unknown): unknown {
  switch (action) {
    case "GetConfiguration":
      return configurationOf((payload as Req<"GetConfiguration">).key);
    case "GetLocalListVersion":
      return { listVersion: 0 };
    case "UnlockConnector":
      return { status: "Unlocked" };
    case "GetInstalledCertificateIds":
      return { status: "NotFound" };
    case "GetDiagnostics":
    case "UpdateFirmware":
      return {}; // §6.28: no file name, no diagnostics
    case "GetCompositeSchedule":
      return { status: "Rejected" };
    case "CancelReservation":
    case "CertificateSigned":
    case "ChangeAvailability":
    case "ChangeConfiguration":
    case "ClearCache":
    case "ClearChargingProfile":
    case "DeleteCertificate":
    case "ExtendedTriggerMessage":
    case "GetLog":
    case "InstallCertificate":
    case "RemoteStartTransaction":
    case "RemoteStopTransaction":
    case "ReserveNow":
    case "Reset":
    case "SendLocalList":
    case "SetChargingProfile":
    case "SignedUpdateFirmware":
    case "TriggerMessage":
      return { status: "Accepted" };
    default:
      return undefined;
  }
}

/** Spec: OCPP 1.6 §5.8; without keys: all of them. */
function configurationOf(keys: readonly string[] | undefined): Conf<"GetConfiguration"> {
  const asked = keys === undefined || keys.length === 0 ? Object.keys(CONFIGURATION) : keys;
  const known = asked.flatMap((key) => {
    const entry = CONFIGURATION[key];
    return entry === undefined ? [] : [{ key, value: entry[0], readonly: entry[1] }];
  });
  const unknownKey = asked.filter((key) => CONFIGURATION[key] === undefined);
  return {
    ...(known.length === 0 ? {} : { configurationKey: known }),
    ...(unknownKey.length === 0 ? {} : { unknownKey }),
  };
}
