/**
 * ISO 8601 texts, which exist only in payloads, and instants in milliseconds, which exist everywhere else.
 *
 * Spec: OCPP 1.6 §3.15.
 */

const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

/** Whether a text is a date and time with zone, e.g. `2024-01-01T12:00:00Z`, of a day that exists. */
export function isDateTime(text: string): boolean {
  if (!DATE_TIME.test(text)) return false;
  // Read digit by digit: every MeterValues comes by here.
  const day = (text.charCodeAt(8) - DIGIT_ZERO) * 10 + text.charCodeAt(9) - DIGIT_ZERO;
  return day <= 28 || day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

const DIGIT_ZERO = 48;

function daysInMonth(year: number, month: number): number {
  const firstOfNext = new Date(Date.UTC(2000, month, 0));
  firstOfNext.setUTCFullYear(year, month, 0);
  return firstOfNext.getUTCDate();
}

/** Milliseconds since 1970 UTC; `NaN` for a text that is no date and time with zone. */
export function atMsOf(dateTime: string): number {
  const atMs = Date.parse(dateTime);
  if (!Number.isNaN(atMs)) return atMs;
  // Lower-case letters are allowed; a leap second has no place in our time scale and is read as the one before.
  return Date.parse(dateTime.toUpperCase().replace(/:60(?=[.Z+-])/, ":59"));
}

/** The text of an instant in UTC, to the millisecond. `atMs` counts from 1970 UTC. */
export function dateTimeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
