/**
 * A case's result as a person reads it when a test has failed.
 */
import type { CaseResult } from "../../src/conformance/contract.ts";

/** How many of the last frames are shown. */
const FRAMES_SHOWN = 30;

/** Verdict, failure, steps, and the frames before. */
export function resultText({ id, verdict, failure, steps, frames, remarks }: CaseResult): string {
  const first = frames[0]?.atMs ?? 0;
  const lines = frames.slice(-FRAMES_SHOWN).map(({ atMs, from, text }) =>
    `  ${((atMs - first) / 1_000).toFixed(2).padStart(9)} ${from === "system" ? "→" : "←"} ${text}`
  );
  return [
    `${id}: ${verdict}`,
    ...(failure === undefined
      ? []
      : [`at: ${failure.step}`, `expected: ${failure.expected}`, `came: ${failure.came}`]),
    ...remarks.map((remark) => `remark: ${remark}`),
    "steps:",
    ...steps.map((step) => `  ${step}`),
    "frames:",
    ...lines,
  ].join("\n");
}
