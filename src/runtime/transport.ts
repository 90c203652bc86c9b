/**
 * The ports to the network, one for each role: what `native_listener.ts` and `native_client.ts` make real.
 */

/** One open WebSocket, seen from the end that we play. */
export interface Connection {
  /** Puts a text message on the wire; without effect once the connection is gone. */
  send(text: string): void;
  /** Closes with a WebSocket close code; `reason` has at most 123 bytes. */
  close(code: number, reason: string): void;
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
  connect(url: string, handlers: ClientHandlers): () => void;
}
