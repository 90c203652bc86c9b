/**
 * Connections that failed before they were a request, told to the operator: a Charge Point that does not get in is to
 * be found, and a port scanner must not fill the log.
 *
 * Rules: of one address and reason one a minute is told, of all at most `HANDSHAKES_TOLD_MAX`; the rest is one line
 * with their number when the minute is over.
 */
import type { Refusal } from "./central_system_observer.ts";
import type { Clock } from "./clock.ts";
import type { FailedHandshake } from "./listener.ts";

/** Failed handshakes that are told in one minute. */
export const HANDSHAKES_TOLD_MAX = 20;

/** How long a minute is. */
export const HANDSHAKE_WINDOW_MS = 60_000;

/** Stands where the address does, for those that were only counted. */
export const SEVERAL_ADDRESSES = "several";

const NO_REQUEST = { identity: undefined, status: undefined, reasonKind: "handshake" } as const;

/** Tells of failed handshakes, and bounds what it tells. */
export class FailedHandshakes {
  readonly #clock: Clock;
  readonly #tell: (refusal: Refusal) => void;
  /** What was told in this minute: never more than are told. */
  readonly #told = new Set<string>();
  #untold = 0;
  #cancelEnd: (() => void) | undefined;

  constructor({ clock, tell }: { clock: Clock; tell: (refusal: Refusal) => void }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add({ remoteAddress, reason }: FailedHandshake): void {
    const nowMs = this.#clock.nowMs();
    this.#cancelEnd ??= this.#clock.at(nowMs + HANDSHAKE_WINDOW_MS, () => this.#endWindow());
    const kind = `${remoteAddress}\n${reason}`;
    if (this.#told.has(kind) || this.#told.size >= HANDSHAKES_TOLD_MAX) {
      this.#untold++;
      return;
    }
    this.#told.add(kind);
    this.#tell({ atMs: nowMs, remoteAddress, ...NO_REQUEST, reason });
  }

  #endWindow(): void {
    this.#cancelEnd = undefined;
    this.#told.clear();
    if (this.#untold === 0) return;
    const reason = `${this.#untold} more connections like these failed within a minute`;
    this.#untold = 0;
    this.#tell({
      atMs: this.#clock.nowMs(),
      remoteAddress: SEVERAL_ADDRESSES,
      ...NO_REQUEST,
      reason,
    });
  }

  /** Tells what is untold, and nothing after it. */
  stop(): void {
    this.#cancelEnd?.();
    this.#endWindow();
  }
}
