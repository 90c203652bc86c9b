/**
 * What a Charge Point was told by our own Calls and keeps: its Local Authorization List and its reservations, as far
 * as its answers let us know. The database has them; no answer is believed to have come that did not.
 */
import type { IdTagInfo } from "../ocpp/types.ts";

/** What is known of one Charge Point's Local Authorization List. Spec: OCPP 1.6 §3.5.2, §5.10, §5.15. */
export interface LocalListRecord {
  readonly chargePoint: string;
  /** What it has confirmed; 0: the list is empty, -1: it has none. Absent: it never said. */
  readonly version?: number;
  /** When it did, by our clock. */
  readonly confirmedAtMs?: number;
  /** Whether the entries that are kept are the ones of `version`. */
  readonly isContentKnown: boolean;
  /** A SendLocalList to this version has left, and nobody knows yet whether it had an effect. */
  readonly doubtfulVersion?: number;
}

/** One entry as it was sent; `key` is the idTag in lower case. */
export interface LocalListEntry {
  readonly key: string;
  readonly idTag: string;
  readonly idTagInfo: IdTagInfo;
}

/** A change of the entries that are kept. An entry without `idTagInfo` goes. */
export interface LocalListChange {
  /** All others go too. */
  readonly isFull: boolean;
  readonly entries: readonly (Omit<LocalListEntry, "idTagInfo"> & { readonly idTagInfo?: IdTagInfo })[];
}

/** A reservation as a Charge Point has accepted it. Spec: OCPP 1.6 §3.11, §5.13. */
export interface ReservationRecord {
  readonly chargePoint: string;
  /** Given by the operator; a Charge Point may get the same one again. */
  readonly reservationId: number;
  /** 0: any connector. */
  readonly connectorId: number;
  readonly idTag: string;
  readonly parentIdTag?: string;
  readonly expiryAtMs: number;
  /** When its ReserveNow was over, by our clock. */
  readonly madeAtMs: number;
  /** `bootCount` of the Charge Point then. */
  readonly madeBoot: number;
  /** Its ReserveNow was never answered, or not in a way that says yes or no: it may hold. */
  readonly isDoubtful: boolean;
  /** Absent while it holds, and when nothing but time has ended it. */
  readonly end?: ReservationEndRecord;
}

/** How a reservation ended. Spec: OCPP 1.6 §3.11, §5.13. */
export interface ReservationEndRecord {
  readonly by: ReservationEndedBy;
  readonly atMs: number;
  /** Of the transaction that used it. */
  readonly transactionId?: number;
}

/**
 * `used` by a transaction, `cancelled` by CancelReservation, `replaced` by another one, `faulted` or `unavailable` with
 * its connector, or `forgotten`: the Charge Point said of it that there is none.
 */
export const RESERVATION_ENDS = [
  "used",
  "cancelled",
  "replaced",
  "faulted",
  "unavailable",
  "forgotten",
] as const;

export type ReservationEndedBy = (typeof RESERVATION_ENDS)[number];

/** A reservation as lists have it: `id` is its own number among all, since reservationIds come again. */
export interface ListedReservation extends ReservationRecord {
  readonly id: number;
}

/** Which reservations a decision looks at: the latest with this reservationId, and all that hold at an instant. */
export interface ReservationsNeeded {
  readonly chargePoint: string;
  readonly reservationId?: number;
  readonly heldAtMs: number;
}

/** Whether a reservation keeps its connector at an instant; by time it ends by itself. */
export function isHeldAt({ end, expiryAtMs }: ReservationRecord, atMs: number): boolean {
  return end === undefined && expiryAtMs > atMs;
}
