/**
 * The certificates of compliance cases: authorities of the operator's own or made on the spot, and what cases have them
 * sign.
 */
import { X509Certificate } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import type { BenchReplies, BenchRequest } from "../../conformance/bench.ts";
import {
  type CertificateTerms,
  type KeyedCertificate,
  makeBenchFirmwareSigner,
  makeBenchRoot,
} from "../bench_certificates.ts";
import { type AuthorityFiles, isRoot, subAuthorities } from "../certificate_authority.ts";
import { issueCertificate } from "../certificate_issuing.ts";
import { readSigningRequest, type RequestedNames } from "../certificate_request.ts";
import { webCryptography } from "../cryptography.ts";
import { signingKeyOf } from "../key_pair.ts";
import { type FirmwareSignatureScheme, signatureOver } from "./firmware_signature.ts";

const logger = getLogger(["ocpp", "bench"]);

/** Signing requests of the tester's whose keys are remembered; the oldest goes first. */
const SIGNING_REQUESTS_MAX = 1_000;

/** How long certificates hold that were made here. */
const VALID_DAYS = 365;

const DAY_MS = 24 * 3_600_000;

/** What is long over. */
const EXPIRED: Validity = { notBeforeMs: Date.UTC(2019, 0, 1), notAfterMs: Date.UTC(2019, 1, 1) };

/** Whoever signs something. */
export interface BenchAuthorities {
  /** Signs certificates of Charge Points and of the Central System. */
  readonly centralSystem: AuthorityFiles;
  /** Stands above whoever signs firmware. */
  readonly manufacturer: AuthorityFiles;
  /** Nobody trusts this one. */
  readonly stranger: AuthorityFiles;
}

/** What can be chosen. */
export interface BenchCertificateOptions {
  /** The operator's own authorities; those that are missing are made. */
  readonly authorities?: Partial<BenchAuthorities> | undefined;
  /** The operator in certificates that are made. */
  readonly organization?: string | undefined;
  /** How firmware is signed. */
  readonly signatureScheme?: FirmwareSignatureScheme | undefined;
  /** Of what is made here; absent: from yesterday, for a year. */
  readonly validity?: Validity | undefined;
}

/** When a certificate holds. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

type Of<K extends BenchRequest["kind"]> = Extract<BenchRequest, { kind: K }>;

/** Somebody who signs firmware. */
interface FirmwareSigner extends KeyedCertificate {
  readonly chain: string;
}

/** Gives certificates, and looks at those of others. Errors: rejects where an authority cannot be worked with. */
export class BenchCertificates {
  readonly authorities: BenchAuthorities;
  readonly #scheme: FirmwareSignatureScheme;
  readonly #validity: Validity;
  readonly #signers: Readonly<Record<"trusted" | "untrusted", FirmwareSigner>>;
  /** Of CSRs that were made here: their keys and names. */
  readonly #requests = new Map<
    string,
    { readonly privateKey: string; readonly names: Of<"signingRequest"> }
  >();

  /** Errors: `RangeError` for an authority whose key cannot sign certificates here. */
  static async make(options: BenchCertificateOptions = {}): Promise<BenchCertificates> {
    const { authorities = {}, organization = "Conformance CPO", validity = fromToday() } = options;
    const { signatureScheme: scheme = "RSA PKCS#1 v1.5" } = options;
    const { notBeforeMs, notAfterMs } = validity;
    // They begin a day before what is now to them.
    const terms: CertificateTerms = { organization, keyType: "EC", nowMs: notBeforeMs + DAY_MS, notAfterMs };
    const made = async (of: string): Promise<AuthorityFiles> => {
      const keyed = await makeBenchRoot({ ...terms, organization: of });
      return { ...keyed, certificates: [keyed.certificate] };
    };
    const all: BenchAuthorities = {
      centralSystem: authorities.centralSystem ?? await made(organization),
      manufacturer: authorities.manufacturer ?? await made("Conformance Manufacturer"),
      stranger: authorities.stranger ?? await made("Conformance Stranger"),
    };
    for (const { privateKey, certificate } of Object.values(all)) await signingKeyOf(privateKey, certificate);
    const signer = async (authority: AuthorityFiles): Promise<FirmwareSigner> => {
      const keyed = await makeBenchFirmwareSigner(authority, "Firmware signing", {
        ...terms,
        organization: organizationOf(authority),
        keyType: scheme === "ECDSA" ? "EC" : "RSA",
      });
      return { ...keyed, chain: [keyed.certificate, ...subAuthorities(authority)].join("") };
    };
    const signers = { trusted: await signer(all.manufacturer), untrusted: await signer(all.stranger) };
    return new BenchCertificates(all, { scheme, validity, signers });
  }

  private constructor(authorities: BenchAuthorities, { scheme, validity, signers }: {
    readonly scheme: FirmwareSignatureScheme;
    readonly validity: Validity;
    readonly signers: Readonly<Record<"trusted" | "untrusted", FirmwareSigner>>;
  }) {
    this.authorities = authorities;
    this.#scheme = scheme;
    this.#validity = validity;
    this.#signers = signers;
  }

  /** The certificate that a CSR asks for, or what is wrong with that; `undefined` where it cannot be looked at here. */
  async signCertificate(
    { csr, flaw, ...expected }: Of<"signCertificate">,
  ): Promise<BenchReplies["signCertificate"] | undefined> {
    const read = await readSigningRequest(csr);
    if (!read.ok) {
      if (read.isUnknownHere !== true) return { problem: read.reason };
      logger.warn("no certificate is made: {reason}", { reason: read.reason });
      return undefined;
    }
    const problem = problemOf(read.names, expected);
    if (problem !== undefined) return { problem };
    const { commonNames: [commonName = ""], organizations: [organization] } = read.names;
    const { centralSystem, stranger } = this.authorities;
    const issuer = flaw === "untrusted" ? stranger : centralSystem;
    const { notBeforeMs, notAfterMs } = this.#validity;
    const validity = flaw === "expired"
      ? EXPIRED
      : { notBeforeMs, notAfterMs: Math.min(notAfterMs, endOf(issuer.certificate)) };
    const certificate = await issueCertificate({
      commonName,
      ...(organization === undefined ? {} : { organization }),
      publicKey: read.request.publicKey,
      use: { kind: "client" },
      ...validity,
    }, {
      certificate: issuer.certificate,
      key: await signingKeyOf(issuer.privateKey, issuer.certificate),
    });
    return { certificateChain: [certificate, ...subAuthorities(issuer)].join("") };
  }

  /** A CSR of the tester's. */
  async signingRequest(names: Of<"signingRequest">): Promise<BenchReplies["signingRequest"] | undefined> {
    const { commonName, organization } = names;
    const { request, reason } = await webCryptography.createSigningRequest({
      kind: "createSigningRequest",
      commonName,
      organization,
      keyType: "EC",
    });
    if (request === undefined) {
      logger.warn("no signing request is made: {reason}", { reason });
      return undefined;
    }
    if (this.#requests.size >= SIGNING_REQUESTS_MAX) {
      for (const oldest of this.#requests.keys()) {
        this.#requests.delete(oldest);
        break;
      }
    }
    this.#requests.set(request.csr, { privateKey: request.privateKey, names });
    return { csr: request.csr };
  }

  /** Looks at a certificate for a CSR of the tester's; `undefined` where that is none. */
  async examineCertificate(
    { csr, certificateChain: chain }: Of<"examineCertificate">,
  ): Promise<BenchReplies["examineCertificate"] | undefined> {
    const asked = this.#requests.get(csr);
    if (asked === undefined) return undefined;
    const { certificate, refusal, reason } = await webCryptography.readCertificate({
      kind: "readCertificate",
      chain,
      privateKey: asked.privateKey,
      atMs: Date.now(),
    });
    if (certificate === undefined || refusal !== undefined) return { problem: reason };
    const { commonName, organization } = certificate;
    const isNamed = commonName === asked.names.commonName && organization === asked.names.organization;
    return isNamed ? {} : { problem: `it is for ${commonName} of ${organization}` };
  }

  /** The certificate that everything of an authority leads to. */
  async rootCertificate(
    { use }: Of<"rootCertificate">,
  ): Promise<BenchReplies["rootCertificate"] | undefined> {
    const { centralSystem, manufacturer } = this.authorities;
    const certificate = topOf(use === "CentralSystem" ? centralSystem : manufacturer);
    const read = await webCryptography.readCertificate({
      kind: "readCertificate",
      chain: certificate,
      atMs: Date.now(),
    });
    if (read.certificate === undefined) return undefined;
    const { hashes, serialNumber } = read.certificate;
    return { certificate, hashes: { hashAlgorithm: "SHA256", ...hashes.SHA256, serialNumber } };
  }

  /** Signs firmware; `untrusted`: as somebody below the stranger. */
  async signFirmware(
    bytes: Uint8Array<ArrayBuffer>,
    by: "trusted" | "untrusted" = "trusted",
  ): Promise<{ readonly signingCertificate: string; readonly signature: string }> {
    const signer = this.#signers[by];
    return { signingCertificate: signer.chain, signature: await signatureOver(bytes, signer, this.#scheme) };
  }
}

/** What is wrong with the names in a CSR. Spec: Security §2.6: the serial number as its one CN, the operator as O. */
function problemOf(
  { commonNames: [commonName, ...others], organizations }: RequestedNames,
  expected: Pick<Of<"signCertificate">, "organization" | "commonNames">,
): string | undefined {
  if (commonName === undefined || commonName === "") return "the CSR has no CN";
  if (others.length > 0) return `the CSR has ${others.length + 1} CNs instead of one`;
  if (expected.commonNames?.includes(commonName) === false) {
    return `the CSR has not the serial number ${
      expected.commonNames.join(" or ")
    } as its CN, but ${commonName}`;
  }
  if (expected.organization === undefined || organizations.join() === expected.organization) return undefined;
  const said = organizations.length === 0 ? "none" : organizations.join(" and ");
  return `the CSR has not the CpoName ${expected.organization} as its O, but ${said}`;
}

function fromToday(): Validity {
  const notBeforeMs = Date.now() - DAY_MS;
  return { notBeforeMs, notAfterMs: notBeforeMs + VALID_DAYS * DAY_MS };
}

function endOf(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

/** The root, or the highest that is known. */
function topOf(authority: AuthorityFiles): string {
  const { certificate, certificates } = authority;
  const highest = subAuthorities(authority).at(-1) ?? certificate;
  if (isRoot(highest)) return highest;
  const below = new X509Certificate(highest);
  return certificates.find((one) => isRoot(one) && below.checkIssued(new X509Certificate(one))) ?? highest;
}

function organizationOf({ certificate }: AuthorityFiles): string {
  return /^O=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? "Conformance";
}
