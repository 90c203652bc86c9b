/**
 * The frame log: one row an exchange, gathered in a bounded buffer and written in batches. It is no part of
 * "acknowledged means durable": what does not fit or cannot be written is dropped and counted.
 */
import { maySayASecret, redactedText } from "../ocpp/redaction.ts";
import type { FrameRecord, Store } from "../central_system/store.ts";
import type { Clock } from "./clock.ts";

/** Rows that are not in the store yet; beyond this they are dropped. */
export const FRAME_BUFFER_MAX = 20_000;

/** As many rows are written at once. */
export const FRAME_BATCH = 500;

/** A row waits at most about this long. */
export const FRAME_DELAY_MS = 250;

/** The longest text kept of one frame, in characters. */
export const FRAME_TEXT_MAX = 16_384;

/** The longest Action and the longest uniqueId kept, in characters: a peer may send longer ones than there are. */
export const FRAME_NAME_MAX = 64;

/** Gathers rows and writes them in batches. */
export class FrameLog {
  readonly #store: Store;
  readonly #clock: Clock;
  #buffer: FrameRecord[] = [];
  /** Rows in the buffer and on their way to the store. */
  #unwritten = 0;
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #dropped = 0;

  constructor(dependencies: { store: Store; clock: Clock }) {
    this.#store = dependencies.store;
    this.#clock = dependencies.clock;
  }

  /** Rows that were lost, for metrics. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Rows that are not in the store yet, for metrics. */
  get unwritten(): number {
    return this.#unwritten;
  }

  add(frame: FrameRecord): void {
    if (this.#unwritten >= FRAME_BUFFER_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#unwritten += 1;
    this.#buffer.push(withoutSecrets(frame));
    if (this.#buffer.length >= FRAME_BATCH) void this.flush();
    else this.#cancelTimer ??= this.#clock.at(this.#clock.nowMs() + FRAME_DELAY_MS, () => void this.flush());
  }

  /** Writes what waits; resolves when it is in the store or counted as dropped. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#buffer.length === 0) return this.#writing;
    const frames = this.#buffer;
    this.#buffer = [];
    return this.#writing = this.#writing.then(() => this.#write(frames));
  }

  async #write(frames: readonly FrameRecord[]): Promise<void> {
    try {
      await this.#store.commitFrames(frames);
    } catch {
      this.#dropped += frames.length; // the store's failure shows at the next turn, which probes it
    } finally {
      this.#unwritten -= frames.length;
    }
  }
}

/** Cuts over-long texts and takes out what nobody may read later. */
function withoutSecrets(frame: FrameRecord): FrameRecord {
  const { action, uniqueId, request, answer } = frame;
  const isFine = !maySayASecret(action) && request.length <= FRAME_TEXT_MAX &&
    action.length <= FRAME_NAME_MAX && uniqueId.length <= FRAME_NAME_MAX &&
    (answer === undefined || answer.length <= FRAME_TEXT_MAX);
  if (isFine) return frame;
  return {
    ...frame,
    action: bounded(action, FRAME_NAME_MAX),
    uniqueId: bounded(uniqueId, FRAME_NAME_MAX),
    request: bounded(redactedText(action, request), FRAME_TEXT_MAX),
    answer: answer === undefined ? undefined : bounded(redactedText(action, answer), FRAME_TEXT_MAX),
  };
}

function bounded(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
