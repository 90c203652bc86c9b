/**
 * The end of what a program says, however much that is.
 */

/** What is kept of it. Units: bytes. */
const TAIL_BYTES_MAX = 4_096;

/** Reads a stream to its end and keeps its last bytes. */
export class Tail {
  /** Resolves at the end of the stream, or of reading. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #bytes = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#read();
  }

  /** The last line that says something; empty: there is none. */
  get lastLine(): string {
    const lines = new TextDecoder().decode(this.#bytes).split(/[\r\n]+/).map((line) => line.trim());
    return lines.findLast((line) => line !== "") ?? "";
  }

  /** Stops reading: whoever still writes is told that nobody listens. */
  async stop(): Promise<void> {
    await this.#reader.cancel().catch(() => {}); // it has broken off by itself
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return;
        this.#add(value);
      }
    } catch {
      return; // what came before it broke off is all there is
    }
  }

  #add(chunk: Uint8Array): void {
    const kept = new Uint8Array(Math.min(TAIL_BYTES_MAX, this.#bytes.length + chunk.length));
    const fresh = chunk.subarray(-kept.length);
    const old = this.#bytes.subarray(this.#bytes.length - (kept.length - fresh.length));
    kept.set(old, 0);
    kept.set(fresh, old.length);
    this.#bytes = kept;
  }
}
