/**
 * Who watches a Central System: logs, the frame view, metrics. Watching changes nothing.
 */
import type { CentralSystemEvent, ReceivedCall } from "../central_system/decision.ts";
import type { RowsRemoved } from "./retention.ts";
import type { Exchange } from "./server_connection.ts";

/** What refusals are counted by: the reason's own words may quote what was sent. */
export type RefusalKind =
  | "notReady"
  | "noIdentity"
  | "foreignOrigin"
  | "subprotocol"
  | "notRegistered"
  /** More of one address with one identity than a minute has room for. */
  | "tooManyUpgrades"
  /** Too many passwords wait to be checked. */
  | "busy"
  /** A password or certificate that is missing or wrong. */
  | "credentials"
  /** TLS where none is expected, or the other way round. */
  | "securityProfile"
  /** TLS came to no end, so that there was no request. */
  | "handshake";

/** A connection that was refused, and why. */
export interface Refusal {
  readonly atMs: number;
  readonly remoteAddress: string;
  readonly identity: string | undefined;
  /** Of the HTTP answer; `undefined` where it did not get as far as HTTP. */
  readonly status: number | undefined;
  readonly reason: string;
  /** Absent: it is counted by its status. */
  readonly reasonKind?: RefusalKind;
}

/** Everything worth telling about a running Central System. */
export interface CentralSystemObserver {
  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void;
  disconnected(event: { chargePoint: string; code: number; reason: string }): void;
  refused(refusal: Refusal): void;
  exchanged(exchange: Exchange): void;
  decided(event: CentralSystemEvent): void;
  /** The store cannot commit: no answers until it can again. */
  storeFailed(error: unknown): void;
  storeResumed(event: { downMs: number }): void;
  /** What was older than it is to be kept is gone. */
  rowsRemoved(removed: RowsRemoved): void;
  /** A mistake of ours while deciding. */
  mistaken(call: ReceivedCall, error: unknown): void;
}
