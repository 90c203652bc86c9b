/**
 * What grows with every message and goes when it is old: frames and readings, in the order in which they came.
 */

/** The tables of which the oldest rows may be removed. */
export type GrowingTable = "frames" | "meterValues";

/** A row as it is looked at; ids are in the order in which rows came. */
export interface AgedRow {
  readonly id: number;
  readonly receivedAtMs: number;
  /** A reading of an active transaction. */
  readonly mustStay: boolean;
}

/** The old rows before the first one that is young. */
export interface OldRows {
  /** How many of them may be removed. */
  readonly removable: number;
  /** The id of the last of them; `undefined`: none is old. */
  readonly upTo: number | undefined;
  /** Whether a young one ended it: nothing that follows is to be removed. */
  readonly isOver: boolean;
}

/**
 * Judges rows in their order; what was received before `beforeMs` is old.
 *
 * It ends at the first row that is young, so that nothing younger is touched, and no row is left behind a gap of the
 * chain that leads to it. A row that came later than now was written while the clock was wrong: it says nothing, and
 * goes with the old ones that follow it.
 */
export function judgeOldRows(
  rows: readonly AgedRow[],
  { beforeMs, nowMs }: { readonly beforeMs: number; readonly nowMs: number },
): OldRows {
  let removable = 0;
  let undecided = 0;
  let upTo: number | undefined;
  for (const { id, receivedAtMs, mustStay } of rows) {
    const isOld = receivedAtMs < beforeMs;
    if (!isOld && receivedAtMs <= nowMs) return { removable, upTo, isOver: true };
    if (!mustStay) undecided += 1;
    if (!isOld) continue;
    removable += undecided;
    undecided = 0;
    upTo = id;
  }
  return { removable, upTo, isOver: false };
}
