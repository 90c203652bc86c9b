/**
 * What HTTP and FTP transfers have in common: targets, outcomes, and texts without credentials.
 */
import type { TransferResult } from "../runtime/file_transfer.ts";

/** A URL taken apart, so that the credentials go where they belong and nowhere else. */
export interface Target {
  /** Without credentials and fragment. */
  readonly url: URL;
  /** Percent-decoded; `undefined` where the URL names none. */
  readonly user: string | undefined;
  readonly password: string;
}

/** An outcome of that status. */
export function outcome(status: TransferResult["status"], message: string): TransferResult {
  return { status, message };
}

/** Reads a URL; `undefined` where it is none, or holds control characters that a protocol would stumble over. */
export function targetOf(text: string): Target | undefined {
  try {
    const url = new URL(text.trim());
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    const path = decodeURIComponent(url.pathname);
    if (url.hostname === "" || /\p{Cc}/u.test(user + password + path)) return undefined;
    url.username = url.password = url.hash = "";
    return { url, user: user === "" ? undefined : user, password };
  } catch {
    return undefined;
  }
}

/** The outcome of a transfer that was broken off from here; `undefined` where it was not. */
export function brokenOffOutcome(signal: AbortSignal): TransferResult | undefined {
  if (!signal.aborted) return undefined;
  return outcome("unreachable", signal.reason instanceof Error ? signal.reason.message : "broken off");
}

/** For a download that is larger than asked for. */
export function tooLargeOutcome(bytesMax: number): TransferResult {
  return outcome("tooLarge", `the file has more than ${bytesMax} bytes`);
}

/** Puts a download together, up to a bound. */
export class BoundedBytes {
  readonly #chunks: Uint8Array[] = [];
  readonly #bytesMax: number;
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False, and nothing is taken, where it would be more than the bound. */
  add(chunk: Uint8Array): boolean {
    if (this.#length + chunk.length > this.#bytesMax) return false;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return true;
  }

  get length(): number {
    return this.#length;
  }

  joined(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}
