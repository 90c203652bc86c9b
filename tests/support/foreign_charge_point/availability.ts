/**
 * In and out of operation, and letting cables go by request. Spec: OCPP 1.6 §5.2, §5.18.
 */
import type { Connector } from "./connector.ts";
import type { Handlers } from "./handler.ts";
import type { Memory } from "./memory.ts";
import type { Transactions } from "./transactions.ts";

/** One device's. */
export class Availability {
  readonly #memory: Memory;
  readonly #connectors: readonly Connector[];
  readonly #transactions: Transactions;
  readonly #onInoperative: (connectorId: number) => void;
  readonly #onChange: () => void;
  /** Connectors that go out of operation when their transaction is over. */
  readonly #scheduled = new Set<number>();

  constructor(
    options: {
      readonly memory: Memory;
      readonly connectors: readonly Connector[];
      readonly transactions: Transactions;
      /** A connector, or the Charge Point, is out of operation. */
      readonly onInoperative: (connectorId: number) => void;
      readonly onChange: () => void;
    },
  ) {
    this.#memory = options.memory;
    this.#connectors = options.connectors;
    this.#transactions = options.transactions;
    this.#onInoperative = options.onInoperative;
    this.#onChange = options.onChange;
  }

  isInoperative(connectorId: number): boolean {
    return this.#memory.inoperative.has(connectorId);
  }

  /** Transactions may be over for which something has waited. */
  carryOut(): void {
    for (const connectorId of this.#scheduled) {
      if (this.#transactions.at(connectorId) !== undefined) continue;
      this.#scheduled.delete(connectorId);
      this.#close(connectorId);
    }
  }

  /** A transaction that ran when the power went is over. */
  forget(): void {
    for (const connectorId of this.#scheduled) this.#memory.inoperative.add(connectorId);
    this.#scheduled.clear();
  }

  #close(connectorId: number): void {
    this.#memory.inoperative.add(connectorId);
    const connector = this.#connectors[connectorId - 1];
    if (connector !== undefined) connector.session = undefined;
    this.#onInoperative(connectorId);
  }

  readonly handlers: Handlers = {
    ChangeAvailability: ({ connectorId, type }) => {
      if (connectorId < 0 || connectorId > this.#connectors.length) return { conf: { status: "Rejected" } };
      const all = this.#connectors.map(({ id }) => id);
      const ids = connectorId === 0 ? [0, ...all] : [connectorId];
      let isScheduled = false;
      for (const id of ids) {
        if (type === "Operative") {
          this.#scheduled.delete(id);
          this.#memory.inoperative.delete(id);
        } else if (this.#transactions.at(id) !== undefined) {
          isScheduled = true;
          this.#scheduled.add(id);
        } else this.#close(id);
      }
      return { conf: { status: isScheduled ? "Scheduled" : "Accepted" }, afterwards: this.#onChange };
    },
    UnlockConnector: ({ connectorId }) => {
      const connector = this.#connectors[connectorId - 1];
      if (connector === undefined || connector.cable === "fixed") return { conf: { status: "NotSupported" } };
      this.#transactions.stop(connector, { reason: "UnlockCommand" });
      return {
        conf: { status: connector.unlock() ? "Unlocked" : "UnlockFailed" },
        afterwards: this.#onChange,
      };
    },
  };
}
