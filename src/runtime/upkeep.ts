/**
 * What a Central System does by itself, without anybody calling: it closes zombies and removes what is old.
 */
import type { CentralSystemEvent } from "../central_system/decision.ts";
import type { RecordChange, RecordChangeOutcome } from "../central_system/record_change.ts";
import type { Store } from "../central_system/store.ts";
import { ZOMBIE_GRACE_MS } from "../central_system/suspicion.ts";
import type { Clock } from "./clock.ts";
import { Retention, type RetentionSettings, type RowsRemoved } from "./retention.ts";
import { ZombieSweep } from "./zombie_sweep.ts";

/** What an operator has chosen about it. */
export interface UpkeepSettings extends RetentionSettings {
  /** How long a suspicion that a transaction is over may stand; `ZOMBIE_GRACE_MS` without it. */
  readonly zombieGraceMs?: number;
}

/** What it works on. */
export interface UpkeepDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: UpkeepSettings;
  readonly change: (change: RecordChange) => Promise<RecordChangeOutcome | "storeFailed">;
  readonly onRemoved: (removed: RowsRemoved) => void;
}

/** Zombies and old rows. */
export class Upkeep {
  readonly #zombieSweep: ZombieSweep;
  readonly #retention: Retention;

  constructor({ store, clock, settings, change, onRemoved }: UpkeepDependencies) {
    const { zombieGraceMs: graceMs = ZOMBIE_GRACE_MS } = settings;
    this.#zombieSweep = new ZombieSweep({
      store,
      clock,
      graceMs,
      close: async ({ chargePoint, transactionId }) =>
        await change({ kind: "closeSuspected", chargePoint, transactionId, graceMs }) === "closed",
    });
    this.#retention = new Retention({ store, clock, settings, onRemoved });
  }

  start(): void {
    this.#zombieSweep.start();
    this.#retention.start();
  }

  /** To be told every event, once it is committed. */
  hear(event: CentralSystemEvent): void {
    if (event.kind === "transactionSuspected") this.#zombieSweep.suspected(event.atMs);
  }

  async stop(): Promise<void> {
    this.#zombieSweep.stop();
    await this.#retention.stop();
  }
}
