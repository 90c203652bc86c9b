import assert from "node:assert/strict";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import type { Cryptography } from "../../src/runtime/cryptography.ts";
import { DownloadedFiles } from "../../src/runtime/downloaded_files.ts";
import {
  type Download,
  type DownloadRequest,
  type FileTransfer,
  FIRMWARE_BYTES_MAX,
  TRANSFER_MAX_MS,
  type TransferResult,
  UPLOAD_BYTES_MAX,
  type UploadRequest,
} from "../../src/runtime/file_transfer.ts";
import {
  COMPUTATION_MAX_MS,
  JobRunner,
  JOBS_PER_CHARGE_POINT_MAX,
  TRANSFERS_AT_ONCE_MAX,
} from "../../src/runtime/job_runner.ts";
import type { JobOwner } from "../../src/runtime/jobs.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { Happenings } from "../support/within.ts";

const DONE: TransferResult = { status: "done", message: "done" };
const DOWNLOAD: Job = { kind: "download", url: "http://files.test/firmware.bin" };
const UPLOAD: Job = { kind: "upload", url: "http://files.test/", fileName: "log.gz", lines: ["one", "two"] };
const CSR: Job = { kind: "createSigningRequest", commonName: "CP001", organization: "ACME", keyType: "EC" };
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

interface Pending {
  readonly request: DownloadRequest;
  readonly resolve: (download: Download) => void;
  readonly reject: (error: unknown) => void;
}

/** Servers that answer when the test says so, and take uploads at once. */
class FakeTransfer implements FileTransfer {
  readonly uploads: UploadRequest[] = [];
  readonly downloads: Pending[] = [];

  upload(request: UploadRequest): Promise<TransferResult> {
    this.uploads.push(request);
    return Promise.resolve(DONE);
  }

  download(request: DownloadRequest): Promise<Download> {
    const { promise, resolve, reject } = Promise.withResolvers<Download>();
    this.downloads.push({ request, resolve, reject });
    return promise;
  }
}

class Owner implements JobOwner {
  readonly results: { jobId: number; result: JobResult }[] = [];
  readonly #happenings = new Happenings();

  jobDone(jobId: number, result: JobResult): void {
    this.results.push({ jobId, result });
    this.#happenings.happened();
  }

  async result(jobId: number): Promise<JobResult> {
    const found = () => this.results.find((one) => one.jobId === jobId);
    await this.#happenings.until(() => found() !== undefined, `the result of job ${jobId}`);
    return found()!.result;
  }
}

function runnerOf({ cryptography, files }: { cryptography?: Cryptography; files?: DownloadedFiles } = {}) {
  const clock = new VirtualClock();
  const transfer = new FakeTransfer();
  const unused = () => Promise.reject(new Error("not part of this test"));
  const runner = new JobRunner({
    clock,
    fileTransfer: transfer,
    cryptography: cryptography ??
      { createSigningRequest: unused, readCertificate: unused, verifySignature: unused },
    ...(files === undefined ? {} : { files }),
  });
  return { clock, transfer, runner, owner: new Owner() };
}

/** Lets everything run that waits for nothing outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("JobRunner: an upload is the lines, ended by line feeds, in gzip", async () => {
  const { runner, transfer, owner } = runnerOf();
  runner.run(owner, 1, UPLOAD);
  assert.deepEqual(await owner.result(1), { kind: "upload", outcome: DONE });
  const [{ url, fileName, bytes }] = transfer.uploads as [UploadRequest];
  assert.deepEqual({ url, fileName }, { url: "http://files.test/", fileName: "log.gz" });
  const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(unzipped).text(), "one\ntwo\n");
});

Deno.test("JobRunner: more than UPLOAD_BYTES_MAX is told as tooLarge, and no server is asked", async () => {
  const { runner, transfer, owner } = runnerOf();
  runner.run(owner, 1, { ...UPLOAD, lines: ["x".repeat(UPLOAD_BYTES_MAX)] });
  const result = await owner.result(1);
  assert.equal(result.kind === "upload" && result.outcome.status, "tooLarge");
  assert.equal(transfer.uploads.length, 0);
});

Deno.test("JobRunner: a download tells size and first line, and is there to be verified", async () => {
  let question: { bytes: Uint8Array } | undefined;
  const { runner, transfer, owner } = runnerOf({
    cryptography: {
      createSigningRequest: () => Promise.reject(),
      readCertificate: () => Promise.reject(),
      verifySignature(asked) {
        question = asked;
        return Promise.resolve({ isValid: true, reason: "RSA" });
      },
    },
  });
  runner.run(owner, 1, DOWNLOAD);
  assert.equal(transfer.downloads[0]!.request.bytesMax, FIRMWARE_BYTES_MAX);
  transfer.downloads[0]!.resolve({ outcome: DONE, bytes: bytesOf("v2.0\r\nrest") });
  const result = await owner.result(1);
  assert.deepEqual(result, {
    kind: "download",
    outcome: DONE,
    file: { fileId: "file-1", sizeBytes: 10, head: "v2.0" },
  });
  runner.run(owner, 2, {
    kind: "verifyFirmware",
    fileId: "file-1",
    signingCertificate: "PEM",
    signature: "c2ln",
  });
  assert.deepEqual(await owner.result(2), { kind: "verifyFirmware", isValid: true, reason: "RSA" });
  assert.equal(new TextDecoder().decode(question?.bytes), "v2.0\r\nrest");
});

Deno.test("JobRunner: the head of a file without line ends is its first 200 bytes, as Latin-1", async () => {
  const { runner, transfer, owner } = runnerOf();
  runner.run(owner, 1, DOWNLOAD);
  transfer.downloads[0]!.resolve({ outcome: DONE, bytes: new Uint8Array(1000).fill(0xE9) });
  const result = await owner.result(1);
  assert.equal(result.kind === "download" && result.file?.head, "é".repeat(200));
});

Deno.test("JobRunner: the next download takes the place of the last; the old name is gone", async () => {
  const { runner, transfer, owner } = runnerOf();
  for (const jobId of [1, 2]) {
    runner.run(owner, jobId, DOWNLOAD);
    transfer.downloads[jobId - 1]!.resolve({ outcome: DONE, bytes: bytesOf(`v${jobId}`) });
    await owner.result(jobId);
  }
  runner.run(owner, 3, { kind: "verifyFirmware", fileId: "file-1", signingCertificate: "", signature: "" });
  assert.deepEqual(await owner.result(3), {
    kind: "verifyFirmware",
    isValid: false,
    reason: "the file file-1 is not here any more",
  });
});

Deno.test("JobRunner: TRANSFERS_AT_ONCE_MAX run over the whole fleet, the others follow in order", async () => {
  const { runner, transfer } = runnerOf();
  const owners = Array.from({ length: TRANSFERS_AT_ONCE_MAX + 2 }, () => new Owner());
  owners.forEach((owner, index) =>
    runner.run(owner, 1, { kind: "download", url: `http://files.test/${index}` })
  );
  assert.equal(transfer.downloads.length, TRANSFERS_AT_ONCE_MAX);
  transfer.downloads[3]!.resolve({ outcome: { status: "notFound", message: "404" } });
  await owners[3]!.result(1);
  assert.equal(transfer.downloads.length, TRANSFERS_AT_ONCE_MAX + 1);
  assert.equal(transfer.downloads.at(-1)!.request.url, `http://files.test/${TRANSFERS_AT_ONCE_MAX}`);
});

Deno.test("JobRunner: transfers that hang hold up no computation", async () => {
  const result: JobResult = { kind: "createSigningRequest", request: undefined, reason: "asked" };
  const { runner, owner } = runnerOf({
    cryptography: {
      createSigningRequest: () => Promise.resolve(result),
      readCertificate: () => Promise.reject(),
      verifySignature: () => Promise.reject(),
    },
  });
  for (let index = 0; index < TRANSFERS_AT_ONCE_MAX + 1; index++) runner.run(new Owner(), index, DOWNLOAD);
  runner.run(owner, 1, CSR);
  assert.deepEqual(await owner.result(1), result);
});

Deno.test("JobRunner: a transfer that takes too long is told as unreachable and told to stop", async () => {
  const { runner, transfer, owner, clock } = runnerOf();
  runner.run(owner, 1, DOWNLOAD);
  clock.advance(TRANSFER_MAX_MS);
  assert.deepEqual(await owner.result(1), {
    kind: "download",
    outcome: { status: "unreachable", message: `not done within ${TRANSFER_MAX_MS / 1000} s` },
  });
  assert.equal(transfer.downloads[0]!.request.signal.aborted, true);
  assert.equal(clock.nextMs(), Infinity);
});

Deno.test("JobRunner: a computation that never ends gives way after COMPUTATION_MAX_MS", async () => {
  const { runner, owner, clock } = runnerOf({
    cryptography: {
      createSigningRequest: () => new Promise(() => {}),
      readCertificate: () => Promise.reject(),
      verifySignature: () => Promise.reject(),
    },
  });
  runner.run(owner, 1, CSR);
  clock.advance(COMPUTATION_MAX_MS);
  const result = await owner.result(1);
  assert.equal(result.kind === "createSigningRequest" && result.reason, "not done within 60 s");
});

Deno.test("JobRunner: a port that throws gives a failure, never an exception", async () => {
  const { runner, transfer, owner } = runnerOf();
  runner.run(owner, 1, DOWNLOAD);
  transfer.downloads[0]!.reject(new Error("a mistake of the adapter"));
  assert.deepEqual(await owner.result(1), {
    kind: "download",
    outcome: { status: "failed", message: "a mistake of the adapter" },
  });
  for (const [jobId, job] of [[2, CSR], [3, { kind: "readCertificate", chain: "", atMs: 0 }]] as const) {
    runner.run(owner, jobId, job);
    assert.equal((await owner.result(jobId)).kind, job.kind);
  }
});

Deno.test("JobRunner: a cancelled job tells nobody, makes room at once and keeps no file", async () => {
  const files = new DownloadedFiles();
  const { runner, transfer, owner } = runnerOf({ files });
  for (let jobId = 0; jobId < TRANSFERS_AT_ONCE_MAX + 1; jobId++) runner.run(owner, jobId, DOWNLOAD);
  runner.cancel(owner, 0);
  assert.equal(transfer.downloads[0]!.request.signal.aborted, true);
  await settle();
  assert.equal(transfer.downloads.length, TRANSFERS_AT_ONCE_MAX + 1);
  transfer.downloads[0]!.resolve({ outcome: DONE, bytes: bytesOf("late") });
  await settle();
  assert.deepEqual(owner.results, []);
  assert.equal(files.bytesHeld, 0);
  runner.cancel(owner, 0); // a second time does nothing
});

Deno.test("JobRunner: a job that is cancelled while it waits is never begun", async () => {
  const { runner, transfer, owner } = runnerOf();
  for (let jobId = 0; jobId <= TRANSFERS_AT_ONCE_MAX; jobId++) runner.run(owner, jobId, DOWNLOAD);
  runner.cancel(owner, TRANSFERS_AT_ONCE_MAX);
  for (const { resolve } of transfer.downloads) resolve({ outcome: DONE, bytes: bytesOf("x") });
  await owner.result(TRANSFERS_AT_ONCE_MAX - 1);
  assert.equal(transfer.downloads.length, TRANSFERS_AT_ONCE_MAX);
});

Deno.test("JobRunner: a power cut ends all jobs of that Charge Point and of no other; its file stays", async () => {
  const files = new DownloadedFiles();
  const { runner, transfer, owner } = runnerOf({ files });
  const other = new Owner();
  runner.run(owner, 1, DOWNLOAD);
  transfer.downloads[0]!.resolve({ outcome: DONE, bytes: bytesOf("v1") });
  await owner.result(1);
  runner.run(owner, 2, { kind: "upload", url: "http://files.test/", fileName: "a", lines: [] });
  runner.run(other, 2, DOWNLOAD);
  runner.cancelAll(owner);
  transfer.downloads[1]!.resolve({ outcome: DONE, bytes: bytesOf("v2") });
  await other.result(2);
  assert.deepEqual(owner.results.map(({ jobId }) => jobId), [1]);
  assert.equal(files.bytesHeld, 4);
  runner.forget(owner);
  assert.equal(files.bytesHeld, 2);
});

Deno.test("JobRunner: more than JOBS_PER_CHARGE_POINT_MAX jobs of one Charge Point fail at once", async () => {
  const { runner, owner } = runnerOf();
  for (let jobId = 0; jobId <= JOBS_PER_CHARGE_POINT_MAX; jobId++) runner.run(owner, jobId, DOWNLOAD);
  assert.deepEqual(owner.results, []); // never within `run`
  const result = await owner.result(JOBS_PER_CHARGE_POINT_MAX);
  assert.equal(result.kind === "download" && result.outcome.status, "failed");
  assert.equal(owner.results.length, 1);
  runner.cancelAll(owner);
});

Deno.test("DownloadedFiles: equal contents of many Charge Points are held once", () => {
  const files = new DownloadedFiles();
  const owners = Array.from({ length: 100 }, () => new Owner());
  const ids = new Set(owners.map((owner) => files.keep(owner, bytesOf("firmware"))));
  assert.equal(ids.size, 100);
  assert.equal(files.bytesHeld, 8);
  for (const owner of owners.slice(1)) files.drop(owner);
  assert.equal(files.bytesHeld, 8);
  files.drop(owners[0]!);
  assert.equal(files.bytesHeld, 0);
});

Deno.test("DownloadedFiles: beyond the bound the oldest file goes, never the newest", () => {
  const files = new DownloadedFiles({ bytesMax: 10 });
  const [one, two, three] = [new Owner(), new Owner(), new Owner()];
  const first = files.keep(one, bytesOf("aaaaa"));
  const second = files.keep(two, bytesOf("bbbbb"));
  const third = files.keep(three, bytesOf("ccccc"));
  assert.equal(files.bytesOf(one, first), undefined);
  assert.equal(files.bytesOf(two, second)?.length, 5);
  assert.equal(files.bytesOf(three, third)?.length, 5);
  const large = files.keep(three, new Uint8Array(50));
  assert.equal(files.bytesOf(three, large)?.length, 50);
  assert.equal(files.bytesHeld, 50);
});
