/**
 * ReserveNow and CancelReservation, and the end of a reservation by time.
 *
 * Rules: the same reservationId replaces the old reservation, if the new one is possible. `Occupied` covers use by
 * anybody, a plugged cable included, and another reservation. `Rejected` are a connector that is not there, an
 * expiryDate that has passed, every ReserveNow where the description does not accept reservations, and connector 0
 * where ReserveConnectorZeroSupported is off. A Charge Point without the feature profile answers CALLERROR
 * NotSupported.
 * Spec: OCPP 1.6 §5.2, §5.13; §4.9 (A7, G1, G8).
 */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Conf, Req } from "../../ocpp/registry.ts";
import { isOn } from "../configuration/configuration.ts";
import { faultOf, isHeldForInstallation, updateStatus } from "./connector_status.ts";
import type { Handled } from "../handler.ts";
import {
  addReservation,
  endReservation,
  hasOtherFree,
  isUnused,
  type Reservation,
  reservationAt,
} from "./reservation.ts";
import { type ChargePointState, type Connector, connectorsOf, simulatedNowMs, type Turn } from "../state.ts";

type ReservationStatus = Conf<"ReserveNow">["status"];

export function reserveNow(turn: Turn, req: Req<"ReserveNow">): Handled<"ReserveNow"> {
  const { connectorId, reservationId, idTag, parentIdTag, expiryDate } = req;
  if (!turn.state.options.description.acceptsReservations) return { conf: { status: "Rejected" } };
  const expiresAtSimulatedMs = atMsOf(expiryDate);
  if (!(expiresAtSimulatedMs > simulatedNowMs(turn))) return { conf: { status: "Rejected" } };
  // As if the reservation that is to be replaced were gone already.
  const reservations = turn.state.reservations.filter((one) => one.reservationId !== reservationId);
  const status = reservationStatus({ ...turn.state, reservations }, connectorId);
  if (status !== "Accepted") return { conf: { status } };
  const reservation: Reservation = { reservationId, connectorId, idTag, parentIdTag, expiresAtSimulatedMs };
  return {
    conf: { status },
    consequence: (turn) => {
      const replaced = turn.state.reservations.find((one) => one.reservationId === reservationId);
      addReservation(turn, reservation);
      updateStatusAt(turn, connectorId);
      if (replaced !== undefined) updateStatusAt(turn, replaced.connectorId);
    },
  };
}

function reservationStatus(state: ChargePointState, connectorId: number): ReservationStatus {
  const connector = state.connectors[connectorId];
  if (connector === undefined) return "Rejected";
  const own = whyNot(state, connector);
  if (own !== undefined) return own;
  if (connectorId === 0) return anyConnectorStatus(state);
  // A connector may be had for good only if another one remains for whoever has reserved any.
  const isLast = reservationAt(state, 0) !== undefined && !hasOtherFree(state, connector);
  return isLast ? "Occupied" : "Accepted";
}

/** Connector 0: one that nobody uses or has reserved must be there. */
function anyConnectorStatus(state: ChargePointState): ReservationStatus {
  if (!isOn(state.configuration, "ReserveConnectorZeroSupported")) return "Rejected";
  const reasons = connectorsOf(state).map((connector) => whyNot(state, connector));
  if (reasons.includes(undefined)) return "Accepted";
  return reasons.includes("Occupied") ? "Occupied" : reasons.includes("Faulted") ? "Faulted" : "Unavailable";
}

function whyNot(
  state: ChargePointState,
  connector: Connector,
): "Faulted" | "Unavailable" | "Occupied" | undefined {
  const [zero] = state.connectors;
  for (const one of [zero, connector]) {
    if (one === undefined) continue;
    if (faultOf(state, one) !== undefined) return "Faulted";
  }
  const isShut = connector.isInoperative || isHeldForInstallation(state, connector);
  if (zero?.isInoperative === true || isShut) return "Unavailable";
  const isReserved = reservationAt(state, connector.connectorId) !== undefined;
  return isReserved || !isUnused(connector) ? "Occupied" : undefined;
}

export function cancelReservation(
  { state }: Turn,
  { reservationId }: Req<"CancelReservation">,
): Handled<"CancelReservation"> {
  const reservation = state.reservations.find((one) => one.reservationId === reservationId);
  if (reservation === undefined) return { conf: { status: "Rejected" } };
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      endReservation(turn, reservation, "cancelled");
      updateStatusAt(turn, reservation.connectorId);
    },
  };
}

/** Ends every reservation whose time is over. */
export function expireReservations(turn: Turn): void {
  const atMs = simulatedNowMs(turn);
  for (const reservation of turn.state.reservations) {
    if (reservation.expiresAtSimulatedMs > atMs) continue;
    endReservation(turn, reservation, "expired");
    updateStatusAt(turn, reservation.connectorId);
  }
}

function updateStatusAt(turn: Turn, connectorId: number): void {
  const connector = turn.state.connectors[connectorId];
  if (connector !== undefined) updateStatus(turn, connector);
}
