/**
 * Texts of a peer as columns hold them: SQLite ends a text at a NUL when it is read, and UTF-8 has no half of a
 * surrogate pair, while JSON may carry both.
 *
 * Shape: each such character, and `ESCAPE` itself, is written as `ESCAPE` and four hexadecimal digits. Other texts
 * stay as they are, so what an older file holds is read as before.
 */

/** SUBSTITUTE: no device has a use for it. */
const ESCAPE = "\u001a";

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const UNFIT = /[\u0000\u001a]|\p{Cs}/gu;

// deno-lint-ignore no-control-regex -- likewise
const ESCAPED = /\u001a([0-9a-f]{4})/g;

/** The text for a column, also for one that is looked for. */
export function storedText(text: string): string {
  return text.replace(UNFIT, (unit) => ESCAPE + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** The text that a column holds. */
export function peerText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored;
  return stored.replace(ESCAPED, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
