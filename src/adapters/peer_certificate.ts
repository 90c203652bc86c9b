/**
 * The certificate that a peer showed, as the owner of a listener is told of it: by its subject, or why it does not
 * count.
 */
import { X509Certificate } from "node:crypto";
import type { PeerTls } from "../runtime/listener.ts";
import { type SubjectName, subjectOf } from "./subject_name.ts";

/** What the subject of a certificate that was verified says. Spec: Security §2.6 (CN and O of a Charge Point). */
export function verifiedCertificate(der: Uint8Array<ArrayBuffer>): PeerTls {
  let subject: SubjectName;
  try {
    subject = subjectOf(der);
  } catch (error) {
    return untrusted(`the client certificate cannot be read: ${(error as Error).message}`);
  }
  const { commonNames: [commonName, ...otherNames], organizations } = subject;
  // Which of several names counts would be a guess, and somebody's way in.
  if (commonName === undefined || commonName === "") {
    return untrusted("the client certificate has no common name");
  }
  if (otherNames.length > 0) return untrusted("the client certificate has more than one common name");
  if (organizations.length > 1) return untrusted("the client certificate has more than one organization");
  return { clientCertificate: { commonName, organization: organizations[0] } };
}

/** Why a certificate that was not verified was not, as far as it can be told. */
export function unverifiedCertificate(
  der: Uint8Array<ArrayBuffer>,
  { roots, nowMs }: { readonly roots: readonly string[]; readonly nowMs: number },
): PeerTls {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return untrusted("the client certificate cannot be read");
  }
  const { issuer, subject } = certificate;
  const whose = `the client certificate of ${oneLine(subject)}`;
  const { notBeforeMs, notAfterMs } = validityOf(certificate);
  if (nowMs > notAfterMs) return untrusted(`${whose} has expired at ${new Date(notAfterMs).toISOString()}`);
  if (nowMs < notBeforeMs) {
    return untrusted(`${whose} is not valid before ${new Date(notBeforeMs).toISOString()}`);
  }
  const isOfOurs = roots.some((root) => isIssuedBy(certificate, root));
  if (isOfOurs) return untrusted(`${whose} is not one for TLS clients`);
  return untrusted(`${whose} was issued by ${oneLine(issuer)}, which does not lead to the client CA`);
}

/** From when to when a certificate is valid. */
export function validityOf(
  { validFrom, validTo }: X509Certificate,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  return { notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) };
}

function isIssuedBy(certificate: X509Certificate, root: string): boolean {
  try {
    return certificate.verify(new X509Certificate(root).publicKey);
  } catch {
    return false; // a key of another kind
  }
}

/** `node:crypto` writes each part of a name on a line of its own. */
function oneLine(name: string): string {
  return name === "" ? "nobody" : name.replaceAll("\n", ", ");
}

function untrusted(untrustedCertificate: string): PeerTls {
  return { untrustedCertificate };
}
