/**
 * What is told of the statuses of connectors: each change, and what changed while offline afterwards.
 *
 * Spec: OCPP 1.6 §4.9, with the errata for what follows a boot.
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import type { ChargePointErrorCode, ChargePointStatus } from "../../../src/ocpp/types.ts";

export interface ConnectorStatus {
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
}

/** How it is told. Rejects where it does not arrive. */
type Tell = (payload: Req<"StatusNotification">) => Promise<unknown>;

/** One device's. */
export class Statuses {
  readonly #told = new Map<number, string>();
  readonly #count: number;
  readonly #statusOf: (connectorId: number) => ConnectorStatus;
  readonly #mayTell: () => boolean;
  readonly #tell: Tell;

  constructor(
    options: {
      readonly connectors: number;
      readonly statusOf: (connectorId: number) => ConnectorStatus;
      readonly mayTell: () => boolean;
      readonly tell: Tell;
    },
  ) {
    this.#count = options.connectors;
    this.#statusOf = options.statusOf;
    this.#mayTell = options.mayTell;
    this.#tell = options.tell;
  }

  /** After a boot all of them are told. */
  forget(): void {
    this.#told.clear();
  }

  /** Tells what is not known yet. */
  refresh(): void {
    for (let connectorId = 0; connectorId <= this.#count; connectorId++) {
      const { status, errorCode } = this.#statusOf(connectorId);
      const text = `${status} ${errorCode}`;
      if (this.#told.get(connectorId) === text || !this.#mayTell()) continue;
      this.#told.set(connectorId, text);
      this.tell(connectorId).catch(() => {
        if (this.#told.get(connectorId) === text) this.#told.delete(connectorId);
      });
    }
  }

  /** Tells one, known or not. */
  async tell(connectorId: number): Promise<void> {
    const { status, errorCode } = this.#statusOf(connectorId);
    await this.#tell({ connectorId, status, errorCode, timestamp: new Date().toISOString() });
  }
}
