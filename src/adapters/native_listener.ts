/**
 * A listener on `Deno.serve`, with its WebSocket upgrade.
 *
 * Known limits of the native WebSocket: a frame bound of 64 MiB and none for fragmented messages, no way to drop
 * a dead peer at once, pings only by `idleTimeout`. A peer that is sending while we close may find the connection
 * reset instead of our close code.
 */
import {
  CLOSE_GRACE_MS,
  type ConnectionHandlers,
  type Listener,
  LISTENER_ENDS,
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
  const open = new OpenEnds();
  let port = options.port;
  for (const [index, hostname] of hostnamesOf(options.hostname).entries()) {
    try {
      const server = serve({ ...options, hostname, port }, handlers, open);
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
      // `shutdown` would cut off WebSockets whose close frame is not answered yet, and wait for requests for ever.
      if (await open.end()) { for (const server of servers) void server.shutdown(); }
      else open.drop.abort();
      await Promise.all(servers.map((server) => server.finished));
    },
  };
}

/** The WebSockets and the requests that are open, so that a listener can end when they have. */
class OpenEnds {
  /** Cuts off whatever is still open. */
  readonly drop = new AbortController();
  readonly #open = new Set<object>();
  #onLast: (() => void) | undefined;

  /** Whether nothing new is to be taken. */
  get isEnding(): boolean {
    return this.#onLast !== undefined;
  }

  add(one: object): void {
    this.#open.add(one);
  }

  /** It has ended; may be told more than once. */
  delete(one: object): void {
    this.#open.delete(one);
    if (this.#open.size === 0) this.#onLast?.();
  }

  /** Takes nothing new; false when something is still open after the grace. */
  async end(): Promise<boolean> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#onLast = resolve;
    if (this.#open.size === 0) resolve();
    const timer = setTimeout(resolve, CLOSE_GRACE_MS);
    await over;
    clearTimeout(timer);
    return this.#open.size === 0;
  }
}

function serve(
  options: NativeListenerOptions,
  handlers: ListenerHandlers,
  open: OpenEnds,
): Deno.HttpServer<Deno.NetAddr> {
  const { hostname, port, pingIntervalSeconds, trustedProxies = [] } = options;
  const { signal } = open.drop;
  return Deno.serve({ hostname, port, signal, onListen: () => {} }, (request, { remoteAddr, completed }) => {
    if (open.isEnding) return ending();
    const direct = { remoteAddress: remoteAddr.hostname, tls: undefined };
    const peer = peerBehind(direct, (name) => request.headers.get(name), trustedProxies);
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
      return upgrade(request, peer, handlers, { pingIntervalSeconds, open });
    }
    const asked = peer === direct ? request : asAskedFor(request, peer);
    if (asked === undefined) return new Response("not a valid request: its host\n", { status: 400 });
    open.add(request);
    const ended = () => open.delete(request);
    completed.then(ended, ended);
    return handlers.onRequest(asked, peer.remoteAddress);
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

function ending(): Response {
  return new Response(`${LISTENER_ENDS}\n`, { status: 503 });
}

async function upgrade(
  request: Request,
  peer: Peer,
  handlers: ListenerHandlers,
  { pingIntervalSeconds, open }: { readonly pingIntervalSeconds: number; readonly open: OpenEnds },
): Promise<Response> {
  const decision = await handlers.onUpgrade(upgradeRequestOf(request, peer));
  if (open.isEnding) return ending();
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
      idleTimeout: (decision.pingIntervalSeconds ?? pingIntervalSeconds) * 2,
      ...(decision.subprotocol === undefined ? {} : { protocol: decision.subprotocol }),
    });
  } catch (cause) {
    return new Response(`not a valid WebSocket upgrade: ${(cause as Error).message}\n`, { status: 400 });
  }
  const { socket } = upgraded;
  open.add(socket);
  attach(socket, decision.open, () => open.delete(socket));
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
  onGone: () => void,
): void {
  socket.binaryType = "arraybuffer";
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
  socket.onopen = () => handlers = open(connection);
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") handlers?.onText(data);
    else handlers?.onBinary((data as ArrayBuffer).byteLength);
  };
  // An error is always followed by a close, whose own reason is mostly empty.
  socket.onerror = (event) => failure = event instanceof ErrorEvent ? event.message : "";
  // A peer that vanishes leaves no code: 1006 is what RFC 6455 has for that.
  socket.onclose = ({ code, reason }) => {
    onGone();
    handlers?.onClose(code || 1006, reason || failure);
  };
}
