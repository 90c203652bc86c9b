/**
 * Waiting for the transaction that a Call of ours causes.
 *
 * The transaction of a RemoteStartTransaction is named by nobody: it is one of this Charge Point that began since the
 * wait did, with the idTag of the Call and, where the Call says one, its connector. One that began well before it
 * was reported comes out of an offline queue; it counts only if no other one comes.
 * Spec: OCPP 1.6 §5.11, §5.12.
 */
import type { CentralSystemEvent } from "../central_system/decision.ts";
import type { Store } from "../central_system/store.ts";
import type { TransactionRecord } from "../central_system/transaction_record.ts";
import { sameCiString } from "../ocpp/types.ts";
import type { Clock } from "./clock.ts";

/** Waits at one time; one more is refused. */
export const TRANSACTION_WAITS_MAX = 1_000;

/** One that was on its way for longer had been queued. */
export const REPORTED_AT_ONCE_MAX_MS = 60_000;

/** Which transaction is waited for. */
export type Awaited =
  | {
    readonly kind: "start";
    readonly chargePoint: string;
    readonly idTag: string;
    readonly connectorId?: number;
  }
  | { readonly kind: "stop"; readonly transactionId: number };

/** A wait that has begun: what happens from here on counts. */
export interface TransactionWait {
  /** The transaction, or nothing where none came in time. Errors: `StoreError`. */
  outcome(maxMs: number): Promise<TransactionRecord | undefined>;
  /** Nobody wants to know any more: `outcome` gives nothing. To be called in any case at the end. */
  end(): void;
}

/** Who waits for which transaction. */
export class TransactionWatch {
  readonly #waits = new Set<Wait>();
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Begins to wait; `undefined` where too many do already. */
  begin(awaited: Awaited): TransactionWait | undefined {
    if (this.#waits.size >= TRANSACTION_WAITS_MAX) return undefined;
    const wait = new Wait(awaited, {
      store: this.#store,
      clock: this.#clock,
      onEnd: () => this.#waits.delete(wait),
    });
    this.#waits.add(wait);
    return wait;
  }

  /** To be told every event, once it is committed. */
  hear(event: CentralSystemEvent): void {
    if (this.#waits.size === 0) return;
    for (const wait of this.#waits) wait.hear(event);
  }

  /** The program ends: nothing comes any more. */
  stop(): void {
    for (const wait of [...this.#waits]) wait.end();
  }
}

class Wait implements TransactionWait {
  readonly #awaited: Awaited;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  /** Fitting transactionIds that were not looked at yet. */
  readonly #heard: number[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(awaited: Awaited, { store, clock, onEnd }: { store: Store; clock: Clock; onEnd: () => void }) {
    this.#awaited = awaited;
    this.#store = store;
    this.#clock = clock;
    this.#onEnd = onEnd;
    if (awaited.kind === "stop") this.#heard.push(awaited.transactionId); // it may have stopped already
  }

  hear(event: CentralSystemEvent): void {
    if (!this.#fits(event)) return;
    this.#heard.push(event.transactionId);
    this.#wake?.();
  }

  #fits(
    event: CentralSystemEvent,
  ): event is Extract<CentralSystemEvent, { kind: "transactionStarted" | "transactionStopped" }> {
    const awaited = this.#awaited;
    if (awaited.kind === "stop") {
      return event.kind === "transactionStopped" && event.transactionId === awaited.transactionId;
    }
    return event.kind === "transactionStarted" && event.chargePoint === awaited.chargePoint &&
      sameCiString(event.idTag, awaited.idTag) &&
      (awaited.connectorId === undefined || event.connectorId === awaited.connectorId);
  }

  async outcome(maxMs: number): Promise<TransactionRecord | undefined> {
    const cancelTimer = this.#clock.at(this.#clock.nowMs() + maxMs, () => this.end());
    let queued: TransactionRecord | undefined;
    try {
      while (true) {
        for (let id = this.#heard.shift(); id !== undefined; id = this.#heard.shift()) {
          const record = await this.#store.query("transaction", { transactionId: id });
          if (record === undefined || (this.#awaited.kind === "stop" && record.stop === undefined)) continue;
          if (this.#awaited.kind === "stop" || wasReportedAtOnce(record)) return record;
          queued = record;
        }
        if (this.#isOver) return queued;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      cancelTimer();
      this.end();
    }
  }

  end(): void {
    this.#isOver = true;
    this.#onEnd();
    this.#wake?.();
  }
}

function wasReportedAtOnce({ startedAtMs, startReceivedAtMs }: TransactionRecord): boolean {
  return startReceivedAtMs - startedAtMs <= REPORTED_AT_ONCE_MAX_MS;
}
