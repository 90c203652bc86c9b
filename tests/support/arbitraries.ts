/**
 * Anything that may come: payloads from their own schemas, so that a new Action needs nothing here, and texts that
 * are more or less frames.
 */
import fc from "fast-check";
import * as z from "zod";
import { ACTIONS } from "../../src/ocpp/action.ts";
import { DateTime } from "../../src/ocpp/types.ts";

/** Every run of a property is the same; another seed is worth a try now and then. */
export const PROPERTY_SEED = 16;

/** A date and time with zone, with and without a fraction, in any of the forms that are allowed. */
export const dateTime: fc.Arbitrary<string> = fc.record({
  date: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2099-12-31T23:59:59Z") }),
  digits: fc.integer({ min: 0, max: 3 }),
  zone: fc.constantFrom("Z", "Z", "z", "+00:00", "+01:00", "-0530", "+14:00"),
}).map(({ date, digits, zone }) => {
  const [seconds, milliseconds = ""] = date.toISOString().slice(0, -1).split(".");
  return `${seconds}${digits === 0 ? "" : `.${milliseconds.slice(0, digits)}`}${zone}`;
});

/** Whatever fits a schema of a payload. Errors: throws for a kind of schema that payloads have not used so far. */
export function fitting(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema === DateTime) return dateTime;
  if (schema instanceof z.ZodObject) return fittingObject(schema);
  if (schema instanceof z.ZodOptional) return fitting(schema.unwrap());
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodString) {
    const maxLength = schema.maxLength ?? 40;
    return fc.oneof(fc.string({ maxLength }), fc.string({ maxLength, unit: "binary" }))
      .filter((text) => text.length <= maxLength); // a unit of fast-check may be two of a string's
  }
  if (schema instanceof z.ZodArray) {
    const { minLength = 0, maxLength = minLength + 3 } = lengthsOf(schema);
    return fc.array(fitting(schema.element), {
      minLength,
      maxLength: Math.min(maxLength, minLength + 3),
    });
  }
  if (schema instanceof z.ZodNumber) {
    // Numbers that are no integers have one decimal.
    return schema.isInt
      ? fc.maxSafeInteger()
      : fc.integer({ min: -1e9, max: 1e9 }).map((tenths) => tenths / 10);
  }
  throw new Error(`no arbitrary for a schema of type ${schema._zod.def.type}`);
}

function fittingObject(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const shape = Object.entries(schema.shape);
  const requiredKeys = shape.filter(([, field]) => !(field instanceof z.ZodOptional)).map(([name]) => name);
  return fc.record(Object.fromEntries(shape.map(([name, field]) => [name, fitting(field)])), {
    requiredKeys,
    noNullPrototype: true,
  });
}

function lengthsOf(schema: z.ZodArray): { minLength?: number; maxLength?: number } {
  const lengths: { minLength?: number; maxLength?: number } = {};
  for (const check of schema.def.checks ?? []) {
    const def = check._zod.def as { check: string; minimum?: number; maximum?: number };
    if (def.check === "min_length" && def.minimum !== undefined) lengths.minLength = def.minimum;
    if (def.check === "max_length" && def.maximum !== undefined) lengths.maxLength = def.maximum;
  }
  return lengths;
}

/** A name in place of an Action's. */
export const actionName: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(ACTIONS)) },
  { weight: 1, arbitrary: fc.constantFrom("", "Foo", "heartbeat", "toString", "__proto__", "constructor") },
  { weight: 1, arbitrary: fc.string() },
);

/** Texts: noise, JSON, and arrays that are almost frames. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.tuple(
    fc.oneof(fc.constantFrom<unknown>(2, 3, 4, 1, 5, "2", null), fc.jsonValue()),
    fc.oneof(fc.constantFrom<unknown>("1", "", "i".repeat(37), 1, null), fc.jsonValue()),
    fc.oneof(actionName, fc.jsonValue()),
    fc.jsonValue(),
    fc.jsonValue(),
  ).chain((elements) =>
    fc.integer({ min: 0, max: 5 }).map((length) => JSON.stringify(elements.slice(0, length)))
  ),
);
