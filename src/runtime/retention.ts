/**
 * Removes messages and readings that are older than they are to be kept.
 *
 * Rules:
 * - In small steps with pauses, each a commit of its own, so that no Call waits noticeably.
 * - From the oldest row on, by the time of receipt. Nothing that is younger goes, nor any reading of a transaction
 *   that is active. (Rows out of a future, more of them than one step looks at, end it until their time has come.)
 */
import { getLogger } from "@logtape/logtape";
import { type GrowingTable, judgeOldRows } from "../central_system/old_rows.ts";
import type { Store } from "../central_system/store.ts";
import type { Clock } from "./clock.ts";

/** How long what is kept. Units: milliseconds; absent: for ever. */
export interface RetentionSettings {
  readonly keepFramesMs?: number;
  readonly keepMeterValuesMs?: number;
}

/** Rows that were removed, and before when they had been received. */
export interface RowsRemoved {
  readonly table: GrowingTable;
  readonly rows: number;
  readonly beforeMs: number;
}

/** How often old rows are looked for. */
export const RETENTION_INTERVAL_MS = 3_600_000;

/** As many rows are looked at in one step. */
export const RETENTION_ROWS_PER_STEP = 1_000;

/** The pause after each step. */
export const RETENTION_PAUSE_MS = 50;

/** What it works on. */
export interface RetentionDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: RetentionSettings;
  readonly onRemoved: (removed: RowsRemoved) => void;
}

/** Looks for old rows at the start and then every hour. */
export class Retention {
  readonly #dependencies: RetentionDependencies;
  #cancelTimer: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(dependencies: RetentionDependencies) {
    this.#dependencies = dependencies;
  }

  start(): void {
    const { keepFramesMs, keepMeterValuesMs } = this.#dependencies.settings;
    if (keepFramesMs !== undefined || keepMeterValuesMs !== undefined) this.#begin();
  }

  /** Resolves when the step that is being made is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#resume?.();
    await this.#working;
  }

  #begin(): void {
    const { clock } = this.#dependencies;
    this.#working = this.#removeAll().finally(() => {
      if (this.#isStopped) return;
      this.#cancelTimer = clock.at(clock.nowMs() + RETENTION_INTERVAL_MS, () => this.#begin());
    });
  }

  async #removeAll(): Promise<void> {
    const { keepFramesMs, keepMeterValuesMs } = this.#dependencies.settings;
    try {
      if (keepFramesMs !== undefined) await this.#removeOf("frames", keepFramesMs);
      if (keepMeterValuesMs !== undefined) await this.#removeOf("meterValues", keepMeterValuesMs);
    } catch (error) {
      LOG.warning("old rows cannot be removed now: {error}", { error });
    }
  }

  async #removeOf(table: GrowingTable, keepMs: number): Promise<void> {
    const { store, clock, onRemoved } = this.#dependencies;
    const nowMs = clock.nowMs();
    const beforeMs = nowMs - keepMs;
    const limit = RETENTION_ROWS_PER_STEP;
    let rows = 0;
    let after = 0;
    try {
      while (!this.#isStopped) {
        const oldest = await store.query("oldestRows", { table, after, limit });
        const { removable, upTo, isOver } = judgeOldRows(oldest, { beforeMs, nowMs });
        if (upTo !== undefined && removable > 0) {
          await store.commit([{ kind: "removeRows", table, after, upTo }]);
          rows += removable;
        }
        if (upTo === undefined || isOver || oldest.length < limit) break;
        after = upTo;
        await this.#pause();
      }
    } finally {
      if (rows > 0) onRemoved({ table, rows, beforeMs });
    }
  }

  async #pause(): Promise<void> {
    const { clock } = this.#dependencies;
    if (this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    this.#cancelTimer = clock.at(clock.nowMs() + RETENTION_PAUSE_MS, resolve);
    await promise;
    this.#resume = undefined;
  }
}

const LOG = getLogger(["ocpp", "runtime"]);
