/**
 * The other end of a link, with nothing of OCPP in it: a WebSocket server over TCP or TLS that a test lets
 * misbehave, and that remembers what it was shown.
 */
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { Happenings } from "./within.ts";

/** How the server behaves. */
export interface LinkServerScript {
  /** Chosen subprotocol; `null`: none. Without it `ocpp1.6`. */
  readonly subprotocol?: string | null;
  /** Answers an upgrade with plain HTTP instead. */
  readonly http?: { readonly status: number; readonly body?: string; readonly contentType?: string };
  /** PEM texts. With `clientRoots` it wants a client certificate below one of them. */
  readonly tls?: {
    readonly chain: string;
    readonly privateKey: string;
    readonly clientRoots?: readonly string[];
    /** A client without one may come in all the same. */
    readonly isClientOptional?: boolean;
    readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  };
  /** Whether pings are answered. */
  readonly answersPings?: boolean;
}

/** What an upgrade request showed. */
export interface ShownUpgrade {
  readonly path: string;
  readonly authorization: string | undefined;
  /** CN of the client certificate. */
  readonly clientName: string | undefined;
}

/** A running server on a free port. */
export interface LinkServer extends AsyncDisposable {
  readonly port: number;
  /** At `localhost`, without a path. */
  readonly url: string;
  readonly upgrades: readonly ShownUpgrade[];
  /** Every WebSocket that was opened, in order. */
  readonly sockets: readonly WebSocket[];
  readonly texts: readonly string[];
  readonly pings: number;
  readonly closes: readonly { readonly code: number; readonly reason: string }[];
  /** Called with every WebSocket that opens from here on. */
  onSocket(attach: (socket: WebSocket) => void): void;
  /** Breaks every TCP connection without a word. */
  cut(): void;
  until(holds: () => boolean, what: string): Promise<void>;
}

/** Starts it. */
export async function linkServer(script: LinkServerScript = {}): Promise<LinkServer> {
  // `ws` reads the environment when it is imported, which needs a permission.
  // @ts-types="@types/ws"
  const { WebSocketServer } = await import("ws");
  const { tls } = script;
  const server = tls === undefined ? http.createServer() : https.createServer({
    cert: tls.chain,
    key: tls.privateKey,
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    ...(tls.clientRoots === undefined
      ? {}
      : { ca: [...tls.clientRoots], requestCert: true, rejectUnauthorized: tls.isClientOptional !== true }),
  });
  const happenings = new Happenings();
  const upgrades: ShownUpgrade[] = [];
  const sockets: WebSocket[] = [];
  const texts: string[] = [];
  const closes: { code: number; reason: string }[] = [];
  const streams = new Set<Socket>();
  let pings = 0;
  let attach: (socket: WebSocket) => void = () => {};
  const { subprotocol = "ocpp1.6" } = script;
  const webSockets = new WebSocketServer({
    noServer: true,
    autoPong: script.answersPings ?? true,
    handleProtocols: () => subprotocol ?? false,
  });
  server.on("connection", (stream: Socket) => {
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
    stream.on("error", () => {});
  });
  server.on("upgrade", (request: http.IncomingMessage, stream: Socket, head) => {
    stream.on("error", () => {});
    upgrades.push({
      path: request.url ?? "",
      authorization: request.headers.authorization,
      clientName: tls?.clientRoots === undefined
        ? undefined
        : (stream as TLSSocket).getPeerCertificate()?.subject?.CN?.toString(),
    });
    if (script.http !== undefined) {
      const { status, body = "", contentType = "text/plain" } = script.http;
      const head = `HTTP/1.1 ${status} No\r\ncontent-type: ${contentType}\r\nconnection: close\r\n`;
      stream.end(`${head}content-length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`);
      return happenings.happened();
    }
    webSockets.handleUpgrade(request, stream, head, (socket) => {
      sockets.push(socket);
      attach(socket);
      socket.on("error", () => {});
      socket.on("message", (data) => {
        texts.push(String(data));
        happenings.happened();
      });
      socket.on("ping", () => {
        pings++;
        happenings.happened();
      });
      socket.on("close", (code, reason) => {
        closes.push({ code, reason: String(reason) });
        happenings.happened();
      });
      happenings.happened();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => streams.forEach((stream) => stream.destroy());
  return {
    port,
    url: `${tls === undefined ? "ws" : "wss"}://localhost:${port}`,
    upgrades,
    sockets,
    texts,
    get pings() {
      return pings;
    },
    closes,
    onSocket: (given) => attach = given,
    cut,
    until: (holds, what) => happenings.until(holds, what),
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.terminate());
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A TCP server that is no web server: says something to whoever connects, or waits for a word, and hangs up. */
export function otherServer(greeting?: string): { readonly port: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      const said = greeting === undefined
        ? connection.read(new Uint8Array(4_096))
        : connection.write(new TextEncoder().encode(greeting));
      said.catch(() => {}).finally(() => connection.close());
    }
  })();
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

/** A port of 127.0.0.1 where nobody listens. */
export function deadPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
