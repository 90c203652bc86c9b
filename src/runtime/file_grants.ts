/**
 * URLs that a Charge Point may use without any other credentials: each holds a token that nobody guesses, for one
 * purpose and one file, and until a given time.
 *
 * Tokens are kept in memory: they end with the program. One that is over is remembered for a while, so that a
 * device that comes late is told why.
 */
import type { Clock } from "./clock.ts";

/** URLs at once, those that are remembered only included. */
export const FILE_GRANTS_MAX = 10_000;

/** How long one is remembered after its end. */
export const GRANT_REMEMBERED_MS = 86_400_000;

/** What a token is good for. */
export interface FileGrant {
  readonly kind: "upload" | "download";
  readonly fileId: string;
  /** Whose upload it is. */
  readonly chargePoint?: string;
  readonly expiresAtMs: number;
  /** Of uploads: one is enough. */
  state: "open" | "receiving" | "used";
}

/** A new URL's part that is secret, and until when it holds. */
export interface IssuedGrant {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** The grants that were given. */
export class FileGrants {
  readonly #clock: Clock;
  readonly #newToken: () => string;
  readonly #grants = new Map<string, FileGrant>();

  /** `newToken` gives texts of `A-Z a-z 0-9 _ -` that nobody guesses. */
  constructor({ clock, newToken }: { clock: Clock; newToken: () => string }) {
    this.#clock = clock;
    this.#newToken = newToken;
  }

  /** Grants something; `undefined` where there are too many. */
  issue(grant: Omit<FileGrant, "state">): IssuedGrant | undefined {
    if (this.#grants.size >= FILE_GRANTS_MAX) this.#forgetPast();
    if (this.#grants.size >= FILE_GRANTS_MAX) return undefined;
    const token = this.#newToken();
    this.#grants.set(token, { ...grant, state: "open" });
    return { token, expiresAtMs: grant.expiresAtMs };
  }

  /** What a token is good for, if that is what is wanted; else why not. */
  find(token: string, kind: FileGrant["kind"]): FileGrant | "unknown" | "expired" {
    const grant = this.#grants.get(token);
    // Another purpose is told as no token at all.
    if (grant === undefined || grant.kind !== kind) return "unknown";
    return this.#clock.nowMs() >= grant.expiresAtMs ? "expired" : grant;
  }

  /** No token leads to this file any more. */
  revoke(fileId: string): void {
    for (const [token, grant] of this.#grants) if (grant.fileId === fileId) this.#grants.delete(token);
  }

  #forgetPast(): void {
    const nowMs = this.#clock.nowMs();
    for (const [token, { expiresAtMs }] of this.#grants) {
      if (nowMs >= expiresAtMs + GRANT_REMEMBERED_MS) this.#grants.delete(token);
    }
  }
}
