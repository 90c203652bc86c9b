/**
 * What each of the 26 Calls of a Central System is for, in a line, with a payload as it is typed.
 *
 * The examples are held against the schemas by a test.
 */
import { type Action, ACTIONS, maySend } from "../../ocpp/action.ts";

/** One Action for people. */
export interface ActionGuide {
  readonly summary: string;
  /** Arguments after the Action. */
  readonly example: readonly string[];
}

const guide = (summary: string, ...example: readonly string[]): ActionGuide => ({ summary, example });

const GUIDES: { readonly [A in Action]?: ActionGuide } = {
  ChangeAvailability: guide(
    "take a connector out of service, or back into it",
    "connectorId=1",
    "type=Inoperative",
  ),
  ChangeConfiguration: guide("set a configuration key", "key=HeartbeatInterval", "value=300"),
  ClearCache: guide("forget the idTags of the Authorization Cache"),
  DataTransfer: guide("something of a vendor's own", "vendorId=com.example", "messageId=Hello", "data=World"),
  GetConfiguration: guide(
    "read configuration keys: those named, or all",
    "key=HeartbeatInterval",
    "key=NumberOfConnectors",
  ),
  RemoteStartTransaction: guide("start a transaction", "idTag=TAG001", "connectorId=1"),
  RemoteStopTransaction: guide("stop a transaction", "transactionId=1"),
  Reset: guide("restart the Charge Point", "type=Soft"),
  UnlockConnector: guide("let go of a cable", "connectorId=1"),
  GetDiagnostics: guide("have a diagnostics file uploaded", "location=ftp://files.example/diagnostics/"),
  UpdateFirmware: guide(
    "download and install firmware",
    ...["location=https://files.example/firmware.bin", "retrieveDate=now"],
  ),
  GetLocalListVersion: guide("which version its Local Authorization List has"),
  SendLocalList: guide(
    "replace or change the Local Authorization List",
    ...["listVersion=1", "updateType=Full", "localAuthorizationList.0.idTag=TAG001"],
    "localAuthorizationList.0.idTagInfo.status=Accepted",
  ),
  CancelReservation: guide("give a reservation up", "reservationId=1"),
  ReserveNow: guide(
    "keep a connector for an idTag",
    ...["connectorId=1", "idTag=TAG001", "reservationId=1", "expiryDate=+1h"],
  ),
  ClearChargingProfile: guide("remove charging profiles: those that fit, or all", "id=1"),
  GetCompositeSchedule: guide("what all charging profiles together allow", "connectorId=1", "duration=3600"),
  SetChargingProfile: guide(
    "limit power or current over time",
    ...["connectorId=1", "csChargingProfiles.chargingProfileId=1", "csChargingProfiles.stackLevel=0"],
    ...["csChargingProfiles.chargingProfilePurpose=TxDefaultProfile"],
    ...["csChargingProfiles.chargingProfileKind=Absolute"],
    ...["csChargingProfiles.chargingSchedule.chargingRateUnit=A"],
    ...["csChargingProfiles.chargingSchedule.startSchedule=now"],
    ...["csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.startPeriod=0"],
    ...["csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=16"],
  ),
  TriggerMessage: guide("have a message sent now", "requestedMessage=StatusNotification", "connectorId=1"),
  CertificateSigned: guide("give it the certificate that it asked for", "certificateChain=@chain.pem"),
  DeleteCertificate: guide(
    "remove a root certificate",
    ...["certificateHashData.hashAlgorithm=SHA256", "certificateHashData.issuerNameHash=31A0"],
    ...["certificateHashData.issuerKeyHash=9C3F", "certificateHashData.serialNumber=04"],
  ),
  ExtendedTriggerMessage: guide(
    "have a message of the security extension sent now",
    "requestedMessage=SignChargePointCertificate",
  ),
  GetInstalledCertificateIds: guide(
    "which root certificates it has",
    "certificateType=CentralSystemRootCertificate",
  ),
  GetLog: guide(
    "have a log uploaded",
    ...["logType=SecurityLog", "requestId=1", "log.remoteLocation=https://files.example/logs/"],
  ),
  InstallCertificate: guide(
    "give it a root certificate",
    ...["certificateType=CentralSystemRootCertificate", "certificate=@root.pem"],
  ),
  SignedUpdateFirmware: guide(
    "download, verify and install signed firmware",
    ...["requestId=1", "firmware.location=https://files.example/firmware.bin"],
    ...["firmware.retrieveDateTime=now", "firmware.signingCertificate=@signing.pem"],
    "firmware.signature=@firmware.sig.base64",
  ),
};

/** The Actions that a Central System sends, by feature profile. */
export const CALL_ACTIONS: readonly Action[] = (Object.keys(ACTIONS) as Action[])
  .filter((action) => maySend("centralSystem", action));

/** What is told of an Action; of one that a Central System does not send, nothing. */
export function guideOf(action: Action): ActionGuide | undefined {
  return GUIDES[action];
}
