/**
 * Every way to break one field of a payload, from its schema, each with what is to be made of it.
 */
import * as z from "zod";
import type { CallErrorCode } from "../../src/ocpp/call_error.ts";
import type { RepairRule } from "../../src/ocpp/repair_rule.ts";
import { DateTime } from "../../src/ocpp/types.ts";

/** A payload with one fault. */
export interface BrokenVariant {
  readonly what: string;
  readonly payload: unknown;
  /** What strict validation answers. */
  readonly code: CallErrorCode;
  /** The rules that repair it, if any do. */
  readonly rules: readonly RepairRule[] | "refused";
}

type Path = readonly (string | number)[];

/** Fields with what stands for a value that their enumeration does not have, optional or not. */
const WITH_FALLBACK: ReadonlySet<string> = new Set(["errorCode", "reason", "context"]);

/** A reading is dropped where one of these is unknown. */
const OF_A_READING: ReadonlySet<string> = new Set(["measurand", "phase", "format", "unit"]);

/** Breaks a valid payload at every place in turn. */
export function brokenVariants(action: string, schema: z.ZodType, valid: unknown): BrokenVariant[] {
  const variants: BrokenVariant[] = [];
  const add = (path: Path, how: string, value: unknown, code: CallErrorCode, rules: BrokenVariant["rules"]) =>
    variants.push({
      what: `${path.join(".")} ${how}`.trim(),
      payload: withValue(valid, path, value),
      code,
      rules,
    });

  const visit = (wanted: z.core.$ZodType, value: unknown, path: Path, isOptional: boolean): void => {
    if (wanted instanceof z.ZodOptional) return visit(wanted.unwrap(), value, path, true);
    const name = String(path.at(-1) ?? "");
    if (path.length > 0 && typeof path.at(-1) === "string") {
      if (!isOptional) add(path, "missing", undefined, "OccurenceConstraintViolation", "refused");
      add(path, "null", null, "TypeConstraintViolation", isOptional ? ["nullForOptional"] : "refused");
    }
    if (wanted instanceof z.ZodObject) {
      add([...path, "extra"], "there", 1, "FormationViolation", ["extraField"]);
      for (const [key, field] of Object.entries(wanted.shape)) {
        visit(field as z.ZodType, (value as Record<string, unknown>)[key], [...path, key], false);
      }
      return;
    }
    if (wanted instanceof z.ZodArray) {
      add(path, "an object", {}, "TypeConstraintViolation", "refused");
      return visit(wanted.element, (value as unknown[])[0], [...path, 0], false);
    }
    if (wanted === DateTime) {
      const zoneless = "2026-01-01T12:00:00";
      add(path, "without zone", zoneless, "PropertyConstraintViolation", ["timeWithoutZone"]);
      const unreadable = isOptional ? ["unreadableTime"] as const : "refused";
      return void add(path, "unreadable", "yesterday", "PropertyConstraintViolation", unreadable);
    }
    if (wanted instanceof z.ZodEnum) {
      const known = String(value);
      add(path, "in lower case", known.toLowerCase(), "PropertyConstraintViolation", ["wrongCase"]);
      const isRepaired = isOptional || WITH_FALLBACK.has(name) || OF_A_READING.has(name) ||
        action === "StatusNotification";
      const rules = isRepaired ? ["unknownEnumerationValue"] as const : "refused";
      return void add(path, "unknown", "Nonsense", "PropertyConstraintViolation", rules);
    }
    if (wanted instanceof z.ZodString) {
      add(path, "a number", 7, "TypeConstraintViolation", ["stringAsNumber"]);
      add(path, "a boolean", true, "TypeConstraintViolation", ["stringAsBoolean"]);
      add(path, "an object", {}, "TypeConstraintViolation", "refused");
      if (wanted.maxLength === null) return;
      const long = "x".repeat(wanted.maxLength + 1);
      return void add(path, "too long", long, "PropertyConstraintViolation", ["tooLong"]);
    }
    if (wanted instanceof z.ZodNumber) {
      const digits = String(value);
      add(path, "a text", digits, "TypeConstraintViolation", ["numberAsString"]);
      add(path, "words", "many", "TypeConstraintViolation", "refused");
      const isId = name.endsWith("Id");
      const [half, comma] = isId ? ["refused", "refused"] as const : [["fraction"], [
        "decimalComma",
        "fraction",
      ]] as const;
      add(path, "a fraction", 12.5, "TypeConstraintViolation", half);
      add(path, "with a comma", "12,5", "TypeConstraintViolation", comma);
      const huge = name === "transactionId" ? ["hugeInteger"] as const : "refused";
      return void add(path, "beyond 2^53", 2n ** 64n, "TypeConstraintViolation", huge);
    }
    throw new Error(`no way to break ${path.join(".")}`);
  };
  visit(schema, valid, [], false);
  return variants;
}

/** A copy with another value at a path; `undefined` takes the field away. */
function withValue(payload: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy: unknown = Array.isArray(payload) ? [...payload] : { ...payload as object };
  const container = copy as Record<string | number, unknown>;
  const inner = withValue(container[step], rest, value);
  if (inner === undefined) delete container[step];
  else container[step] = inner;
  return copy;
}
