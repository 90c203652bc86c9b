/**
 * Hashes that cost nothing and hide nothing, for tests that are about something else.
 */
import type { PasswordHasher } from "../../src/runtime/password_hasher.ts";

/** Counts how often it was made to work. */
export class PlainHasher implements PasswordHasher {
  hashed = 0;
  verified = 0;

  hash(password: Uint8Array): Promise<string> {
    return Promise.resolve(`plain$${++this.hashed}$${password.toHex()}`);
  }

  verify(password: Uint8Array, passwordHash: string): Promise<boolean> {
    this.verified += 1;
    return Promise.resolve(passwordHash.split("$").at(-1) === password.toHex());
  }

  digest(password: Uint8Array, passwordHash: string): string {
    return `${passwordHash}:${password.toHex()}`;
  }
}
