/**
 * File transfers that are under way: how many, how long, and that none of them outlives the program.
 */
import type { Clock } from "./clock.ts";

/** Uploads and downloads at once. */
export const FILE_STREAMS_MAX = 100;

/** How long one may take from beginning to end. */
export const FILE_STREAM_MAX_MS = 600_000;

/** How long the other end may let it stand still. */
export const FILE_STALL_MAX_MS = 30_000;

/** Why a transfer was broken off from here. */
export type StreamEnd = "slow" | "stopping";

/** A transfer that is under way. */
export interface FileStream {
  /** Aborts with a `StreamEnd` as its reason. */
  readonly signal: AbortSignal;
  /** Something moved. */
  moved(): void;
  /** It is over, whichever way. */
  end(): void;
}

/** All transfers. */
export class FileStreams {
  readonly #clock: Clock;
  readonly #running = new Set<AbortController>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins one; `undefined`: there are too many, or the program ends. */
  begin(): FileStream | undefined {
    if (this.#isClosed || this.#running.size >= FILE_STREAMS_MAX) return undefined;
    const clock = this.#clock;
    const abort = new AbortController();
    this.#running.add(abort);
    const slow = () => abort.abort("slow" satisfies StreamEnd);
    const cancelWhole = clock.at(clock.nowMs() + FILE_STREAM_MAX_MS, slow);
    let movedAtMs = clock.nowMs();
    let cancelStall = () => {};
    // One timer that looks again, instead of a new one for each chunk.
    const watch = () => {
      if (clock.nowMs() - movedAtMs >= FILE_STALL_MAX_MS) return slow();
      cancelStall = clock.at(movedAtMs + FILE_STALL_MAX_MS, watch);
    };
    watch();
    return {
      signal: abort.signal,
      moved: () => movedAtMs = clock.nowMs(),
      end: () => {
        cancelWhole();
        cancelStall();
        this.#running.delete(abort);
      },
    };
  }

  /** Breaks all of them off, and lets none begin. */
  close(): void {
    this.#isClosed = true;
    for (const abort of [...this.#running]) abort.abort("stopping" satisfies StreamEnd);
  }
}

/** The value, or a rejection as soon as the signal aborts. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw signal.reason;
  const aborted = Promise.withResolvers<never>();
  const give = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", give);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
