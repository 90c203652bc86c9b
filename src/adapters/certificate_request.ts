/**
 * Requests for certificates, read and looked at: is it one, is its key strong enough, has its sender that key.
 *
 * Spec: RFC 2986 (PKCS#10); Security §4 (key sizes, SHA-256).
 */
import type { Pkcs10CertificateRequest } from "@peculiar/x509";
import { pemBlocks } from "./certificate_text.ts";
import { loadX509 } from "./certificates.ts";
import { fieldOf, onlyElement, TAG } from "./der.ts";
import { type PublicKey, publicKeyOf, weaknessOf } from "./public_key.ts";
import { namesIn } from "./subject_name.ts";

/** What a request wants to be called. */
export type RequestedNames = ReturnType<typeof namesIn>;

/**
 * Reads a request whose sender has the key that it is about.
 *
 * Errors: none; `reason` is one line. `isUnknownHere`: that it cannot be checked says nothing against it.
 */
export async function readSigningRequest(
  csr: string,
): Promise<
  | { readonly ok: true; readonly request: Pkcs10CertificateRequest; readonly names: RequestedNames }
  | { readonly ok: false; readonly reason: string; readonly isUnknownHere?: true }
> {
  const [der] = [
    ...pemBlocks(csr, "CERTIFICATE REQUEST"),
    ...pemBlocks(csr, "NEW CERTIFICATE REQUEST"),
  ];
  if (der === undefined) return { ok: false, reason: "the CSR is no certificate request in PEM" };
  const x509 = await loadX509();
  let request: Pkcs10CertificateRequest;
  let names: RequestedNames;
  let key: PublicKey;
  try {
    const content = fieldOf(onlyElement(der, TAG.sequence), 0);
    names = namesIn(fieldOf(content, 1).bytes);
    key = publicKeyOf(fieldOf(content, 2).bytes);
    request = new x509.Pkcs10CertificateRequest(der);
  } catch {
    return { ok: false, reason: "the CSR cannot be read" };
  }
  const weakness = weaknessOf(key);
  if (weakness !== undefined) {
    const reason = `the CSR has ${weakness}`;
    return key.kind === "other" ? { ok: false, reason, isUnknownHere: true } : { ok: false, reason };
  }
  const { hash } = request.signatureAlgorithm as { readonly hash?: { readonly name: string } };
  if (hash?.name === "SHA-1") return { ok: false, reason: "the CSR has a signature over SHA-1" };
  let isSigned: boolean;
  try {
    isSigned = await request.verify();
  } catch {
    const reason = "the CSR has a signature of a kind that cannot be checked here";
    return { ok: false, reason, isUnknownHere: true };
  }
  return isSigned
    ? { ok: true, request, names }
    : { ok: false, reason: "the CSR is not signed with the key that it is about" };
}
