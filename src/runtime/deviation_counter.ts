/**
 * Deviations since the start, counted by Charge Point and rule.
 */
import type { Deviation } from "../central_system/deviation.ts";

/** Charge Points whose deviations are counted; those beyond go uncounted, so that identities cannot fill memory. */
export const COUNTED_CHARGE_POINTS_MAX = 100_000;

/** Counts deviations. */
export class DeviationCounter {
  readonly #counts = new Map<string, Map<string, number>>();

  count({ chargePoint, rule }: Deviation): void {
    let counts = this.#counts.get(chargePoint);
    if (counts === undefined) {
      if (this.#counts.size >= COUNTED_CHARGE_POINTS_MAX) return;
      this.#counts.set(chargePoint, counts = new Map());
    }
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }

  /** Rule to count, e.g. `{ callBeforeBoot: 2 }`. */
  of(chargePoint: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts.get(chargePoint) ?? []);
  }
}
