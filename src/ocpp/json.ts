/**
 * JSON as peers send it: bounded, and with integers that stay what they are.
 *
 * Rules: an integer that no `number` holds exactly becomes a `bigint`, so that it equals none of ours and is
 * written again digit by digit. Of a key that is there twice the last one counts; `__proto__` is a key like any
 * other; `1.0` and `1e2` are integers, as in JSON Schema; `1e400` is Infinity, which no schema takes.
 * Nothing here throws on what a peer sent.
 */

/** The deepest nesting that is read; a payload of OCPP 1.6 has 6 levels, the array of its frame included. */
export const JSON_DEPTH_MAX = 64;

/** What a text holds, or why it is not read. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: "notJson" | "tooDeep" };

/** As many digits may make an integer beyond 2^53; others in such a run, e.g. a serial number, do no harm. */
const MANY_DIGITS = /\d{16}/;

const INTEGER = /^-?\d+$/;

/** Reads a JSON text. */
export function parseJson(text: string): ParsedJson {
  try {
    const value: unknown = JSON.parse(text);
    // Only brackets nest: most texts have too few of them to be worth a look.
    if (opensMoreThan(JSON_DEPTH_MAX, text) && isDeeperThan(JSON_DEPTH_MAX, value)) {
      return { ok: false, fault: "tooDeep" };
    }
    return { ok: true, value: MANY_DIGITS.test(text) ? JSON.parse(text, exactInteger as Reviver) : value };
  } catch {
    return { ok: false, fault: "notJson" };
  }
}

/** The compiler's library does not know yet that a reviver is told the literal. */
type Reviver = (key: string, value: unknown) => unknown;

function exactInteger(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value;
}

function opensMoreThan(count: number, text: string): boolean {
  let opened = 0;
  for (const bracket of "[{") {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++opened > count) return true;
    }
  }
  return false;
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}

/** The text of a value that `parseJson` may have given: `JSON.stringify` throws at a `bigint`. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(writableJson(value)); // so rare that looking for one each time would cost more
  }
}

/** The same value for somebody else's `JSON.stringify`: each `bigint` is written as its digits. */
export function writableJson(value: unknown): unknown {
  if (typeof value === "bigint") return rawJson(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(writableJson);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, writableJson(inner)]));
}

const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
