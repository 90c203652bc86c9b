/**
 * Jobs from a Charge Point's core to a server's disk and back, with everything real but the core.
 */
import assert from "node:assert/strict";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { ChargePointHost } from "../../src/runtime/charge_point_host.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { makeFirmwareSigner, makeRoot, makeSubAuthority } from "../support/certificates.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { FtpServer } from "../support/ftp_server.ts";
import { needs } from "../support/needs.ts";
import { Happenings } from "../support/within.ts";

const networking = needs("net");

/** A Charge Point that does nothing but give jobs and take results. */
function jobGiver() {
  const results = new Map<number, JobResult>();
  const happenings = new Happenings();
  let next: ChargePointEffect[] = [];
  let jobId = 0;
  const host = new ChargePointHost({
    identity: "CP001",
    urls: { plain: "ws://central.test", tls: "wss://central.test" },
    chargePoint: {
      handle(input: ChargePointInput) {
        if (input.kind === "jobDone") {
          results.set(input.jobId, input.result);
          happenings.happened();
        }
        return next.splice(0);
      },
      deadlineMs: () => Infinity,
    },
    transport: new FakeTransport(),
    clock: systemClock,
    random: () => 0.5,
    observer: () => {},
    jobs: new JobRunner({
      clock: systemClock,
      fileTransfer: new UrlFileTransfer(),
      cryptography: webCryptography,
    }),
    deadlineChanged: () => {},
  });
  const begin = (job: Job) => {
    next = [{ kind: "job", jobId: ++jobId, job }];
    host.input({ kind: "deadline" });
    return jobId;
  };
  const give = async <Kind extends Job["kind"]>(job: Job & { kind: Kind }) => {
    const id = begin(job);
    await happenings.until(() => results.has(id), `the result of ${job.kind}`);
    return results.get(id)! as Extract<JobResult, { kind: Kind }>;
  };
  return { host, begin, give, results };
}

Deno.test({
  ...networking(
    "signed firmware over FTP: chain, download and signature hold; another file's signature does not",
  ),
  async fn() {
    const root = await makeRoot({ commonName: "Maker Root" });
    const subAuthority = await makeSubAuthority(root, { commonName: "Maker Sub-CA" });
    const signer = await makeFirmwareSigner(subAuthority, { commonName: "Signer", organization: "Maker" });
    const firmware = new TextEncoder().encode("version 2.0\n" + "x".repeat(100_000));
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const raw = await crypto.subtle.sign(algorithm, signer.keys.privateKey, firmware);
    const signature = new Uint8Array(raw).toBase64();
    await using server = await FtpServer.start({
      files: { "/v2.bin": firmware, "/v3.bin": new Uint8Array(9) },
    });
    const { give, host } = jobGiver();

    const chain = signer.chain.replaceAll("\n", "%0D%0A");
    const checked = await give({
      kind: "readCertificate",
      chain,
      roots: [root.certificate],
      atMs: Date.UTC(2030, 0, 1),
    });
    assert.equal(checked.refusal, undefined, checked.reason);
    assert.equal(checked.certificate?.organization, "Maker");

    const url = `ftp://127.0.0.1:${server.port}`;
    const good = await give({ kind: "download", url: `${url}/v2.bin` });
    assert.equal(good.file?.head, "version 2.0");
    assert.equal(good.file.sizeBytes, firmware.length);
    const verify = (fileId: string) =>
      give({ kind: "verifyFirmware", fileId, signingCertificate: chain, signature });
    assert.equal((await verify(good.file.fileId)).isValid, true);

    const other = await give({ kind: "download", url: `${url}/v3.bin` });
    assert.equal((await verify(other.file!.fileId)).isValid, false);
    await host.close("done");
  },
});

Deno.test({
  ...networking("a log goes up in gzip and can be read there"),
  async fn() {
    await using server = await FtpServer.start({ directories: ["/logs"] });
    const { give, host } = jobGiver();
    const { outcome } = await give({
      kind: "upload",
      url: `ftp://127.0.0.1:${server.port}/logs`,
      fileName: "CP001.log.gz",
      lines: ["first", "zweite Zeile – ü"],
    });
    assert.equal(outcome.status, "done", outcome.message);
    const stored = new Blob([new Uint8Array(server.files.get("/logs/CP001.log.gz")!)]);
    const text = await new Response(stored.stream().pipeThrough(new DecompressionStream("gzip"))).text();
    assert.equal(text, "first\nzweite Zeile – ü\n");
    await host.close("done");
  },
});

Deno.test({
  ...networking("a Charge Point that is closed leaves a hanging server at once, and hears nothing more"),
  async fn() {
    await using server = await FtpServer.start({ files: { "/v2.bin": new Uint8Array(9) }, isStalling: true });
    const { begin, host, results } = jobGiver();
    begin({ kind: "download", url: `ftp://127.0.0.1:${server.port}/v2.bin` });
    await server.stalled;
    await host.close("done");
    await server.allGone();
    assert.equal(results.size, 0);
  },
});
