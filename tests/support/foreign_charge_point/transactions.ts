/**
 * Transactions: from the moment at which everything for charging is there until somebody or something stops them.
 *
 * Spec: OCPP 1.6 §4.8, §4.10, §9.1 StopTransactionOnInvalidId.
 */
import type { Conf } from "../../../src/ocpp/registry.ts";
import type { Reason } from "../../../src/ocpp/types.ts";
import type { Configuration } from "./configuration.ts";
import type { Connector, Session } from "./connector.ts";
import type { Habits } from "./habits.ts";
import type { Life } from "./life.ts";
import type { Memory, Transaction } from "./memory.ts";
import type { Metering } from "./metering.ts";
import type { Outbox } from "./outbox.ts";

/** Why one stops. `idTag`: who stopped it. */
export interface Stop {
  readonly reason: Reason;
  readonly idTag?: string;
  /** When, if that was earlier. */
  readonly atMs?: number;
  /** The cable stays locked until whoever charged comes forward. */
  readonly holdsCable?: boolean;
}

/** One device's. */
export class Transactions {
  readonly #memory: Memory;
  readonly #configuration: Configuration;
  readonly #outbox: Outbox;
  readonly #metering: Metering;
  readonly #life: () => Life;
  readonly #onChange: () => void;
  readonly #connectors: readonly Connector[];
  readonly #habits: Habits;
  readonly #isOnline: () => boolean;

  constructor(
    options: {
      readonly memory: Memory;
      readonly configuration: Configuration;
      readonly outbox: Outbox;
      readonly metering: Metering;
      readonly connectors: readonly Connector[];
      readonly habits: Habits;
      readonly isOnline: () => boolean;
      readonly life: () => Life;
      readonly onChange: () => void;
    },
  ) {
    this.#memory = options.memory;
    this.#configuration = options.configuration;
    this.#outbox = options.outbox;
    this.#metering = options.metering;
    this.#connectors = options.connectors;
    this.#habits = options.habits;
    this.#isOnline = options.isOnline;
    this.#life = options.life;
    this.#onChange = options.onChange;
  }

  at(connectorId: number): Transaction | undefined {
    return this.#memory.transactions.get(connectorId);
  }

  byId(transactionId: number): Transaction | undefined {
    return [...this.#memory.transactions.values()].find((one) => one.transactionId === transactionId);
  }

  start(connector: Connector, { idTag, parentIdTag }: Session, reservationId: number | undefined): void {
    const startedAtMs = Date.now();
    const transaction: Transaction = {
      connectorId: connector.id,
      idTag,
      parentIdTag,
      startedAtMs,
      meterStartWh: connector.meter.registerWh(startedAtMs),
      ...(reservationId === undefined ? {} : { reservationId }),
      readings: [],
    };
    this.#memory.transactions.set(connector.id, transaction);
    connector.isWithheld = this.#habits.offersAfterConf && this.#isOnline();
    this.#metering.keepFor(transaction, "Transaction.Begin", startedAtMs);
    if (this.#habits.tellsStatusFirst) this.#onChange();
    this.#outbox.add({ action: "StartTransaction", transaction, attempts: 0 }, this.#life());
    this.#metering.plan(this.#life());
    this.#onChange();
  }

  /** The Central System has answered: it may not want this one. */
  onStarted(transaction: Transaction, { idTagInfo }: Conf<"StartTransaction">): void {
    if (idTagInfo.parentIdTag !== undefined) transaction.parentIdTag = idTagInfo.parentIdTag;
    const connector = this.#connectors[transaction.connectorId - 1];
    const isRunning = this.at(transaction.connectorId) === transaction;
    if (!isRunning || connector === undefined) return;
    if (idTagInfo.status === "Accepted") {
      connector.isWithheld = false;
      return this.#onChange();
    }
    if (this.#configuration.isOn("StopTransactionOnInvalidId")) {
      return this.stop(connector, { reason: "DeAuthorized", holdsCable: true });
    }
    connector.isWithheld = true;
    this.#onChange();
  }

  stop(connector: Connector, { reason, idTag, atMs = Date.now(), holdsCable = false }: Stop): void {
    const transaction = this.at(connector.id);
    if (transaction === undefined) return;
    if (this.#habits.suspendsBeforeStop && reason !== "EVDisconnected") {
      connector.isWithheld = true;
      this.#onChange();
    }
    this.#memory.transactions.delete(connector.id);
    this.#metering.keepFor(transaction, "Transaction.End", atMs);
    const { readings } = transaction;
    const payload = {
      meterStop: connector.meter.registerWh(atMs),
      timestamp: new Date(atMs).toISOString(),
      ...(reason === "Local" && this.#habits.omitsLocalReason ? {} : { reason }),
      ...(idTag === undefined ? {} : { idTag }),
      ...(readings.length === 0 ? {} : { transactionData: readings }),
    };
    // §3.13.1: a TxProfile ends with its transaction.
    this.#memory.profiles = this.#memory.profiles.filter(({ connectorId, profile }) =>
      connectorId !== connector.id || profile.chargingProfilePurpose !== "TxProfile"
    );
    connector.isWithheld = false;
    connector.isOver = true;
    if (holdsCable && connector.isLocked) {
      connector.holder = { idTag: transaction.idTag, parentIdTag: transaction.parentIdTag };
    } else connector.unlock();
    if (!connector.isOccupied) connector.isOver = false;
    if (this.#habits.tellsStatusFirst) this.#onChange();
    this.#outbox.add({ action: "StopTransaction", transaction, payload, attempts: 0 }, this.#life());
    this.#metering.plan(this.#life());
    this.#onChange();
  }
}
