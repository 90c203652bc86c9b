/**
 * What came of a job, handed to what it was for.
 */
import {
  ownCertificateRead,
  signedCertificateRead,
  signingRequestMade,
} from "./security/charge_point_certificate.ts";
import { certificateRead, rootRead } from "./security/certificate_store.ts";
import { downloadDone, signatureChecked } from "./maintenance/firmware_progress.ts";
import { answer, handleAgain } from "./incoming_call.ts";
import { endJob } from "./job_ledger.ts";
import type { JobResult } from "./job.ts";
import { uploadDone } from "./maintenance/log_upload.ts";
import type { RunningJob } from "./maintenance/maintenance_state.ts";
import { signingCertificateRead } from "./maintenance/signed_firmware.ts";
import type { Turn } from "./state.ts";

/** Takes a result; one that nobody waits for any more is nothing. */
export function jobDone(turn: Turn, { jobId, result }: { jobId: number; result: JobResult }): void {
  const ended = endJob(turn, jobId, result.kind);
  if (ended === undefined) return;
  switch (result.kind) {
    case "upload":
      if (ended.purpose.kind === "upload") uploadDone(turn, ended.purpose.request, result);
      return;
    case "download":
      return downloadDone(turn, result);
    case "verifyFirmware":
      return signatureChecked(turn, result);
    case "createSigningRequest":
      return signingRequestMade(turn, result);
    case "readCertificate":
      return certificateDone(turn, ended, result);
  }
}

function certificateDone(
  turn: Turn,
  { purpose, call }: RunningJob,
  result: Extract<JobResult, { kind: "readCertificate" }>,
): void {
  if (purpose.kind === "ownCertificate") return ownCertificateRead(turn, result);
  if (call === undefined) return;
  switch (purpose.kind) {
    case "signedUpdate":
      return answer(turn, call, signingCertificateRead(turn, purpose.req, result));
    case "installCertificate":
      return answer(turn, call, certificateRead(turn, purpose.req, result));
    case "certificateSigned":
      return answer(turn, call, signedCertificateRead(turn, purpose, result));
    case "readRoot":
      rootRead(turn, purpose.pem, result);
      return handleAgain(turn, call);
  }
}
