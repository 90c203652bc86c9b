/**
 * Passwords against their hashes, without paying for the same one twice.
 *
 * A hash costs time on purpose, and after an outage everybody comes back at once with a password that was right
 * before: verdicts are remembered by keyed digest, never by password. New ones wait in line, a few at a time.
 */
import type { PasswordHasher } from "./password_hasher.ts";

/** Verdicts that are remembered; beyond this the oldest go. */
export const VERDICTS_REMEMBERED_MAX = 20_000;

/** Passwords that are hashed at once: more would only share the same cores, and the memory is theirs too. */
export const HASHES_AT_ONCE = 2;

/** Passwords that wait to be hashed; beyond this nobody is checked. */
export const HASHES_WAITING_MAX = 10_000;

/** Whether a password is that of a hash; `busy`: too many are waiting. */
export type PasswordVerdict = boolean | "busy";

/** Checks passwords and hashes new ones. */
export class CredentialCheck {
  readonly #hasher: PasswordHasher;
  readonly #verdicts = new Map<string, boolean>();
  readonly #checking = new Map<string, Promise<PasswordVerdict>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(hasher: PasswordHasher) {
    this.#hasher = hasher;
  }

  /** A new hash, made in its turn; `undefined`: too many are waiting. */
  hash(password: Uint8Array): Promise<string | undefined> {
    return this.#inTurn(() => this.#hasher.hash(password));
  }

  /** Whether this is the password. Errors: rejects where the hash is none. */
  check(password: Uint8Array, passwordHash: string): PasswordVerdict | Promise<PasswordVerdict> {
    const digest = this.#hasher.digest(password, passwordHash);
    const known = this.#verdicts.get(digest);
    if (known !== undefined) {
      // Those who come back stay; what nobody asks for again goes.
      this.#verdicts.delete(digest);
      this.#verdicts.set(digest, known);
      return known;
    }
    const running = this.#checking.get(digest);
    if (running !== undefined) return running;
    const checking = this.#verify(digest, password, passwordHash);
    this.#checking.set(digest, checking);
    return checking;
  }

  async #verify(digest: string, password: Uint8Array, passwordHash: string): Promise<PasswordVerdict> {
    try {
      const verdict = await this.#inTurn(() => this.#hasher.verify(password, passwordHash));
      if (verdict === undefined) return "busy";
      this.#verdicts.set(digest, verdict);
      if (this.#verdicts.size > VERDICTS_REMEMBERED_MAX) {
        this.#verdicts.delete(this.#verdicts.keys().next().value!);
      }
      return verdict;
    } finally {
      this.#checking.delete(digest);
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running >= HASHES_AT_ONCE) {
      if (this.#waiting.length >= HASHES_WAITING_MAX) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // whoever ends leaves its place
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
