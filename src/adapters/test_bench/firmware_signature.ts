/**
 * Signatures over firmware, in the ways that Charge Points are found to understand.
 *
 * Spec: Security §5 has RSA-PSS or ECSchnorr; what is met is RSA PKCS#1 v1.5, RSA-PSS, and ECDSA as DER.
 */
import { pemBlocks } from "../certificate_text.ts";
import type { KeyedCertificate } from "../bench_certificates.ts";
import { encodeElement, TAG } from "../der.ts";

export type FirmwareSignatureScheme = "RSA PKCS#1 v1.5" | "RSA-PSS" | "ECDSA";

/** As long as the hash. Units: bytes. */
const PSS_SALT_BYTES = 32;

const ALGORITHMS = {
  "RSA PKCS#1 v1.5": {
    importing: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    signing: { name: "RSASSA-PKCS1-v1_5" },
  },
  "RSA-PSS": {
    importing: { name: "RSA-PSS", hash: "SHA-256" },
    signing: { name: "RSA-PSS", saltLength: PSS_SALT_BYTES },
  },
  ECDSA: {
    importing: { name: "ECDSA", namedCurve: "P-256" },
    signing: { name: "ECDSA", hash: "SHA-256" },
  },
} as const;

/** Signs over SHA-256; gives Base64. The key must be of the scheme's kind, on P-256 where that is EC. */
export async function signatureOver(
  bytes: Uint8Array<ArrayBuffer>,
  { privateKey }: KeyedCertificate,
  scheme: FirmwareSignatureScheme,
): Promise<string> {
  const { importing, signing } = ALGORITHMS[scheme];
  const [pkcs8] = pemBlocks(privateKey, "PRIVATE KEY");
  const key = await crypto.subtle.importKey("pkcs8", pkcs8!, importing, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign(signing, key, bytes));
  return (scheme === "ECDSA" ? derOfRaw(signature) : signature).toBase64();
}

/** The two numbers side by side, as a sequence of two INTEGERs. Spec: RFC 3279 §2.2.3. */
function derOfRaw(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  const integers = [raw.subarray(0, half), raw.subarray(half)].map((digits) => {
    const first = digits.findIndex((byte) => byte !== 0);
    const number = first < 0 ? digits.subarray(half - 1) : digits.subarray(first);
    // A first bit that is set would make it negative.
    return number[0]! >= 0x80
      ? encodeElement(TAG.integer, new Uint8Array([0]), number)
      : encodeElement(TAG.integer, number);
  });
  return encodeElement(TAG.sequence, ...integers);
}
