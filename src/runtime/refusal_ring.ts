/**
 * The latest refused upgrades, for the operator who looks for the reason.
 */
import type { Page, PageWanted } from "../central_system/store.ts";
import type { Refusal } from "./central_system_observer.ts";

/** Refusals that are kept. */
export const REFUSALS_KEPT_MAX = 1_000;

/** Characters kept of a reason, which may quote what was sent. */
export const REASON_KEPT_MAX = 300;

/** Keeps the last refusals; nothing that a stranger sends makes it grow beyond its bounds. */
export class RefusalRing {
  readonly #kept: Refusal[] = [];
  readonly #keptMax: number;
  #count = 0;

  constructor({ keptMax = REFUSALS_KEPT_MAX }: { keptMax?: number } = {}) {
    this.#keptMax = keptMax;
  }

  add(refusal: Refusal): void {
    this.#kept[this.#count % this.#keptMax] = {
      ...refusal,
      reason: refusal.reason.slice(0, REASON_KEPT_MAX),
    };
    this.#count++;
  }

  /** Newest first. A cursor is the number of the last one shown: what comes meanwhile shifts nothing. */
  page({ limit, cursor }: PageWanted): Page<Refusal> {
    const oldest = Math.max(0, this.#count - this.#keptMax);
    let next = Math.min(this.#count, cursor === undefined ? this.#count : Number(cursor)) - 1;
    const items: Refusal[] = [];
    for (; next >= oldest && items.length < limit; next--) items.push(this.#kept[next % this.#keptMax]!);
    return next < oldest ? { items } : { items, nextCursor: String(next + 1) };
  }
}
