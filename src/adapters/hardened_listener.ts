/**
 * A listener on `node:http`, or `node:https`, and the package `ws`, for whoever may be at the other end.
 *
 * What it has that `native_listener.ts` has not: a message beyond the bound is refused before it is taken in,
 * fragmented or not; a peer that is gone, or does not read, is dropped at once; requests whose headers or body
 * do not come are ended with 408. It costs more memory for each connection.
 */
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { FRAME_BYTES_MAX } from "../ocpp/frame.ts";
import {
  CLOSE_GRACE_MS,
  type ConnectionHandlers,
  type FailedHandshake,
  type Listener,
  LISTENER_ENDS,
  type ListenerHandlers,
  SLOW_READER,
  UNREAD_BYTES_MAX,
  type UpgradeDecision,
  type UpgradeRequest,
} from "../runtime/listener.ts";
import type { Connection } from "../runtime/transport.ts";
import { LinkLiveness, type WatchedLink } from "./link_liveness.ts";
import type { AddressRange } from "./address_range.ts";
import { answer, type PeerOf } from "./hardened_requests.ts";
import {
  addressText,
  hostnamesOf,
  isPortTaken,
  type ListenAddress,
  listenErrorOf,
} from "./listen_address.ts";
import {
  agreedTlsOf,
  changeCertificate,
  createTlsServer,
  dropBelowTls,
  peerTlsOf,
  tellOfTls,
  type TlsOptions,
} from "./tls_server.ts";
import { type Peer, peerBehind } from "./trusted_proxy.ts";

/**
 * How long a request's headers may take to arrive, and the whole of it: as long as a file may be under way, for
 * which `runtime/file_streams.ts` has stricter bounds, and a little more.
 */
export const HEADERS_MAX_MS = 10_000;
export const REQUEST_MAX_MS = 660_000;

/** How long a peer has to answer a close frame and to hang up. */
const CLOSE_MAX_MS = 10_000;

/** Where and how to listen. */
export interface HardenedListenerOptions extends ListenAddress {
  /** Silence after which the peer is pinged, in seconds; it is dropped after as long again. 0: never. */
  readonly pingIntervalSeconds: number;
  /** Speaks TLS and nothing else. */
  readonly tls?: TlsOptions;
  /** Proxies that are believed about who is behind them. */
  readonly trustedProxies?: readonly AddressRange[];
}

type Granted = Extract<UpgradeDecision, { granted: true }>;

/** One that is running. */
export interface HardenedListener extends Listener {
  /** Shows this certificate from now on, where it speaks TLS; connections that are open stay. */
  show(certificate: Pick<TlsOptions, "certificateChain" | "privateKey">): void;
}

/** Listens. Errors: `ListenError`. */
export async function listenHardened(
  options: HardenedListenerOptions,
  handlers: ListenerHandlers,
): Promise<HardenedListener> {
  const peerOf = peerOfRequests(options);
  const upgrader = new Upgrader(handlers, options.pingIntervalSeconds, peerOf);
  const servers: http.Server[] = [];
  let { port } = options;
  for (const [index, hostname] of hostnamesOf(options.hostname).entries()) {
    const server = serverFor(options, handlers);
    server.on("request", (request, response) => void answer(request, response, { handlers, peerOf }));
    server.on("upgrade", (request, stream, head) => void upgrader.upgrade(request, stream, head));
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
    show: (certificate) =>
      servers.forEach((server) => changeCertificate(server, { ...options.tls!, ...certificate })),
    close: async () => {
      const ends = servers.map(closed);
      // `close` would wait for ever: for an answer that does not end, and for who connected and asks for nothing.
      const late = setTimeout(
        () => servers.forEach((server) => server.closeAllConnections()),
        CLOSE_GRACE_MS,
      );
      await upgrader.end();
      await Promise.all(ends);
      clearTimeout(late);
    },
  };
}

function serverFor({ tls }: HardenedListenerOptions, handlers: ListenerHandlers): http.Server {
  const limits = {
    headersTimeout: HEADERS_MAX_MS,
    requestTimeout: REQUEST_MAX_MS,
    connectionsCheckingInterval: HEADERS_MAX_MS / 4,
  };
  const onFailure = (failure: FailedHandshake) => handlers.onHandshakeFailed?.(failure);
  if (tls !== undefined) {
    return createTlsServer({ ...limits, handshakeTimeout: HEADERS_MAX_MS }, tls, onFailure);
  }
  const server = http.createServer(limits);
  tellOfTls(server, onFailure);
  return server;
}

function peerOfRequests({ tls, trustedProxies = [] }: HardenedListenerOptions): PeerOf {
  return ({ socket, headers }) => {
    const direct = {
      remoteAddress: socket.remoteAddress ?? "",
      tls: tls === undefined ? undefined : peerTlsOf(socket, tls),
    };
    return peerBehind(direct, (name) => headers[name]?.toString(), trustedProxies);
  };
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
    const grace = setTimeout(() => {
      server.closeAllConnections();
      dropBelowTls(server);
    }, CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(grace);
      resolve();
    });
    server.closeIdleConnections();
  });
}

// --- WebSockets ----------------------------------------------------------------------------------------------

/** Grants upgrades and keeps what is open. */
class Upgrader {
  readonly #handlers: ListenerHandlers;
  readonly #pingIntervalSeconds: number;
  readonly #peerOf: PeerOf;
  readonly #links = new Set<WatchedLink>();
  readonly #liveness = new LinkLiveness();
  #isEnding = false;
  readonly #subprotocols = new WeakMap<IncomingMessage, string>();
  readonly #server: WebSocketServer;

  constructor(handlers: ListenerHandlers, pingIntervalSeconds: number, peerOf: PeerOf) {
    this.#handlers = handlers;
    this.#peerOf = peerOf;
    this.#pingIntervalSeconds = pingIntervalSeconds;
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
  }

  async upgrade(request: IncomingMessage, stream: Duplex, head: Uint8Array): Promise<void> {
    stream.on("error", () => {}); // whoever asked is gone; a close follows
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return refuse(stream, 400, "nothing but WebSocket can be upgraded to");
    }
    let decision: UpgradeDecision;
    try {
      decision = await this.#handlers.onUpgrade(upgradeRequestOf(request, this.#peerOf(request)));
    } catch {
      return refuse(stream, 500, "a mistake of ours; the log has it");
    }
    // A peer that has left meanwhile says so no more.
    if (stream.readableEnded || !stream.writable) return void stream.destroy();
    if (this.#isEnding) return refuse(stream, 503, LISTENER_ENDS);
    if (!decision.granted) return refuse(stream, decision.status, decision.text, decision.headers);
    if (decision.subprotocol !== undefined) this.#subprotocols.set(request, decision.subprotocol);
    const granted = decision;
    this.#server.handleUpgrade(request, stream, head as never, (socket) => {
      this.#attach(socket, stream, granted);
    });
  }

  #attach(socket: WebSocket, stream: Duplex, { open, pingIntervalSeconds }: Granted): void {
    let handlers: ConnectionHandlers | undefined = undefined;
    const drop = (reason: string) => {
      socket.terminate();
      handlers?.onClose(1006, reason);
    };
    const link: WatchedLink = { socket, stream, drop };
    this.#links.add(link);
    const unwatch = this.#liveness.watch(link, pingIntervalSeconds ?? this.#pingIntervalSeconds);
    const connection: Connection = {
      send: (text) => {
        if (socket.readyState !== socket.OPEN) return;
        socket.send(text);
        if (socket.bufferedAmount <= UNREAD_BYTES_MAX) return;
        socket.terminate();
        handlers?.onClose(1008, SLOW_READER);
      },
      sendBinary: (text) => {
        if (socket.readyState === socket.OPEN) socket.send(new TextEncoder().encode(text));
      },
      close: (code, reason) => {
        socket.resume(); // or the peer's own close frame would not be read
        socket.close(code, reason);
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
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
      unwatch();
      handlers?.onClose(code, reason.toString() || failure);
    });
    handlers = open(connection);
  }

  /** Waits for what is open, which its owner has closed, and drops what does not go. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#liveness.stop();
    const grace = setTimeout(
      () => this.#links.forEach(({ drop }) => drop(LISTENER_ENDS)),
      CLOSE_GRACE_MS,
    );
    await Promise.all(
      [...this.#links].map(({ socket }) => new Promise((resolve) => socket.on("close", resolve))),
    );
    clearTimeout(grace);
  }
}

function upgradeRequestOf({ headers, socket, url = "/" }: IncomingMessage, peer: Peer): UpgradeRequest {
  const agreedTls = agreedTlsOf(socket);
  const offered = headers["sec-websocket-protocol"] ?? "";
  return {
    path: url,
    subprotocols: offered.split(",").map((one) => one.trim()).filter((one) => one !== ""),
    origin: headers.origin,
    authorization: headers.authorization,
    remoteAddress: peer.remoteAddress,
    ...(peer.tls === undefined ? {} : { tls: peer.tls }),
    ...(agreedTls === undefined ? {} : { agreedTls }),
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
