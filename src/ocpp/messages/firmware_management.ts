/**
 * Payloads of the FirmwareManagement profile.
 *
 * Units: `retryInterval` in seconds; `retries` counts repeats, the first try not among them.
 * Spec: OCPP 1.6 §4.4–4.5, §5.7, §5.19; §6.17–20, §6.25–26, §6.55–56.
 */
import * as z from "zod";
import { DateTime, empty, text } from "../types.ts";

/** A URL. Its form is advisory: validators disagree about unusual characters. */
const Uri = z.string();

export const DiagnosticsStatus = z.enum(["Idle", "Uploaded", "UploadFailed", "Uploading"]);
export type DiagnosticsStatus = z.infer<typeof DiagnosticsStatus>;

export const DiagnosticsStatusNotificationReq = z.strictObject({ status: DiagnosticsStatus });
export const DiagnosticsStatusNotificationConf = empty();

export const FirmwareStatus = z.enum([
  "Downloaded",
  "DownloadFailed",
  "Downloading",
  "Idle",
  "InstallationFailed",
  "Installing",
  "Installed",
]);
export type FirmwareStatus = z.infer<typeof FirmwareStatus>;

export const FirmwareStatusNotificationReq = z.strictObject({ status: FirmwareStatus });
export const FirmwareStatusNotificationConf = empty();

/** `location` is the folder to upload to. */
export const GetDiagnosticsReq = z.strictObject({
  location: Uri,
  retries: z.int().optional(),
  retryInterval: z.int().optional(),
  startTime: DateTime.optional(),
  stopTime: DateTime.optional(),
});
/** Without a `fileName` there is nothing to upload. */
export const GetDiagnosticsConf = z.strictObject({ fileName: text(255).optional() });

export const UpdateFirmwareReq = z.strictObject({
  location: Uri,
  retries: z.int().optional(),
  retrieveDate: DateTime,
  retryInterval: z.int().optional(),
});
export const UpdateFirmwareConf = empty();
