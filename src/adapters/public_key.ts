/**
 * Public keys, told from their SubjectPublicKeyInfo, and signatures checked with them.
 */
import { bitStringBytes, elementsOf, encodeElement, fieldOf, onlyElement, TAG } from "./der.ts";

/** A key that signatures can be checked with, or of which only the sort is known. */
export interface PublicKey {
  readonly kind: "RSA" | "RSA-PSS" | "EC" | "other";
  /** Of the modulus, or of the curve's field. */
  readonly bits: number;
  readonly curve: EcCurve | undefined;
  /** The content of the key's bit string: what OCSP and OCPP hash. */
  readonly keyBytes: Uint8Array<ArrayBuffer>;
  readonly publicKeyInfo: Uint8Array<ArrayBuffer>;
}

type EcCurve = "P-256" | "P-384" | "P-521";

/** Keys below this are refused. Spec: Security §4 (keys): as strong as RSA 2048 or EC 224. */
export const RSA_BITS_MIN = 2048;
/** The same for elliptic curves. */
export const EC_BITS_MIN = 224;

/** Contents of object identifiers, hexadecimal. */
const ALGORITHM_OF: Readonly<Record<string, PublicKey["kind"]>> = {
  "2a864886f70d010101": "RSA", // rsaEncryption
  "2a864886f70d01010a": "RSA-PSS", // id-RSASSA-PSS
  "2a8648ce3d0201": "EC", // id-ecPublicKey
};
const CURVE_OF: Readonly<Record<string, EcCurve>> = {
  "2a8648ce3d030107": "P-256",
  "2b81040022": "P-384",
  "2b81040023": "P-521",
};
const CURVE_BITS: Readonly<Record<EcCurve, number>> = { "P-256": 256, "P-384": 384, "P-521": 521 };

/** rsaEncryption with its NULL, as DER. */
const RSA_ENCRYPTION = Uint8Array.fromHex("300d06092a864886f70d0101010500");

/** Reads a SubjectPublicKeyInfo. Errors: throws `RangeError` where it is none. */
export function publicKeyOf(publicKeyInfo: Uint8Array<ArrayBuffer>): PublicKey {
  const info = onlyElement(publicKeyInfo, TAG.sequence);
  const algorithm = fieldOf(info, 0);
  const keyBytes = bitStringBytes(fieldOf(info, 1));
  const kind = ALGORITHM_OF[fieldOf(algorithm, 0).content.toHex()] ?? "other";
  const curve = kind === "EC" ? CURVE_OF[fieldOf(algorithm, 1).content.toHex()] : undefined;
  return { kind, bits: bitsOf(kind, curve, keyBytes), curve, keyBytes, publicKeyInfo };
}

function bitsOf(
  kind: PublicKey["kind"],
  curve: EcCurve | undefined,
  keyBytes: Uint8Array<ArrayBuffer>,
): number {
  if (kind === "other") return 0;
  if (curve !== undefined) return CURVE_BITS[curve];
  // A point of a curve that is not known here: one byte of form, then two coordinates.
  if (kind === "EC") return Math.floor((keyBytes.length - 1) / 2) * 8;
  const modulus = fieldOf(onlyElement(keyBytes, TAG.sequence), 0);
  const digits = modulus.content.toHex().replace(/^0+/, "");
  return digits === "" ? 0 : (digits.length - 1) * 4 + parseInt(digits[0]!, 16).toString(2).length;
}

/** Why a key is too weak to be trusted; `undefined` where it is strong enough. */
export function weaknessOf({ kind, bits }: PublicKey): string | undefined {
  const bitsMin = kind === "EC" ? EC_BITS_MIN : RSA_BITS_MIN;
  if (kind === "other") return "a key of a type that is not known here";
  return bits < bitsMin ? `a key ${kind} of ${bits} bits, below ${bitsMin}` : undefined;
}

/** The scheme by which a signature over SHA-256 is that of the key; `undefined` where it is by none. */
export async function schemeOfSignature(
  key: PublicKey,
  { bytes, signature }: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly signature: Uint8Array<ArrayBuffer>;
  },
): Promise<string | undefined> {
  for (const attempt of key.kind === "EC" ? ecAttempts(key, signature) : rsaAttempts(key, signature)) {
    const { scheme, importing, verifying, candidate } = attempt;
    const imported = await crypto.subtle.importKey("spki", attempt.info, importing, false, ["verify"]);
    if (await crypto.subtle.verify(verifying, imported, candidate, bytes)) return scheme;
  }
  return undefined;
}

interface Attempt {
  readonly scheme: string;
  readonly info: Uint8Array<ArrayBuffer>;
  readonly importing: RsaHashedImportParams | EcKeyImportParams;
  readonly verifying: Algorithm | RsaPssParams | EcdsaParams;
  readonly candidate: Uint8Array<ArrayBuffer>;
}

/** The signer chooses the scheme and, with PSS, the length of the salt; nothing on the wire names them. */
function* rsaAttempts(
  { kind, bits, keyBytes }: PublicKey,
  candidate: Uint8Array<ArrayBuffer>,
): Iterable<Attempt> {
  if (kind === "other") return;
  // What signs with PSS only is a plain RSA key to the runtime.
  const info = encodeElement(TAG.sequence, RSA_ENCRYPTION, bitString(keyBytes));
  if (kind === "RSA") {
    const name = "RSASSA-PKCS1-v1_5";
    yield {
      scheme: "RSA PKCS#1 v1.5",
      info,
      importing: { name, hash: "SHA-256" },
      verifying: { name },
      candidate,
    };
  }
  const name = "RSA-PSS";
  const saltLengthMax = Math.ceil((bits - 1) / 8) - 32 - 2;
  for (const saltLength of new Set([32, saltLengthMax, 20, 0])) {
    yield {
      scheme: "RSA-PSS",
      info,
      importing: { name, hash: "SHA-256" },
      verifying: { name, saltLength },
      candidate,
    };
  }
}

/** Both ways in which the two numbers of an ECDSA signature are written. */
function* ecAttempts(
  { curve, publicKeyInfo }: PublicKey,
  signature: Uint8Array<ArrayBuffer>,
): Iterable<Attempt> {
  if (curve === undefined) return;
  const numberBytes = Math.ceil(CURVE_BITS[curve] / 8);
  for (const candidate of [rawOfDer(signature, numberBytes), signature]) {
    if (candidate?.length !== 2 * numberBytes) continue;
    yield {
      scheme: `ECDSA ${curve}`,
      info: publicKeyInfo,
      importing: { name: "ECDSA", namedCurve: curve },
      verifying: { name: "ECDSA", hash: "SHA-256" },
      candidate,
    };
  }
}

function rawOfDer(
  signature: Uint8Array<ArrayBuffer>,
  numberBytes: number,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    const numbers = elementsOf(onlyElement(signature, TAG.sequence).content);
    if (numbers.length !== 2) return undefined;
    const raw = new Uint8Array(2 * numberBytes);
    numbers.forEach(({ content }, index) => {
      const digits = content.subarray(content.findIndex((byte) => byte !== 0));
      raw.set(digits, (index + 1) * numberBytes - digits.length);
    });
    return raw;
  } catch {
    return undefined; // not DER: it may be raw
  }
}

function bitString(bytes: Uint8Array): Uint8Array {
  return encodeElement(TAG.bitString, new Uint8Array([0]), bytes);
}
