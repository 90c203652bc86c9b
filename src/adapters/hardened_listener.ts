/**
 * A listener on `node:http` and the package `ws`, for whoever may be at the other end.
 *
 * What it has that `native_listener.ts` has not: a message beyond the bound is refused before it is taken in,
 * fragmented or not; a peer that is gone, or does not read, is dropped at once; requests whose headers or body
 * do not come are ended with 408. It costs more memory for each connection.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { FRAME_BYTES_MAX } from "../ocpp/frame.ts";
import {
  type ConnectionHandlers,
  type Listener,
  type ListenerHandlers,
  SLOW_READER,
  UNREAD_BYTES_MAX,
  type UpgradeDecision,
  type UpgradeRequest,
} from "../runtime/listener.ts";
import { pathFault } from "../runtime/request_path.ts";
import type { Connection } from "../runtime/transport.ts";
import {
  addressText,
  hostnamesOf,
  isPortTaken,
  type ListenAddress,
  listenErrorOf,
} from "./listen_address.ts";
import { requestBodyOf } from "./request_body.ts";

/**
 * How long a request's headers may take to arrive, and the whole of it: as long as a file may be under way, for
 * which `runtime/file_streams.ts` has stricter bounds, and a little more.
 */
export const HEADERS_MAX_MS = 10_000;
export const REQUEST_MAX_MS = 660_000;

/** How long a peer has to answer a close frame and to hang up, and how long when the listener ends. */
const CLOSE_MAX_MS = 10_000;
const CLOSE_GRACE_MS = 2_000;

/** Where and how to listen. */
export interface HardenedListenerOptions extends ListenAddress {
  /** Silence after which the peer is pinged, in seconds; it is dropped after as long again. 0: never. */
  readonly pingIntervalSeconds: number;
}

type Granted = Extract<UpgradeDecision, { granted: true }>;

/** Listens. Errors: `ListenError`. */
export async function listenHardened(
  options: HardenedListenerOptions,
  handlers: ListenerHandlers,
): Promise<Listener> {
  const upgrader = new Upgrader(handlers, options.pingIntervalSeconds);
  const servers: http.Server[] = [];
  let { port } = options;
  for (const [index, hostname] of hostnamesOf(options.hostname).entries()) {
    const server = serverFor(handlers, upgrader);
    try {
      await listening(server, { hostname, port });
    } catch (cause) {
      // The second loopback address is a convenience that not every machine has; a taken port is an error.
      if (index > 0 && !isPortTaken(cause)) continue;
      await Promise.all([...servers.map(closed), upgrader.end()]);
      throw listenErrorOf(cause, { ...options, port });
    }
    servers.push(server);
    port = (server.address() as AddressInfo).port;
  }
  return {
    port,
    addresses: servers.map((server) => {
      const { address, port } = server.address() as AddressInfo;
      return addressText({ hostname: address, port });
    }),
    close: async () => {
      const ends = servers.map(closed);
      await upgrader.end();
      await Promise.all(ends);
    },
  };
}

function serverFor(handlers: ListenerHandlers, upgrader: Upgrader): http.Server {
  const server = http.createServer({
    headersTimeout: HEADERS_MAX_MS,
    requestTimeout: REQUEST_MAX_MS,
    connectionsCheckingInterval: HEADERS_MAX_MS / 4,
  });
  server.on("request", (request, response) => void answer(request, response, handlers));
  server.on("upgrade", (request, stream, head) => void upgrader.upgrade(request, stream, head));
  return server;
}

function listening(server: http.Server, { hostname, port }: ListenAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, hostname, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

function closed(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

// --- requests ------------------------------------------------------------------------------------------------

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: ListenerHandlers,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.on("error", () => gone.abort());
  if (request.headers.upgrade?.toLowerCase() === "websocket") {
    return problemAnswer(response, 400, "not a valid WebSocket upgrade: no Connection: Upgrade");
  }
  const body = hasBody(request) ? requestBodyOf(request) : undefined;
  response.on("finish", () => body?.discard());
  let fetched: Request;
  try {
    fetched = fetchRequestOf(request, { signal: gone.signal, body: body?.stream });
  } catch (cause) {
    return problemAnswer(response, 400, `not a valid request: ${(cause as Error).message}`);
  }
  try {
    const { status, headers, body } = await handlers.onRequest(fetched, remoteAddressOf(request));
    response.writeHead(status, [...headers]);
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
  { signal, body }: { signal: AbortSignal; body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined },
): Request {
  const { method = "GET", url = "/", headers, rawHeaders } = request;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at]!, rawHeaders[at + 1]!]);
  // Put together as texts: a path that begins with two slashes would be taken for a host. An absolute URL is a
  // request target too (RFC 9112 §3.2.2).
  const target = /^https?:\/\//i.test(url) ? url : `http://${headers.host ?? "localhost"}${url}`;
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

function remoteAddressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? "";
}

// --- WebSockets ----------------------------------------------------------------------------------------------

/** A link that is open, with what tells whether its peer is alive. */
interface Link {
  readonly socket: WebSocket;
  readonly stream: Duplex & { readonly bytesRead?: number };
  /** Bytes that had come when it was last looked at, and when that was news. */
  bytesHeard: number;
  heardAtMs: number;
  isPinged: boolean;
  readonly drop: (reason: string) => void;
}

/** Grants upgrades and keeps what is open. */
class Upgrader {
  readonly #handlers: ListenerHandlers;
  readonly #pingIntervalMs: number;
  readonly #links = new Set<Link>();
  readonly #subprotocols = new WeakMap<IncomingMessage, string>();
  readonly #server: WebSocketServer;
  readonly #pingTimer: ReturnType<typeof setInterval> | undefined;

  constructor(handlers: ListenerHandlers, pingIntervalSeconds: number) {
    this.#handlers = handlers;
    this.#pingIntervalMs = pingIntervalSeconds * 1_000;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
      ...{ closeTimeout: CLOSE_MAX_MS }, // which the types do not know
      handleProtocols: (_offered, request) => this.#subprotocols.get(request) ?? false,
    });
    this.#server.on("wsClientError", (error, stream) => {
      refuse(stream, 400, `not a valid WebSocket upgrade: ${error.message}`);
    });
    if (pingIntervalSeconds > 0) {
      // One timer for all: four looks an interval are as exact as anybody needs.
      this.#pingTimer = setInterval(() => this.#lookAround(), this.#pingIntervalMs / 4);
    }
  }

  async upgrade(request: IncomingMessage, stream: Duplex, head: Uint8Array): Promise<void> {
    stream.on("error", () => {}); // whoever asked is gone; a close follows
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return refuse(stream, 400, "nothing but WebSocket can be upgraded to");
    }
    let decision: UpgradeDecision;
    try {
      decision = await this.#handlers.onUpgrade(upgradeRequestOf(request));
    } catch {
      return refuse(stream, 500, "a mistake of ours; the log has it");
    }
    if (!decision.granted) return refuse(stream, decision.status, decision.text, decision.headers);
    if (decision.subprotocol !== undefined) this.#subprotocols.set(request, decision.subprotocol);
    const granted = decision;
    this.#server.handleUpgrade(request, stream, head as never, (socket) => {
      this.#attach(socket, stream, granted);
    });
  }

  #attach(socket: WebSocket, stream: Duplex, { open }: Granted): void {
    let handlers: ConnectionHandlers | undefined = undefined;
    const drop = (reason: string) => {
      socket.terminate();
      handlers?.onClose(1006, reason);
    };
    const link: Link = { socket, stream, bytesHeard: 0, heardAtMs: performance.now(), isPinged: false, drop };
    this.#links.add(link);
    const connection: Connection = {
      send: (text) => {
        if (socket.readyState !== socket.OPEN) return;
        socket.send(text);
        if (socket.bufferedAmount <= UNREAD_BYTES_MAX) return;
        socket.terminate();
        handlers?.onClose(1008, SLOW_READER);
      },
      close: (code, reason) => socket.close(code, reason),
      drop,
    };
    let failure = "";
    socket.on("message", (data: RawData, isBinary: boolean) => {
      // With the default `binaryType` a message is one Buffer.
      if (isBinary) handlers?.onBinary((data as Uint8Array).byteLength);
      else handlers?.onText(data.toString());
    });
    socket.on("error", (error: Error & { code?: string }) => {
      failure = error.message;
      if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") handlers?.onTooLarge();
    });
    socket.on("close", (code, reason) => {
      this.#links.delete(link);
      handlers?.onClose(code, reason.toString() || failure);
    });
    handlers = open(connection);
  }

  #lookAround(): void {
    const nowMs = performance.now();
    for (const link of this.#links) {
      const bytesRead = link.stream.bytesRead ?? 0;
      if (bytesRead !== link.bytesHeard) {
        link.bytesHeard = bytesRead;
        link.heardAtMs = nowMs;
        link.isPinged = false;
        continue;
      }
      const silentMs = nowMs - link.heardAtMs;
      if (silentMs >= 2 * this.#pingIntervalMs) {
        link.drop(`silent for ${Math.round(silentMs / 1_000)} s, and no answer to a ping`);
      } else if (silentMs >= this.#pingIntervalMs && !link.isPinged) {
        link.isPinged = true;
        if (link.socket.readyState === link.socket.OPEN) link.socket.ping();
      }
    }
  }

  /** Waits for what is open, which its owner has closed, and drops what does not go. */
  async end(): Promise<void> {
    clearInterval(this.#pingTimer);
    const grace = setTimeout(
      () => this.#links.forEach(({ drop }) => drop("the listener ends")),
      CLOSE_GRACE_MS,
    );
    await Promise.all(
      [...this.#links].map(({ socket }) => new Promise((resolve) => socket.on("close", resolve))),
    );
    clearTimeout(grace);
  }
}

function upgradeRequestOf(request: IncomingMessage): UpgradeRequest {
  const { headers, url = "/" } = request;
  const offered = headers["sec-websocket-protocol"] ?? "";
  return {
    path: url,
    subprotocols: offered.split(",").map((one) => one.trim()).filter((one) => one !== ""),
    origin: headers.origin,
    authorization: headers.authorization,
    remoteAddress: remoteAddressOf(request),
  };
}

/** Answers with plain HTTP and hangs up. */
function refuse(
  stream: Duplex,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = new TextEncoder().encode(`${text}\n`);
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ""}`,
    "content-type: text/plain; charset=utf-8",
    `content-length: ${body.length}`,
    "connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  stream.once("finish", () => stream.destroy());
  stream.write(`${head.join("\r\n")}\r\n\r\n`);
  stream.end(body);
}
