/**
 * Requests of `node:http` as those of the Fetch standard, and the owner's answers back.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { ListenerHandlers } from "../runtime/listener.ts";
import { pathFault } from "../runtime/request_path.ts";
import { requestBodyOf } from "./request_body.ts";
import type { Peer } from "./trusted_proxy.ts";

/** Who sent a request. */
export type PeerOf = (request: IncomingMessage) => Peer;

/** Answers a request that is no upgrade with what the owner says. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { handlers, peerOf }: { readonly handlers: ListenerHandlers; readonly peerOf: PeerOf },
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.on("error", () => gone.abort());
  if (request.headers.upgrade?.toLowerCase() === "websocket") {
    return problemAnswer(response, 400, "not a valid WebSocket upgrade: no Connection: Upgrade");
  }
  const body = hasBody(request) ? requestBodyOf(request) : undefined;
  response.on("finish", () => body?.discard());
  const peer = peerOf(request);
  let fetched: Request;
  try {
    fetched = fetchRequestOf(request, peer, { signal: gone.signal, body: body?.stream });
  } catch (cause) {
    return problemAnswer(response, 400, `not a valid request: ${(cause as Error).message}`);
  }
  try {
    const { status, headers, body } = await handlers.onRequest(fetched, peer.remoteAddress);
    // What is left of a body that was refused would stand before the next request of this connection.
    const last: [string, string][] = request.complete ? [] : [["connection", "close"]];
    response.writeHead(status, [...headers, ...last]);
    if (body === null || request.method === "HEAD") {
      await body?.cancel();
      response.end();
      return;
    }
    await write(body, response, gone.signal);
    response.end();
  } catch {
    // Whoever answers has told of its mistakes already; half an answer must not look whole.
    if (response.headersSent) response.destroy();
    else problemAnswer(response, 500, "a mistake of ours; the log has it");
  }
}

/** Writes as fast as the reader reads; one that goes ends the body at once, whether or not more comes. */
async function write(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  if (gone.aborted) return cancel();
  gone.addEventListener("abort", cancel);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return gone.removeEventListener("abort", cancel);
    if (!response.write(value)) await drained(response, gone);
  }
}

/** Spec: RFC 9112 §6.3. */
function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false; // a Request has none then
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function fetchRequestOf(
  request: IncomingMessage,
  peer: Peer,
  { signal, body }: { signal: AbortSignal; body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined },
): Request {
  const { method = "GET", url = "/", headers, rawHeaders } = request;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (peer.host === undefined || name.toLowerCase() !== "host") pairs.push([name, rawHeaders[at + 1]!]);
  }
  if (peer.host !== undefined) pairs.push(["host", peer.host]);
  // Put together as texts: a path that begins with two slashes would be taken for a host. An absolute URL is a
  // request target too (RFC 9112 §3.2.2).
  const origin = `${peer.tls === undefined ? "http" : "https"}://${peer.host ?? headers.host ?? "localhost"}`;
  const target = /^https?:\/\//i.test(url) ? url : `${origin}${url}`;
  // A Request would quietly take `..` out of the path: here it is still as it was sent.
  const fault = pathFault(target.slice(target.indexOf("/", target.indexOf("//") + 2)));
  if (fault !== undefined) throw new TypeError(fault);
  return new Request(target, {
    method,
    headers: pairs,
    signal,
    ...(body === undefined ? {} : { body, duplex: "half" }),
  } as RequestInit);
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const go = () => {
      response.off("drain", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    response.on("drain", go);
    signal.addEventListener("abort", go);
  });
}

function problemAnswer(response: ServerResponse, status: number, text: string): void {
  const problem = { type: "about:blank", title: http.STATUS_CODES[status], status, detail: text };
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify(problem));
}
