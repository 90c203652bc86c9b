/**
 * Closes transactions of which nothing contradicted for a grace that they are over (`central_system/suspicion.ts`).
 *
 * Suspicions are in the store, so that a restart forgets none: a sweep at the start closes what became due
 * meanwhile. One timer stands for the suspicion that is due next.
 */
import { getLogger } from "@logtape/logtape";
import type { Store } from "../central_system/store.ts";
import type { TransactionRecord } from "../central_system/transaction_record.ts";
import type { Clock } from "./clock.ts";

/** As many are closed in one step; the Calls that came meanwhile have their turn in between. */
export const ZOMBIES_PER_STEP = 100;

/** When a sweep that could not go on is tried again. */
export const SWEEP_RETRY_MS = 60_000;

/** What a sweep needs. `close` decides in the turns, and says whether it is closed now. */
export interface ZombieSweepDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly close: (transaction: TransactionRecord) => Promise<boolean>;
}

/** Sweeps when a suspicion is due. */
export class ZombieSweep {
  readonly #dependencies: ZombieSweepDependencies;
  #armedForMs = Infinity;
  #cancelTimer: (() => void) | undefined;
  #isSweeping = false;
  #isWanted = false;
  #isStopped = false;

  constructor(dependencies: ZombieSweepDependencies) {
    this.#dependencies = dependencies;
  }

  /** Closes what is due, and waits for what is due next. */
  start(): void {
    void this.#sweep();
  }

  /** A transaction is suspected since `atMs`. */
  suspected(atMs: number): void {
    this.#arm(atMs + this.#dependencies.graceMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  /** An earlier timer stays: it finds what comes after. */
  #arm(atMs: number): void {
    if (this.#isStopped || atMs >= this.#armedForMs) return;
    this.#cancelTimer?.();
    this.#armedForMs = atMs;
    this.#cancelTimer = this.#dependencies.clock.at(atMs, () => {
      this.#armedForMs = Infinity;
      void this.#sweep();
    });
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#dependencies;
    this.#isWanted = true;
    if (this.#isSweeping) return; // the sweep that is under way looks once more
    this.#isSweeping = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        while (await this.#step());
      }
    } catch (error) {
      LOG.warning("suspected transactions cannot be closed now: {error}", { error });
      this.#arm(clock.nowMs() + SWEEP_RETRY_MS);
    } finally {
      this.#isSweeping = false;
    }
  }

  /** Whether more may be due. */
  async #step(): Promise<boolean> {
    const { store, clock, graceMs, close } = this.#dependencies;
    if (this.#isStopped) return false;
    const suspected = await store.query("suspectedTransactions", { limit: ZOMBIES_PER_STEP });
    const dueMs = ({ suspicion }: TransactionRecord) => suspicion!.atMs + graceMs;
    const due = suspected.filter((one) => dueMs(one) <= clock.nowMs());
    if (due.length > 0) {
      const closed = await Promise.all(due.map(close));
      // Nothing closed: the store fails, or the clock was set back. Later is early enough.
      if (!closed.includes(true)) this.#arm(clock.nowMs() + SWEEP_RETRY_MS);
      return closed.includes(true);
    }
    const next = suspected[0];
    if (next !== undefined) this.#arm(dueMs(next));
    return false;
  }
}

const LOG = getLogger(["ocpp", "runtime"]);
