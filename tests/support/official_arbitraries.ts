/**
 * Payloads drawn from the official JSON schemas: those that fit, and those with one thing wrong.
 */
import fc from "fast-check";
import type { PayloadFaultKind } from "../../src/ocpp/call_error.ts";
import { dateTime } from "./arbitraries.ts";
import type { OfficialSchema } from "./official_schemas.ts";

/** Leads to a value of a payload. */
export type Path = readonly (string | number)[];

/** A payload with one thing wrong, and what that is. */
export interface BrokenPayload {
  readonly kind: PayloadFaultKind;
  readonly path: Path;
  readonly payload: unknown;
}

/** A place of a payload, what the schema wants there, and whether the place may stay empty. */
export interface Place {
  readonly path: Path;
  readonly schema: OfficialSchema;
  readonly required: boolean;
}

const ITEMS_MAX = 3;
const FREE_TEXT_MAX = 60;

/** Code points of every width, lone surrogates left out: they have no place in UTF-8. */
const character = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom("é", "ß", "\u0301", "中", "😀", "\u{10ffff}", "\0", '"', "\\") },
);

/** A text of so many code points. */
const textOf = ({ min, max }: { min: number; max: number }): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(character, { minLength: min, maxLength: Math.min(max, min + 40) }) },
    { weight: 1, arbitrary: fc.array(character, { minLength: max, maxLength: max, size: "max" }) },
    { weight: 1, arbitrary: fc.constant(Array<string>(max).fill("😀")) },
  ).map((characters) => characters.join(""));

/** Steps of 0.1, most of which no binary fraction hits. */
const tenths = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((count) => count / 10),
  fc.constantFrom(8.1, 0.3, 0.1 + 0.2, 1e2, -0, 16, 1e15),
);

const integer = fc.oneof(
  { weight: 6, arbitrary: fc.integer() },
  { weight: 2, arbitrary: fc.maxSafeInteger() },
  { weight: 1, arbitrary: fc.constantFrom(-0, 1e2, Number.MAX_SAFE_INTEGER, 2 ** 53, -(2 ** 60), 1e300) },
);

/** Of all forms that someone takes for a date and time; not every one is taken by both. */
const dateTimeOrNearly = fc.oneof(
  { weight: 8, arbitrary: dateTime },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["2024-02-29T00:00:00Z", "2016-12-31T23:59:60Z", "2024-01-01t12:00:00z", "0000-01-01T00:00:00Z"],
      ...["2024-01-01 12:00:00Z", "2024-01-01T12:00:00", "2024-01-01T12:00:00+01", "2024-01-01T12:00:60Z"],
      "2024-01-01T12:00:00+99:99",
    ),
  },
);

const uri = fc.constantFrom(
  "ftp://host/path",
  "https://user:word@host:8443/a?b=c",
  "host/path",
  "http://a b",
  "",
);

/** Whatever the schema lets through, give or take formats and the largest numbers. */
export function officially(schema: OfficialSchema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "object": {
      const fields = Object.entries(schema.properties ?? {});
      const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
        fields.map(([name, field]) => [name, officially(field)]),
      );
      return fc.record(model, { requiredKeys: [...schema.required ?? []], noNullPrototype: true });
    }
    case "array": {
      const minLength = schema.minItems ?? 0;
      return fc.array(officially(schema.items), { minLength, maxLength: minLength + ITEMS_MAX });
    }
    case "string":
      if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
      if (schema.format === "date-time") return dateTimeOrNearly;
      if (schema.format === "uri") return uri;
      return textOf({ min: 0, max: schema.maxLength ?? FREE_TEXT_MAX });
    case "number":
      return tenths;
    case "integer":
      return integer;
    case "boolean":
      return fc.boolean();
  }
}

/** A payload that fits, and is taken, spoilt in one place of any depth. */
export function officiallyBroken(
  schema: OfficialSchema,
  isTaken: (payload: unknown) => boolean,
): fc.Arbitrary<BrokenPayload> {
  return officially(schema).filter(isTaken).chain((payload) =>
    fc.oneof(...placesIn(schema, payload).flatMap((place) => breakages(place, payload)))
  );
}

/** A payload that fits, with any JSON value in one place of any depth. */
export function officiallyGrafted(schema: OfficialSchema): fc.Arbitrary<unknown> {
  return officially(schema).chain((payload) =>
    fc.tuple(fc.constantFrom(...placesIn(schema, payload)), fc.jsonValue({ maxDepth: 2 })).map(
      ([{ path }, value]) => withValue(payload, path, value),
    )
  );
}

/** Every place of a payload that holds a value, the whole payload first. */
export function placesIn(schema: OfficialSchema, payload: unknown): Place[] {
  const places: Place[] = [];
  const visit = (place: Place, value: unknown): void => {
    places.push(place);
    const { path, schema } = place;
    if (schema.type === "array" && Array.isArray(value)) {
      value.forEach((item, index) =>
        visit({ path: [...path, index], schema: schema.items, required: false }, item)
      );
    }
    if (schema.type === "object" && typeof value === "object" && value !== null) {
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        if (!Object.hasOwn(value, name)) continue;
        const required = schema.required?.includes(name) === true;
        visit(
          { path: [...path, name], schema: field, required },
          (value as Record<string, unknown>)[name],
        );
      }
    }
  };
  visit({ path: [], schema, required: false }, payload);
  return places;
}

/** Whatever can be wrong in one place. */
function breakages({ path, schema, required }: Place, payload: unknown): fc.Arbitrary<BrokenPayload>[] {
  const spoilt = (kind: PayloadFaultKind, values: fc.Arbitrary<unknown>) =>
    values.map((value) => ({ kind, path, payload: withValue(payload, path, value) }));
  const found = [
    spoilt(path.length === 0 ? "notAnObject" : "wrongType", fc.constantFrom(...valuesOfOtherTypes(schema))),
  ];
  if (required) {
    found.push(fc.constant({ kind: "missingField", path, payload: withoutValue(payload, path) }));
  }
  switch (schema.type) {
    case "object":
      found.push(
        fc.tuple(strangerTo(schema), fc.jsonValue({ maxDepth: 1 })).map(([name, value]) => {
          const extra = [...path, name];
          return { kind: "extraField", path: extra, payload: withValue(payload, extra, value) };
        }),
      );
      break;
    case "array":
      if (schema.minItems !== undefined) found.push(spoilt("wrongCount", fc.constant([])));
      break;
    case "number":
      found.push(spoilt("outOfRange", fc.constantFrom(8.11, 0.05, -3.14, 1e-3)));
      break;
    case "string":
      if (schema.enum !== undefined) {
        const [first = ""] = schema.enum;
        const near = [first.toLowerCase() + "x", `${first} `, "", "Hertz", "toString", "__proto__"];
        found.push(spoilt("notInEnumeration", fc.constantFrom(...near)));
      } else if (schema.format === "date-time") {
        found.push(
          spoilt("badFormat", fc.constantFrom("", "now", "2024-01-01", "2023-02-29T00:00:00Z", "12:00Z")),
        );
      }
      if (schema.maxLength !== undefined) {
        const max = schema.maxLength;
        found.push(spoilt("tooLong", textOf({ min: max + 1, max: max + 3 })));
      }
  }
  return found;
}

const VALUES_BY_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  null: [null],
  boolean: [true, false],
  string: ["", "1", "true"],
  integer: [0, 7],
  number: [1.5],
  array: [[], [1], [{}]],
  object: [{}, { length: 3 }],
};

function valuesOfOtherTypes(schema: OfficialSchema): unknown[] {
  return Object.entries(VALUES_BY_TYPE)
    .filter(([type]) => type !== schema.type && !(schema.type === "number" && type === "integer"))
    // OCPP-J §4.2.1: as the whole payload, null is another notation of {}.
    .filter(([type]) => type !== "null").flatMap(([, values]) => values)
    .concat(schema.type === "object" ? [] : [null]);
}

/** A name that is none of an object's fields, such as the wrong case of one. */
function strangerTo(schema: OfficialSchema): fc.Arbitrary<string> {
  const known = Object.keys(schema.type === "object" ? schema.properties ?? {} : {});
  const names = ["extra", "", "a/b~c", "__proto__", "constructor", "toString", "length", "😀"];
  return fc.constantFrom(...names, ...known.map((name) => name.toUpperCase()))
    .filter((name) => !known.includes(name));
}

/** A copy of a payload with another value in one place. */
export function withValue(payload: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(payload)) {
    return payload.with(step as number, withValue(payload[step as number], rest, value));
  }
  const entries = Object.entries(payload as object);
  const before = entries.find(([name]) => name === step)?.[1];
  // Not by assignment: that would make `__proto__` the prototype instead of a field.
  return Object.fromEntries([
    ...entries.filter(([name]) => name !== step),
    [step, withValue(before, rest, value)],
  ]);
}

function withoutValue(payload: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (Array.isArray(payload)) {
    return payload.with(step as number, withoutValue(payload[step as number], rest));
  }
  return Object.fromEntries(
    Object.entries(payload as object).flatMap(([name, value]) =>
      name !== step ? [[name, value]] : rest.length === 0 ? [] : [[name, withoutValue(value, rest)]]
    ),
  );
}
