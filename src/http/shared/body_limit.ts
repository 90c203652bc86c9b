/**
 * How much of a request's body is read.
 *
 * Hono's own limit makes a request anew from the one that came, which Deno answers with a warning on stderr
 * (it asks for the request's `signal`); this one makes it from its parts.
 */
import type { MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";

/** The largest request body, in bytes. */
export const BODY_MAX_BYTES = 1_048_576;

/** Refuses larger bodies with 413; one that does not say its length is read first. */
export function limitBody({ maxBytes = BODY_MAX_BYTES }: { maxBytes?: number } = {}): MiddlewareHandler {
  return async (context, next) => {
    const { raw } = context.req;
    const tooLarge = () => problem(context, 413, `a request body has at most ${maxBytes} bytes`);
    if (raw.body === null) return await next();
    const length = raw.headers.get("content-length");
    // One that names no type is looked into by the router, for which it makes the request anew as well.
    if (length !== null && !raw.headers.has("transfer-encoding")) {
      if (Number(length) > maxBytes) return tooLarge();
      if (raw.headers.has("content-type")) return await next();
    }
    const body = await readAtMost(raw.body, maxBytes);
    if (body === undefined) return tooLarge();
    const { url, method, headers } = raw;
    context.req.raw = new Request(url, { method, headers, ...(body.size === 0 ? {} : { body }) });
    await next();
  };
}

/** `undefined`: there is more of it. */
async function readAtMost(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Blob | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(new Uint8Array(chunk));
  }
  return new Blob(chunks);
}
