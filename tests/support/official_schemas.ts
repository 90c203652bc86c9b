/**
 * The official JSON schemas of all 39 Actions, out of npm `ocpp-rpc`, and what they say of a payload.
 *
 * They are followed to the letter: a step of 0.1 is one of binary fractions, and `uri` and `date-time` are those
 * of `ajv-formats`.
 */
import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import schemas from "ocpp-rpc/lib/schemas/ocpp1_6.json" with { type: "json" };
import type { Action } from "../../src/ocpp/action.ts";
import type { PayloadFaultKind } from "../../src/ocpp/call_error.ts";

/** Whether a payload is a Call's or a CallResult's. */
export type Direction = "req" | "conf";

/** What the official schemas use of JSON Schema; `$ref` is resolved. */
export type OfficialSchema =
  | {
    readonly type: "object";
    readonly properties?: Readonly<Record<string, OfficialSchema>>;
    readonly required?: readonly string[];
    readonly additionalProperties: false;
  }
  | { readonly type: "array"; readonly items: OfficialSchema; readonly minItems?: number }
  | {
    readonly type: "string";
    readonly maxLength?: number;
    readonly enum?: readonly string[];
    readonly format?: "date-time" | "uri";
  }
  | { readonly type: "number"; readonly multipleOf: number }
  | { readonly type: "integer" | "boolean" };

/** One thing that an official schema finds wrong, told as our own check tells it. */
export interface OfficialFault {
  readonly kind: PayloadFaultKind;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(schemas);

const RESOLVED = new Map(schemas.map((schema) => [schema.$id, resolved(schema, schema)]));

/** How many schemas there are. */
export const OFFICIAL_SCHEMA_COUNT = RESOLVED.size;

/** The official schema of a payload. */
export function officialSchema(action: Action, direction: Direction): OfficialSchema {
  return RESOLVED.get(idOf(action, direction)) as OfficialSchema;
}

/** Everything that the official schema finds wrong; nothing for a payload that fits. */
export function officialFaults(action: Action, direction: Direction, payload: unknown): OfficialFault[] {
  const validate = ajv.getSchema(idOf(action, direction));
  if (validate === undefined) throw new Error(`no official schema for ${idOf(action, direction)}`);
  if (validate(payload)) return [];
  const faults = (validate.errors ?? []).map(faultOf);
  // A value of the wrong type is also in no enumeration: that is one fault.
  const wronglyTyped = new Set(
    faults.filter(({ kind }) => kind === "wrongType").map(({ path }) => path.join("/")),
  );
  return faults.filter(({ kind, path }) => kind !== "notInEnumeration" || !wronglyTyped.has(path.join("/")));
}

function idOf(action: Action, direction: Direction): string {
  return `urn:${action}.${direction}`;
}

function faultOf({ keyword, instancePath, params, message = keyword }: ErrorObject): OfficialFault {
  const path = stepsOf(instancePath);
  switch (keyword) {
    case "required":
      return { kind: "missingField", path: [...path, params["missingProperty"]], message };
    case "additionalProperties":
      return { kind: "extraField", path: [...path, params["additionalProperty"]], message };
    case "type":
      return { kind: path.length === 0 ? "notAnObject" : "wrongType", path, message };
    case "enum":
      return { kind: "notInEnumeration", path, message };
    case "maxLength":
      return { kind: "tooLong", path, message };
    case "minItems":
      return { kind: "wrongCount", path, message };
    case "format":
      return { kind: "badFormat", path, message };
    case "multipleOf":
      return { kind: "outOfRange", path, message };
    default:
      throw new Error(`the official schemas do not use ${keyword}`);
  }
}

/** A JSON pointer as the steps of a path; field names that are numbers do not occur. */
function stepsOf(pointer: string): (string | number)[] {
  return pointer.split("/").slice(1).map((step) =>
    /^\d+$/.test(step) ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~")
  );
}

function resolved(schema: unknown, root: unknown): unknown {
  if (Array.isArray(schema) || typeof schema !== "object" || schema === null) return schema;
  if ("$ref" in schema) {
    const target = stepsOf(String(schema.$ref)).reduce<unknown>(
      (node, step) => (node as Record<string, unknown>)[step],
      root,
    );
    return resolved(target, root);
  }
  return Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, resolved(part, root)]));
}
