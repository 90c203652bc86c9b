/**
 * The port to the connection of a tester with a system under test, in the two shapes that it has: as a Charge Point the
 * tester connects, as a Central System it listens.
 */
import type { AgreedTls, OwnLink, ServerSecurity, UpgradeRequest } from "../conformance/contract.ts";

/** What a link tells, at any time, of its newest connection only. */
export interface TesterLinkHandlers {
  /** A Charge Point wants to connect: whether it may, and the HTTP status that says so. */
  onUpgrade(request: UpgradeRequest): { readonly isAccepted: boolean; readonly status: number };
  onUp(agreed: { readonly subprotocol?: string; readonly tls?: AgreedTls }): void;
  onText(text: string): void;
  /** A binary message, which OCPP-J does not know. */
  onBinary(bytes: number): void;
  /** The connection has ended, and not because the tester closed it. */
  onDown(): void;
  /** A connection did not come to be, here or there. */
  onFailed(failure: ConnectFailure): void;
}

/** Why a connection did not come to be. */
export interface ConnectFailure {
  /** HTTP, where the other end answered at all. */
  readonly status?: number;
  /** One line for a person. */
  readonly cause: string;
  /** Nobody is there to refuse or to accept it: this says nothing about how the system under test behaves. */
  readonly isUnreachable: boolean;
}

/** How the tester connects, as the Charge Point of this identity. */
export interface ConnectRequest extends OwnLink {
  readonly identity: string;
  readonly subprotocols: readonly string[];
}

/** One link, which outlives the cases that are played over it. */
export interface TesterLink {
  /** From here on these are told; once, before everything else. */
  attach(handlers: TesterLinkHandlers): void;
  /** Without effect where there is no connection. `isBinary`: its UTF-8, as a binary message. */
  send(text: string, how?: { readonly isBinary: boolean }): void;
  /** Closes the connection, or gives up one that is being made; nothing more is told of it. */
  close(reason: string): void;
  /** Connects; what was there before is closed. Absent where it listens. */
  connect?(request: ConnectRequest): void;
  /** Listens like this from now on; connections that are open stay. Absent where it connects. Never rejects. */
  listen?(security: ServerSecurity): Promise<void>;
  /** Ends everything that it has open. */
  stop(): Promise<void>;
}
