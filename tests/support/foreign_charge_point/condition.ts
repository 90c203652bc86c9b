/**
 * In what condition the whole device and each connector is, all things considered. Spec: OCPP 1.6 §4.9.
 */
import type { ChargePointErrorCode } from "../../../src/ocpp/types.ts";
import type { Connector } from "./connector.ts";
import type { Description } from "./description.ts";
import type { ConnectorStatus } from "./statuses.ts";

/** What is known elsewhere. */
export interface Considered {
  hasTransaction(connectorId: number): boolean;
  isReserved(connectorId: number): boolean;
  isInoperative(connectorId: number): boolean;
}

/** One device's. */
export class Condition {
  readonly #description: Description;
  readonly #connectors: readonly Connector[];
  readonly #considered: Considered;
  /** Of the whole. */
  fault: ChargePointErrorCode | undefined;

  constructor(description: Description, connectors: readonly Connector[], considered: Considered) {
    this.#description = description;
    this.#connectors = connectors;
    this.#considered = considered;
  }

  /** 0: the whole. */
  statusOf(connectorId: number): ConnectorStatus {
    const connector = this.#connectors[connectorId - 1];
    return connector === undefined ? this.#whole : this.#statusOf(connector);
  }

  /** Whether a connector may be used. */
  isOperative({ id }: Connector): boolean {
    const { status } = this.statusOf(id);
    return this.fault === undefined && status !== "Faulted" && status !== "Unavailable";
  }

  get #whole(): ConnectorStatus {
    if (this.fault !== undefined) return { status: "Faulted", errorCode: this.fault };
    const isUpdating = this.#description.habits.closesWholeForUpdates &&
      this.#connectors.some((one) => one.isUpdating);
    const isInoperative = isUpdating || this.#considered.isInoperative(0);
    return { status: isInoperative ? "Unavailable" : "Available", errorCode: "NoError" };
  }

  #statusOf(connector: Connector): ConnectorStatus {
    const { id } = connector;
    const { faultsAll, showsReservationOfAny } = this.#description.habits;
    const fault = connector.fault ?? (faultsAll ? this.fault : undefined);
    if (fault !== undefined) return { status: "Faulted", errorCode: fault };
    const isLast = showsReservationOfAny && this.#connectors.length === 1;
    const status = connector.status({
      hasTransaction: this.#considered.hasTransaction(id),
      isReserved: this.#considered.isReserved(id) || (isLast && this.#considered.isReserved(0)),
      isInoperative: this.#considered.isInoperative(id),
    });
    return { status, errorCode: "NoError" };
  }
}
