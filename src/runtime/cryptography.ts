/**
 * The port to cryptography: what `adapters/cryptography.ts` makes real. Texts are PEM, signatures Base64.
 */
import type { CertificateInfo, CertificateRefusal, Job, JobResult } from "../charge_point/job.ts";

/** A key pair and a PKCS#10 request are wanted. */
export type SigningRequestJob = Extract<Job, { kind: "createSigningRequest" }>;
/** A certificate is to be read, and checked as far as `roots` and `privateKey` ask for it. */
export type ReadCertificateJob = Extract<Job, { kind: "readCertificate" }>;
/** What came of a `SigningRequestJob`. */
export type SigningRequestResult = Extract<JobResult, { kind: "createSigningRequest" }>;
/** What came of a `ReadCertificateJob`. */
export type ReadCertificateResult = Extract<JobResult, { kind: "readCertificate" }>;
/** What a certificate says. */
export type CertificateContent = CertificateInfo;
/** Why a certificate will not do. */
export type Refusal = CertificateRefusal;

/** Is this the signature of that certificate's key over these bytes? */
export interface SignatureQuestion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The signer's certificate first; whatever follows is not looked at. */
  readonly signingCertificate: string;
  readonly signature: string;
}

/** Keys, certificates and signatures. Errors: none for texts of any kind; they are part of the result. */
export interface Cryptography {
  createSigningRequest(job: SigningRequestJob): Promise<SigningRequestResult>;
  readCertificate(job: ReadCertificateJob): Promise<ReadCertificateResult>;
  /** SHA-256 throughout. `reason` is one line for a person, and says what held where `isValid`. */
  verifySignature(
    question: SignatureQuestion,
  ): Promise<{ readonly isValid: boolean; readonly reason: string }>;
}
