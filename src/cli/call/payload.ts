/**
 * The payload of `ocpp call` as it is typed: JSON, `@file`, `-`, or `name=value` pairs that the schema types.
 *
 * Rules of pairs: `a.b=1` is a field of a field, `a.0.b=1` of an item; a list of plain values grows by repeating
 * its name; an object or a list may be JSON; `name=@file` is a file's text without the line breaks at its end, as
 * a shell's `$(…)` (`@@` begins a text with `@`); a time may be `now` or `+90s`, `-15m`, `+2h`, `+1d` from now. What
 * does not read as its type stays text: the check of the whole payload says what is wrong with it, and
 * `--no-validate` sends it as it is.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { Field, FieldType } from "../../ocpp/field.ts";
import { parseJson } from "../../ocpp/json.ts";
import { UsageError } from "../exit_code.ts";

/** Where payloads come from besides the command line. */
export interface PayloadSources {
  readonly nowMs: number;
  /** Errors: `CommandError` for a file that cannot be read. */
  readFile(path: string): string;
  readStdin(): Promise<string>;
}

type Json = Record<string, unknown> | unknown[];

const PAIR = /^([A-Za-z_]\w*(?:\.\w+|\[\d+\])*)=([\s\S]*)$/;

/** Longer lists do not come from a command line; a larger index is a slip. */
const INDEX_MAX = 1_000;

/** Reads the arguments after the Action. Errors: `UsageError` for what is neither JSON nor pairs. */
export async function payloadOf(
  args: readonly string[],
  fields: readonly Field[],
  sources: PayloadSources,
): Promise<unknown> {
  const [first] = args;
  if (first === undefined) return {};
  const pairs = args.map((text) => PAIR.exec(text));
  if (pairs.every((pair) => pair !== null)) {
    return payloadOfPairs(pairs.map(([, name, value]) => [name!, value!]), fields, sources);
  }
  if (args.length > 1) {
    const stray = args[pairs.findIndex((pair) => pair === null)]!;
    throw new UsageError(`cannot read ${stray} as a part of the payload: it is no name=value`);
  }
  if (first === "-") return jsonOf(await sources.readStdin(), "stdin");
  return first.startsWith("@")
    ? jsonOf(sources.readFile(first.slice(1)), first.slice(1))
    : jsonOf(first, "the payload");
}

function jsonOf(text: string, where: string): unknown {
  const json = parseJson(text);
  if (json.ok) return json.value;
  const why = json.fault === "tooDeep" ? "it is nested too deep" : whyNoJson(text);
  throw new UsageError(`cannot read ${where}: ${why}; wanted: a JSON object, or name=value`);
}

function whyNoJson(text: string): string {
  try {
    JSON.parse(text);
    return "it is no JSON";
  } catch (error) {
    return `it is no JSON (${(error as Error).message})`;
  }
}

/** Builds the payload of pairs, in their order. Errors: `UsageError` for pairs that contradict each other. */
function payloadOfPairs(
  pairs: readonly (readonly [name: string, value: string])[],
  fields: readonly Field[],
  sources: PayloadSources,
): unknown {
  const payload: Record<string, unknown> = {};
  for (const [name, text] of pairs) {
    const path = name.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
    let target: Json = payload;
    let type: FieldType | undefined = { kind: "object", fields };
    for (const [index, step] of path.slice(0, -1).entries()) {
      type = typeWithin(type, step);
      const next = path[index + 1]!;
      target = descend(target, step, {
        isList: type === undefined ? /^\d+$/.test(next) : type.kind === "array",
      }, name);
    }
    const last = path.at(-1)!;
    put(target, last, text, { type: typeWithin(type, last), name, sources });
  }
  assertNoGaps(payload, "");
  return payload;
}

function typeWithin(type: FieldType | undefined, step: string): FieldType | undefined {
  if (type?.kind === "array") return /^\d+$/.test(step) ? type.item : undefined;
  return type?.kind === "object" ? type.fields.find(({ name }) => name === step)?.type : undefined;
}

/** The value at a step, made where there is none. */
function descend(target: Json, step: string, { isList }: { isList: boolean }, name: string): Json {
  const key = keyIn(target, step, name);
  const there = valueAt(target, key);
  if (there === undefined) {
    const made: Json = isList ? [] : {};
    set(target, key, made);
    return made;
  }
  if (typeof there !== "object" || there === null) throw new UsageError(`${name} contradicts another value`);
  return there as Json;
}

function put(
  target: Json,
  step: string,
  text: string,
  { type, name, sources }: { type: FieldType | undefined; name: string; sources: PayloadSources },
): void {
  const key = keyIn(target, step, name);
  const there = valueAt(target, key);
  const isList = type?.kind === "array" && !text.trimStart().startsWith("[");
  if (!isList) {
    if (there !== undefined) throw new UsageError(`${name} is given twice`);
    return set(target, key, valueOf(text, type, sources));
  }
  const item = valueOf(text, type.item, sources);
  if (there === undefined) set(target, key, [item]);
  else if (Array.isArray(there)) there.push(item);
  else throw new UsageError(`${name} contradicts another value`);
}

function keyIn(target: Json, step: string, name: string): string | number {
  if (!Array.isArray(target)) return step;
  const index = /^\d+$/.test(step) ? Number(step) : INDEX_MAX;
  if (index < INDEX_MAX) return index;
  throw new UsageError(`${name}: a list has items 0, 1, …, not ${step}; write ${example(name, step)}`);
}

function example(name: string, step: string): string {
  return name.replace(`.${step}`, /^\d+$/.test(step) ? ".0" : `.0.${step}`);
}

function valueAt(target: Json, key: string | number): unknown {
  return Object.hasOwn(target, key) ? (target as Record<string | number, unknown>)[key] : undefined;
}

/** `__proto__` is a name like any other. */
function set(target: Json, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

function assertNoGaps(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    const gap = value.findIndex((_, index) => !Object.hasOwn(value, index));
    if (gap >= 0) throw new UsageError(`${path}.${gap} is missing: a list has items 0, 1, … without gaps`);
  }
  for (const [name, inner] of Object.entries(value)) {
    assertNoGaps(inner, path === "" ? name : `${path}.${name}`);
  }
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** One value by its type; one of no known field by how it looks. */
function valueOf(text: string, type: FieldType | undefined, sources: PayloadSources): unknown {
  switch (type?.kind) {
    case "integer":
    case "decimal":
      return NUMBER.test(text) ? exactNumber(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "enumeration":
      return text;
    case "dateTime":
      return timeOf(text, sources.nowMs);
    case "text":
      if (text.startsWith("@@")) return text.slice(1);
      return text.startsWith("@") ? sources.readFile(text.slice(1)).replace(/[\r\n]+$/, "") : text;
    case "object":
    case "array":
    case undefined: {
      const json = parseJson(text);
      return json.ok ? json.value : text;
    }
  }
}

/** A number that no `number` holds exactly stays text, so that it is never sent as another. */
function exactNumber(text: string): number | string {
  const value = Number(text);
  return text.includes(".") || Number.isSafeInteger(value) ? value : text;
}

const FROM_NOW = /^([+-]\d{1,9})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(text: string, nowMs: number): string {
  if (text === "now") return dateTimeOf(nowMs);
  const [, count, unit] = FROM_NOW.exec(text) ?? [];
  if (count === undefined) return text;
  const atMs = nowMs + Number(count) * UNIT_MS[unit!]!;
  return Math.abs(atMs) <= TIME_MAX_MS ? dateTimeOf(atMs) : text;
}

/** Beyond the year 9999 a time has another form. */
const TIME_MAX_MS = Date.UTC(9999, 11, 31);
