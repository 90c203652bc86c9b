/**
 * Reservations, of a connector or of any one of them. Spec: OCPP 1.6 §5.1, §5.13.
 */
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import type { ChargePointStatus } from "../../../src/ocpp/types.ts";
import type { Description } from "./description.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Life } from "./life.ts";
import type { Memory } from "./memory.ts";

export type Reservation = Req<"ReserveNow">;

/** What it has to know of connectors, 0 being the Charge Point. */
export interface ReservedConnectors {
  statusOf(connectorId: number): ChargePointStatus;
  onChange(): void;
}

/** One device's. */
export class Reservations {
  readonly #description: Description;
  readonly #memory: Memory;
  readonly #connectors: ReservedConnectors;
  readonly #life: () => Life;
  readonly #onReserved: (idTag: string) => void;
  readonly #expiries = new Map<number, () => void>();

  constructor(
    options: {
      readonly description: Description;
      readonly memory: Memory;
      readonly connectors: ReservedConnectors;
      readonly life: () => Life;
      readonly onReserved: (idTag: string) => void;
    },
  ) {
    this.#description = options.description;
    this.#memory = options.memory;
    this.#connectors = options.connectors;
    this.#life = options.life;
    this.#onReserved = options.onReserved;
  }

  /** The one of this connector. */
  of(connectorId: number): Reservation | undefined {
    return [...this.#memory.reservations.values()].find((one) => one.connectorId === connectorId);
  }

  /**
   * The one that keeps a connector from whoever it is not for: its own, or that of any connector where no other would
   * be left.
   */
  blocking(connectorId: number): Reservation | undefined {
    const own = this.of(connectorId);
    const any = this.of(0);
    if (own !== undefined || any === undefined) return own;
    return this.#free().some((id) => id !== connectorId) ? undefined : any;
  }

  /** The one that a transaction there uses up. */
  usedBy(connectorId: number, who: { readonly idTag: string; readonly parentIdTag?: string | undefined }) {
    const mine = [this.of(connectorId), this.of(0)].find((one) => one !== undefined && isFor(one, who));
    if (mine !== undefined) this.end(mine.reservationId);
    return mine?.reservationId;
  }

  end(reservationId: number): boolean {
    this.#expiries.get(reservationId)?.();
    this.#expiries.delete(reservationId);
    return this.#memory.reservations.delete(reservationId);
  }

  /** What cannot be used is not reserved any more. */
  endAt(connectorId: number): void {
    for (const one of [...this.#memory.reservations.values()]) {
      if (one.connectorId === connectorId) this.end(one.reservationId);
    }
  }

  /** Counts the time again, in a new life. */
  resume(): void {
    for (const one of this.#memory.reservations.values()) this.#expire(one);
  }

  #expire({ reservationId, expiryDate }: Reservation): void {
    const cancel = this.#life().after(Date.parse(expiryDate) - Date.now(), () => {
      this.end(reservationId);
      this.#connectors.onChange();
    });
    this.#expiries.set(reservationId, cancel);
  }

  #free(): readonly number[] {
    const ids = Array.from({ length: this.#description.connectors }, (_, index) => index + 1);
    return ids.filter((id) => this.#connectors.statusOf(id) === "Available");
  }

  readonly handlers: Handlers = {
    ReserveNow: (reservation) => {
      this.#mustBeSupported();
      const status = this.#reserve(reservation);
      const afterwards = () => {
        this.#connectors.onChange();
        if (status === "Accepted") this.#onReserved(reservation.idTag);
      };
      return { conf: { status }, afterwards };
    },
    CancelReservation: ({ reservationId }) => {
      this.#mustBeSupported();
      const isThere = this.end(reservationId);
      return {
        conf: { status: isThere ? "Accepted" : "Rejected" },
        afterwards: () => this.#connectors.onChange(),
      };
    },
  };

  #mustBeSupported(): void {
    if (!this.#description.profiles.includes("Reservation")) throw new Refusal("NotSupported");
  }

  #reserve(reservation: Reservation): Conf<"ReserveNow">["status"] {
    const { connectorId, reservationId, expiryDate } = reservation;
    const { acceptsReservations, reservesConnectorZero, connectors } = this.#description;
    if (!acceptsReservations || connectorId > connectors || Date.parse(expiryDate) <= Date.now()) {
      return "Rejected";
    }
    if (connectorId === 0 && !reservesConnectorZero) return "Rejected";
    const replaced = this.#memory.reservations.get(reservationId);
    if (replaced !== undefined) this.end(reservationId);
    const refusal = this.#refusal(connectorId);
    const kept = refusal === undefined ? reservation : replaced;
    if (kept !== undefined) {
      this.#memory.reservations.set(reservationId, kept);
      this.#expire(kept);
    }
    return refusal ?? "Accepted";
  }

  #refusal(connectorId: number): "Faulted" | "Unavailable" | "Occupied" | undefined {
    const status = this.#connectors.statusOf(connectorId);
    if (status === "Faulted" || status === "Unavailable") return status;
    if (connectorId > 0) return status === "Available" ? undefined : "Occupied";
    if (this.of(0) !== undefined || this.#free().length === 0) return "Occupied";
    return undefined;
  }
}

/** Whether somebody may use what is reserved. Spec: OCPP 1.6 §3.10: parents are compared with parents. */
export function isFor(
  reservation: Reservation,
  { idTag, parentIdTag }: { readonly idTag: string; readonly parentIdTag?: string | undefined },
): boolean {
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  if (isSame(reservation.idTag, idTag)) return true;
  return reservation.parentIdTag !== undefined && parentIdTag !== undefined &&
    isSame(reservation.parentIdTag, parentIdTag);
}
