/**
 * Every way to break one field of a payload, each with what our Central System is to make of it.
 */
import {
  type BrokenPayload,
  brokenPayloads,
  type Path,
} from "../../src/conformance/negative/broken_payload.ts";
import type { Action } from "../../src/ocpp/action.ts";
import type { CallErrorCode } from "../../src/ocpp/call_error.ts";
import { fieldsOfReq } from "../../src/ocpp/field.ts";
import type { RepairRule } from "../../src/ocpp/repair_rule.ts";

/** A payload with one fault. */
export interface BrokenVariant {
  readonly what: string;
  readonly payload: unknown;
  /** What strict validation answers. */
  readonly code: CallErrorCode;
  /** The rules that repair it, if any do. */
  readonly rules: readonly RepairRule[] | "refused";
}

/** Fields with what stands for a value that their enumeration does not have, optional or not. */
const WITH_FALLBACK: ReadonlySet<string> = new Set(["errorCode", "reason", "context", "idTagInfo.status"]);

/** A reading is dropped where one of these is unknown. */
const OF_A_READING: ReadonlySet<string> = new Set(["measurand", "phase", "format", "unit"]);

/** Breaks a valid payload at every place in turn. */
export function brokenVariants(action: Action, valid: unknown): BrokenVariant[] {
  return brokenPayloads(action, valid).map((broken) => ({
    what: broken.what,
    payload: broken.payload,
    code: codeOf(broken),
    rules: rulesFor(action, broken),
  }));
}

function codeOf({ fault, path, how }: BrokenPayload): CallErrorCode {
  switch (fault) {
    case "missingField":
    case "wrongCount":
      return "OccurenceConstraintViolation";
    case "extraField":
    case "notAnObject":
      return "FormationViolation";
    case "wrongType":
      return "TypeConstraintViolation";
    case "notInEnumeration":
    case "tooLong":
    case "badFormat":
    case "outOfRange":
      return "PropertyConstraintViolation";
    default:
      throw new Error(`no code for ${path.join(".")} ${how}`);
  }
}

function rulesFor(action: Action, { path, how, kind, isOptional }: BrokenPayload): BrokenVariant["rules"] {
  const name = String(path.at(-1) ?? "");
  const isId = name === "id" || name.endsWith("Id");
  const optionally = (rule: RepairRule) => isOptional ? [rule] : "refused" as const;
  if (path.length === 0) {
    const needsNothing = fieldsOfReq(action).every(({ required }) => !required);
    return how === "an array" && needsNothing ? ["emptyArrayForObject"] : "refused";
  }
  switch (how) {
    case "with an extra field":
      return ["extraField"];
    case "null":
      return optionally("nullForOptional");
    case "without zone":
      return ["timeWithoutZone"];
    case "unreadable":
      return optionally("unreadableTime");
    case "in another case":
      return ["wrongCase"];
    case "unknown":
      return unknownValue(action, path, isOptional);
    case "a number":
      if (kind === "text") return ["stringAsNumber"];
      return withDigits(unknownValue(action, path, isOptional));
    case "too long":
      return ["tooLong"];
    case "a boolean":
      return ["stringAsBoolean"];
    case "a text":
      return kind === "integer" || kind === "decimal" ? ["numberAsString"] : "refused";
    case "a fraction":
      return isId ? "refused" : ["fraction"];
    case "with a comma":
      if (kind === "decimal") return ["decimalComma"];
      return isId ? "refused" : ["decimalComma", "fraction"];
    case "too precise":
      return ["tooPrecise"];
    case "beyond 2^53":
      return name === "transactionId" ? ["hugeInteger"] : "refused";
    default:
      return "refused";
  }
}

/** A number in an enumeration becomes a text first, which the enumeration does not have. */
function withDigits(rules: BrokenVariant["rules"]): BrokenVariant["rules"] {
  return rules === "refused" ? rules : ["stringAsNumber", ...rules];
}

function unknownValue(action: Action, path: Path, isOptional: boolean): BrokenVariant["rules"] {
  const name = String(path.at(-1));
  const isRepaired = isOptional || WITH_FALLBACK.has(name) || WITH_FALLBACK.has(path.slice(-2).join(".")) ||
    OF_A_READING.has(name) ||
    action === "StatusNotification";
  return isRepaired ? ["unknownEnumerationValue"] : "refused";
}
