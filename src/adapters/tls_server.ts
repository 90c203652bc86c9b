/**
 * TLS of the hardened listener: a server of `node:https`, what its peers show of themselves, and what becomes of
 * handshakes that fail.
 *
 * A certificate that cannot be verified does not end the handshake: its owner would learn no more than that TLS
 * failed. The upgrade is refused instead, with an answer, and the operator is told the reason.
 */
import type http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { FailedHandshake, PeerTls } from "../runtime/listener.ts";
import { unverifiedCertificate, verifiedCertificate } from "./peer_certificate.ts";

/** What a server shows of itself, and whom it believes. Texts are PEM. */
export interface TlsOptions {
  /** Sub-CAs after it, without the root. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Authorities that Charge Points' certificates must lead to; none: no certificate is asked for. */
  readonly clientRoots: readonly string[];
}

type Limits = https.ServerOptions & { readonly handshakeTimeout: number };

/** A server that does not listen yet. */
export function createTlsServer(
  limits: Limits,
  { certificateChain, privateKey, clientRoots }: TlsOptions,
  onFailure: (failure: FailedHandshake) => void,
): http.Server {
  const server = https.createServer({
    ...limits,
    ...contextOf({ certificateChain, privateKey, clientRoots }),
    ...(clientRoots.length === 0 ? {} : { requestCert: true, rejectUnauthorized: false }),
  });
  server.on("tlsClientError", (error: Error & { code?: string }, socket: TLSSocket) => {
    onFailure({ remoteAddress: addressUnder(socket), reason: reasonOf(error) });
  });
  const streams = new Set<Socket>();
  server.on("connection", (stream: Socket) => {
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
  });
  STREAMS_BELOW.set(server as unknown as http.Server, streams);
  return server as unknown as http.Server;
}

function contextOf({ certificateChain, privateKey, clientRoots }: TlsOptions) {
  return {
    cert: certificateChain,
    key: privateKey,
    minVersion: "TLSv1.2", // Security §3 (TLS): nothing older
    ...(clientRoots.length === 0 ? {} : { ca: [...clientRoots] }),
  } as const;
}

/** Shows another certificate from now on; connections that are open stay. */
export function changeCertificate(server: http.Server, options: TlsOptions): void {
  (server as unknown as https.Server).setSecureContext(contextOf(options));
}

/** What TLS is put over, by server. */
const STREAMS_BELOW = new WeakMap<http.Server, ReadonlySet<Socket>>();

/**
 * Ends what the server itself does not end: handshakes that do not go on, and streams whose TLS is gone while the peer
 * has not hung up.
 */
export function dropBelowTls(server: http.Server): void {
  STREAMS_BELOW.get(server)?.forEach((stream) => stream.destroy());
}

/** What TLS says of the peer of a socket. */
export function peerTlsOf(socket: Socket, { clientRoots }: TlsOptions): PeerTls {
  if (clientRoots.length === 0) return {};
  const tls = socket as TLSSocket;
  const { raw } = tls.getPeerCertificate() as { readonly raw?: Uint8Array } ?? {};
  if (raw === undefined) return {};
  const der = new Uint8Array(raw);
  return tls.authorized
    ? verifiedCertificate(der)
    : unverifiedCertificate(der, { roots: clientRoots, nowMs: Date.now() });
}

/** Version and cipher suite of a socket's TLS; `undefined` where it has none. */
export function agreedTlsOf(socket: Socket): { version: string; cipherSuite?: string } | undefined {
  const tls = socket as Partial<TLSSocket>;
  const version = tls.getProtocol?.();
  if (typeof version !== "string") return undefined;
  const name = tls.getCipher?.()?.name;
  return { version, ...(name === undefined ? {} : { cipherSuite: name }) };
}

/** The first byte of a TLS record that begins a handshake. Spec: RFC 8446 §5.1. */
const HANDSHAKE_RECORD = 22;

/** Tells of TLS that is spoken to a server without it. */
export function tellOfTls(server: http.Server, onFailure: (failure: FailedHandshake) => void): void {
  server.on("clientError", (error: Error & { rawPacket?: Uint8Array }, stream) => {
    const socket = stream as Socket;
    if (error.rawPacket?.[0] === HANDSHAKE_RECORD) {
      const reason = "TLS was spoken (wss:// or https://) where there is none";
      onFailure({ remoteAddress: socket.remoteAddress ?? "", reason });
    }
    if (socket.writable && !socket.destroyed) answerClientError(error, socket);
    else socket.destroy();
  });
}

const STATUS_OF: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Whoever listens to `clientError` has to answer as the server would have. */
function answerClientError({ code }: Error & { code?: string }, socket: Socket): void {
  const status = STATUS_OF[code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.destroySoon();
}

/** A TLS socket that failed has lost its address; the one that it was put over still has it. */
function addressUnder(socket: TLSSocket & { readonly _parent?: Socket }): string {
  return socket.remoteAddress ?? socket._parent?.remoteAddress ?? "";
}

/** The runtime's words, with what they mean for an operator; seen with Deno 2.9. */
function reasonOf({ message, code }: Error & { code?: string }): string {
  const alert = /received fatal alert: (\w+)/.exec(message)?.[1];
  if (alert !== undefined) {
    return /UnknownCA|Certificate/.test(alert)
      ? `the peer does not accept our certificate (${alert})`
      : `the peer ended the handshake (${alert})`;
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || /InvalidContentType/.test(message)) {
    return "no TLS was spoken (ws:// or http://) where it has to be";
  }
  if (/peer is incompatible|protocol version/i.test(message)) {
    return `no TLS version or cipher suite in common (${message})`;
  }
  // A certificate that leads nowhere ends no handshake here: what cannot be verified is the signature with its key.
  if (/unable to verify|BadSignature/i.test(message)) {
    return "the peer does not have the key of the certificate that it showed";
  }
  if (/handshake timeout/i.test(message)) return "the handshake took too long";
  if (/hang up/.test(message)) return "the peer hung up in the middle of the handshake";
  return `the handshake failed (${message})`;
}
