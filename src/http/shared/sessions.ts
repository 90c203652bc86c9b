/**
 * Browsers that have logged in. A session is a random text in a cookie; here only its digest is kept, so that
 * nothing that is read from memory or a log lets anybody in.
 */
import { createHash, randomBytes } from "node:crypto";

/** Sessions that are open at once; a further one ends the oldest. */
export const SESSIONS_MAX = 100;

/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = 12 * 3_600;

/** The sessions of one API. */
export class Sessions {
  /** Digest to the end of the session, oldest first. */
  readonly #endsAtMs = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor({ nowMs }: { nowMs: () => number }) {
    this.#nowMs = nowMs;
  }

  /** Begins a session and gives what its cookie holds. */
  begin(): string {
    const secret = randomBytes(32).toString("base64url");
    const [oldest] = this.#endsAtMs.keys();
    if (this.#endsAtMs.size >= SESSIONS_MAX) this.#endsAtMs.delete(oldest!);
    this.#endsAtMs.set(digestOf(secret), this.#nowMs() + SESSION_SECONDS * 1_000);
    return secret;
  }

  has(secret: string): boolean {
    const endsAtMs = this.#endsAtMs.get(digestOf(secret));
    return endsAtMs !== undefined && this.#nowMs() < endsAtMs;
  }

  end(secret: string): void {
    this.#endsAtMs.delete(digestOf(secret));
  }
}

/** Looking up a digest says nothing of the secret, however long it takes. */
function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
