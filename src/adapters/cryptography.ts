/**
 * Keys, requests for certificates, and signatures, with the runtime's WebCrypto.
 */
import type {
  Cryptography,
  SignatureQuestion,
  SigningRequestJob,
  SigningRequestResult,
} from "../runtime/cryptography.ts";
import { loadX509, publicKeyIn, readCertificate } from "./certificates.ts";
import { base64Bytes, pemOf } from "./certificate_text.ts";
import { KEY_ALGORITHM, makeKeyPair, privateKeyPem } from "./key_pair.ts";
import { schemeOfSignature, weaknessOf } from "./public_key.ts";

/** What the payload of SignCertificate has room for. Spec: Security, SignCertificate.req. */
export const CSR_CHARACTERS_MAX = 5500;

/** The real one. */
export const webCryptography: Cryptography = { createSigningRequest, readCertificate, verifySignature };

async function createSigningRequest(
  { commonName, organization, keyType }: SigningRequestJob,
): Promise<SigningRequestResult> {
  const kind = "createSigningRequest";
  const x509 = await loadX509();
  const keys = await makeKeyPair(keyType);
  try {
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      // As plain texts the library would read quotes and a leading # in a way of its own.
      name: new x509.Name([
        { CN: [{ utf8String: commonName }] },
        ...organization === "" ? [] : [{ O: [{ utf8String: organization }] }],
      ]),
      keys,
      signingAlgorithm: KEY_ALGORITHM[keyType],
    });
    const csr = pemOf(request.rawData, "CERTIFICATE REQUEST");
    if (csr.length > CSR_CHARACTERS_MAX) {
      const reason = `the request has ${csr.length} characters, above ${CSR_CHARACTERS_MAX}`;
      return { kind, request: undefined, reason };
    }
    const privateKey = await privateKeyPem(keys);
    return { kind, request: { csr, privateKey }, reason: `${keyType} key for ${commonName}` };
  } catch (error) {
    // The names come from configuration keys; the library refuses what a certificate cannot hold.
    return { kind, request: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function verifySignature(
  { bytes, signingCertificate, signature }: SignatureQuestion,
): Promise<{ isValid: boolean; reason: string }> {
  const key = publicKeyIn(signingCertificate);
  if (key === undefined) return { isValid: false, reason: "the signing certificate is no certificate" };
  const weakness = weaknessOf(key);
  if (weakness !== undefined) return { isValid: false, reason: `the signing certificate has ${weakness}` };
  const decoded = base64Bytes(signature);
  if (decoded === undefined) return { isValid: false, reason: "the signature is no Base64" };
  try {
    const scheme = await schemeOfSignature(key, { bytes, signature: decoded });
    return scheme === undefined
      ? { isValid: false, reason: "the signature is not that of the file and the signing certificate" }
      : { isValid: true, reason: scheme };
  } catch {
    return { isValid: false, reason: "the signing certificate's key cannot be used" };
  }
}
