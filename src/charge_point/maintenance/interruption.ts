/**
 * What a restart or a power cut does to work under way: jobs are broken off, and what they were for goes back to where
 * it can begin anew.
 */
import { cancelJobs } from "../job_ledger.ts";
import type { Firmware, FirmwareUpdate, LogUpload, MaintenanceState } from "./maintenance_state.ts";
import type { Turn } from "../state.ts";

/** The Charge Point goes down: for a restart, or because the mains fail. The link is down already. */
export function interruptWork(turn: Turn): void {
  const { state } = turn;
  cancelJobs(turn, () => true);
  state.maintenance = interrupted(state.maintenance);
  const { security } = state;
  // A request that was not made yet is forgotten; the key of one that was may still get its certificate.
  if (security.signingRequest !== undefined && security.signingRequest.privateKey === undefined) {
    state.security = { ...security, signingRequest: undefined };
  }
}

/** The same work, ready to begin anew. */
export function interrupted(maintenance: MaintenanceState): MaintenanceState {
  const { uploads, firmware } = maintenance;
  const isUploading = uploads.some(({ phase }) => phase === "uploading");
  if (!isUploading && firmware.update === undefined) return maintenance;
  return {
    ...maintenance,
    jobs: [],
    uploads: isUploading ? uploads.map(interruptedUpload) : uploads,
    firmware: interruptedFirmware(firmware),
  };
}

function interruptedUpload(upload: LogUpload): LogUpload {
  return upload.phase === "uploading" ? { ...upload, phase: "waiting", notBeforeMs: 0 } : upload;
}

function interruptedFirmware({ update, ...firmware }: Firmware): Firmware {
  if (update === undefined) return { ...firmware, update };
  const { phase, newVersion } = update;
  return {
    ...firmware,
    // The new firmware is what starts.
    version: phase === "restarting" ? newVersion ?? firmware.version : firmware.version,
    update: { ...update, phase: PHASE_AFTERWARDS[phase], isHolding: false },
  };
}

const PHASE_AFTERWARDS: Readonly<Record<FirmwareUpdate["phase"], FirmwareUpdate["phase"]>> = {
  scheduled: "scheduled",
  downloading: "scheduled",
  verifying: "scheduled", // the file may be gone
  waitingToInstall: "waitingToInstall",
  installing: "waitingToInstall",
  restarting: "restarted",
  restarted: "restarted",
};
