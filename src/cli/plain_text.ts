/**
 * Texts of a peer where people read them: on a terminal and in logs.
 *
 * A control character moves a terminal's cursor, begins an escape sequence or forges the next line of a log; one
 * that turns the direction of writing shows another text than there is.
 */
import { jsonText } from "../ocpp/json.ts";

/** Control characters (C0, DEL, C1), line and paragraph separators, directions, halves of a character. */
const HARMFUL = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with nothing in it that a terminal obeys. */
export function plainText(text: string): string {
  return text.replace(HARMFUL, "·");
}

/** Any value of a payload in a line: a text as it is, everything else as JSON. */
export function plainValue(value: unknown): string {
  return plainText(typeof value === "string" ? value : jsonText(value) ?? "");
}

/** A value as one line of JSON; what a terminal would obey is escaped, so that nothing is lost. */
export function jsonLine(value: unknown): string {
  const text = jsonText(value).replace(HARMFUL, (found) => (
    `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`
  ));
  return `${text}\n`;
}
