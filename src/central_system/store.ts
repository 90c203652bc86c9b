/**
 * The port to the database: what a Central System knows, what it reads before a decision and what it writes
 * after one. The database owns this state; memory only caches it.
 *
 * Only `commit` writes. A commit is all or nothing, and durable when its promise is fulfilled (or, where it
 * returns no promise, when it returns).
 */
import type { MeterValue } from "../ocpp/meter_value.ts";
import type { Req } from "../ocpp/registry.ts";
import type { Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";
import type { ChargePointErrorCode, ChargePointStatus, RegistrationStatus } from "../ocpp/types.ts";
import type { DeviationNote } from "./deviation.ts";
import type { SecurityProfile } from "./security_profile.ts";
import type { ActiveTransaction, StopRecord, Suspicion, TransactionRecord } from "./transaction_record.ts";
import type { AgedRow, GrowingTable } from "./old_rows.ts";
import type {
  ListedReservation,
  LocalListChange,
  LocalListEntry,
  LocalListRecord,
  ReservationEndRecord,
  ReservationRecord,
  ReservationsNeeded,
} from "./told_record.ts";

/** Stores may be synchronous; callers await only what is a promise. */
export type MaybePromise<T> = T | Promise<T>;

/** A Charge Point as the Central System remembers it. Instants are the Central System's own clock. */
export interface ChargePointRecord {
  readonly identity: string;
  /** What it is told at its next BootNotification. */
  readonly registration: RegistrationStatus;
  /** How much it is forgiven, where that is not the default of the Central System. */
  readonly validation?: Validation;
  /** Repairs that are refused of it although it is tolerated otherwise. */
  readonly refusedRules?: readonly RepairRule[];
  /** The only idTags that may charge here, or whose group (parentIdTag) may; absent: all that may anywhere. */
  readonly allowedIdTags?: readonly string[];
  /** Told at an accepted boot, where that is not the default of the Central System. */
  readonly heartbeatIntervalSeconds?: number;
  /** Silence after which it is pinged, where that is not the default of the Central System; 0: never. */
  readonly pingIntervalSeconds?: number;
  /** The one that it has to use; absent: any that is not below the least. */
  readonly securityProfile?: SecurityProfile;
  /** The one that it has accepted and not used yet. */
  readonly pendingSecurityProfile?: SecurityProfile;
  /** Of its password, salted; as `PasswordHasher` makes it. */
  readonly passwordHash?: string;
  /** Of the one that it was told and has not used yet. */
  readonly pendingPasswordHash?: string;
  /** CN of its client certificate; absent: its identity. */
  readonly certificateSerialNumber?: string;
  /** What it was told at its last one; `undefined` when it never booted here. */
  readonly bootStatus?: RegistrationStatus;
  /** BootNotifications so far: tells one boot from the next. */
  readonly bootCount: number;
  readonly bootedAtMs?: number;
  readonly boot?: Req<"BootNotification">;
  /** When it was first heard of: from itself, or from the operator who entered it. */
  readonly firstSeenAtMs: number;
  /** `undefined` while it never sent anything. */
  readonly lastSeenAtMs?: number;
  /** By connectorId, 0 being the Charge Point itself. */
  readonly connectors: ReadonlyMap<number, ConnectorRecord>;
  /** The last few MeterValues, to know a repeat without reading; newest last. */
  readonly recentReadings: readonly ReadingsRecord[];
  /** Its active transactions in the order of their ids, so that a status or a reading is judged without reading. */
  readonly activeTransactions: readonly ActiveTransaction[];
}

/** The last status of one connector. `statusAtMs` is the Charge Point's own time where it gave one. */
export interface ConnectorRecord {
  readonly connectorId: number;
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
  readonly info?: string;
  readonly vendorId?: string;
  readonly vendorErrorCode?: string;
  readonly statusAtMs: number;
  readonly receivedAtMs: number;
}

/** An idTag; `key` is its lower-case form, since idTags compare without regard to case. */
export interface IdTagRecord {
  readonly key: string;
  readonly idTag: string;
  readonly parentIdTag?: string;
  readonly expiryAtMs?: number;
  readonly blocked: boolean;
  /** How many transactions it may have at once; absent: any number. */
  readonly maxActiveTransactions?: number;
  readonly source: IdTagSource;
}

/** `entered` by an operator, or `learned`: seen under open authorization and never confirmed. */
export const ID_TAG_SOURCES = ["entered", "learned"] as const;

export type IdTagSource = (typeof ID_TAG_SOURCES)[number];

/** Readings of one MeterValues or of one StopTransaction's transactionData, with the ids as sent. */
export interface ReadingsRecord {
  readonly chargePoint: string;
  readonly uniqueId: string;
  readonly connectorId: number;
  readonly transactionId?: number;
  /** The transaction that an id which is none of ours perhaps means; nothing is decided by it. */
  readonly guessedTransactionId?: number;
  readonly receivedAtMs: number;
  readonly readings: readonly Reading[];
}

/** How many MeterValues of a Charge Point are remembered to know a repeat. */
export const RECENT_READINGS_MAX = 4;

/** One MeterValue: `sampledValue` is its array as JSON text. */
export interface Reading {
  readonly timestamp: string;
  readonly sampledValue: string;
}

/** A StopTransaction that stops nothing we know: kept, never used to stop another transaction. */
export interface UnmatchedStopRecord {
  readonly chargePoint: string;
  readonly uniqueId: string;
  readonly payload: Req<"StopTransaction">;
  readonly receivedAtMs: number;
}

/** What a Charge Point reported of itself: firmware, diagnostics, log, security events, signing requests. */
export interface ReportRecord {
  readonly chargePoint: string;
  readonly action: ReportAction;
  readonly payload: Req<ReportAction>;
  readonly receivedAtMs: number;
}

/** The Actions whose payloads are kept as they came. */
export const REPORT_ACTIONS = [
  "DiagnosticsStatusNotification",
  "FirmwareStatusNotification",
  "LogStatusNotification",
  "SecurityEventNotification",
  "SignCertificate",
  "SignedFirmwareStatusNotification",
] as const;

export type ReportAction = (typeof REPORT_ACTIONS)[number];

/** One exchange, or one text that was none. */
export interface FrameRecord {
  readonly chargePoint: string;
  readonly receivedAtMs: number;
  /** `in`: from the Charge Point. */
  readonly direction: "in" | "out";
  /** Empty for a text that was no frame. */
  readonly action: string;
  readonly uniqueId: string;
  readonly request: string;
  readonly answer: string | undefined;
  readonly outcome: FrameOutcome;
  readonly latencyMs: number | undefined;
  /** What the Charge Point did wrong in it, at most `DEVIATIONS_KEPT_MAX` of it. */
  readonly deviations?: readonly DeviationNote[];
  /** What we did wrong in it, on purpose, e.g. `noAnswer`. */
  readonly deliberate?: string;
}

/**
 * `answered`, refused with a CALLERROR, no answer in time, no answer because the link went or none was meant to
 * be, or no frame at all.
 */
export type FrameOutcome = "result" | "error" | "timeout" | "lost" | "ignored";

/** What a decision changes. */
export type Write =
  | { readonly kind: "putChargePoint"; readonly record: ChargePointRecord }
  /** Its connectors and what is known of its local list go with it; the rest is history and stays. */
  | { readonly kind: "deleteChargePoint"; readonly identity: string }
  | { readonly kind: "putConnector"; readonly chargePoint: string; readonly connector: ConnectorRecord }
  | { readonly kind: "putIdTag"; readonly record: IdTagRecord }
  | { readonly kind: "deleteIdTag"; readonly key: string }
  | { readonly kind: "startTransaction"; readonly record: TransactionRecord }
  | {
    readonly kind: "stopTransaction";
    readonly chargePoint: string;
    readonly transactionId: number;
    readonly stop: StopRecord;
  }
  /** `undefined` takes the suspicion back. */
  | {
    readonly kind: "suspectTransaction";
    readonly chargePoint: string;
    readonly transactionId: number;
    readonly suspicion: Suspicion | undefined;
  }
  | { readonly kind: "addReadings"; readonly record: ReadingsRecord }
  | { readonly kind: "addUnmatchedStop"; readonly record: UnmatchedStopRecord }
  | { readonly kind: "addReport"; readonly record: ReportRecord }
  /** Without `change` the entries stay as they are. */
  | { readonly kind: "putLocalList"; readonly record: LocalListRecord; readonly change?: LocalListChange }
  | { readonly kind: "addReservation"; readonly record: ReservationRecord }
  /** Ends the latest with this reservationId. */
  | {
    readonly kind: "endReservation";
    readonly chargePoint: string;
    readonly reservationId: number;
    readonly end: ReservationEndRecord;
  }
  | { readonly kind: "seen"; readonly chargePoint: string; readonly lastSeenAtMs: number }
  /** Rows after one id up to another; readings of active transactions stay. */
  | {
    readonly kind: "removeRows";
    readonly table: GrowingTable;
    readonly after: number;
    readonly upTo: number;
  };

/** The rows that a turn's Calls need. */
export interface FactsNeeded {
  readonly chargePoints: ReadonlySet<string>;
  /** Lower-case idTags. */
  readonly idTags: ReadonlySet<string>;
  /** Those of them whose active transactions are counted in any case; else only where there is a maximum. */
  readonly counted: ReadonlySet<string>;
  readonly starts: readonly StartNeeded[];
  readonly stops: readonly StopNeeded[];
  /** Charge Points whose local list a Call of ours is about. */
  readonly localLists: ReadonlySet<string>;
  readonly reservations: readonly ReservationsNeeded[];
}

/** For a StartTransaction: what is open on its connector, and starts with the same timestamp. */
export interface StartNeeded {
  readonly chargePoint: string;
  readonly connectorId: number;
  readonly timestamp: string;
}

/** For what names a transaction: that, if it is one of this Charge Point's. */
export interface StopNeeded {
  readonly chargePoint: string;
  readonly transactionId: number;
}

/** What is known at the beginning of a turn; `apply_writes.ts` carries it from decision to decision. */
export interface Facts {
  readonly chargePoints: Map<string, ChargePointRecord>;
  /** By lower-case idTag. */
  readonly idTags: Map<string, IdTagRecord>;
  /** How many transactions are active with an idTag, on all Charge Points, as far as it was needed. */
  readonly activeOf: Map<string, number>;
  /** Charge Point to its transactions by transactionId, as far as they were needed. */
  readonly transactions: Map<string, Map<number, TransactionRecord>>;
  /** By Charge Point. */
  readonly localLists: Map<string, LocalListRecord>;
  /** Charge Point to its reservations by reservationId, the latest of each, as far as they were needed. */
  readonly reservations: Map<string, Map<number, ReservationRecord>>;
  /** What is active at Charge Points that have no record (any more), as far as they were needed. */
  readonly leftActive: Map<string, readonly ActiveTransaction[]>;
  /** The next transactionId to give. */
  nextTransactionId: number;
}

/** How sure a commit must be: `relaxed` survives a crash of the program, not of the machine. */
export type Durability = "full" | "relaxed";

/** A database behind the Central System. */
export interface Store {
  load(needed: FactsNeeded): MaybePromise<Facts>;
  /** All of it or nothing. Errors: throws or rejects with `StoreError`, and nothing is written. */
  commit(writes: readonly Write[]): MaybePromise<void>;
  /** Appends to the frame log; no part of "acknowledged means durable". */
  commitFrames(frames: readonly FrameRecord[]): MaybePromise<void>;
  /** Answers a read-only question of the API. */
  query<Q extends QueryKind>(
    kind: Q,
    parameters: Queries[Q]["parameters"],
  ): MaybePromise<Queries[Q]["result"]>;
  close(): void;
}

/** The database could not do what was asked; `cause` has its own words. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** Part of a list; `nextCursor` leads to the rest, if there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** Which part of a list is wanted. `cursor` comes from the page before. */
export interface PageWanted {
  readonly limit: number;
  readonly cursor?: string;
}

/** The questions of the API, each with its parameters and its result. */
export interface Queries {
  chargePoints: { parameters: PageWanted; result: Page<ChargePointRecord> };
  chargePoint: { parameters: { identity: string }; result: ChargePointRecord | undefined };
  /** By lower-case idTag. */
  idTags: { parameters: PageWanted & { source?: IdTagSource }; result: Page<IdTagRecord> };
  idTag: { parameters: { key: string }; result: IdTagRecord | undefined };
  transactions: { parameters: PageWanted & TransactionFilter; result: Page<TransactionRecord> };
  transaction: { parameters: { transactionId: number }; result: TransactionRecord | undefined };
  /** How many transactions have not ended. */
  activeTransactions: { parameters: Record<never, never>; result: number };
  /** The active transactions that are suspected, longest first. */
  suspectedTransactions: { parameters: { limit: number }; result: readonly TransactionRecord[] };
  /** Readings of one transaction in the order in which they came; `guessed`: those that perhaps are. */
  meterValues: {
    parameters: PageWanted & { chargePoint: string; transactionId: number; guessed?: boolean };
    result: Page<StoredMeterValue>;
  };
  localList: { parameters: { chargePoint: string }; result: LocalListRecord | undefined };
  /** By lower-case idTag: what the list had in it as it was sent. */
  localListEntries: { parameters: PageWanted & { chargePoint: string }; result: Page<LocalListEntry> };
  /** Newest first. */
  reservations: { parameters: PageWanted & ReservationFilter; result: Page<ListedReservation> };
  reservation: { parameters: { id: number }; result: ListedReservation | undefined };
  /** The oldest rows with a higher id. */
  oldestRows: {
    parameters: { table: GrowingTable; after: number; limit: number };
    result: readonly AgedRow[];
  };
  /** Newest first. */
  frames: { parameters: PageWanted & FrameFilter; result: Page<FrameRecord> };
  /** Newest first. */
  reports: {
    parameters: PageWanted & { chargePoint: string; action?: ReportAction };
    result: Page<ReportRecord>;
  };
  /** Whether the store works: a read and an empty commit. */
  health: { parameters: Record<never, never>; result: true };
}

export type QueryKind = keyof Queries;

export interface TransactionFilter {
  readonly chargePoint?: string;
  readonly idTag?: string;
  readonly active?: boolean;
  /** Started (by the Charge Point's clock) at this instant or later. */
  readonly sinceMs?: number;
}

export interface ReservationFilter {
  readonly chargePoint?: string;
  /** Those that hold at this instant. */
  readonly heldAtMs?: number;
  /** Those that do not hold at this instant any more. */
  readonly overAtMs?: number;
}

export interface FrameFilter {
  readonly chargePoint: string;
  readonly action?: string;
  readonly outcome?: FrameOutcome;
  readonly sinceMs?: number;
}

/** A reading as the API gives it back. */
export interface StoredMeterValue extends MeterValue {
  readonly connectorId: number;
  /** As sent. */
  readonly transactionId?: number;
  readonly receivedAtMs: number;
}
