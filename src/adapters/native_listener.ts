/**
 * A listener on `Deno.serve`, with its WebSocket upgrade.
 *
 * Known limits of the native WebSocket: a frame bound of 64 MiB and none for fragmented messages, no way to drop
 * a dead peer at once, pings only by `idleTimeout`. A peer that is sending while we close may find the connection
 * reset instead of our close code.
 */
import {
  type ConnectionHandlers,
  type Listener,
  type ListenerHandlers,
  SLOW_READER,
  UNREAD_BYTES_MAX,
  type UpgradeRequest,
} from "../runtime/listener.ts";
import type { Connection } from "../runtime/transport.ts";
import type { AddressRange } from "./address_range.ts";
import {
  addressText,
  hostnamesOf,
  isPortTaken,
  type ListenAddress,
  listenErrorOf,
} from "./listen_address.ts";
import { type Peer, peerBehind } from "./trusted_proxy.ts";

/** How long sockets have to close when an orderly end is not to be had. */
const CLOSE_GRACE_MS = 2_000;

/** Where and how to listen. */
export interface NativeListenerOptions extends ListenAddress {
  /** Silence after which the peer is pinged, in seconds; it is dropped after as long again. 0: never. */
  readonly pingIntervalSeconds: number;
  /** Proxies that are believed about who is behind them. */
  readonly trustedProxies?: readonly AddressRange[];
}

/** Listens. Errors: `ListenError`. */
export function listenNatively(options: NativeListenerOptions, handlers: ListenerHandlers): Listener {
  const servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  const sockets: Sockets = { opening: new Set(), open: new Set() };
  const hardEnd = new AbortController();
  let port = options.port;
  for (const [index, hostname] of hostnamesOf(options.hostname).entries()) {
    try {
      const server = serve({ ...options, hostname, port, signal: hardEnd.signal, sockets }, handlers);
      servers.push(server);
      port = server.addr.port;
    } catch (cause) {
      // The second loopback address is a convenience that not every machine has; a taken port is an error.
      if (index > 0 && !isPortTaken(cause)) continue;
      for (const server of servers) void server.shutdown();
      throw listenErrorOf(cause, { ...options, port });
    }
  }
  return {
    port,
    addresses: servers.map(({ addr }) => addressText(addr)),
    close: async () => {
      if (sockets.opening.size === 0) {
        await Promise.all(servers.map((server) => server.shutdown()));
        return;
      }
      // An orderly end would wait for those that never open.
      await allClosed(sockets.open);
      hardEnd.abort();
      await Promise.all(servers.map((server) => server.finished));
    },
  };
}

/** A peer that leaves while its upgrade is decided leaves a socket that neither opens nor closes. */
interface Sockets {
  readonly opening: Set<WebSocket>;
  readonly open: Set<WebSocket>;
}

/** Resolves when all of them are closed, or have had the time for it. */
async function allClosed(sockets: ReadonlySet<WebSocket>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_GRACE_MS);
  const closes = [...sockets].map((socket) => new Promise((done) => socket.addEventListener("close", done)));
  await Promise.race([late, Promise.all(closes)]);
  clearTimeout(timer);
}

type ServeOptions = NativeListenerOptions & { readonly signal: AbortSignal; readonly sockets: Sockets };

function serve(options: ServeOptions, handlers: ListenerHandlers): Deno.HttpServer<Deno.NetAddr> {
  const { hostname, port, signal, trustedProxies = [] } = options;
  return Deno.serve({ hostname, port, signal, onListen: () => {} }, (request, { remoteAddr }) => {
    const direct = { remoteAddress: remoteAddr.hostname, tls: undefined };
    const peer = peerBehind(direct, (name) => request.headers.get(name), trustedProxies);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const asked = peer === direct ? request : asAskedFor(request, peer);
      if (asked === undefined) return new Response("not a valid request: its host\n", { status: 400 });
      return handlers.onRequest(asked, peer.remoteAddress);
    }
    return upgrade(request, peer, handlers, options);
  });
}

/** The request as the client sent it to the proxy, with the scheme and the host that it asked for; none if that is none. */
function asAskedFor(request: Request, { host, tls }: Peer): Request | undefined {
  const headers = new Headers(request.headers);
  if (host !== undefined) headers.set("host", host);
  const url = `${tls === undefined ? "http" : "https"}://${headers.get("host") ?? "localhost"}${
    targetOf(request)
  }`;
  if (!URL.canParse(url)) return undefined;
  const { method, body } = request;
  return new Request(url, { method, headers, body });
}

/** Path and query as they were sent. */
function targetOf({ url }: Request): string {
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}

async function upgrade(
  request: Request,
  peer: Peer,
  handlers: ListenerHandlers,
  { pingIntervalSeconds, sockets }: ServeOptions,
): Promise<Response> {
  const decision = await handlers.onUpgrade(upgradeRequestOf(request, peer));
  if (!decision.granted) {
    return new Response(`${decision.text}\n`, {
      status: decision.status,
      headers: { ...decision.headers, "content-type": "text/plain; charset=utf-8" },
    });
  }
  let upgraded: Deno.WebSocketUpgrade;
  spaceOffered(request.headers);
  try {
    upgraded = Deno.upgradeWebSocket(request, {
      // Deno pings after half of `idleTimeout` in silence and drops the peer after all of it.
      idleTimeout: pingIntervalSeconds * 2,
      ...(decision.subprotocol === undefined ? {} : { protocol: decision.subprotocol }),
    });
  } catch (cause) {
    return new Response(`not a valid WebSocket upgrade: ${(cause as Error).message}\n`, { status: 400 });
  }
  attach(upgraded.socket, decision.open, sockets);
  return upgraded.response;
}

/**
 * Has the offered subprotocols read with a space after each comma, without which `Deno.upgradeWebSocket` takes all of
 * them for one and refuses the upgrade. RFC 6455 §11.3.4: space is optional there. A request's headers cannot be set.
 */
function spaceOffered(headers: Headers): void {
  const get = headers.get.bind(headers);
  const offered = get("sec-websocket-protocol");
  if (offered === null || !/,(?! )|\s,|,\s\s/.test(offered)) return;
  const spaced = offered.split(",").map((one) => one.trim()).join(", ");
  headers.get = (name) => name.toLowerCase() === "sec-websocket-protocol" ? spaced : get(name);
}

function upgradeRequestOf(request: Request, { remoteAddress, tls }: Peer): UpgradeRequest {
  const { headers } = request;
  const offered = headers.get("sec-websocket-protocol") ?? "";
  return {
    path: targetOf(request),
    subprotocols: offered.split(",").map((one) => one.trim()).filter((one) => one !== ""),
    origin: headers.get("origin") ?? undefined,
    authorization: headers.get("authorization") ?? undefined,
    remoteAddress,
    ...(tls === undefined ? {} : { tls }),
  };
}

function attach(
  socket: WebSocket,
  open: (connection: Connection) => ConnectionHandlers,
  sockets: Sockets,
): void {
  socket.binaryType = "arraybuffer";
  sockets.opening.add(socket);
  const connection: Connection = {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(text);
      if (socket.bufferedAmount <= UNREAD_BYTES_MAX) return;
      // The close frame waits behind what is not read either, so that the owner is told now.
      socket.close(1008, SLOW_READER);
      handlers?.onClose(1008, SLOW_READER);
    },
    close: (code, reason) => {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code, reason);
    },
  };
  let handlers: ConnectionHandlers | undefined;
  let failure = "";
  socket.onopen = () => {
    sockets.opening.delete(socket);
    sockets.open.add(socket);
    handlers = open(connection);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") handlers?.onText(data);
    else handlers?.onBinary((data as ArrayBuffer).byteLength);
  };
  // An error is always followed by a close, whose own reason is mostly empty.
  socket.onerror = (event) => failure = event instanceof ErrorEvent ? event.message : "";
  // A peer that vanishes leaves no code: 1006 is what RFC 6455 has for that.
  socket.onclose = ({ code, reason }) => {
    sockets.opening.delete(socket);
    sockets.open.delete(socket);
    handlers?.onClose(code || 1006, reason || failure);
  };
}
