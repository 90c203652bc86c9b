/**
 * A transaction as the Central System remembers it: how it began, why it is perhaps over, how it ended.
 */
import type { Conf } from "../ocpp/registry.ts";
import type { Reason } from "../ocpp/types.ts";

/**
 * Who ended a transaction: its StopTransaction, a later StartTransaction on the same connector, evidence that it was
 * over which nothing contradicted, or an operator. The first one wins over the others, whenever it comes.
 */
export const CLOSED_BY = ["chargePoint", "laterStart", "evidence", "operator"] as const;

export type ClosedBy = (typeof CLOSED_BY)[number];

/** A transaction. Units: Wh. `startedAtMs` and `stoppedAtMs` are the Charge Point's own time. */
export interface TransactionRecord {
  readonly transactionId: number;
  readonly chargePoint: string;
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStart: number;
  readonly startedAtMs: number;
  /** The timestamp as sent: a repeat carries the same text. */
  readonly startTimestamp: string;
  readonly startUniqueId: string;
  readonly startReceivedAtMs: number;
  /** `bootCount` of the Charge Point when it started. */
  readonly startBoot: number;
  readonly startAnswer: Conf<"StartTransaction">;
  readonly reservationId?: number;
  /** Why it is perhaps over although no StopTransaction came; it stays when the transaction is closed. */
  readonly suspicion?: Suspicion;
  readonly stop?: StopRecord;
}

/** How a transaction ended. `meterStop` is unknown where no StopTransaction came. */
export interface StopRecord {
  readonly closedBy: ClosedBy;
  readonly stoppedAtMs: number;
  readonly receivedAtMs: number;
  readonly meterStop?: number;
  readonly reason?: Reason;
  readonly idTag?: string;
  readonly timestamp?: string;
  readonly uniqueId?: string;
  readonly answer?: Conf<"StopTransaction">;
  /** Of an operator's stop: who says so. */
  readonly operator?: string;
  /** Of an operator's stop: why. */
  readonly note?: string;
  /** How it had been closed before its StopTransaction came after all. */
  readonly overruled?: OverruledStop;
}

/** A stop over which a StopTransaction has won. */
export type OverruledStop = Pick<
  StopRecord,
  "closedBy" | "stoppedAtMs" | "receivedAtMs" | "operator" | "note"
>;

/** What is remembered of a transaction while it is active. */
export type ActiveTransaction = Pick<
  TransactionRecord,
  "transactionId" | "connectorId" | "startedAtMs" | "suspicion"
>;

/** Active transactions remembered of one Charge Point; of more the oldest are neither suspected nor guessed. */
export const ACTIVE_TRANSACTIONS_MAX = 256;

/** What makes a transaction suspected: its connector is Available, or its Charge Point has booted. */
export const SUSPECTED_BY = ["Available", "boot"] as const;

/** The first sign that a transaction is over. */
export interface Suspicion {
  readonly by: (typeof SUSPECTED_BY)[number];
  /** When it came, by the Central System's clock. */
  readonly atMs: number;
  /** The same by the Charge Point's own clock, where it gave a time. */
  readonly chargePointAtMs: number;
}
