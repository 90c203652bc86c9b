/**
 * A log on its way to a file server: tries, retries, and what the Central System is told.
 *
 * Rules: `Uploading` is told once, with the first try; the outcome once, when no try is left or none would help. A
 * restart breaks the upload off; it begins anew once the Central System has answered the boot, at the cost of no try.
 * Spec: OCPP 1.6 §4.4, §5.7; Security, GetLog and LogStatusNotification.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { UploadLogStatus } from "../../ocpp/messages/security.ts";
import { fileNameText, locationFault } from "./file_location.ts";
import { cancelJobs, startJob } from "../job_ledger.ts";
import type { JobResult, TransferOutcome } from "../job.ts";
import { logLines } from "./log_book.ts";
import type { LogUpload } from "./maintenance_state.ts";
import { takeOrderedFailure } from "./ordered_failure.ts";
import { type ChargePointState, emit, simulatedNowMs, type Turn } from "../state.ts";
import { queueNotice } from "../transaction/transaction_queue.ts";

/** What a Call asks for. */
export type LogRequest = Pick<LogUpload, "request" | "requestId" | "logType" | "url" | "fromMs" | "toMs"> & {
  readonly retries: number | undefined;
  readonly retryIntervalSeconds: number | undefined;
};

/** The wait before a retry where the Central System leaves it to us. Units: s. */
export const RETRY_INTERVAL_SECONDS = 30;

/** The upload that a Call asks for; `undefined` where the log has nothing for it. */
export function planUpload(turn: Turn, request: LogRequest): LogUpload | undefined {
  if (logLines(turn.state, request).length === 0) return undefined;
  const { retries, retryIntervalSeconds, ...rest } = request;
  return {
    ...rest,
    fileName: fileNameOf(turn, request.logType),
    ...retriesOf({ retries, retryIntervalSeconds }),
    phase: "waiting",
    notBeforeMs: turn.nowMs,
    isTold: false,
  };
}

/** Bounded below: a Central System may send anything. */
export function retriesOf(
  { retries, retryIntervalSeconds }: {
    retries: number | undefined;
    retryIntervalSeconds: number | undefined;
  },
): { retriesLeft: number; retryIntervalMs: number } {
  return {
    retriesLeft: Math.max(0, retries ?? 0),
    retryIntervalMs: Math.max(1, retryIntervalSeconds ?? RETRY_INTERVAL_SECONDS) * 1_000,
  };
}

function fileNameOf(turn: Turn, logType: LogUpload["logType"]): string {
  const kind = logType === "DiagnosticsLog" ? "diagnostics" : "security";
  const time = dateTimeOf(simulatedNowMs(turn)).replaceAll(/[-:]|\.\d+/g, "");
  return `${kind}-${fileNameText(turn.state.options.identity)}-${time}.log.gz`;
}

/** The upload for one of the two Calls, if one is under way. */
export function uploadOf(state: ChargePointState, request: LogUpload["request"]): LogUpload | undefined {
  return state.maintenance.uploads.find((upload) => upload.request === request);
}

/** Begins an upload; one for the same Call is given up. */
export function beginUpload(turn: Turn, upload: LogUpload): void {
  cancelJobs(turn, ({ purpose }) => purpose.kind === "upload" && purpose.request === upload.request);
  setUpload(turn, upload.request, upload);
}

/** Takes the next step of every upload when it is time. */
export function uploadsIfDue(turn: Turn): void {
  if (turn.nowMs < uploadsDeadlineMs(turn.state)) return;
  for (const upload of turn.state.maintenance.uploads) {
    if (upload.phase === "waiting" && turn.nowMs >= upload.notBeforeMs) tryUpload(turn, upload);
  }
}

/** When the next try is due. */
export function uploadsDeadlineMs(state: ChargePointState): number {
  const { uploads } = state.maintenance;
  if (uploads.length === 0 || !isAtWork(state)) return Infinity;
  return Math.min(
    ...uploads.map(({ phase, notBeforeMs }) => phase === "waiting" ? notBeforeMs : Infinity),
  );
}

/** Whether the Charge Point has started so far that it can see to files: the Central System knows that it is there. */
export function isAtWork({ isPowered, restart, boot }: ChargePointState): boolean {
  return isPowered && restart === undefined && boot.registration !== undefined;
}

function tryUpload(turn: Turn, upload: LogUpload): void {
  const { request, url, fileName } = upload;
  const next: LogUpload = { ...upload, phase: "uploading", isTold: true };
  setUpload(turn, request, next);
  if (!upload.isTold) tell(turn, next, "Uploading");
  const fault = locationFault(url, turn.state.configuration);
  if (fault !== undefined) return tryEnded(turn, next, fault);
  if (takeOrderedFailure(turn.state, "upload")) {
    return tryEnded(turn, next, { status: "failed", message: "failed on order" });
  }
  const lines = logLines(turn.state, upload);
  startJob(turn, { kind: "upload", url, fileName, lines }, { kind: "upload", request });
}

/** A try is over. */
export function uploadDone(
  turn: Turn,
  request: LogUpload["request"],
  { outcome }: Extract<JobResult, { kind: "upload" }>,
): void {
  const upload = uploadOf(turn.state, request);
  if (upload?.phase === "uploading") tryEnded(turn, upload, outcome);
}

function tryEnded(turn: Turn, upload: LogUpload, { status, message }: TransferOutcome): void {
  const { request, retriesLeft, retryIntervalMs } = upload;
  if (status !== "done" && retriesLeft > 0 && mayHelp(status)) {
    const notBeforeMs = turn.nowMs + retryIntervalMs;
    return setUpload(turn, request, {
      ...upload,
      phase: "waiting",
      retriesLeft: retriesLeft - 1,
      notBeforeMs,
    });
  }
  setUpload(turn, request, undefined);
  tell(turn, upload, LOG_STATUS[status], message);
}

/** Whether trying again may have another outcome. */
export function mayHelp(status: TransferOutcome["status"]): boolean {
  return status !== "badUrl" && status !== "notSupported" && status !== "tooLarge";
}

const LOG_STATUS: Readonly<Record<TransferOutcome["status"], UploadLogStatus>> = {
  done: "Uploaded",
  unreachable: "UploadFailure",
  permissionDenied: "PermissionDenied",
  notFound: "UploadFailure",
  notSupported: "NotSupportedOperation",
  badUrl: "BadMessage",
  tooLarge: "UploadFailure",
  failed: "UploadFailure",
};

function tell(turn: Turn, upload: LogUpload, status: UploadLogStatus, detail = ""): void {
  const { request, requestId, fileName } = upload;
  emit(turn, { kind: "logUpload", request, fileName, status, detail });
  if (request === "GetLog") {
    const payload = { status, ...(requestId === undefined ? {} : { requestId }) };
    return queueNotice(turn, { action: "LogStatusNotification", payload });
  }
  const isGood = status === "Uploading" || status === "Uploaded";
  const payload = { status: isGood ? status : "UploadFailed" } as const;
  queueNotice(turn, { action: "DiagnosticsStatusNotification", payload });
}

function setUpload({ state }: Turn, request: LogUpload["request"], upload: LogUpload | undefined): void {
  const others = state.maintenance.uploads.filter((other) => other.request !== request);
  const uploads = upload === undefined ? others : [...others, upload];
  state.maintenance = { ...state.maintenance, uploads };
}
