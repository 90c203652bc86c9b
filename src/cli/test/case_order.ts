/**
 * In what order cases are played on one and the same system.
 */
import type { CaseDefinition } from "../../conformance/case.ts";

/** As often as wanted, in their order; but what changes the system for good comes after all others. */
export function inOrder(cases: readonly CaseDefinition[], repeat: number): readonly CaseDefinition[] {
  const all = Array.from({ length: repeat }, () => cases).flat();
  return [...all.filter(({ isForGood }) => !isForGood), ...all.filter(({ isForGood }) => isForGood)];
}
