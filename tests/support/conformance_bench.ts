/**
 * What cases need besides frames, for any time that a test plays in: the certificates and firmware files of the real
 * bench, and a place for uploads, all in memory; and the jobs of a Charge Point that uses them, done with real
 * cryptography.
 */
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import type { BenchReplies, BenchReply, BenchRequest } from "../../src/conformance/bench.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import type {
  Download,
  FileTransfer,
  TransferResult,
  UploadRequest,
} from "../../src/runtime/file_transfer.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import type { TestBench } from "../../src/runtime/test_bench.ts";
import { BenchCertificates } from "../../src/adapters/test_bench/certificates.ts";
import { type FirmwareFlaw, firmwareWith } from "../../src/adapters/test_bench/firmware.ts";
import { type Issued, makeRoot } from "./certificates.ts";

/** The host of everything that can be had; nothing listens there. */
const HOST = "http://bench.test";

/** Jobs end by themselves here: no time has to run out. */
const STILL_CLOCK: Clock = { nowMs: () => 0, at: () => () => {} };

interface Authorities {
  readonly centralSystem: Issued;
  readonly manufacturer: Issued;
  /** Nobody trusts this one. */
  readonly stranger: Issued;
}

let made: Promise<readonly [Authorities, BenchCertificates]> | undefined;

/** Made once: they are the same for all cases of a process. */
export async function benchAuthorities(): Promise<Authorities> {
  return (await (made ??= make()))[0];
}

async function make(): Promise<readonly [Authorities, BenchCertificates]> {
  const authorities = {
    centralSystem: await makeRoot({ commonName: "CPO Root", organization: "Conformance CPO" }),
    manufacturer: await makeRoot({ commonName: "Manufacturer Root", organization: "Manufacturer" }),
    stranger: await makeRoot({ commonName: "Stranger", organization: "Nobody" }),
  };
  const filesOf = ({ certificate, privateKey }: Issued) => (
    { certificate, privateKey, certificates: [certificate] }
  );
  const certificates = await BenchCertificates.make({
    authorities: {
      centralSystem: filesOf(authorities.centralSystem),
      manufacturer: filesOf(authorities.manufacturer),
      stranger: filesOf(authorities.stranger),
    },
    signatureScheme: "ECDSA", // whose keys are made in no time
    validity: { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 0, 1) },
  });
  return [authorities, certificates];
}

async function certificates(): Promise<BenchCertificates> {
  return (await (made ??= make()))[1];
}

/** Files and certificates for one case. */
export class ConformanceBench implements FileTransfer, TestBench {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #runner = new JobRunner({ clock: STILL_CLOCK, fileTransfer: this, cryptography: webCryptography });
  readonly #results = new Map<number, (result: JobResult) => void>();
  readonly #owner = { jobDone: (jobId: number, result: JobResult) => this.#results.get(jobId)?.(result) };
  #jobsBegun = 0;
  /** What was uploaded, by name. */
  readonly uploads = new Map<string, Uint8Array>();

  /** Does a job of the Charge Point. */
  do(job: Job): Promise<JobResult> {
    const { promise, resolve } = Promise.withResolvers<JobResult>();
    const jobId = ++this.#jobsBegun;
    this.#results.set(jobId, resolve);
    this.#runner.run(this.#owner, jobId, job);
    return promise;
  }

  /** Makes what a case asks for. */
  async get<R extends BenchRequest>(request: R): Promise<BenchReplies[R["kind"]] | undefined> {
    return await this.#reply(request) as BenchReplies[R["kind"]] | undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #reply(request: BenchRequest): Promise<BenchReply | undefined> {
    switch (request.kind) {
      case "uploadLocation":
        return { location: request.flaw === "missing" ? `${HOST}/missing/` : `${HOST}/uploads/` };
      case "firmware":
        return await this.firmware(request.flaw);
      case "signCertificate":
        return await (await certificates()).signCertificate(request);
      case "rootCertificate":
        return await (await certificates()).rootCertificate(request);
      case "signingRequest":
        return await (await certificates()).signingRequest(request);
      case "examineCertificate":
        return await (await certificates()).examineCertificate(request);
    }
  }

  /** A firmware file; its bytes, where there are any, can be had at its location. */
  async firmware(
    flaw?: FirmwareFlaw,
  ): Promise<BenchReplies["firmware"] & { readonly bytes: Uint8Array<ArrayBuffer> | undefined }> {
    const { fileName, ...firmware } = await firmwareWith(flaw, { certificates: await certificates() });
    const location = `${HOST}/${fileName}`;
    if (firmware.bytes !== undefined) this.#files.set(location, firmware.bytes);
    return { ...firmware, location };
  }

  upload({ url, fileName, bytes }: UploadRequest): Promise<TransferResult> {
    if (!url.startsWith(`${HOST}/uploads/`)) {
      return Promise.resolve({ status: "notFound", message: "there is no such directory" });
    }
    this.uploads.set(fileName, bytes);
    return Promise.resolve({ status: "done", message: "" });
  }

  download({ url }: { readonly url: string }): Promise<Download> {
    const bytes = this.#files.get(url);
    return Promise.resolve(
      bytes === undefined
        ? { outcome: { status: "notFound", message: "there is no such file" } }
        : { outcome: { status: "done", message: "" }, bytes },
    );
  }
}
