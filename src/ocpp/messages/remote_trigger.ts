/**
 * Payloads of the RemoteTrigger profile.
 *
 * Spec: OCPP 1.6 §5.17, §6.51–52.
 */
import * as z from "zod";

export const MessageTrigger = z.enum([
  "BootNotification",
  "DiagnosticsStatusNotification",
  "FirmwareStatusNotification",
  "Heartbeat",
  "MeterValues",
  "StatusNotification",
]);
export type MessageTrigger = z.infer<typeof MessageTrigger>;

/** `connectorId` is typed above 0, yet the prose uses 0 for the Charge Point itself: 0 is taken. */
export const TriggerMessageReq = z.strictObject({
  requestedMessage: MessageTrigger,
  connectorId: z.int().optional(),
});
export const TriggerMessageConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "NotImplemented"]),
});
