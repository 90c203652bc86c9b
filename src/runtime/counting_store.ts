/**
 * A store that counts what is written into another one, and how long that takes.
 */
import type {
  Facts,
  FactsNeeded,
  FrameRecord,
  MaybePromise,
  Queries,
  QueryKind,
  Store,
  Write,
} from "../central_system/store.ts";
import type { Clock } from "./clock.ts";
import { Histogram } from "./histogram.ts";

const BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];

/** Commits of one kind. One that fails counts nothing here. */
export class CommitFigures {
  /** A MeterValue and a frame are a row each, everything else that is written is one, too. */
  rows = 0;
  readonly duration = new Histogram(BOUNDS_MS);
}

/** Counts commits and hands everything on. */
export class CountingStore implements Store {
  /** Of turns: what is durable before it is acknowledged. */
  readonly turns = new CommitFigures();
  /** Of the frame log. */
  readonly frames = new CommitFigures();
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  load(needed: FactsNeeded): MaybePromise<Facts> {
    return this.#store.load(needed);
  }

  commit(writes: readonly Write[]): MaybePromise<void> {
    const beganMs = this.#clock.nowMs();
    return this.#counted(this.turns, { beganMs, rows: rowsOf(writes) }, this.#store.commit(writes));
  }

  commitFrames(frames: readonly FrameRecord[]): MaybePromise<void> {
    const beganMs = this.#clock.nowMs();
    return this.#counted(this.frames, { beganMs, rows: frames.length }, this.#store.commitFrames(frames));
  }

  #counted(
    figures: CommitFigures,
    { beganMs, rows }: { beganMs: number; rows: number },
    committed: MaybePromise<void>,
  ): MaybePromise<void> {
    if (committed instanceof Promise) {
      return committed.then(() => void this.#counted(figures, { beganMs, rows }, undefined));
    }
    figures.rows += rows;
    figures.duration.observe(this.#clock.nowMs() - beganMs);
  }

  query<Q extends QueryKind>(
    kind: Q,
    parameters: Queries[Q]["parameters"],
  ): MaybePromise<Queries[Q]["result"]> {
    return this.#store.query(kind, parameters);
  }

  close(): void {
    this.#store.close();
  }
}

function rowsOf(writes: readonly Write[]): number {
  let rows = 0;
  for (const write of writes) rows += write.kind === "addReadings" ? write.record.readings.length : 1;
  return rows;
}
