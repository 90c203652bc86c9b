/**
 * The ports to the network, one for each role: what `native_listener.ts` and `client.ts` make real.
 */

/** One open WebSocket, seen from the end that we play. */
export interface Connection {
  /** Puts a text message on the wire; without effect once the connection is gone. */
  send(text: string): void;
  /** Puts the UTF-8 of a text on the wire as a binary message; absent where this connection cannot do that. */
  sendBinary?(text: string): void;
  /** Closes with a WebSocket close code; `reason` has at most 123 bytes. */
  close(code: number, reason: string): void;
  /** Cuts the link without a close frame, and tells so; absent where this connection cannot do that. */
  drop?(reason: string): void;
  /** Pings this often from now on, 0: never; absent where this connection cannot ping. */
  setPing?(intervalSeconds: number): void;
  /**
   * Reads nothing more until `resume`; a few messages that were read already may still come. Absent, with `resume`,
   * where reading cannot be stopped. `close` reads on.
   */
  pause?(): void;
  resume?(): void;
}

/** How a link is to be made beyond its URL. Secrets stand in it, so it is part of no event and no log. */
export interface LinkOptions {
  /** A ping that is unanswered when the next one is due means that the link is lost; 0: no pings. */
  readonly pingIntervalSeconds: number;
  /** HTTP Basic. The password is bytes, which need not be text. Spec: OCPP-J 1.6 §6.2.1. */
  readonly credentials?: { readonly user: string; readonly password: Uint8Array };
  /** For a wss URL. The server's certificate and its host name are checked, always. */
  readonly tls?: LinkTls;
}

/** Certificates and keys as PEM texts. */
export interface LinkTls {
  /** Whom to trust; none: whom the system trusts. */
  readonly roots: readonly string[];
  /** The chain begins with the client's own certificate; the key is PKCS#8. */
  readonly clientCertificate?: { readonly chain: string; readonly privateKey: string };
}

/** What a client connection tells its owner, each at most once but for `onText`. */
export interface ClientHandlers {
  onOpen(connection: Connection): void;
  onText(text: string): void;
  /** The connection is gone, or never came to be; `cause` says why in plain words. */
  onClose(cause: LinkFailure): void;
}

/** Why a link is not there. `opened` tells whether it ever was. */
export interface LinkFailure {
  readonly opened: boolean;
  readonly reason: LinkFailureReason;
  /** One line for a person, e.g. `connection refused`. */
  readonly message: string;
  /** The WebSocket close code, where one came. */
  readonly code?: number;
  /** The adapter's own words, for whoever wants to know exactly. */
  readonly detail?: string;
  /** The status of a server that answered with plain HTTP. */
  readonly httpStatus?: number;
}

/** The ways in which a link fails, so that a person can be told what to do about each. */
export type LinkFailureReason =
  | "refused"
  | "unknownHost"
  | "unreachable"
  | "noAnswer"
  | "httpStatus"
  | "notHttp"
  /** The server's certificate leads to nobody whom we trust. */
  | "certificateUntrusted"
  /** The server's certificate is expired, or not valid yet. */
  | "certificateOutdated"
  /** The server's certificate is for another host. */
  | "certificateWrongHost"
  /** The server wants a client certificate, or another one than ours. */
  | "clientCertificate"
  /** Something that does not speak TLS answered. */
  | "notTls"
  /** TLS failed otherwise: no version or cipher suite in common, or a certificate of our own that will not do. */
  | "tls"
  | "subprotocol"
  | "notPermitted"
  /** It was open and broke off. */
  | "lost"
  /** It was open and one end closed it. */
  | "closed"
  | "other";

/** Opens WebSockets to a Central System. */
export interface ClientTransport {
  /** Begins to connect; the outcome arrives at `handlers`. The returned function gives up or closes. */
  connect(url: string, handlers: ClientHandlers, options: LinkOptions): () => void;
}
