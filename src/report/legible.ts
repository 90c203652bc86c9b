/**
 * Texts of peers as a page or an XML file may hold them: nothing in them acts, nothing is lost unsaid.
 */

/**
 * What no reader sees or XML does not allow: control characters but tab and line ends, halves of a character,
 * characters that turn the direction of writing or that have no width, U+FFFE and its like.
 */
const ILLEGIBLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}|\p{Noncharacter_Code_Point}/gu;

/** The text with escapes as in JSON, e.g. `\u0007`, where nobody could read it. */
export function legibleText(text: string): string {
  return text.replace(ILLEGIBLE, escapeOf);
}

function escapeOf(illegible: string): string {
  let escaped = "";
  for (let at = 0; at < illegible.length; at++) {
    escaped += `\\u${illegible.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/** The beginning of a text, and how much of it is missing. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = beginningOf(text, maxLength);
  return `${kept}… (${thousands(text.length - kept.length)} more characters)`;
}

/** The same, which does not say how much: for one line of many. */
export function clipped(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${beginningOf(text, maxLength)}…`;
}

function beginningOf(text: string, length: number): string {
  const isHalf = /[\ud800-\udbff]/.test(text[length - 1] ?? "");
  return text.slice(0, isHalf ? length - 1 : length);
}

/** `1,234,567`. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `12.345`: seconds, as long as they are. */
export function secondsText(durationMs: number): string {
  return (Math.max(0, Number.isFinite(durationMs) ? durationMs : 0) / 1_000).toFixed(3);
}

/** `0.85 s`, `12.3 s`, `4 min 05 s`, `1 h 02 min`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Number.isFinite(durationMs) ? durationMs : 0) / 1_000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${two(whole % 3_600 / 60)} min`;
}

/** `2026-01-01T12:00:00Z`; what is no instant is the first of all. */
export function instantText(atMs: number): string {
  const isInstant = Math.abs(atMs) <= 8.64e15; // what a Date can be
  return new Date(isInstant ? atMs : 0).toISOString().replace(/\.\d+Z$/, "Z");
}
