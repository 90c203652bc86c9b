/**
 * Jobs for tests that have no network and no keys: each waits until the test says what came of it.
 */
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import type { JobOwner, Jobs } from "../../src/runtime/jobs.ts";

/** A job that was begun and not cancelled. */
export interface PendingJob {
  readonly owner: JobOwner;
  readonly jobId: number;
  readonly job: Job;
}

/** Remembers what it was asked for. */
export class FakeJobs implements Jobs {
  readonly pending: PendingJob[] = [];
  /** Every call but `run`, in order. */
  readonly calls: string[] = [];

  run(owner: JobOwner, jobId: number, job: Job): void {
    this.pending.push({ owner, jobId, job });
  }

  cancel(owner: JobOwner, jobId: number): void {
    this.calls.push(`cancel ${jobId}`);
    this.#drop((one) => one.owner === owner && one.jobId === jobId);
  }

  cancelAll(owner: JobOwner): void {
    this.calls.push("cancelAll");
    this.#drop((one) => one.owner === owner);
  }

  forget(owner: JobOwner): void {
    this.calls.push("forget");
    this.#drop((one) => one.owner === owner);
  }

  /** Ends the oldest job. */
  finish(result: JobResult): void {
    const { owner, jobId } = this.pending.shift()!;
    owner.jobDone(jobId, result);
  }

  #drop(isDropped: (one: PendingJob) => boolean): void {
    this.pending.splice(0, Infinity, ...this.pending.filter((one) => !isDropped(one)));
  }
}
