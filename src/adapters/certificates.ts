/**
 * Certificates read and checked up to roots, with `@peculiar/x509`, which is loaded when the first one comes.
 *
 * Checked are signatures, validity of every certificate on the way, that those above the leaf are certificate
 * authorities within their path length, and the strength of keys and hashes. Not checked are revocation (a
 * simulator asks no OCSP responder) and name constraints.
 */
import type { X509Certificate } from "@peculiar/x509";
import type {
  CertificateContent,
  ReadCertificateJob,
  ReadCertificateResult,
  Refusal,
} from "../runtime/cryptography.ts";
import { type CertificateParts, certificateParts } from "./der.ts";
import { pemBlocks } from "./certificate_text.ts";
import { type PublicKey, publicKeyOf, schemeOfSignature, weaknessOf } from "./public_key.ts";

/** Certificates that one text may hold; more are not looked at. */
export const CHAIN_CERTIFICATES_MAX = 10;

type X509 = typeof import("@peculiar/x509");

/** Loads the library; what it needs of `Reflect` comes first. */
export async function loadX509(): Promise<X509> {
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}

/** A certificate with everything that is asked of it. */
interface Certificate {
  readonly parsed: X509Certificate;
  readonly der: Uint8Array<ArrayBuffer>;
  readonly parts: CertificateParts;
  readonly key: PublicKey;
}

interface Fault {
  readonly refusal: Refusal;
  readonly reason: string;
}

/** Does the job; see `charge_point/job.ts`. */
export async function readCertificate(job: ReadCertificateJob): Promise<ReadCertificateResult> {
  const x509 = await loadX509();
  const [leaf, ...others] = certificatesIn(job.chain, x509);
  if (leaf === undefined) {
    const reason = "the text is no certificate";
    return { kind: "readCertificate", certificate: undefined, refusal: "notACertificate", reason };
  }
  const roots = (job.roots ?? []).flatMap((root) => certificatesIn(root, x509));
  const above = [...roots, ...others];
  const certificate = await contentOf(leaf, await issuerOf(leaf, above), x509);
  const fault = faultOf(leaf, job.atMs) ??
    (job.roots === undefined ? undefined : await faultOfChain({ leaf, others, roots }, job.atMs, x509)) ??
    (job.privateKey === undefined ? undefined : await faultOfKey(leaf, job.privateKey));
  const reason = fault?.reason ?? `${nameOf(leaf)} is in order`;
  return { kind: "readCertificate", certificate, refusal: fault?.refusal, reason };
}

/** The key of the first certificate of a text; `undefined` where there is none. */
export function publicKeyIn(text: string): PublicKey | undefined {
  try {
    const [der] = pemBlocks(text, "CERTIFICATE");
    return der === undefined ? undefined : publicKeyOf(certificateParts(der).publicKeyInfo);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** In order, up to the first block that is no certificate. */
function certificatesIn(text: string, x509: X509): Certificate[] {
  const certificates: Certificate[] = [];
  for (const der of pemBlocks(text, "CERTIFICATE").slice(0, CHAIN_CERTIFICATES_MAX)) {
    try {
      const parts = certificateParts(der);
      const parsed = new x509.X509Certificate(der);
      certificates.push({ parsed, der, parts, key: publicKeyOf(parts.publicKeyInfo) });
    } catch {
      break; // the library throws errors of many kinds for what is no certificate
    }
  }
  return certificates;
}

/** Who signed it, out of these or itself. */
async function issuerOf(
  certificate: Certificate,
  candidates: readonly Certificate[],
): Promise<Certificate | undefined> {
  for (const candidate of [certificate, ...candidates]) {
    if (await isSignedBy(certificate, candidate)) return candidate;
  }
  return undefined;
}

async function isSignedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  if (!isEqual(certificate.parts.issuer, issuer.parts.subject)) return false;
  try {
    return await certificate.parsed.verify({ publicKey: issuer.parsed.publicKey, signatureOnly: true });
  } catch {
    return false; // an algorithm that the runtime does not have
  }
}

/** What is wrong with a certificate by itself. */
function faultOf(certificate: Certificate, atMs: number): Fault | undefined {
  const { parsed, key, parts } = certificate;
  const weakness = weaknessOf(key) ??
    // The signature of a root upon itself proves nothing, so its hash does not matter.
    (isEqual(parts.issuer, parts.subject) ? undefined : weaknessOfHash(parsed));
  if (weakness !== undefined) return { refusal: "weak", reason: `${nameOf(certificate)} has ${weakness}` };
  if (atMs < parsed.notBefore.getTime()) {
    const reason = `${nameOf(certificate)} is not valid before ${parsed.notBefore.toISOString()}`;
    return { refusal: "notYetValid", reason };
  }
  if (atMs > parsed.notAfter.getTime()) {
    const reason = `${nameOf(certificate)} has expired at ${parsed.notAfter.toISOString()}`;
    return { refusal: "expired", reason };
  }
  return undefined;
}

function weaknessOfHash({ signatureAlgorithm: { hash } }: X509Certificate): string | undefined {
  return hash?.name === "SHA-1" ? "a signature over SHA-1" : undefined;
}

/** What is wrong on the way from a leaf to a root. */
async function faultOfChain(
  { leaf, others, roots }: {
    leaf: Certificate;
    others: readonly Certificate[];
    roots: readonly Certificate[];
  },
  atMs: number,
  x509: X509,
): Promise<Fault | undefined> {
  let current = leaf;
  for (let authorities = 0; authorities <= CHAIN_CERTIFICATES_MAX; authorities++) {
    if (roots.some(({ der }) => isEqual(der, current.der))) return undefined;
    const issuer = await issuerOf(current, [...roots, ...others]);
    if (issuer === undefined || issuer === current) {
      const reason = `${nameOf(current)} was issued by ${issuer === current ? "itself" : "somebody unknown"}`;
      return { refusal: "untrusted", reason: `${reason} and is no trusted root` };
    }
    const fault = faultOf(issuer, atMs) ?? faultOfAuthority(issuer, authorities, x509);
    if (fault !== undefined) return fault;
    current = issuer;
  }
  return { refusal: "untrusted", reason: "the chain is too long" };
}

/** `below`: how many certificate authorities stand between it and the leaf. Spec: RFC 5280 §4.2.1.9. */
function faultOfAuthority(authority: Certificate, below: number, x509: X509): Fault | undefined {
  const pathLength = authority.parsed.getExtension(x509.BasicConstraintsExtension)?.pathLength;
  if (isAuthority(authority, x509) && below <= (pathLength ?? Infinity)) return undefined;
  const reason = `${nameOf(authority)} may not issue ${
    below === 0 ? "certificates" : "certificate authorities"
  }`;
  return { refusal: "notACertificateAuthority", reason };
}

function isAuthority({ parsed }: Certificate, x509: X509): boolean {
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages;
  const maySign = usages === undefined || (usages & x509.KeyUsageFlags.keyCertSign) !== 0;
  return maySign && parsed.getExtension(x509.BasicConstraintsExtension)?.ca === true;
}

/** Whether a private key is the leaf's: what it signs must be verified by the certificate. */
async function faultOfKey({ key }: Certificate, privateKey: string): Promise<Fault | undefined> {
  const wrong: Fault = { refusal: "wrongKey", reason: "the private key is not the certificate's" };
  const [pkcs8] = pemBlocks(privateKey, "PRIVATE KEY");
  if (pkcs8 === undefined) return wrong;
  const algorithm = key.curve === undefined
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: key.curve, hash: "SHA-256" };
  const bytes = new TextEncoder().encode("a key and its certificate");
  try {
    const imported = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
    const signature = new Uint8Array(await crypto.subtle.sign(algorithm, imported, bytes));
    return await schemeOfSignature(key, { bytes, signature }) === undefined ? wrong : undefined;
  } catch {
    return wrong; // a key of another type, or no key
  }
}

/**
 * The issuer's key is hashed where the issuer is at hand: a root is its own, others are looked for among the given
 * certificates. Otherwise the certificate's own key takes its place, so that the hashes still tell it from others.
 */
async function contentOf(
  certificate: Certificate,
  issuer: Certificate | undefined,
  x509: X509,
): Promise<CertificateContent> {
  const { parsed, parts, key } = certificate;
  const issuerKey = (issuer?.key ?? key).keyBytes;
  const hashesOf = async (algorithm: "SHA-256" | "SHA-384" | "SHA-512") => ({
    issuerNameHash: await digestHex(algorithm, parts.issuer),
    issuerKeyHash: await digestHex(algorithm, issuerKey),
  });
  return {
    commonName: parsed.subjectName.getField("CN")[0] ?? "",
    organization: parsed.subjectName.getField("O")[0] ?? "",
    serialNumber: parsed.serialNumber.toLowerCase().replace(/^0+(?=.)/, ""),
    notBeforeMs: parsed.notBefore.getTime(),
    notAfterMs: parsed.notAfter.getTime(),
    isCertificateAuthority: isAuthority(certificate, x509),
    hashes: {
      SHA256: await hashesOf("SHA-256"),
      SHA384: await hashesOf("SHA-384"),
      SHA512: await hashesOf("SHA-512"),
    },
  };
}

async function digestHex(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes)).toHex();
}

function nameOf({ parsed }: Certificate): string {
  return `the certificate of ${parsed.subject === "" ? "nobody" : parsed.subject}`;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
