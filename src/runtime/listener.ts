/**
 * The port to the network of a Central System: what `native_listener.ts` and `hardened_listener.ts` make
 * real. The listener speaks HTTP and WebSocket; whether and how to answer is the owner's decision.
 */
import type { MaybePromise } from "../central_system/store.ts";
import type { Connection } from "./transport.ts";

/** Bytes that may wait for a peer that does not read; beyond this it is dropped. */
export const UNREAD_BYTES_MAX = 4 * 1_048_576;

/** The reason that the owner of a dropped slow reader is told, with the code 1008. */
export const SLOW_READER = `more than ${UNREAD_BYTES_MAX} bytes wait to be read`;

/** How long what is open has to end once the listener does; what has not gone by then is dropped. */
export const CLOSE_GRACE_MS = 2_000;

/** What whoever comes meanwhile, or has not gone by then, is told. */
export const LISTENER_ENDS = "this server is ending";

/** A Charge Point that asks for a WebSocket, before anything is granted. */
export interface UpgradeRequest {
  /** The URL's path and query as sent. */
  readonly path: string;
  /** What `Sec-WebSocket-Protocol` offers, in order; empty when there is no such header. */
  readonly subprotocols: readonly string[];
  /** The `Origin` header: only browsers send one. */
  readonly origin: string | undefined;
  /** The `Authorization` header as sent: a secret. */
  readonly authorization: string | undefined;
  readonly remoteAddress: string;
  /** How the link is secured; absent: it is not. */
  readonly tls?: PeerTls;
  /** What the two ends have agreed on, where this listener itself speaks TLS and knows it. */
  readonly agreedTls?: { readonly version: string; readonly cipherSuite?: string };
}

/** What TLS says of a peer, our own or that of a proxy whom we trust. */
export interface PeerTls {
  /** Of a certificate that leads to the client CA; absent: it showed none that does. */
  readonly clientCertificate?: ClientCertificate;
  /** Why the certificate that it showed does not count, for the operator: such an upgrade is refused with 401. */
  readonly untrustedCertificate?: string;
}

/** The subject of a client certificate. Spec: Security §2.6: CN is the serial number, O the operator. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organization: string | undefined;
}

/** Granted, with the subprotocol to name (none: the header is left out), or refused with an HTTP status. */
export type UpgradeDecision =
  | {
    readonly granted: true;
    readonly subprotocol: string | undefined;
    /** Instead of the listener's own; 0: never. */
    readonly pingIntervalSeconds?: number;
    /** Called once the socket is open; gives the object that its messages go to. */
    readonly open: (connection: Connection) => ConnectionHandlers;
  }
  | {
    readonly granted: false;
    readonly status: number;
    readonly text: string;
    /** Beyond those of a plain text, e.g. `retry-after`. */
    readonly headers?: Readonly<Record<string, string>>;
  };

/** What an open connection tells its owner. */
export interface ConnectionHandlers {
  onText(text: string): void;
  /** A binary message, which OCPP-J has no use for. */
  onBinary(bytes: number): void;
  /** A message beyond `FRAME_BYTES_MAX` of which nothing was taken in. The listener closes with 1009. */
  onTooLarge(): void;
  /** May be called more than once. */
  onClose(code: number, reason: string): void;
}

/** What a listener needs from its owner. */
export interface ListenerHandlers {
  onUpgrade(request: UpgradeRequest): MaybePromise<UpgradeDecision>;
  /** Any request that is no WebSocket upgrade. Its URL has the scheme and host that the client asked for. */
  onRequest(request: Request, remoteAddress: string): MaybePromise<Response>;
  /** A connection that came to no request, because its two ends found no common TLS. */
  onHandshakeFailed?(failure: FailedHandshake): void;
}

/** Why a connection came to no request; `reason` is a clause for the operator. */
export interface FailedHandshake {
  readonly remoteAddress: string;
  readonly reason: string;
}

/** A listener that is running. */
export interface Listener {
  /** Where it listens, e.g. `127.0.0.1:9000` and `[::1]:9000`. */
  readonly addresses: readonly string[];
  readonly port: number;
  /**
   * Takes nothing new and resolves when everything open is gone: WebSockets, which their owner has closed before,
   * and requests that are being answered. After `CLOSE_GRACE_MS` they are dropped.
   */
  close(): Promise<void>;
}
