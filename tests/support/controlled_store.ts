/**
 * A store whose commits a test can hold back or let fail.
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
} from "../../src/central_system/store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import { Happenings } from "./within.ts";

/** Wraps a store. */
export class ControlledStore extends Happenings implements Store {
  /** The writes of every commit that was asked for, also of those that failed or are held. */
  readonly commits: (readonly Write[])[] = [];
  /** Every write and probe fails. */
  isFailing = false;
  /** Writes are carried out and reported as failed, as when the disk fails after the last byte. */
  isFailingLate = false;
  #isHolding = false;
  #held: PromiseWithResolvers<void> | undefined;
  readonly #store: Store;

  constructor(store: Store) {
    super();
    this.#store = store;
  }

  /** From here on a commit waits for `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Whether a commit waits. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Lets the commit that waits go on; the next one is held again unless `hold` is over. */
  release({ thenHold = false } = {}): void {
    this.#isHolding = thenHold;
    const held = this.#held;
    this.#held = undefined;
    held?.resolve();
  }

  load(needed: FactsNeeded): MaybePromise<Facts> {
    return this.#store.load(needed);
  }

  commit(writes: readonly Write[]): MaybePromise<void> {
    this.commits.push(writes);
    if (!this.#isHolding) {
      this.happened();
      return this.#commitNow(writes);
    }
    this.#held = Promise.withResolvers();
    this.happened();
    return this.#held.promise.then(() => this.#commitNow(writes));
  }

  #commitNow(writes: readonly Write[]): MaybePromise<void> {
    this.#checkWorks();
    const committed = this.#store.commit(writes);
    if (this.isFailingLate) throw new StoreError("cannot write to the database: disk I/O error");
    return committed;
  }

  commitFrames(frames: readonly FrameRecord[]): MaybePromise<void> {
    this.#checkWorks();
    return this.#store.commitFrames(frames);
  }

  query<Q extends QueryKind>(
    kind: Q,
    parameters: Queries[Q]["parameters"],
  ): MaybePromise<Queries[Q]["result"]> {
    if (kind === "health") this.#checkWorks();
    return this.#store.query(kind, parameters);
  }

  #checkWorks(): void {
    if (this.isFailing) throw new StoreError("cannot write to the database: database or disk is full");
  }

  close(): void {
    this.#store.close();
  }
}
