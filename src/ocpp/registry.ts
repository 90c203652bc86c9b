/**
 * Action to the schemas of its payloads: all 28 of OCPP 1.6 and all 11 of the security white paper.
 */
import type * as z from "zod";
import type { Action } from "./action.ts";
import * as core from "./messages/core.ts";
import * as firmware from "./messages/firmware_management.ts";
import * as localList from "./messages/local_auth_list_management.ts";
import * as remoteTrigger from "./messages/remote_trigger.ts";
import * as reservation from "./messages/reservation.ts";
import * as security from "./messages/security.ts";
import * as smartCharging from "./messages/smart_charging.ts";

/** The two schemas of each Action, by feature profile. */
export const SCHEMAS = {
  Authorize: { req: core.AuthorizeReq, conf: core.AuthorizeConf },
  BootNotification: { req: core.BootNotificationReq, conf: core.BootNotificationConf },
  ChangeAvailability: { req: core.ChangeAvailabilityReq, conf: core.ChangeAvailabilityConf },
  ChangeConfiguration: { req: core.ChangeConfigurationReq, conf: core.ChangeConfigurationConf },
  ClearCache: { req: core.ClearCacheReq, conf: core.ClearCacheConf },
  DataTransfer: { req: core.DataTransferReq, conf: core.DataTransferConf },
  GetConfiguration: { req: core.GetConfigurationReq, conf: core.GetConfigurationConf },
  Heartbeat: { req: core.HeartbeatReq, conf: core.HeartbeatConf },
  MeterValues: { req: core.MeterValuesReq, conf: core.MeterValuesConf },
  RemoteStartTransaction: { req: core.RemoteStartTransactionReq, conf: core.RemoteStartTransactionConf },
  RemoteStopTransaction: { req: core.RemoteStopTransactionReq, conf: core.RemoteStopTransactionConf },
  Reset: { req: core.ResetReq, conf: core.ResetConf },
  StartTransaction: { req: core.StartTransactionReq, conf: core.StartTransactionConf },
  StatusNotification: { req: core.StatusNotificationReq, conf: core.StatusNotificationConf },
  StopTransaction: { req: core.StopTransactionReq, conf: core.StopTransactionConf },
  UnlockConnector: { req: core.UnlockConnectorReq, conf: core.UnlockConnectorConf },
  DiagnosticsStatusNotification: {
    req: firmware.DiagnosticsStatusNotificationReq,
    conf: firmware.DiagnosticsStatusNotificationConf,
  },
  FirmwareStatusNotification: {
    req: firmware.FirmwareStatusNotificationReq,
    conf: firmware.FirmwareStatusNotificationConf,
  },
  GetDiagnostics: { req: firmware.GetDiagnosticsReq, conf: firmware.GetDiagnosticsConf },
  UpdateFirmware: { req: firmware.UpdateFirmwareReq, conf: firmware.UpdateFirmwareConf },
  GetLocalListVersion: { req: localList.GetLocalListVersionReq, conf: localList.GetLocalListVersionConf },
  SendLocalList: { req: localList.SendLocalListReq, conf: localList.SendLocalListConf },
  CancelReservation: { req: reservation.CancelReservationReq, conf: reservation.CancelReservationConf },
  ReserveNow: { req: reservation.ReserveNowReq, conf: reservation.ReserveNowConf },
  ClearChargingProfile: {
    req: smartCharging.ClearChargingProfileReq,
    conf: smartCharging.ClearChargingProfileConf,
  },
  GetCompositeSchedule: {
    req: smartCharging.GetCompositeScheduleReq,
    conf: smartCharging.GetCompositeScheduleConf,
  },
  SetChargingProfile: {
    req: smartCharging.SetChargingProfileReq,
    conf: smartCharging.SetChargingProfileConf,
  },
  TriggerMessage: { req: remoteTrigger.TriggerMessageReq, conf: remoteTrigger.TriggerMessageConf },
  CertificateSigned: { req: security.CertificateSignedReq, conf: security.CertificateSignedConf },
  DeleteCertificate: { req: security.DeleteCertificateReq, conf: security.DeleteCertificateConf },
  ExtendedTriggerMessage: {
    req: security.ExtendedTriggerMessageReq,
    conf: security.ExtendedTriggerMessageConf,
  },
  GetInstalledCertificateIds: {
    req: security.GetInstalledCertificateIdsReq,
    conf: security.GetInstalledCertificateIdsConf,
  },
  GetLog: { req: security.GetLogReq, conf: security.GetLogConf },
  InstallCertificate: { req: security.InstallCertificateReq, conf: security.InstallCertificateConf },
  LogStatusNotification: { req: security.LogStatusNotificationReq, conf: security.LogStatusNotificationConf },
  SecurityEventNotification: {
    req: security.SecurityEventNotificationReq,
    conf: security.SecurityEventNotificationConf,
  },
  SignCertificate: { req: security.SignCertificateReq, conf: security.SignCertificateConf },
  SignedFirmwareStatusNotification: {
    req: security.SignedFirmwareStatusNotificationReq,
    conf: security.SignedFirmwareStatusNotificationConf,
  },
  SignedUpdateFirmware: { req: security.SignedUpdateFirmwareReq, conf: security.SignedUpdateFirmwareConf },
} as const satisfies Record<Action, { req: z.ZodType; conf: z.ZodType }>;

/** The payload of a Call, e.g. `Req<"StartTransaction">`. */
export type Req<A extends Action> = z.infer<(typeof SCHEMAS)[A]["req"]>;

/** The payload of the CallResult that answers it, e.g. `Conf<"StartTransaction">`. */
export type Conf<A extends Action> = z.infer<(typeof SCHEMAS)[A]["conf"]>;
