/**
 * What was deviated from, as a mark at the end of a line.
 */
import { shortText } from "./message_text.ts";

/** Deviations named at the end of one line; the rest is a number. */
const MARKS_MAX = 2;

const MARK_MAX_LENGTH = 60;

/** E.g. `  ! extraField foo, tooLong idTag +3`; nothing where nothing was deviated from. */
export function deviationMark(
  deviations: readonly { readonly rule: string; readonly path: string }[],
): string {
  if (deviations.length === 0) return "";
  const named = deviations.slice(0, MARKS_MAX).map(({ rule, path }) =>
    shortText(path === "" ? rule : `${rule} ${path}`, MARK_MAX_LENGTH)
  );
  const rest = deviations.length - named.length;
  return `  ! ${named.join(", ")}${rest === 0 ? "" : ` +${rest}`}`;
}
