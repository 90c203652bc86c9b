/**
 * Every way to break a valid payload, from the fields of its schema: one fault each.
 *
 * What only the text forbids stands in `text_rule_break.ts`.
 */
import type { Action } from "../../ocpp/action.ts";
import type { PayloadFaultKind } from "../../ocpp/call_error.ts";
import { type Field, fieldsOfReq, type FieldType } from "../../ocpp/field.ts";
import { jsonText } from "../../ocpp/json.ts";

/** How a field or a whole payload is broken, as a reader sees it after the field's name. */
export type Break =
  | "missing"
  | "null"
  | "with an extra field"
  | "empty"
  | "an object"
  | "an array"
  | "a text"
  | "a number"
  | "a boolean"
  | "words"
  | "a fraction"
  | "too precise"
  | "with a comma"
  | "beyond 2^53"
  | "too long"
  | "in another case"
  | "unknown"
  | "without zone"
  | "unreadable";

export type Path = readonly (string | number)[];

/** A payload with one fault. */
export interface BrokenPayload {
  /** E.g. `meterValue.0.timestamp without zone`; of its own within one Action. */
  readonly what: string;
  readonly path: Path;
  readonly how: Break;
  /** What should be at the path; of an extra field and a whole payload: an object. */
  readonly kind: FieldType["kind"];
  /** Whether the field could have been left out. */
  readonly isOptional: boolean;
  readonly fault: PayloadFaultKind;
  readonly payload: unknown;
}

/** What no payload of OCPP 1.6 has. */
const EXTRA_FIELD = "unheardOf";

/** What no enumeration of OCPP 1.6 has. */
const UNKNOWN_VALUE = "Nonsense";

const ZONELESS = "2026-01-01T12:00:00";
const UNREADABLE = "yesterday";
const BEYOND_INTEGER = 2n ** 64n;

/** Breaks a valid payload of an Action at every place in turn. */
export function brokenPayloads(action: Action, valid: unknown): readonly BrokenPayload[] {
  const fields = fieldsOfReq(action);
  return [...brokenWholes(fields), ...new Breaking(valid).object(fields, [])];
}

/** No object, or an object without anything. */
function brokenWholes(fields: readonly Field[]): readonly BrokenPayload[] {
  const whole = (how: Break, payload: unknown, fault: PayloadFaultKind): BrokenPayload => ({
    what: `payload ${how}`,
    path: [],
    how,
    kind: "object",
    isOptional: false,
    fault,
    payload,
  });
  const noObjects = [
    whole("an array", [], "notAnObject"),
    whole("a text", "text", "notAnObject"),
    whole("a number", 7, "notAnObject"),
  ];
  // OCPP-J §4.2.1: null is another notation for an empty payload.
  return fields.some(({ required }) => required)
    ? [whole("empty", {}, "missingField"), whole("null", null, "missingField"), ...noObjects]
    : noObjects;
}

/** Breaks one payload. */
class Breaking {
  readonly #valid: unknown;

  constructor(valid: unknown) {
    this.#valid = valid;
  }

  /** An object with these fields, at this path. */
  object(fields: readonly Field[], path: Path): readonly BrokenPayload[] {
    return [
      this.#broken([...path, EXTRA_FIELD], "with an extra field", 1, {
        kind: "object",
        fault: "extraField",
        isOptional: true,
      }),
      ...fields.flatMap((field) => this.#field(field, [...path, field.name])),
    ];
  }

  #field({ required, type }: Field, path: Path): readonly BrokenPayload[] {
    const isOptional = !required;
    const about = { kind: type.kind, isOptional };
    return [
      ...(isOptional ? [] : [this.#broken(path, "missing", undefined, { ...about, fault: "missingField" })]),
      this.#broken(path, "null", null, { ...about, fault: "wrongType" }),
      ...this.#value(type, path, isOptional),
    ];
  }

  #value(type: FieldType, path: Path, isOptional: boolean): readonly BrokenPayload[] {
    const broken = (how: Break, value: unknown, fault: PayloadFaultKind) =>
      this.#broken(path, how, value, { kind: type.kind, fault, isOptional });
    const value = valueAt(this.#valid, path);
    if (value === undefined) {
      // What the valid payload leaves out is put in first, so that there is one fault and no more.
      return new Breaking(withValue(this.#valid, path, sampleOf(type))).#value(type, path, isOptional);
    }
    switch (type.kind) {
      case "object":
        return [broken("a text", "text", "wrongType"), ...this.object(type.fields, path)];
      case "array":
        return [broken("an object", {}, "wrongType"), ...this.#value(type.item, [...path, 0], false)];
      case "dateTime":
        return [
          broken("without zone", ZONELESS, "badFormat"),
          broken("unreadable", UNREADABLE, "badFormat"),
        ];
      case "enumeration": {
        const other = otherCase(String(value));
        return [
          ...(type.values.includes(other) ? [] : [broken("in another case", other, "notInEnumeration")]),
          broken("unknown", UNKNOWN_VALUE, "notInEnumeration"),
          broken("a number", 7, "wrongType"),
        ];
      }
      case "text":
        return [
          broken("a number", 7, "wrongType"),
          broken("a boolean", true, "wrongType"),
          broken("an object", {}, "wrongType"),
          ...(type.maxLength === undefined
            ? []
            : [broken("too long", "x".repeat(type.maxLength + 1), "tooLong")]),
        ];
      case "boolean":
        return [broken("a number", 7, "wrongType"), broken("words", "perhaps", "wrongType")];
      case "integer":
        return [
          broken("a text", jsonText(value), "wrongType"),
          broken("words", "many", "wrongType"),
          // Rounded it would be the valid one: the fraction is the only fault.
          broken("a fraction", Number(value) + 0.25, "wrongType"),
          broken("with a comma", `${value},25`, "wrongType"),
          broken("beyond 2^53", BEYOND_INTEGER, "wrongType"),
        ];
      case "decimal":
        return [
          broken("a text", jsonText(value), "wrongType"),
          broken("words", "many", "wrongType"),
          broken("with a comma", `${value},5`, "wrongType"),
          // A decimal of OCPP 1.6 has at most one digit behind the point.
          broken("too precise", Number(value) + 0.25, "outOfRange"),
        ];
    }
  }

  #broken(
    path: Path,
    how: Break,
    value: unknown,
    about: Pick<BrokenPayload, "kind" | "fault" | "isOptional">,
  ): BrokenPayload {
    const named = how === "with an extra field" ? path.slice(0, -1) : path;
    const what = `${named.length === 0 ? "payload" : named.join(".")} ${how}`;
    return { what, path, how, ...about, payload: withValue(this.#valid, path, value) };
  }
}

/** `accepted`, or `ACCEPTED` of what is in lower case already. */
function otherCase(text: string): string {
  const lower = text.toLowerCase();
  return lower === text ? text.toUpperCase() : lower;
}

/** Some value that fits, where the payload that is broken has none. */
function sampleOf(type: FieldType): unknown {
  switch (type.kind) {
    case "object":
      return Object.fromEntries(
        type.fields.filter(({ required }) => required).map(({ name, type }) => [name, sampleOf(type)]),
      );
    case "array":
      return [sampleOf(type.item)];
    case "enumeration":
      return type.values[0];
    case "dateTime":
      return `${ZONELESS}Z`;
    case "integer":
    case "decimal":
      return 1;
    case "boolean":
      return true;
    case "text":
      return "x";
  }
}

function valueAt(payload: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    payload,
  );
}

/** A copy with another value at a path; `undefined` takes the field away. */
export function withValue(payload: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy: unknown = Array.isArray(payload) ? [...payload] : { ...payload as object };
  const container = copy as Record<string | number, unknown>;
  const inner = withValue(container[step], rest, value);
  if (inner === undefined) delete container[step];
  else container[step] = inner;
  return copy;
}
