/**
 * A program of its own for `tests/cli/job_permissions_test.ts`: does a job of each kind with the permissions that
 * it is started with, and prints what came of them. Arguments: a URL of FTP and one of HTTP, both directories.
 */
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { OPENSSL_ROOT, OPENSSL_SIGNATURES, OPENSSL_SIGNER, OPENSSL_VALID_AT_MS } from "./openssl_samples.ts";

const runner = new JobRunner({
  clock: systemClock,
  fileTransfer: new UrlFileTransfer(),
  cryptography: webCryptography,
});
const owner = { jobDone: (_jobId: number, _result: JobResult) => {} };

function done(job: Job): Promise<JobResult> {
  const { promise, resolve } = Promise.withResolvers<JobResult>();
  owner.jobDone = (_, result) => resolve(result);
  runner.run(owner, 1, job);
  return promise;
}

for (const url of Deno.args) {
  console.log(JSON.stringify(await done({ kind: "upload", url, fileName: "log.gz", lines: ["one"] })));
  console.log(JSON.stringify(await done({ kind: "download", url: `${url}firmware` })));
}
console.log(JSON.stringify(
  await done({
    kind: "verifyFirmware",
    fileId: "file-2",
    signingCertificate: OPENSSL_SIGNER,
    signature: OPENSSL_SIGNATURES.pssSalt32,
  }),
));
console.log(JSON.stringify(
  await done({
    kind: "readCertificate",
    chain: OPENSSL_SIGNER,
    roots: [OPENSSL_ROOT],
    atMs: OPENSSL_VALID_AT_MS,
  }),
));
console.log(JSON.stringify(
  await done({ kind: "createSigningRequest", commonName: "CP001", organization: "ACME", keyType: "EC" }),
));
