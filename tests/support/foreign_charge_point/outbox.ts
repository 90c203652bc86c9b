/**
 * What has to arrive, in its order: StartTransaction, StopTransaction and the meter values of the time between.
 *
 * Spec: OCPP 1.6 §3.7: kept while offline, sent again after a failure, given up after TransactionMessageAttempts.
 */
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import type { Configuration } from "./configuration.ts";
import type { Life } from "./life.ts";
import type { Line } from "./line.ts";
import type { Memory, Transaction, TransactionMessage } from "./memory.ts";

/** Of a transaction whose StartTransaction never arrived. Spec: errata 1.6 §3.7. */
const NEVER_TOLD = -1;

/** What else has to do with their arrival. */
export interface OutboxEvents {
  /** Whether anything but BootNotification may be sent. */
  maySend(): boolean;
  onStarted(transaction: Transaction, conf: Conf<"StartTransaction">): void;
  onStopped(idTag: string | undefined, conf: Conf<"StopTransaction">): void;
}

/** One device's. */
export class Outbox {
  readonly #memory: Memory;
  readonly #configuration: Configuration;
  readonly #line: Line;
  readonly #events: OutboxEvents;
  #isSending = false;
  #whenEmpty: (() => void)[] = [];

  constructor(
    options: {
      readonly memory: Memory;
      readonly configuration: Configuration;
      readonly line: Line;
      readonly events: OutboxEvents;
    },
  ) {
    this.#memory = options.memory;
    this.#configuration = options.configuration;
    this.#line = options.line;
    this.#events = options.events;
  }

  add(message: TransactionMessage, life: Life): void {
    this.#memory.messages.push(message);
    void this.flush(life);
  }

  /** Resolves when nothing is left. */
  empty(): Promise<void> {
    if (this.#memory.messages.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  /** Sends what there is, for as long as that is possible. */
  async flush(life: Life): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      const { messages } = this.#memory;
      for (let next = messages[0]; next !== undefined && this.#canSend(life); next = messages[0]) {
        await this.#send(next, life);
      }
      if (messages.length === 0) this.#whenEmpty.splice(0).forEach((resolve) => resolve());
    } finally {
      this.#isSending = false;
    }
  }

  #canSend(life: Life): boolean {
    return !life.isOver && this.#line.isUp && this.#events.maySend();
  }

  async #send(message: TransactionMessage, life: Life): Promise<void> {
    try {
      await this.#call(message);
    } catch {
      if (!this.#canSend(life)) return; // to be offline is no failure
      message.attempts++;
      if (message.attempts < this.#configuration.number("TransactionMessageAttempts")) {
        const seconds = this.#configuration.number("TransactionMessageRetryInterval") * message.attempts;
        return await life.sleep(seconds * 1_000);
      }
    }
    this.#memory.messages.shift();
  }

  async #call(message: TransactionMessage): Promise<void> {
    const { action, transaction } = message;
    switch (action) {
      case "StartTransaction": {
        const conf = await this.#line.call("StartTransaction", startOf(transaction));
        transaction.transactionId = conf.transactionId;
        return this.#events.onStarted(transaction, conf);
      }
      case "StopTransaction": {
        const { transactionId = NEVER_TOLD } = transaction;
        const conf = await this.#line.call("StopTransaction", { ...message.payload, transactionId });
        return this.#events.onStopped(message.payload.idTag, conf);
      }
      case "MeterValues": {
        const of = transaction === undefined
          ? {}
          : { transactionId: transaction.transactionId ?? NEVER_TOLD };
        await this.#line.call("MeterValues", { ...message.payload, ...of });
      }
    }
  }
}

function startOf(
  { connectorId, idTag, meterStartWh, startedAtMs, reservationId }: Transaction,
): Req<"StartTransaction"> {
  return {
    connectorId,
    idTag,
    meterStart: meterStartWh,
    timestamp: new Date(startedAtMs).toISOString(),
    ...(reservationId === undefined ? {} : { reservationId }),
  };
}
