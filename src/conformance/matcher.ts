/**
 * Expectations as literal JSON with matchers in the places where more than one value will do.
 *
 * Rules: of an object the named fields must match and others may be anything (the schema has judged them
 * already); an array must match item by item; everything else must be equal. A field that must be missing is
 * named with `ABSENT`. Texts of the type CiString are equal in either case of letters (OCPP 1.6 §7.15).
 */
import { atMsOf, isDateTime } from "../ocpp/date_time.ts";
import { jsonText } from "../ocpp/json.ts";
import { sameCiString } from "../ocpp/types.ts";

/** Stands for any value that passes its test. `text` says which, for people. */
export class Matcher {
  constructor(readonly text: string, readonly test: (value: unknown) => boolean) {}
}

/** What a value of type `T` may be expected to be. */
export type Matching<T> =
  | Matcher
  | (T extends readonly (infer E)[] ? readonly Matching<E>[]
    : T extends object ? { readonly [K in keyof T]?: Matching<Exclude<T[K], undefined>> }
    : T);

/** Where and how a value differs from what was expected. */
export interface Mismatch {
  /** E.g. `idTagInfo.status`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly came: string;
}

/** Paths to fields that are CiString, and that a device may write as it likes. Spec: OCPP 1.6 §7.28 IdToken, §7.29. */
const CI_STRINGS = /(^|\.)(idTag|parentIdTag|key|key\[\d+\]|unknownKey\[\d+\])$/;

/** The first difference, or `undefined` where everything matches. */
export function mismatchOf(expected: unknown, value: unknown, path = ""): Mismatch | undefined {
  if (expected instanceof Matcher) {
    return expected.test(value) ? undefined : { path, expected: expected.text, came: textOf(value) };
  }
  if (CI_STRINGS.test(path) && typeof expected === "string" && typeof value === "string") {
    return sameCiString(expected, value) ? undefined : difference(expected, value, path);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(value) || value.length !== expected.length) return difference(expected, value, path);
    return first(expected.map((item, index) => mismatchOf(item, value[index], `${path}[${index}]`)));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof value !== "object" || value === null) return difference(expected, value, path);
    return first(
      Object.entries(expected).map(([key, inner]) =>
        mismatchOf(inner, (value as Record<string, unknown>)[key], path === "" ? key : `${path}.${key}`)
      ),
    );
  }
  return expected === value ? undefined : difference(expected, value, path);
}

function difference(expected: unknown, value: unknown, path: string): Mismatch {
  return { path, expected: expectationText(expected), came: textOf(value) };
}

function first(mismatches: readonly (Mismatch | undefined)[]): Mismatch | undefined {
  return mismatches.find((mismatch) => mismatch !== undefined);
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : jsonText(value);
}

/** An expectation as a reader would write it: JSON, with matchers in angle brackets. */
export function expectationText(expected: unknown): string {
  if (expected instanceof Matcher) return `<${expected.text}>`;
  if (Array.isArray(expected)) return `[${expected.map(expectationText).join(",")}]`;
  if (typeof expected === "object" && expected !== null) {
    const fields = Object.entries(expected).map(([key, inner]) => `"${key}":${expectationText(inner)}`);
    return `{${fields.join(",")}}`;
  }
  return textOf(expected);
}

/** Anything, but not nothing. */
export const ANY = new Matcher("anything", (value) => value !== undefined);

/** The field must not be there. */
export const ABSENT = new Matcher("no such field", (value) => value === undefined);

/** Nothing, or what matches. */
export function optional(expected: unknown): Matcher {
  return new Matcher(
    `nothing or ${expectationText(expected)}`,
    (value) => value === undefined || mismatchOf(expected, value) === undefined,
  );
}

/** A CiString, where no field says that it is one. */
export function ciString(expected: string): Matcher {
  return new Matcher(
    `${JSON.stringify(expected)} in either case of letters`,
    (value) => typeof value === "string" && sameCiString(expected, value),
  );
}

/** Whatever matches one of them. */
export function oneOf(...expected: readonly unknown[]): Matcher {
  return new Matcher(
    `one of ${expected.map(expectationText).join(", ")}`,
    (value) => expected.some((one) => mismatchOf(one, value) === undefined),
  );
}

/** Whatever does not match. */
export function not(expected: unknown): Matcher {
  return new Matcher(
    `not ${expectationText(expected)}`,
    (value) => value !== undefined && mismatchOf(expected, value) !== undefined,
  );
}

/** A text of this form. */
export function textLike(pattern: RegExp): Matcher {
  return new Matcher(`text like ${pattern}`, (value) => typeof value === "string" && pattern.test(value));
}

/** A number of at least this. */
export function atLeast(least: number): Matcher {
  return new Matcher(`at least ${least}`, (value) => typeof value === "number" && value >= least);
}

/** A number of at most this. */
export function atMost(most: number): Matcher {
  return new Matcher(`at most ${most}`, (value) => typeof value === "number" && value <= most);
}

/** A date and time between two instants (milliseconds since 1970 UTC), either of which may be left out. */
export function dateTimeBetween({ fromMs = -Infinity, toMs = Infinity }: {
  readonly fromMs?: number;
  readonly toMs?: number;
}): Matcher {
  const bound = (atMs: number) => Number.isFinite(atMs) ? new Date(atMs).toISOString() : "any time";
  return new Matcher(`date and time from ${bound(fromMs)} to ${bound(toMs)}`, (value) => {
    if (typeof value !== "string" || !isDateTime(value)) return false;
    const atMs = atMsOf(value);
    return atMs >= fromMs && atMs <= toMs;
  });
}

/** An array in which each of these has an item that matches. */
export function arrayContaining(...expected: readonly unknown[]): Matcher {
  return new Matcher(
    `array with ${expected.map(expectationText).join(", ")}`,
    (value) =>
      Array.isArray(value) &&
      expected.every((one) => value.some((item) => mismatchOf(one, item) === undefined)),
  );
}

/** An array of at least one item, all of which match. */
export function arrayOfAll(expected: unknown): Matcher {
  return new Matcher(
    `array of ${expectationText(expected)} only`,
    (value) =>
      Array.isArray(value) && value.length > 0 &&
      value.every((item) => mismatchOf(expected, item) === undefined),
  );
}
