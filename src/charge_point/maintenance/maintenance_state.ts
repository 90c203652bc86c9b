/**
 * What a Charge Point remembers of its jobs, logs and firmware.
 *
 * Plain immutable data: a change is a new record, so that Charge Points to which nothing happened share one.
 * Units: instants ending in `AtMs` are real time; the timestamps of logs are simulated, as those of payloads are.
 */
import type { Call } from "../../ocpp/frame.ts";
import type { Req } from "../../ocpp/registry.ts";
import type { FirmwareStatus } from "../../ocpp/messages/firmware_management.ts";
import type { SignedFirmwareStatus } from "../../ocpp/messages/security.ts";
import type { Job } from "../job.ts";

/** Everything of this kind. What is not marked otherwise outlives a restart. */
export interface MaintenanceState {
  /** Jobs under way; lost by a restart. */
  readonly jobs: readonly RunningJob[];
  /** Numbers jobs. */
  readonly jobsStarted: number;
  /** At most one for each of the two Calls that ask for a log. */
  readonly uploads: readonly LogUpload[];
  readonly firmware: Firmware;
  readonly securityLog: readonly SecurityLogEntry[];
}

/** A job that somebody does for the Charge Point. */
export interface RunningJob {
  readonly jobId: number;
  readonly kind: Job["kind"];
  readonly purpose: JobPurpose;
  /** The Call that is answered when the job is done. */
  readonly call: Call | undefined;
}

/** What a job is for. */
export type JobPurpose =
  | { readonly kind: "upload"; readonly request: LogUpload["request"] }
  | { readonly kind: "firmware" }
  | { readonly kind: "signingRequest" }
  /** The validity of the Charge Point certificate that it was delivered with. */
  | { readonly kind: "ownCertificate" }
  | AnsweringPurpose;

/** What a job is for whose result is needed to answer a Call. */
export type AnsweringPurpose =
  | { readonly kind: "signedUpdate"; readonly req: Req<"SignedUpdateFirmware"> }
  | { readonly kind: "installCertificate"; readonly req: Req<"InstallCertificate"> }
  | { readonly kind: "certificateSigned"; readonly req: Req<"CertificateSigned">; readonly atMs: number }
  /** A root certificate that nobody has read so far; the Call is handled anew afterwards. */
  | { readonly kind: "readRoot"; readonly pem: string };

/** A log on its way to a file server. Instants of the range: the log's own. */
export interface LogUpload {
  readonly request: "GetDiagnostics" | "GetLog";
  /** Of a GetLog. */
  readonly requestId: number | undefined;
  readonly logType: "DiagnosticsLog" | "SecurityLog";
  readonly url: string;
  readonly fileName: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Tries that are left after the one under way or due. */
  readonly retriesLeft: number;
  readonly retryIntervalMs: number;
  readonly phase: "waiting" | "uploading";
  /** While waiting: when the next try is due. */
  readonly notBeforeMs: number;
  /** Whether the Central System was told of the beginning. */
  readonly isTold: boolean;
}

/** The firmware, and its update under way. */
export interface Firmware {
  /** What an update brought; until then that of the description. */
  readonly version: string | undefined;
  readonly update: FirmwareUpdate | undefined;
  /** The last SignedFirmwareStatusNotification. */
  readonly lastSigned:
    | { readonly status: SignedFirmwareStatus; readonly requestId: number }
    | undefined;
}

/** An update of the firmware, step by step. */
export interface FirmwareUpdate {
  /** `undefined`: by UpdateFirmware, which knows neither signature nor requestId. */
  readonly signed: SignedFirmware | undefined;
  readonly location: string;
  readonly installAtMs: number;
  readonly retriesLeft: number;
  readonly retryIntervalMs: number;
  /**
   * `scheduled`: the download is due at `notBeforeMs` · `waitingToInstall`: for `installAtMs`, then for the end of
   * transactions · `installing`: until `notBeforeMs` · `restarting`: the new firmware is in place ·
   * `restarted`: it runs, and the Central System has not accepted its boot yet.
   */
  readonly phase:
    | "scheduled"
    | "downloading"
    | "verifying"
    | "waitingToInstall"
    | "installing"
    | "restarting"
    | "restarted";
  readonly notBeforeMs: number;
  /** Whether connectors are kept from new transactions until the installation is over. */
  readonly isHolding: boolean;
  /** Of the firmware that was downloaded. */
  readonly newVersion: string | undefined;
  /** The last status that the Central System was told of it. */
  readonly status: FirmwareStatus | SignedFirmwareStatus | undefined;
}

/** What SignedUpdateFirmware gives besides. */
export interface SignedFirmware {
  readonly requestId: number;
  readonly signingCertificate: string;
  readonly signature: string;
}

/** One line of the security log. */
export interface SecurityLogEntry {
  readonly atSimulatedMs: number;
  readonly type: string;
  readonly techInfo: string | undefined;
}

/** Of a Charge Point that has just been built. */
export const INITIAL_MAINTENANCE: MaintenanceState = {
  jobs: [],
  jobsStarted: 0,
  uploads: [],
  firmware: { version: undefined, update: undefined, lastSigned: undefined },
  securityLog: [],
};
