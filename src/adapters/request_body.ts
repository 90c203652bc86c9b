/**
 * The body of a `node:http` request as a stream, of which nobody has to read all.
 *
 * A request on the same connection comes behind the body of this one: what is not read has to be thrown away, and
 * while it comes the answer can be read. `Readable.toWeb` ends the connection then, or stops it for good.
 */
import type { IncomingMessage } from "node:http";

/** Bytes that wait to be read before the peer is slowed. */
const UNREAD_BODY_BYTES_MAX = 65_536;

/** A body that is coming. */
export interface RequestBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Nobody reads on: throws the rest away as it comes. */
  discard(): void;
}

/** The body of a request that has one. */
export function requestBodyOf(request: IncomingMessage): RequestBody {
  let isDiscarded = false;
  const discard = () => {
    isDiscarded = true;
    request.resume();
  };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      request.on("data", (chunk: Uint8Array) => {
        if (isDiscarded) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) request.pause();
      });
      request.on("end", () => {
        if (!isDiscarded) controller.close();
      });
      const fail = () => {
        if (!isDiscarded && !request.complete) {
          controller.error(new Error("the request was not sent to its end"));
        }
        isDiscarded = true;
      };
      request.on("error", fail);
      request.on("close", fail);
      request.pause();
    },
    pull: () => void request.resume(),
    cancel: discard,
  }, new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BODY_BYTES_MAX }));
  return { stream, discard };
}
