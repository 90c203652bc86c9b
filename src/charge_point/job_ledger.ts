/**
 * Which job belongs to what: jobs that somebody does for the Charge Point, from asking to their result.
 *
 * Rules: a result counts once, and only for a job of its kind that is still wanted. Each purpose has one job at a
 * time, but those that answer Calls: `CALLS_ANSWERED_LATER_MAX` of them.
 */
import type { Call } from "../ocpp/frame.ts";
import type { Job, JobResult } from "./job.ts";
import type { JobPurpose, RunningJob } from "./maintenance/maintenance_state.ts";
import type { ChargePointState, Turn } from "./state.ts";

/** Calls that wait for a job; one more is refused with InternalError. */
export const CALLS_ANSWERED_LATER_MAX = 4;

/** Asks for a job. `call` is answered when it is done. */
export function startJob(turn: Turn, job: Job, purpose: JobPurpose, call?: Call): void {
  const { state } = turn;
  const { jobs, jobsStarted: jobId } = state.maintenance;
  const running: RunningJob = { jobId, kind: job.kind, purpose, call };
  state.maintenance = { ...state.maintenance, jobs: [...jobs, running], jobsStarted: jobId + 1 };
  turn.effects.push({ kind: "job", jobId, job });
}

/** The job that a result is of; it is over. `undefined`: nobody waits for it. */
export function endJob({ state }: Turn, jobId: number, kind: JobResult["kind"]): RunningJob | undefined {
  const { jobs } = state.maintenance;
  const ended = jobs.find((running) => running.jobId === jobId && running.kind === kind);
  if (ended !== undefined) keepJobs(state, (running) => running !== ended);
  return ended;
}

/** Whether there is room for another Call that is answered later. */
export function mayAnswerLater({ maintenance: { jobs } }: ChargePointState): boolean {
  return jobs.filter(({ call }) => call !== undefined).length < CALLS_ANSWERED_LATER_MAX;
}

/** Breaks jobs off. */
export function cancelJobs(turn: Turn, isMeant: (running: RunningJob) => boolean): void {
  const { state } = turn;
  for (const running of state.maintenance.jobs) {
    if (isMeant(running)) turn.effects.push({ kind: "cancelJob", jobId: running.jobId });
  }
  keepJobs(state, (running) => !isMeant(running));
}

/** The link is gone, and with it whoever waited for an answer: nothing of these Calls may happen any more. */
export function forgetUnansweredCalls(turn: Turn): void {
  cancelJobs(turn, ({ call }) => call !== undefined);
}

function keepJobs(state: ChargePointState, isKept: (running: RunningJob) => boolean): void {
  const { jobs } = state.maintenance;
  const kept = jobs.filter(isKept);
  if (kept.length < jobs.length) state.maintenance = { ...state.maintenance, jobs: kept };
}
