/**
 * Certificates and private keys as they stand in PEM files: checked when they are read, so that a wrong file is
 * told at once and not as a strange failure of TLS.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** What a PEM file is read as; `why` is a clause without anything secret. */
export type PemFault = { readonly ok: false; readonly why: string };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Every certificate of a PEM text, one or more, each as a PEM text that ends in a line feed. */
export function readCertificates(
  text: string,
): { readonly ok: true; readonly certificates: readonly string[] } | PemFault {
  const certificates = (text.match(CERTIFICATE) ?? []).map((one) => `${one}\n`);
  if (certificates.length === 0) {
    return text.includes("PRIVATE KEY-----")
      ? { ok: false, why: "it holds a private key and no certificate" }
      : { ok: false, why: "it holds no certificate; a PEM file has -----BEGIN CERTIFICATE----- in it" };
  }
  for (const [index, one] of certificates.entries()) {
    try {
      new X509Certificate(one);
    } catch {
      return { ok: false, why: `certificate ${index + 1} of ${certificates.length} in it is damaged` };
    }
  }
  return { ok: true, certificates };
}

/** The private key of a PEM text (PKCS#8, PKCS#1 or SEC 1) as PKCS#8; it must belong to this certificate. */
export function readPrivateKey(
  text: string,
  { certificate }: { certificate: string },
): { readonly ok: true; readonly privateKey: string } | PemFault {
  if (!text.includes("PRIVATE KEY-----")) {
    return { ok: false, why: "it holds no private key; a PEM file has -----BEGIN PRIVATE KEY----- in it" };
  }
  if (/ENCRYPTED/.test(text)) {
    return {
      ok: false,
      why: 'the key is encrypted; decrypt it with "openssl pkey -in <file> -out <new file>"',
    };
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    return { ok: false, why: "the private key in it is damaged, or of an unknown kind" };
  }
  if (!new X509Certificate(certificate).checkPrivateKey(key)) {
    return { ok: false, why: "the private key does not belong to the certificate" };
  }
  return { ok: true, privateKey: String(key.export({ type: "pkcs8", format: "pem" })) };
}

/** Why a certificate (PEM) is not valid at a moment, if it is not. */
export function validityFault(certificate: string, nowMs: number): string | undefined {
  const { subject, validFrom, validTo } = new X509Certificate(certificate);
  const whose = `the certificate of ${subject.replaceAll("\n", ", ")} in it`;
  if (nowMs > Date.parse(validTo)) return `${whose} has expired at ${validTo}`;
  return nowMs < Date.parse(validFrom) ? `${whose} is not valid before ${validFrom}` : undefined;
}

/** Why a certificate (PEM) is no authority's, if it is none. */
export function authorityFault(certificate: string): string | undefined {
  const { ca, subject } = new X509Certificate(certificate);
  return ca
    ? undefined
    : `the certificate of ${subject.replaceAll("\n", ", ")} in it is no certificate authority's`;
}
