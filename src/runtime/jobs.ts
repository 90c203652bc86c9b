/**
 * The jobs of Charge Points, as a host sees whoever does them.
 */
import type { Job, JobResult } from "../charge_point/job.ts";

/** Whose job it is. */
export interface JobOwner {
  /** The job has ended; called once for each job that was not cancelled, never while `run` is still running. */
  jobDone(jobId: number, result: JobResult): void;
}

/** Does jobs; `job_runner.ts` is the real one. Errors: none; every job ends with a result or is cancelled. */
export interface Jobs {
  /** Begins a job as soon as there is room for it. `jobId` is not among the owner's that are under way. */
  run(owner: JobOwner, jobId: number, job: Job): void;
  /** Breaks a job off, or does nothing if there is none; the owner will not hear of it again. */
  cancel(owner: JobOwner, jobId: number): void;
  /** Breaks off all of the owner's jobs. Its downloaded file stays: it lies in a memory that needs no power. */
  cancelAll(owner: JobOwner): void;
  /** The owner is gone: breaks off its jobs and forgets its file. */
  forget(owner: JobOwner): void;
}

/** The result of a job that could not be done for a reason that lies here. */
export function failedResult(job: Job, reason: string): JobResult {
  switch (job.kind) {
    case "upload":
    case "download":
      return { kind: job.kind, outcome: { status: "failed", message: reason } };
    case "verifyFirmware":
      return { kind: "verifyFirmware", isValid: false, reason };
    case "createSigningRequest":
      return { kind: "createSigningRequest", request: undefined, reason };
    case "readCertificate":
      return { kind: "readCertificate", certificate: undefined, refusal: "notACertificate", reason };
  }
}
