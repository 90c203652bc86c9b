/**
 * Does the jobs of a fleet's Charge Points over the ports to file servers and to cryptography.
 *
 * A few jobs run at a time, the others wait in the order in which they came; transfers and computations wait in
 * two lines, so that a slow server does not hold up a signature. Every job ends, whatever a port does: with a
 * result, with the end of its time, or cancelled.
 */
import { getLogger } from "@logtape/logtape";
import type { Job, JobResult } from "../charge_point/job.ts";
import { InvariantError } from "../rpc/invariant.ts";
import type { Clock } from "./clock.ts";
import type { Cryptography } from "./cryptography.ts";
import { DownloadedFiles } from "./downloaded_files.ts";
import { type FileTransfer, FIRMWARE_BYTES_MAX, TRANSFER_MAX_MS, UPLOAD_BYTES_MAX } from "./file_transfer.ts";
import { failedResult, type JobOwner, type Jobs } from "./jobs.ts";

const logger = getLogger(["ocpp", "job"]);

/** Transfers under way at one time; with `FIRMWARE_BYTES_MAX` it bounds what they take of the memory. */
export const TRANSFERS_AT_ONCE_MAX = 8;
/** Computations under way at one time. */
export const COMPUTATIONS_AT_ONCE_MAX = 4;
/** What one Charge Point may have under way or waiting; a further job fails at once. */
export const JOBS_PER_CHARGE_POINT_MAX = 16;
/** How long a computation may take: an RSA key is some seconds on a slow machine. */
export const COMPUTATION_MAX_MS = 60_000;
/** What is told of a file's first line. */
export const HEAD_CHARACTERS_MAX = 200;

/** What the runner works with. */
export interface JobRunnerOptions {
  readonly clock: Clock;
  readonly fileTransfer: FileTransfer;
  readonly cryptography: Cryptography;
  readonly files?: DownloadedFiles;
}

interface Task {
  readonly owner: JobOwner;
  readonly jobId: number;
  readonly job: Job;
  readonly controller: AbortController;
}

/** Tasks of one sort: those that run and those that wait for it. */
interface Line {
  readonly atOnceMax: number;
  readonly taskMaxMs: number;
  running: number;
  readonly waiting: Set<Task>;
}

/** One for a whole fleet. */
export class JobRunner implements Jobs {
  readonly #options: JobRunnerOptions;
  readonly #files: DownloadedFiles;
  /** Owners that have jobs, and no others. */
  readonly #tasks = new Map<JobOwner, Map<number, Task>>();
  readonly #transfers = lineOf(TRANSFERS_AT_ONCE_MAX, TRANSFER_MAX_MS);
  readonly #computations = lineOf(COMPUTATIONS_AT_ONCE_MAX, COMPUTATION_MAX_MS);

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#files = options.files ?? new DownloadedFiles();
  }

  run(owner: JobOwner, jobId: number, job: Job): void {
    const tasks = this.#tasks.get(owner) ?? new Map<number, Task>();
    if (tasks.has(jobId)) throw new InvariantError(`job ${jobId} is under way already`);
    const task = { owner, jobId, job, controller: new AbortController() };
    const isTooMany = tasks.size >= JOBS_PER_CHARGE_POINT_MAX;
    tasks.set(jobId, task);
    this.#tasks.set(owner, tasks);
    if (isTooMany) {
      const result = failedResult(job, `more than ${JOBS_PER_CHARGE_POINT_MAX} jobs at once`);
      Promise.resolve(result).then((done) => this.#end(task, done))
        .catch((error) => logger.error("the result of a job could not be told", { error }));
      return;
    }
    const line = this.#lineOf(job);
    line.waiting.add(task);
    this.#next(line);
  }

  cancel(owner: JobOwner, jobId: number): void {
    const task = this.#tasks.get(owner)?.get(jobId);
    if (task === undefined) return;
    this.#remove(task);
    this.#lineOf(task.job).waiting.delete(task);
    task.controller.abort(new Error("cancelled"));
  }

  cancelAll(owner: JobOwner): void {
    for (const jobId of [...this.#tasks.get(owner)?.keys() ?? []]) this.cancel(owner, jobId);
  }

  forget(owner: JobOwner): void {
    this.cancelAll(owner);
    this.#files.drop(owner);
  }

  #lineOf(job: Job): Line {
    return job.kind === "upload" || job.kind === "download" ? this.#transfers : this.#computations;
  }

  #next(line: Line): void {
    for (const task of line.waiting) {
      if (line.running >= line.atOnceMax) return;
      line.waiting.delete(task);
      line.running++;
      this.#work(task, line.taskMaxMs).then((result) => {
        line.running--;
        this.#next(line);
        this.#end(task, result);
      }).catch((error) => logger.error("the result of a job could not be told", { error }));
    }
  }

  /** Resolves always: with the job's end, or as soon as it is broken off. */
  async #work(task: Task, taskMaxMs: number): Promise<JobResult> {
    const { clock } = this.#options;
    const { job, controller } = task;
    const late = new Error(`not done within ${taskMaxMs / 1000} s`);
    const cancelTimer = clock.at(clock.nowMs() + taskMaxMs, () => controller.abort(late));
    try {
      return await Promise.race([this.#carryOut(task), brokenOff(task)]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!controller.signal.aborted) {
        logger.error("a job failed: {reason}", { job: job.kind, reason, error });
      }
      return failedResult(job, reason);
    } finally {
      cancelTimer();
    }
  }

  async #carryOut({ owner, job, controller: { signal } }: Task): Promise<JobResult> {
    const { fileTransfer, cryptography } = this.#options;
    switch (job.kind) {
      case "upload": {
        const bytes = new TextEncoder().encode(job.lines.map((line) => `${line}\n`).join(""));
        if (bytes.length > UPLOAD_BYTES_MAX) {
          const message = `${bytes.length} bytes are more than the ${UPLOAD_BYTES_MAX} that are uploaded`;
          return { kind: "upload", outcome: { status: "tooLarge", message } };
        }
        const { url, fileName } = job;
        const outcome = await fileTransfer.upload({ url, fileName, bytes: await gzip(bytes), signal });
        return { kind: "upload", outcome };
      }
      case "download": {
        this.#files.drop(owner);
        const { outcome, bytes } = await fileTransfer.download({
          url: job.url,
          bytesMax: FIRMWARE_BYTES_MAX,
          signal,
        });
        if (bytes === undefined || signal.aborted) return { kind: "download", outcome };
        const fileId = this.#files.keep(owner, bytes);
        return { kind: "download", outcome, file: { fileId, sizeBytes: bytes.length, head: headOf(bytes) } };
      }
      case "verifyFirmware": {
        const bytes = this.#files.bytesOf(owner, job.fileId);
        if (bytes === undefined) return failedResult(job, `the file ${job.fileId} is not here any more`);
        return { kind: "verifyFirmware", ...await cryptography.verifySignature({ ...job, bytes }) };
      }
      case "createSigningRequest":
        return await cryptography.createSigningRequest(job);
      case "readCertificate":
        return await cryptography.readCertificate(job);
    }
  }

  /** Tells the owner, unless the job was cancelled. */
  #end(task: Task, result: JobResult): void {
    if (this.#remove(task)) task.owner.jobDone(task.jobId, result);
  }

  /** Whether it was still there. */
  #remove(task: Task): boolean {
    const tasks = this.#tasks.get(task.owner);
    if (tasks?.get(task.jobId) !== task) return false;
    tasks.delete(task.jobId);
    if (tasks.size === 0) this.#tasks.delete(task.owner);
    return true;
  }
}

function lineOf(atOnceMax: number, taskMaxMs: number): Line {
  return { atOnceMax, taskMaxMs, running: 0, waiting: new Set() };
}

/** Resolves when the task is broken off, so that a port which does not listen to its signal holds up nobody. */
function brokenOff({ job, controller: { signal } }: Task): Promise<JobResult> {
  const { promise, resolve } = Promise.withResolvers<JobResult>();
  signal.addEventListener("abort", () => {
    const message = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
    resolve(
      job.kind === "upload" || job.kind === "download"
        ? { kind: job.kind, outcome: { status: "unreachable", message } }
        : failedResult(job, message),
    );
  }, { once: true });
  return promise;
}

function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}

function headOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, HEAD_CHARACTERS_MAX);
  const end = start.findIndex((byte) => byte === 0x0A || byte === 0x0D);
  return String.fromCharCode(...end < 0 ? start : start.subarray(0, end));
}
