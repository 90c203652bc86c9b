/**
 * The fields of a payload as its schema has them, for whoever explains or fills in a payload by name.
 */
import * as z from "zod";
import type { Action } from "./action.ts";
import { SCHEMAS } from "./registry.ts";
import { DateTime } from "./types.ts";

/** What a field may hold. */
export type FieldType =
  | { readonly kind: "text"; readonly maxLength?: number }
  | { readonly kind: "dateTime" | "integer" | "decimal" | "boolean" }
  | { readonly kind: "enumeration"; readonly values: readonly string[] }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "array"; readonly item: FieldType };

/** One field of an object. */
export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly type: FieldType;
}

/** The fields of a Call's payload, in the order of its schema. */
export function fieldsOfReq(action: Action): readonly Field[] {
  return fieldsOf(SCHEMAS[action].req);
}

function fieldsOf({ shape }: z.ZodObject): readonly Field[] {
  return Object.entries(shape).map(([name, schema]) => {
    const isOptional = schema instanceof z.ZodOptional;
    return { name, required: !isOptional, type: typeOf(isOptional ? schema.unwrap() : schema) };
  });
}

/** Errors: throws `TypeError` for a kind of schema that no payload of ours has. */
function typeOf(schema: z.core.$ZodType): FieldType {
  if (schema === DateTime) return { kind: "dateTime" };
  if (schema instanceof z.ZodObject) return { kind: "object", fields: fieldsOf(schema) };
  if (schema instanceof z.ZodArray) return { kind: "array", item: typeOf(schema.element) };
  if (schema instanceof z.ZodEnum) return { kind: "enumeration", values: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { kind: schema.isInt ? "integer" : "decimal" };
  if (schema instanceof z.ZodBoolean) return { kind: "boolean" };
  if (schema instanceof z.ZodString) {
    return { kind: "text", ...(schema.maxLength === null ? {} : { maxLength: schema.maxLength }) };
  }
  throw new TypeError(`no field is known to be ${schema._zod.def.type}`);
}
