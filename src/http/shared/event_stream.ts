/**
 * Server-sent events: a stream of texts that ends when the reader goes away, is too slow, or all are closed.
 *
 * Shape: `id: 3f-12\ndata: {"kind":"status",…}\n\n`; every `KEEP_ALIVE_MS` a comment, so that proxies keep it open.
 * Spec: HTML Living Standard §9.2.
 */

/** One event on its way. `name` is absent for the usual kind, `message`. */
export interface StreamedEvent {
  readonly id: string;
  readonly name?: string;
  readonly data: unknown;
}

/** Bytes that wait for one slow reader; beyond them its stream is ended, and it may come back for the rest. */
export const STREAM_BYTES_QUEUED_MAX = 4_194_304;

/** Streams that are open at once. */
export const STREAMS_MAX = 100;

/** Silence is broken this often. */
export const KEEP_ALIVE_MS = 15_000;

/** Starts to feed a stream; returns what ends that. */
export type FeedStream = (send: (event: StreamedEvent) => void) => () => void;

/** The streams of one API. */
export class EventStreams {
  readonly #ends = new Set<() => void>();
  readonly #max: number;
  #isClosed = false;

  constructor({ max = STREAMS_MAX }: { max?: number } = {}) {
    this.#max = max;
  }

  get count(): number {
    return this.#ends.size;
  }

  /** A new stream; `undefined` when there are too many. */
  open(feed: FeedStream): ReadableStream<Uint8Array> | undefined {
    if (this.#isClosed || this.#ends.size >= this.#max) return undefined;
    const encoder = new TextEncoder();
    let end = () => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const put = (text: string) => {
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) <= 0) {
            end();
            controller.close();
          }
        };
        let isOver = false;
        const timer = setInterval(() => put(": still here\n\n"), KEEP_ALIVE_MS);
        let stopFeeding = () => {};
        end = () => {
          isOver = true;
          clearInterval(timer);
          stopFeeding();
          this.#ends.delete(closed);
        };
        const closed = () => {
          end();
          controller.close();
        };
        this.#ends.add(closed);
        put("retry: 1000\n\n");
        stopFeeding = feed((event) => {
          if (!isOver) put(eventText(event));
        });
        if (isOver) stopFeeding();
      },
      cancel: () => end(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: STREAM_BYTES_QUEUED_MAX }));
  }

  /** Ends all of them, and allows no more. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#ends]) end();
  }
}

/** JSON has no line feeds outside of texts, and within them they are escaped: data is one line. */
function eventText({ id, name, data }: StreamedEvent): string {
  return `id: ${id}\n${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}
