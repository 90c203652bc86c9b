/**
 * Key pairs that certificates are made for and signed with, in the terms of WebCrypto.
 */
import { pemBlocks, pemOf } from "./certificate_text.ts";
import { certificateParts } from "./der.ts";
import { type PublicKey, publicKeyOf } from "./public_key.ts";

/** A key type that is made here: RSA with 2048 bits, EC on P-256. */
export type KeyType = "RSA" | "EC";

/** How a pair of each type is made; it signs over SHA-256. Spec: Security §4 (112 bits of strength at least). */
export const KEY_ALGORITHM = {
  RSA: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
  EC: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
} as const;

/** Makes a pair whose private key can be written down. */
export async function makeKeyPair(keyType: KeyType): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(KEY_ALGORITHM[keyType], true, ["sign", "verify"]) as CryptoKeyPair;
}

/** A private key as PKCS#8 PEM. */
export async function privateKeyPem({ privateKey }: CryptoKeyPair): Promise<string> {
  return pemOf(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
}

/** A key to sign with, and the algorithm that it signs with. */
export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly algorithm: EcdsaParams | { readonly name: string; readonly hash: string };
}

/**
 * The private key (PKCS#8 PEM) of a certificate (PEM), to sign with.
 *
 * Errors: throws `RangeError` for a key of a kind that cannot sign certificates here.
 */
export async function signingKeyOf(privateKey: string, certificate: string): Promise<SigningKey> {
  const [pkcs8] = pemBlocks(privateKey, "PRIVATE KEY");
  const [der] = pemBlocks(certificate, "CERTIFICATE");
  if (pkcs8 === undefined || der === undefined) throw new RangeError("there is no key, or no certificate");
  const algorithm = signingAlgorithmOf(publicKeyOf(certificateParts(der).publicKeyInfo));
  return {
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
    algorithm,
  };
}

function signingAlgorithmOf({ kind, curve }: PublicKey) {
  if (kind === "RSA") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (kind === "EC" && curve !== undefined && curve !== "P-521") {
    return { name: "ECDSA", namedCurve: curve, hash: "SHA-256" };
  }
  throw new RangeError("certificates are signed with RSA keys, or EC keys on P-256 or P-384");
}
