/**
 * Action to the schemas of its payloads. An Action that is missing here is known (`action.ts`) but not
 * supported by this program yet.
 */
import * as z from "zod";
import * as core from "./messages/core.ts";
import * as remoteTrigger from "./messages/remote_trigger.ts";

/** The two schemas of each supported Action. */
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
  TriggerMessage: { req: remoteTrigger.TriggerMessageReq, conf: remoteTrigger.TriggerMessageConf },
  UnlockConnector: { req: core.UnlockConnectorReq, conf: core.UnlockConnectorConf },
} as const;

/** An Action whose payloads have schemas here. */
export type SupportedAction = keyof typeof SCHEMAS;

/** The payload of a Call, e.g. `Req<"StartTransaction">`. */
export type Req<A extends SupportedAction> = z.infer<(typeof SCHEMAS)[A]["req"]>;

/** The payload of the CallResult that answers it, e.g. `Conf<"StartTransaction">`. */
export type Conf<A extends SupportedAction> = z.infer<(typeof SCHEMAS)[A]["conf"]>;

/** Whether this program has schemas for the Action. */
export function isSupported(action: string): action is SupportedAction {
  return Object.hasOwn(SCHEMAS, action);
}
