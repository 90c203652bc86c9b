import assert from "node:assert/strict";
import fc from "fast-check";
import type { JobResult } from "../../src/charge_point/job.ts";
import type { Download } from "../../src/runtime/file_transfer.ts";
import { TRANSFER_MAX_MS } from "../../src/runtime/file_transfer.ts";
import { JobRunner, JOBS_PER_CHARGE_POINT_MAX, TRANSFERS_AT_ONCE_MAX } from "../../src/runtime/job_runner.ts";
import { DownloadedFiles } from "../../src/runtime/downloaded_files.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const OWNERS = 4;

/** Something that happens to the runner; numbers choose an owner, a job or a transfer by their remainder. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("run" as const), owner: fc.nat(OWNERS - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("finish" as const), index: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break" as const), index: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancelAll" as const), owner: fc.nat(OWNERS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), owner: fc.nat(OWNERS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(TRANSFER_MAX_MS) }) },
);

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("JobRunner: whatever happens, each job that is not cancelled ends exactly once, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 80, size: "max" }), async (happenings) => {
      const clock = new VirtualClock();
      const files = new DownloadedFiles();
      const open: { resolve: (download: Download) => void; reject: (error: Error) => void }[] = [];
      const unused = () => Promise.reject(new Error("not part of this test"));
      let underWay = 0;
      const runner = new JobRunner({
        clock,
        files,
        fileTransfer: {
          upload: unused,
          download({ signal }) {
            const { promise, resolve, reject } = Promise.withResolvers<Download>();
            underWay++;
            assert.ok(underWay <= TRANSFERS_AT_ONCE_MAX);
            let isOver = false;
            const over = () => {
              if (!isOver) underWay--;
              isOver = true;
            };
            signal.addEventListener("abort", over);
            open.push({
              resolve: (download) => (over(), resolve(download)),
              reject: (error) => (over(), reject(error)),
            });
            return promise;
          },
        },
        cryptography: { createSigningRequest: unused, readCertificate: unused, verifySignature: unused },
      });
      const owners = Array.from({ length: OWNERS }, () => {
        const results = new Map<number, JobResult[]>();
        const jobDone = (jobId: number, result: JobResult) => {
          results.set(jobId, [...results.get(jobId) ?? [], result]);
        };
        return { jobDone, results };
      });
      /** Jobs by id: whose they are, and whether a result may still come. */
      const jobs: { owner: number; isCancelled: boolean }[] = [];
      const cancel = (isMeant: (owner: number, jobId: number) => boolean) =>
        jobs.forEach((job, jobId) => {
          const hasEnded = owners[job.owner]!.results.has(jobId);
          if (isMeant(job.owner, jobId) && !hasEnded) job.isCancelled = true;
        });

      for (const one of happenings) {
        switch (one.kind) {
          case "run":
            jobs.push({ owner: one.owner, isCancelled: false });
            runner.run(owners[one.owner]!, jobs.length - 1, { kind: "download", url: "http://files.test/" });
            break;
          case "finish":
            open.splice(one.index % Math.max(1, open.length), 1)[0]?.resolve({
              outcome: { status: "done", message: "" },
              bytes: new Uint8Array([one.index]),
            });
            break;
          case "break":
            open.splice(one.index % Math.max(1, open.length), 1)[0]?.reject(new Error("broken"));
            break;
          case "cancel": {
            const jobId = one.index % Math.max(1, jobs.length);
            cancel((_, candidate) => candidate === jobId);
            const job = jobs[jobId];
            if (job !== undefined) runner.cancel(owners[job.owner]!, jobId);
            break;
          }
          case "cancelAll":
          case "forget":
            cancel((owner) => owner === one.owner);
            runner[one.kind](owners[one.owner]!);
            break;
          case "wait":
            clock.advance(one.ms);
        }
        await settle();
      }
      // What still waits gets its turn when what runs has had its time.
      for (let round = 0; round <= OWNERS * JOBS_PER_CHARGE_POINT_MAX / TRANSFERS_AT_ONCE_MAX; round++) {
        clock.advance(TRANSFER_MAX_MS);
        await settle();
      }
      jobs.forEach(({ owner, isCancelled }, jobId) => {
        const count = owners[owner]!.results.get(jobId)?.length ?? 0;
        assert.equal(
          count,
          isCancelled ? 0 : 1,
          `job ${jobId}${isCancelled ? ", cancelled," : ""} ended ${count} times`,
        );
      });
      assert.equal(clock.nextMs(), Infinity, "no timer is left");
      for (const owner of owners) runner.forget(owner);
      assert.equal(files.bytesHeld, 0);
    }),
    { seed: 4, numRuns: 300 },
  );
});
