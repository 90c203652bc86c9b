/**
 * What cases need besides frames, made on the spot: certificates by authorities of its own, firmware files, and a
 * place for uploads, all in memory; and the jobs of a Charge Point that uses them, done with real cryptography.
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
import { answerSigningRequest, type Issued, makeFirmwareSigner, makeRoot } from "./certificates.ts";

/** The host of everything that can be had; nothing listens there. */
const HOST = "http://bench.test";

const FIRMWARE_VERSION = "2.0.0";

/** Jobs end by themselves here: no time has to run out. */
const STILL_CLOCK: Clock = { nowMs: () => 0, at: () => () => {} };

interface Authorities {
  readonly centralSystem: Issued;
  readonly manufacturer: Issued;
  readonly firmwareSigner: Issued;
  /** Nobody trusts this one. */
  readonly stranger: Issued;
}

let authorities: Promise<Authorities> | undefined;

/** Made once: they are the same for all cases of a process. */
export function benchAuthorities(): Promise<Authorities> {
  return authorities ??= makeAuthorities();
}

async function makeAuthorities(): Promise<Authorities> {
  const manufacturer = await makeRoot({ commonName: "Manufacturer Root", organization: "Manufacturer" });
  return {
    centralSystem: await makeRoot({ commonName: "CPO Root", organization: "Conformance CPO" }),
    manufacturer,
    firmwareSigner: await makeFirmwareSigner(manufacturer, { commonName: "Firmware signing" }),
    stranger: await makeRoot({ commonName: "Stranger", organization: "Nobody" }),
  };
}

/** Files and certificates for one case. */
export class ConformanceBench implements FileTransfer, TestBench {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #runner = new JobRunner({ clock: STILL_CLOCK, fileTransfer: this, cryptography: webCryptography });
  readonly #results = new Map<number, (result: JobResult) => void>();
  readonly #owner = { jobDone: (jobId: number, result: JobResult) => this.#results.get(jobId)?.(result) };
  #jobsBegun = 0;
  /** Of CSRs that were made here: their keys and names. */
  readonly #requests = new Map<string, { readonly privateKey: string; readonly name: readonly string[] }>();
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
  async get<R extends BenchRequest>(request: R): Promise<BenchReplies[R["kind"]]> {
    return await this.#made(request) as BenchReplies[R["kind"]];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #made(request: BenchRequest): Promise<BenchReply> {
    switch (request.kind) {
      case "uploadLocation":
        return { location: request.flaw === "missing" ? `${HOST}/missing/` : `${HOST}/uploads/` };
      case "firmware":
        return await this.firmware(request.flaw);
      case "signCertificate":
        return { certificateChain: await signed(request) };
      case "rootCertificate":
        return await rootCertificate(request.use);
      case "signingRequest":
        return await this.#signingRequest(request);
      case "examineCertificate":
        return await this.#examined(request);
    }
  }

  async #signingRequest(
    { commonName, organization }: Extract<BenchRequest, { kind: "signingRequest" }>,
  ): Promise<BenchReplies["signingRequest"]> {
    const made = await webCryptography.createSigningRequest({
      kind: "createSigningRequest",
      commonName,
      organization,
      keyType: "EC",
    });
    if (made.request === undefined) throw new Error(`the bench made no request: ${made.reason}`);
    const { csr, privateKey } = made.request;
    this.#requests.set(csr, { privateKey, name: [commonName, organization] });
    return { csr };
  }

  async #examined(
    { csr, certificateChain: chain }: Extract<BenchRequest, { kind: "examineCertificate" }>,
  ): Promise<BenchReplies["examineCertificate"]> {
    const { privateKey, name } = this.#requests.get(csr)!;
    const read = await webCryptography.readCertificate({
      kind: "readCertificate",
      chain,
      privateKey,
      atMs: Date.now(),
    });
    if (read.refusal !== undefined) return { problem: read.reason };
    const { commonName, organization } = read.certificate!;
    const isNamed = commonName === name[0] && organization === name[1];
    return isNamed ? {} : { problem: `it is for ${commonName} of ${organization}` };
  }

  /** A firmware file with its bytes. */
  async firmware(
    flaw?: Extract<BenchRequest, { kind: "firmware" }>["flaw"],
  ): Promise<BenchReplies["firmware"] & { readonly bytes: Uint8Array<ArrayBuffer> }> {
    const { firmwareSigner, stranger } = await benchAuthorities();
    const location = `${HOST}/${flaw ?? "good"}.bin`;
    // An image names its version in its first line; one that does not is none.
    const head = flaw === "corrupt" ? "ocpp-firmware" : `ocpp-firmware ${FIRMWARE_VERSION}`;
    const bytes = new TextEncoder().encode(`${head}\n${"x".repeat(2_000)}`);
    if (flaw !== "missing") this.#files.set(location, bytes);
    const signer = flaw === "badCertificate" ? stranger : firmwareSigner;
    const signedBytes = flaw === "badSignature" ? bytes.slice(1) : bytes;
    return {
      bytes,
      location,
      signingCertificate: signer.certificate,
      signature: await signatureOf(signer, signedBytes),
      ...(flaw === undefined ? { firmwareVersion: FIRMWARE_VERSION } : {}),
    };
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

async function signed(
  { csr, flaw }: Extract<BenchRequest, { kind: "signCertificate" }>,
): Promise<string> {
  const { centralSystem, stranger } = await benchAuthorities();
  const issuer = flaw === "untrusted" ? stranger : centralSystem;
  const expired = { notBeforeMs: Date.UTC(2019, 0, 1), notAfterMs: Date.UTC(2019, 1, 1) };
  return await answerSigningRequest(issuer, csr, flaw === "expired" ? expired : {});
}

async function rootCertificate(
  use: "CentralSystem" | "Manufacturer",
): Promise<BenchReplies["rootCertificate"]> {
  const { centralSystem, manufacturer } = await benchAuthorities();
  const { certificate } = use === "CentralSystem" ? centralSystem : manufacturer;
  const read = await webCryptography.readCertificate({
    kind: "readCertificate",
    chain: certificate,
    atMs: 0,
  });
  if (read.certificate === undefined) throw new Error(`the bench made no certificate: ${read.reason}`);
  const { hashes, serialNumber } = read.certificate;
  return { certificate, hashes: { hashAlgorithm: "SHA256", ...hashes.SHA256, serialNumber } };
}

async function signatureOf({ keys }: Issued, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, keys.privateKey, bytes));
  return btoa(String.fromCharCode(...signature));
}
