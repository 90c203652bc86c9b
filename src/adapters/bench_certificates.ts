/**
 * The certificates of a test bench: an authority of one's own, a Central System and Charge Points below it.
 *
 * Spec: Security §4 (certificate properties): O is the operator, CN of a Central System its host, CN of a Charge
 * Point its serial number.
 */
import { X509Certificate } from "node:crypto";
import { issueCertificate } from "./certificate_issuing.ts";
import { type KeyType, makeKeyPair, privateKeyPem, signingKeyOf } from "./key_pair.ts";
import { subjectOf } from "./subject_name.ts";

/** How long before now a certificate begins: the clocks of a test bench are not to be trusted. Units: ms. */
const BEGUN_BEFORE_MS = 24 * 3_600_000;

/** A certificate and its key, PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What all of them have in common. Units: `notAfterMs` since 1970. */
export interface CertificateTerms {
  readonly organization: string;
  readonly keyType: KeyType;
  readonly nowMs: number;
  readonly notAfterMs: number;
}

/** An authority that signs itself. */
export async function makeBenchRoot(
  { organization, keyType, nowMs, notAfterMs }: CertificateTerms,
): Promise<KeyedCertificate> {
  const keys = await makeKeyPair(keyType);
  const privateKey = await privateKeyPem(keys);
  const certificate = await issueCertificate({
    commonName: `${organization} Root`,
    organization,
    publicKey: keys.publicKey,
    use: { kind: "authority" },
    notBeforeMs: nowMs - BEGUN_BEFORE_MS,
    notAfterMs,
  }, { certificate: undefined, key: { privateKey: keys.privateKey, algorithm: signingAlgorithm(keyType) } });
  return { certificate, privateKey };
}

/** The Central System's, for these hosts; the first is its CN. */
export function makeBenchServer(
  root: KeyedCertificate,
  { dnsNames, addresses, commonName }: {
    readonly dnsNames: readonly string[];
    readonly addresses: readonly string[];
    readonly commonName: string;
  },
  terms: CertificateTerms,
): Promise<KeyedCertificate> {
  const use = { kind: "server", dnsNames, addresses, isRsa: terms.keyType === "RSA" } as const;
  return issueBelow(root, { commonName, use }, terms);
}

/** A Charge Point's. */
export function makeBenchClient(
  root: KeyedCertificate,
  serialNumber: string,
  terms: CertificateTerms,
): Promise<KeyedCertificate> {
  return issueBelow(root, { commonName: serialNumber, use: { kind: "client" } }, terms);
}

/** A manufacturer's, to sign firmware with. */
export function makeBenchFirmwareSigner(
  root: KeyedCertificate,
  commonName: string,
  terms: CertificateTerms,
): Promise<KeyedCertificate> {
  return issueBelow(root, { commonName, use: { kind: "firmwareSigner" } }, terms);
}

async function issueBelow(
  root: KeyedCertificate,
  what: Pick<Parameters<typeof issueCertificate>[0], "commonName" | "use">,
  { organization, keyType, nowMs, notAfterMs }: CertificateTerms,
): Promise<KeyedCertificate> {
  const keys = await makeKeyPair(keyType);
  const privateKey = await privateKeyPem(keys);
  const certificate = await issueCertificate({
    ...what,
    organization,
    publicKey: keys.publicKey,
    notBeforeMs: nowMs - BEGUN_BEFORE_MS,
    notAfterMs: Math.min(notAfterMs, endOf(root.certificate)),
  }, { certificate: root.certificate, key: await signingKeyOf(root.privateKey, root.certificate) });
  return { certificate, privateKey };
}

function signingAlgorithm(keyType: KeyType) {
  return { name: keyType === "RSA" ? "RSASSA-PKCS1-v1_5" : "ECDSA", hash: "SHA-256" };
}

/** What a certificate (PEM) says of itself. Units: ms since 1970. */
export function certificateFacts(certificate: string): {
  readonly commonName: string;
  readonly organization: string;
  readonly notAfterMs: number;
} {
  const { commonNames, organizations } = subjectOf(new Uint8Array(new X509Certificate(certificate).raw));
  return {
    commonName: commonNames[0] ?? "",
    organization: organizations[0] ?? "",
    notAfterMs: endOf(certificate),
  };
}

function endOf(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}
