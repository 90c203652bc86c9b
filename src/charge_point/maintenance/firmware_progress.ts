/**
 * An update of the firmware, from the moment that it was asked for until the new firmware has told of itself.
 *
 * Steps: download at its time, with retries → for a signed one the signature → its time of installation → no transaction
 * left; idle connectors are Unavailable meanwhile → installing → restart → BootNotification with the new version →
 * `Installed`. A restart in between breaks a download, a check or an installation off; each begins anew afterwards.
 * Spec: OCPP 1.6 §4.5, §5.19, §7.25; Security §5, SignedUpdateFirmware and SignedFirmwareStatusNotification.
 */
import { FirmwareStatus } from "../../ocpp/messages/firmware_management.ts";
import type { SignedFirmwareStatus } from "../../ocpp/messages/security.ts";
import { InvariantError } from "../../rpc/invariant.ts";
import { firmwareVersionOf } from "../link/boot.ts";
import { cancelSession, startIfReady } from "../session/charging_session.ts";
import { updateStatus } from "../session/connector_status.ts";
import { locationFault, versionOf } from "./file_location.ts";
import { cancelJobs, startJob } from "../job_ledger.ts";
import type { JobResult, TransferOutcome } from "../job.ts";
import { isAtWork, mayHelp } from "./log_upload.ts";
import type { FirmwareUpdate } from "./maintenance_state.ts";
import { takeOrderedFailure } from "./ordered_failure.ts";
import { reset } from "../storage/reset.ts";
import { securityEvent } from "../security/security_event.ts";
import { type ChargePointState, connectorsOf, emit, isOnline, type Turn } from "../state.ts";
import { queueNotice } from "../transaction/transaction_queue.ts";

/** How long an installation takes. */
export const INSTALLATION_SECONDS = 10;

/** The update under way. */
export function updateOf({ maintenance }: ChargePointState): FirmwareUpdate | undefined {
  return maintenance.firmware.update;
}

/** Whether it is too late to give an update up. */
export function isBeyondRecall(update: FirmwareUpdate): boolean {
  return update.phase === "installing" || update.phase === "restarting" || update.phase === "restarted";
}

/** Begins an update; one under way is given up without a word, for there is no status that says so. */
export function beginUpdate(turn: Turn, update: FirmwareUpdate): void {
  cancelJobs(turn, ({ purpose }) => purpose.kind === "firmware");
  const isHeld = updateOf(turn.state)?.isHolding === true;
  setUpdate(turn, update);
  if (isHeld) releaseConnectors(turn);
  if (update.signed !== undefined && turn.nowMs < update.notBeforeMs) tell(turn, "DownloadScheduled");
}

/** Takes every step that is due. */
export function firmwareIfDue(turn: Turn): void {
  if (turn.nowMs < firmwareDeadlineMs(turn.state)) return;
  switch (updateOf(turn.state)?.phase) {
    case "scheduled":
      return download(turn);
    case "waitingToInstall":
      return prepareInstallation(turn);
    case "installing":
      return finishInstallation(turn);
    case "restarting":
      return installationFailed(turn, "the restart failed");
    case "restarted":
      return tellInstalled(turn);
  }
}

/** When the next step is due; `Infinity` while it waits for somebody. */
export function firmwareDeadlineMs(state: ChargePointState): number {
  const update = updateOf(state);
  if (update === undefined || !isAtWork(state)) return Infinity;
  switch (update.phase) {
    case "scheduled":
    case "installing":
      return update.notBeforeMs;
    case "waitingToInstall":
      if (!update.isHolding) return update.installAtMs;
      return isCharging(state) ? Infinity : 0;
    case "restarting":
      return 0; // nothing restarts any more: the restart has failed
    case "restarted":
      return isOnline(state) ? 0 : Infinity;
    case "downloading":
    case "verifying":
      return Infinity;
  }
}

function isCharging(state: ChargePointState): boolean {
  return connectorsOf(state).some(({ transaction }) => transaction !== undefined);
}

function download(turn: Turn): void {
  const update = change(turn, { phase: "downloading" });
  // A retry, or what a restart broke off, is not told again.
  if (update.status !== "Downloading") tell(turn, "Downloading");
  const fault = locationFault(update.location, turn.state.configuration);
  if (fault !== undefined) return downloadFailed(turn, fault);
  if (takeOrderedFailure(turn.state, "download")) {
    return downloadFailed(turn, { status: "failed", message: "failed on order" });
  }
  startJob(turn, { kind: "download", url: update.location }, { kind: "firmware" });
}

/** The download has ended. */
export function downloadDone(turn: Turn, { outcome, file }: Extract<JobResult, { kind: "download" }>): void {
  const update = updateOf(turn.state);
  if (update?.phase !== "downloading") return;
  if (outcome.status !== "done" || file === undefined) return downloadFailed(turn, outcome);
  const newVersion = versionOf({
    head: file.head,
    sizeBytes: file.sizeBytes,
    location: update.location,
    present: firmwareVersionOf(turn.state),
  });
  const { signed } = update;
  tell(turn, "Downloaded");
  if (signed === undefined) {
    change(turn, { phase: "waitingToInstall", newVersion });
    return;
  }
  change(turn, { phase: "verifying", newVersion });
  if (takeOrderedFailure(turn.state, "signatureVerification")) {
    return signatureChecked(turn, { isValid: false, reason: "failed on order" });
  }
  const { signingCertificate, signature } = signed;
  const { fileId } = file;
  startJob(turn, { kind: "verifyFirmware", fileId, signingCertificate, signature }, { kind: "firmware" });
}

function downloadFailed(turn: Turn, { status, message }: TransferOutcome): void {
  const update = updateOf(turn.state);
  if (update === undefined) return;
  if (update.retriesLeft > 0 && mayHelp(status)) {
    const { retriesLeft, retryIntervalMs } = update;
    change(turn, {
      phase: "scheduled",
      retriesLeft: retriesLeft - 1,
      notBeforeMs: turn.nowMs + retryIntervalMs,
    });
    return;
  }
  tell(turn, "DownloadFailed", message);
  setUpdate(turn, undefined);
}

/** The signature was checked. */
export function signatureChecked(turn: Turn, result: { isValid: boolean; reason: string }): void {
  const update = updateOf(turn.state);
  if (update?.phase !== "verifying") return;
  if (!result.isValid) {
    tell(turn, "InvalidSignature", result.reason);
    setUpdate(turn, undefined);
    return securityEvent(turn, "InvalidFirmwareSignature", result.reason);
  }
  tell(turn, "SignatureVerified");
  change(turn, { phase: "waitingToInstall" });
  if (turn.nowMs < update.installAtMs) tell(turn, "InstallScheduled");
}

/** The time of installation has come: no new transaction may start; with none running it begins. */
function prepareInstallation(turn: Turn): void {
  const { state } = turn;
  if (updateOf(state)?.isHolding !== true) {
    change(turn, { isHolding: true });
    for (const connector of connectorsOf(state)) cancelSession(turn, connector);
  }
  if (isCharging(state)) return;
  tell(turn, "Installing");
  change(turn, { phase: "installing", notBeforeMs: turn.nowMs + INSTALLATION_SECONDS * 1_000 });
}

function finishInstallation(turn: Turn): void {
  if (takeOrderedFailure(turn.state, "installation")) return installationFailed(turn, "failed on order");
  if (updateOf(turn.state)?.newVersion === undefined) {
    return installationFailed(turn, "the file is no firmware image");
  }
  change(turn, { phase: "restarting" });
  tell(turn, "InstallRebooting");
  reset(turn, "Soft");
}

function installationFailed(turn: Turn, reason: string): void {
  tell(turn, "InstallationFailed", reason);
  setUpdate(turn, undefined);
  releaseConnectors(turn);
}

function tellInstalled(turn: Turn): void {
  const version = firmwareVersionOf(turn.state);
  tell(turn, "Installed");
  setUpdate(turn, undefined);
  securityEvent(turn, "FirmwareUpdated", version === undefined ? undefined : `version ${version}`);
}

function releaseConnectors(turn: Turn): void {
  for (const connector of connectorsOf(turn.state)) {
    updateStatus(turn, connector);
    startIfReady(turn, connector);
  }
}

/** Tells a step; of those that only a signed update has, a plain one says nothing. */
function tell(turn: Turn, status: SignedFirmwareStatus, detail = ""): void {
  const { state } = turn;
  const update = updateOf(state);
  if (update === undefined) return;
  const { signed } = update;
  if (signed !== undefined) {
    const { requestId } = signed;
    const { firmware } = state.maintenance;
    state.maintenance = {
      ...state.maintenance,
      firmware: { ...firmware, lastSigned: { status, requestId } },
    };
    queueNotice(turn, { action: "SignedFirmwareStatusNotification", payload: { status, requestId } });
  } else {
    const plain = FirmwareStatus.safeParse(status);
    if (!plain.success) return;
    queueNotice(turn, { action: "FirmwareStatusNotification", payload: { status: plain.data } });
  }
  change(turn, { status });
  emit(turn, { kind: "firmware", status, detail });
}

function change(turn: Turn, changes: Partial<FirmwareUpdate>): FirmwareUpdate {
  const update = updateOf(turn.state);
  if (update === undefined) throw new InvariantError("there is no firmware update to change");
  const next = { ...update, ...changes };
  setUpdate(turn, next);
  return next;
}

function setUpdate({ state }: Turn, update: FirmwareUpdate | undefined): void {
  state.maintenance = {
    ...state.maintenance,
    firmware: { ...state.maintenance.firmware, update },
  };
}
