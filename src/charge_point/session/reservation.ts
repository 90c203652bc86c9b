/**
 * Reservations: which connector is kept for whom.
 *
 * Rules: at most one for each connector, and one for connector 0, which keeps any one connector free at all times.
 * A reservation ends by the transaction that it was made for, at its expiry, when it is cancelled, and when what is
 * reserved becomes Faulted or Unavailable. It outlives a reset.
 * Spec: OCPP 1.6 §3.11, §5.2 CancelReservation, §5.13 ReserveNow.
 */
import { actsFor, type GroupedIdTag } from "../authorization/id_tag_info.ts";
import {
  type ChargePointState,
  type Connector,
  connectorsOf,
  emit,
  NONE,
  scaleOf,
  type Turn,
} from "../state.ts";
import { realAtMs } from "../time_scale.ts";

/** One reservation. `connectorId` 0: any connector. Simulated time. */
export interface Reservation {
  readonly reservationId: number;
  readonly connectorId: number;
  readonly idTag: string;
  readonly parentIdTag: string | undefined;
  readonly expiresAtSimulatedMs: number;
}

/** Why a reservation is no more. */
export type ReservationEnd = "used" | "expired" | "cancelled" | "replaced" | "Faulted" | "Unavailable";

/** The reservation of a connector, or of the Charge Point as connector 0. */
export function reservationAt(
  { reservations }: ChargePointState,
  connectorId: number,
): Reservation | undefined {
  return reservations.find((reservation) => reservation.connectorId === connectorId);
}

/** The reservation that keeps somebody from using a connector, if any. */
export function reservationAgainst(
  state: ChargePointState,
  connector: Connector,
  who: GroupedIdTag,
): Reservation | undefined {
  if (state.reservations.length === 0) return undefined;
  const own = reservationAt(state, connector.connectorId);
  if (own !== undefined && !actsFor(who, own)) return own;
  const any = reservationAt(state, 0);
  // §5.13: one connector stays free for whoever has reserved any.
  return any === undefined || actsFor(who, any) || hasOtherFree(state, connector) ? undefined : any;
}

/** Whether a connector other than this one is there for whoever comes. */
export function hasOtherFree(state: ChargePointState, connector: Connector): boolean {
  return connectorsOf(state).some((other) =>
    other !== connector && isUnused(other) && isInOrder(other) &&
    reservationAt(state, other.connectorId) === undefined
  );
}

/** Whether nobody has begun to use a connector: no cable, no idTag, no transaction, nothing left behind. */
export function isUnused(
  { isPlugged, isLocked, authorizing, authorized, transaction, finishing }: Connector,
): boolean {
  return !isPlugged && !isLocked && authorizing === undefined && authorized === undefined &&
    transaction === undefined && finishing === undefined;
}

function isInOrder({ fault, isInoperative }: Connector): boolean {
  return fault === undefined && !isInoperative;
}

/** Adds a reservation in the place of the one with the same id. */
export function addReservation(turn: Turn, reservation: Reservation): void {
  const replaced = turn.state.reservations.find(({ reservationId }) =>
    reservationId === reservation.reservationId
  );
  if (replaced !== undefined) endReservation(turn, replaced, "replaced");
  turn.state.reservations = [...turn.state.reservations, reservation];
  const { connectorId, reservationId, idTag } = reservation;
  emit(turn, { kind: "reserved", connectorId, reservationId, idTag });
}

/** Removes a reservation; the status of its connector is to be brought up to it by the caller. */
export function endReservation(turn: Turn, reservation: Reservation, why: ReservationEnd): void {
  const left = turn.state.reservations.filter((other) => other !== reservation);
  turn.state.reservations = left.length === 0 ? NONE : left;
  const { connectorId, reservationId } = reservation;
  emit(turn, { kind: "reservationEnded", connectorId, reservationId, why });
}

/** The reservation that a transaction ends, of this connector rather than of any; it is gone thereby. */
export function useReservation(
  turn: Turn,
  { connectorId }: Connector,
  who: GroupedIdTag,
): Reservation | undefined {
  const candidates = [reservationAt(turn.state, connectorId), reservationAt(turn.state, 0)];
  const used = candidates.find((reservation) => reservation !== undefined && actsFor(who, reservation));
  if (used !== undefined) endReservation(turn, used, "used");
  return used;
}

/** When the next reservation expires; `Infinity` while there is none. */
export function reservationDeadlineMs(state: ChargePointState): number {
  let deadlineMs = Infinity;
  for (const { expiresAtSimulatedMs } of state.reservations) {
    // The first whole millisecond at which it is certainly over.
    deadlineMs = Math.min(deadlineMs, Math.ceil(realAtMs(scaleOf(state), expiresAtSimulatedMs)));
  }
  return deadlineMs;
}
