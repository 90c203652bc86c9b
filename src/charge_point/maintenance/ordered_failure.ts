/**
 * Failures that a user has ordered: the next operation of that kind fails, once for each order.
 */
import type { OrderedFailure } from "../contract.ts";
import { type ChargePointState, NONE, type Turn } from "../state.ts";

/** The most orders that wait; a further one is ignored. */
export const ORDERED_FAILURES_MAX = 100;

/** Remembers an order. */
export function orderFailure({ state }: Turn, failure: OrderedFailure): void {
  if (state.orderedFailures.length >= ORDERED_FAILURES_MAX) return;
  state.orderedFailures = [...state.orderedFailures, failure];
}

/** Whether this operation is to fail; the order is carried out thereby. */
export function takeOrderedFailure(state: ChargePointState, failure: OrderedFailure): boolean {
  const at = state.orderedFailures.indexOf(failure);
  if (at < 0) return false;
  const left = state.orderedFailures.toSpliced(at, 1);
  state.orderedFailures = left.length === 0 ? NONE : left;
  return true;
}
