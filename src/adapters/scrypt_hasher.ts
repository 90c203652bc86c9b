/**
 * Salted hashes of passwords with scrypt, which the runtime computes beside the event loop.
 *
 * Shape: `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, the last two in Base64.
 */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { PasswordHasher } from "../runtime/password_hasher.ts";

/** What one hash costs: about 40 ms and 16 MiB. */
export const SCRYPT_COST: ScryptCost = { log2N: 14, r: 8, p: 1 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** What makes a hash dear: N is 2 to this power, times r, times p. */
export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** A hasher with a key of its own for digests; what a hash has cost stands in it, and checking it costs as much. */
export function scryptHasher(newCost: ScryptCost = SCRYPT_COST): PasswordHasher {
  const digestKey = randomBytes(KEY_BYTES);
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const key = await derive(password, salt, newCost);
      return ["scrypt", newCost.log2N, newCost.r, newCost.p, salt.toBase64(), key.toBase64()].join(
        "$",
      );
    },
    async verify(password, passwordHash) {
      const [name, log2N, r, p, salt = "", key = ""] = passwordHash.split("$");
      if (name !== "scrypt") throw new Error("the stored password hash is not one of ours");
      const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
      const derived = await derive(password, Uint8Array.fromBase64(salt), cost);
      return timingSafeEqual(derived, Uint8Array.fromBase64(key));
    },
    digest(password, passwordHash) {
      // The hash has no NUL in it, so that no other pair is this one.
      return createHmac("sha256", digestKey).update(`${passwordHash}\0`).update(password).digest("base64");
    },
  };
}

function derive(password: Uint8Array, salt: Uint8Array, { log2N, r, p }: ScryptCost): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(password, salt, KEY_BYTES, { N: 2 ** log2N, r, p, maxmem: 64 * 1_048_576 }, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}
