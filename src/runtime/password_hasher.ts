/**
 * The port to password hashing: what `adapters/scrypt_hasher.ts` makes real.
 */

/** Makes and checks salted hashes of passwords, which are any bytes. */
export interface PasswordHasher {
  /** A text with the salt and the cost in it; costs time on purpose. */
  hash(password: Uint8Array): Promise<string>;
  /** Whether this is the password of that hash; costs as much. Errors: rejects where the hash is none of ours. */
  verify(password: Uint8Array, passwordHash: string): Promise<boolean>;
  /** A short name for a password together with a hash, which nobody can make without the key of this run. */
  digest(password: Uint8Array, passwordHash: string): string;
}
