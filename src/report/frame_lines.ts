/**
 * The last frames of a case as lines of text, for reports that draw nothing.
 */
import { cutText, legibleText } from "./legible.ts";
import type { CaseReport, ReportedFrame } from "./suite_report.ts";

/** How many frames are told in text, and how much of each. */
export const FRAME_LINES_MAX = 40;
export const FRAME_LINE_MAX_LENGTH = 2_000;

/** A frame with its time since the case began: `  0.020 s  system → tester  [2,"u1","Heartbeat",{}]`. */
export function frameLine({ atMs, from, text }: ReportedFrame, beganAtMs: number): string {
  const after = ((atMs - beganAtMs) / 1_000).toFixed(3).padStart(9);
  const way = from === "system" ? "system → tester" : "tester → system";
  return `${after} s  ${way}  ${oneLine(cutText(text, FRAME_LINE_MAX_LENGTH))}`;
}

/** The last ones, and how many come before them. */
export function lastFrameLines(
  { frames, startedAtMs }: Pick<CaseReport, "frames" | "startedAtMs">,
  max = FRAME_LINES_MAX,
): readonly string[] {
  const shown = frames.slice(-max);
  const missing = frames.length - shown.length;
  return [
    ...(missing > 0 ? [`(${missing} earlier)`] : []),
    ...shown.map((frame) => frameLine(frame, startedAtMs)),
  ];
}

/** A text of a peer, legible and on one line. */
export function oneLine(text: string): string {
  return legibleText(text.replace(/\s*[\r\n]\s*/g, " "));
}
