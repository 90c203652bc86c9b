/**
 * Payloads of the security white paper's eleven messages.
 *
 * Certificates and signing requests are PEM; hashes and serial numbers are hex; `signature` is Base64.
 * Spec: Security (edition 3), one section a message.
 */
import * as z from "zod";
import { DateTime, empty, text } from "../types.ts";

const Pem = text(5500);
const GenericStatus = z.enum(["Accepted", "Rejected"]);

export const CertificateUse = z.enum(["CentralSystemRootCertificate", "ManufacturerRootCertificate"]);
export type CertificateUse = z.infer<typeof CertificateUse>;

/** Names a certificate as OCSP does (RFC 6960). */
export const CertificateHashData = z.strictObject({
  hashAlgorithm: z.enum(["SHA256", "SHA384", "SHA512"]),
  issuerNameHash: text(128),
  issuerKeyHash: text(128),
  serialNumber: text(40),
});
export type CertificateHashData = z.infer<typeof CertificateHashData>;

/** The leaf, mostly followed by the certificates of its sub-CAs. */
export const CertificateSignedReq = z.strictObject({ certificateChain: text(10000) });
export const CertificateSignedConf = z.strictObject({ status: GenericStatus });

export const DeleteCertificateReq = z.strictObject({ certificateHashData: CertificateHashData });
export const DeleteCertificateConf = z.strictObject({ status: z.enum(["Accepted", "Failed", "NotFound"]) });

/** `FirmwareStatusNotification` triggers the signed one. */
export const ExtendedMessageTrigger = z.enum([
  "BootNotification",
  "LogStatusNotification",
  "FirmwareStatusNotification",
  "Heartbeat",
  "MeterValues",
  "SignChargePointCertificate",
  "StatusNotification",
]);
export type ExtendedMessageTrigger = z.infer<typeof ExtendedMessageTrigger>;

export const ExtendedTriggerMessageReq = z.strictObject({
  requestedMessage: ExtendedMessageTrigger,
  connectorId: z.int().optional(),
});
export const ExtendedTriggerMessageConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "NotImplemented"]),
});

export const GetInstalledCertificateIdsReq = z.strictObject({ certificateType: CertificateUse });
export const GetInstalledCertificateIdsConf = z.strictObject({
  certificateHashData: z.array(CertificateHashData).min(1).optional(),
  status: z.enum(["Accepted", "NotFound"]),
});

export const GetLogReq = z.strictObject({
  log: z.strictObject({
    remoteLocation: text(512),
    oldestTimestamp: DateTime.optional(),
    latestTimestamp: DateTime.optional(),
  }),
  logType: z.enum(["DiagnosticsLog", "SecurityLog"]),
  requestId: z.int(),
  retries: z.int().optional(),
  retryInterval: z.int().optional(),
});
/** Spelled `filename` here, `fileName` in GetDiagnostics. */
export const GetLogConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "AcceptedCanceled"]),
  filename: text(255).optional(),
});

export const InstallCertificateReq = z.strictObject({
  certificateType: CertificateUse,
  certificate: Pem,
});
export const InstallCertificateConf = z.strictObject({ status: z.enum(["Accepted", "Failed", "Rejected"]) });

export const UploadLogStatus = z.enum([
  "BadMessage",
  "Idle",
  "NotSupportedOperation",
  "PermissionDenied",
  "Uploaded",
  "UploadFailure",
  "Uploading",
]);
export type UploadLogStatus = z.infer<typeof UploadLogStatus>;

export const LogStatusNotificationReq = z.strictObject({
  status: UploadLogStatus,
  requestId: z.int().optional(),
});
export const LogStatusNotificationConf = empty();

/** `type` is free text: events that the white paper does not name are allowed. */
export const SecurityEventNotificationReq = z.strictObject({
  type: text(50),
  timestamp: DateTime,
  techInfo: text(255).optional(),
});
export const SecurityEventNotificationConf = empty();

export const SignCertificateReq = z.strictObject({ csr: Pem });
export const SignCertificateConf = z.strictObject({ status: GenericStatus });

export const SignedFirmwareStatus = z.enum([
  "Downloaded",
  "DownloadFailed",
  "Downloading",
  "DownloadScheduled",
  "DownloadPaused",
  "Idle",
  "InstallationFailed",
  "Installing",
  "Installed",
  "InstallRebooting",
  "InstallScheduled",
  "InstallVerificationFailed",
  "InvalidSignature",
  "SignatureVerified",
]);
export type SignedFirmwareStatus = z.infer<typeof SignedFirmwareStatus>;

export const SignedFirmwareStatusNotificationReq = z.strictObject({
  status: SignedFirmwareStatus,
  requestId: z.int().optional(),
});
export const SignedFirmwareStatusNotificationConf = empty();

export const SignedUpdateFirmwareReq = z.strictObject({
  retries: z.int().optional(),
  retryInterval: z.int().optional(),
  requestId: z.int(),
  firmware: z.strictObject({
    location: text(512),
    retrieveDateTime: DateTime,
    installDateTime: DateTime.optional(),
    signingCertificate: Pem,
    signature: text(800),
  }),
});
export const SignedUpdateFirmwareConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]),
});
