/**
 * Payloads of the Core profile: `…Req` in the Call, `…Conf` in its CallResult.
 *
 * They mirror the official JSON schemas; what only the text demands stands in `field_rule.ts`.
 * Spec: OCPP 1.6 §6, one section a message; behaviour §4 (Charge Point) and §5 (Central System).
 */
import * as z from "zod";
import { ChargingProfile } from "../charging_profile.ts";
import { MeterValue } from "../meter_value.ts";
import {
  ChargePointErrorCode,
  ChargePointStatus,
  DateTime,
  empty,
  IdTagInfo,
  IdToken,
  Reason,
  RegistrationStatus,
  text,
} from "../types.ts";

export const AuthorizeReq = z.strictObject({ idTag: IdToken });
export const AuthorizeConf = z.strictObject({ idTagInfo: IdTagInfo });

export const BootNotificationReq = z.strictObject({
  chargePointVendor: text(20),
  chargePointModel: text(20),
  chargePointSerialNumber: text(25).optional(),
  chargeBoxSerialNumber: text(25).optional(),
  firmwareVersion: text(50).optional(),
  iccid: text(20).optional(),
  imsi: text(20).optional(),
  meterType: text(25).optional(),
  meterSerialNumber: text(25).optional(),
});
/** Units: `interval` in seconds, of heartbeats when Accepted, else until the next BootNotification. */
export const BootNotificationConf = z.strictObject({
  status: RegistrationStatus,
  currentTime: DateTime,
  interval: z.int(),
});

export const ChangeAvailabilityReq = z.strictObject({
  connectorId: z.int(),
  type: z.enum(["Inoperative", "Operative"]),
});
export const ChangeAvailabilityConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "Scheduled"]),
});

export const ChangeConfigurationReq = z.strictObject({ key: text(50), value: text(500) });
export const ChangeConfigurationConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "RebootRequired", "NotSupported"]),
});

export const ClearCacheReq = empty();
export const ClearCacheConf = z.strictObject({ status: z.enum(["Accepted", "Rejected"]) });

/** `data` is a text of no fixed form or length. */
export const DataTransferReq = z.strictObject({
  vendorId: text(255),
  messageId: text(50).optional(),
  data: z.string().optional(),
});
export const DataTransferConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]),
  data: z.string().optional(),
});

export const GetConfigurationReq = z.strictObject({ key: z.array(text(50)).optional() });
export const KeyValue = z.strictObject({
  key: text(50),
  readonly: z.boolean(),
  value: text(500).optional(),
});
export const GetConfigurationConf = z.strictObject({
  configurationKey: z.array(KeyValue).optional(),
  unknownKey: z.array(text(50)).optional(),
});

export const HeartbeatReq = empty();
export const HeartbeatConf = z.strictObject({ currentTime: DateTime });

export const MeterValuesReq = z.strictObject({
  connectorId: z.int(),
  transactionId: z.int().optional(),
  meterValue: z.array(MeterValue),
});
export const MeterValuesConf = empty();

export const RemoteStartTransactionReq = z.strictObject({
  connectorId: z.int().optional(),
  idTag: IdToken,
  chargingProfile: ChargingProfile.optional(),
});
export const RemoteStartTransactionConf = z.strictObject({ status: z.enum(["Accepted", "Rejected"]) });

export const RemoteStopTransactionReq = z.strictObject({ transactionId: z.int() });
export const RemoteStopTransactionConf = z.strictObject({ status: z.enum(["Accepted", "Rejected"]) });

export const ResetReq = z.strictObject({ type: z.enum(["Hard", "Soft"]) });
export const ResetConf = z.strictObject({ status: z.enum(["Accepted", "Rejected"]) });

/** Units: `meterStart` in Wh, the register of the connector. */
export const StartTransactionReq = z.strictObject({
  connectorId: z.int(),
  idTag: IdToken,
  meterStart: z.int(),
  reservationId: z.int().optional(),
  timestamp: DateTime,
});
export const StartTransactionConf = z.strictObject({ idTagInfo: IdTagInfo, transactionId: z.int() });

export const StatusNotificationReq = z.strictObject({
  connectorId: z.int(),
  errorCode: ChargePointErrorCode,
  info: text(50).optional(),
  status: ChargePointStatus,
  timestamp: DateTime.optional(),
  vendorId: text(255).optional(),
  vendorErrorCode: text(50).optional(),
});
export const StatusNotificationConf = empty();

/** Units: `meterStop` in Wh. `reason` absent means `Local`. */
export const StopTransactionReq = z.strictObject({
  idTag: IdToken.optional(),
  meterStop: z.int(),
  timestamp: DateTime,
  transactionId: z.int(),
  reason: Reason.optional(),
  transactionData: z.array(MeterValue).optional(),
});
export const StopTransactionConf = z.strictObject({ idTagInfo: IdTagInfo.optional() });

export const UnlockConnectorReq = z.strictObject({ connectorId: z.int() });
export const UnlockConnectorConf = z.strictObject({
  status: z.enum(["Unlocked", "UnlockFailed", "NotSupported"]),
});
