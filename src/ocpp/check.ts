/**
 * Checks payloads against their schemas and tells what is wrong as values.
 *
 * The strict check knows nothing of repairs: it says where the payload differs from the official schema.
 */
import * as z from "zod";
import type { PayloadFault, PayloadFaultKind } from "./call_error.ts";
import type { Action } from "./action.ts";
import { type Conf, type Req, SCHEMAS } from "./registry.ts";

/** A payload that fits, or everything that does not. */
export type Checked<T> =
  | { readonly ok: true; readonly payload: T }
  | { readonly ok: false; readonly faults: readonly PayloadFault[] };

/** Checks the payload of a Call. `null` is read as `{}`: the text allows it as another notation. */
export function checkReq<A extends Action>(action: A, payload: unknown): Checked<Req<A>> {
  return checkAgainst(SCHEMAS[action].req, payload) as Checked<Req<A>>;
}

/** Checks the payload of the CallResult that answers a Call. */
export function checkConf<A extends Action>(action: A, payload: unknown): Checked<Conf<A>> {
  return checkAgainst(SCHEMAS[action].conf, payload) as Checked<Conf<A>>;
}

/** Checks a payload against a schema. */
export function checkAgainst(schema: z.ZodType, payload: unknown): Checked<unknown> {
  const value = payload === null ? {} : payload; // OCPP-J §4.2.1: null is tolerated for an empty payload
  const parsed = compiled(schema).safeParse(value);
  if (parsed.success) return { ok: true, payload: parsed.data };
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, value));
  return { ok: false, faults: faults.filter((fault, index) => !isEcho(fault, faults[index - 1])) };
}

const COMPILED = new Map<z.ZodType, z.ZodType>();

/** The schema as generated code, which takes the same and costs a third; made when a schema is first asked for. */
function compiled(schema: z.ZodType): z.ZodType {
  const known = COMPILED.get(schema);
  if (known !== undefined) return known;
  const made = z.compile(schema);
  COMPILED.set(schema, made);
  return made;
}

/** Whether a fault only says that a value of the wrong type, such as `{ length: 300 }`, is also too long. */
function isEcho(fault: PayloadFault, before: PayloadFault | undefined): boolean {
  return before?.kind === "wrongType" && fault.path.length === before.path.length &&
    fault.path.every((step, index) => step === before.path[index]);
}

function faultsOf(issue: z.core.$ZodIssue, payload: unknown): PayloadFault[] {
  const path = issue.path.map((step) => typeof step === "symbol" ? String(step) : step);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      kind: "extraField",
      path: [...path, key],
      message: "is no field here",
    }));
  }
  const value = valueAt(payload, path);
  const kind = path.length === 0 && issue.code === "invalid_type" ? "notAnObject" : kindOf(issue, value);
  return [{ kind, path, message: messageOf(kind, issue, value) }];
}

function kindOf(issue: z.core.$ZodIssue, value: unknown): PayloadFaultKind {
  if (value === undefined) return "missingField";
  switch (issue.code) {
    case "invalid_type":
      return "wrongType";
    case "invalid_value":
      return typeof value === "string" ? "notInEnumeration" : "wrongType";
    case "too_big":
      return issue.origin === "string" ? "tooLong" : issue.origin === "array" ? "wrongCount" : "outOfRange";
    case "too_small":
      return issue.origin === "array" ? "wrongCount" : "outOfRange";
    case "custom":
      return issue.params?.["fault"] === "badFormat" ? "badFormat" : "outOfRange";
    default:
      return "badFormat";
  }
}

function messageOf(kind: PayloadFaultKind, issue: z.core.$ZodIssue, value: unknown): string {
  switch (kind) {
    case "missingField":
      return "is missing";
    case "notAnObject":
      return "is no object";
    case "notInEnumeration":
      return issue.code === "invalid_value"
        ? `is none of ${issue.values.map(String).join(", ")}`
        : issue.message;
    case "wrongType":
      return issue.code === "invalid_type"
        ? `is ${typeName(value)} instead of ${issue.expected}`
        : `is ${typeName(value)}`;
    case "tooLong":
      return issue.code === "too_big" ? `is longer than ${issue.maximum} characters` : issue.message;
    default:
      return issue.message;
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && !Number.isInteger(value) ? "a fraction" : typeof value;
}

function valueAt(payload: unknown, path: readonly (string | number)[]): unknown {
  let value = payload;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
