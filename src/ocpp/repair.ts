/**
 * The tolerant check: the strict check first, and only where that fails its faults are repaired by path, each
 * repair by a named rule, until the strict check passes or nothing more can be repaired.
 *
 * Rules:
 * - What arrives is never changed; containers are copied along the paths of the repairs.
 * - A required field that is missing stays missing: nothing is made up.
 * - A value is only taken for another where there is one reading of it: `"1,234"` may be a thousand or one.
 * - A detail never quotes free text, which may be a secret.
 */
import * as z from "zod";
import type { Action } from "./action.ts";
import type { PayloadFault } from "./call_error.ts";
import { checkAgainst } from "./check.ts";
import { isDateTime } from "./date_time.ts";
import { Draft } from "./draft.ts";
import { Measurand, Phase, ReadingContext, UnitOfMeasure, ValueFormat } from "./meter_value.ts";
import { type Conf, type Req, SCHEMAS } from "./registry.ts";
import { type Repair, REPAIR_RULES, type RepairRule } from "./repair_rule.ts";
import { AuthorizationStatus, ChargePointErrorCode, ChargePointStatus, Reason } from "./types.ts";

/** How much a peer's deviations are put up with. */
export type Validation = "tolerant" | "strict";

/** A payload that fits, perhaps after repairs, or all its faults, first those that cannot be repaired. */
export type Tolerated<T> =
  | { readonly ok: true; readonly payload: T; readonly repairs: readonly Repair[] }
  | { readonly ok: false; readonly faults: readonly PayloadFault[] };

/** Repairs may uncover further faults (`"12,5"` → 12.5 → 13); after so many rounds it is enough. */
export const REPAIR_ROUNDS_MAX = 4;

/** A payload with more faults than this is refused as it is. */
export const REPAIRED_FAULTS_MAX = 10_000;

/** Checks the payload of a Call as strictly as asked. */
export function readReq<A extends Action>(
  action: A,
  payload: unknown,
  validation: Validation,
): Tolerated<Req<A>> {
  return read(SCHEMAS[action].req, payload, validation) as Tolerated<Req<A>>;
}

/** Checks the payload of a CallResult as strictly as asked. */
export function readConf<A extends Action>(
  action: A,
  payload: unknown,
  validation: Validation,
): Tolerated<Conf<A>> {
  return read(SCHEMAS[action].conf, payload, validation) as Tolerated<Conf<A>>;
}

const NONE: readonly never[] = [];

function read(schema: z.ZodType, payload: unknown, validation: Validation): Tolerated<unknown> {
  const checked = checkAgainst(schema, payload);
  if (checked.ok) return { ok: true, payload: checked.payload, repairs: NONE };
  return validation === "strict" ? checked : repaired(schema, payload, checked.faults);
}

function repaired(
  schema: z.ZodType,
  payload: unknown,
  first: readonly PayloadFault[],
): Tolerated<unknown> {
  const draft = new Draft(payload);
  const repairs: Repair[] = [];
  const mended = new Set<PayloadFault>();
  let faults = first;
  for (let round = 0; round < REPAIR_ROUNDS_MAX && faults.length <= REPAIRED_FAULTS_MAX; round += 1) {
    const before = repairs.length;
    for (const fault of faults) {
      const repair = mend(fault, schema, draft);
      if (repair === undefined) continue;
      mended.add(fault);
      const { spec } = REPAIR_RULES.find(({ rule }) => rule === repair.rule)!;
      repairs.push({ ...repair, path: fault.path, spec });
    }
    if (repairs.length === before) break;
    draft.closeGaps();
    const checked = checkAgainst(schema, draft.payload);
    if (checked.ok) return { ok: true, payload: checked.payload, repairs };
    faults = checked.faults;
  }
  // Told of the payload as it came; what no rule fitted comes first, since that is what it is refused for.
  return {
    ok: false,
    faults: first.toSorted((one, other) => Number(mended.has(one)) - Number(mended.has(other))),
  };
}

/** What a rule did, if one fitted. */
type Mended = Pick<Repair, "rule" | "detail"> | undefined;

/** One fault, with all that a rule may look at, and the draft that it may change. */
interface Wound {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly schema: z.core.$ZodType;
  readonly isOptional: boolean;
  readonly draft: Draft;
}

function mend({ kind, path }: PayloadFault, root: z.ZodType, draft: Draft): Mended {
  if (kind === "extraField") return drop({ path, draft }, "extraField", "dropped");
  const wanted = wantedAt(root, path);
  if (wanted === undefined) return undefined;
  const wound: Wound = { path, value: draft.at(path), draft, ...wanted };
  switch (kind) {
    case "notAnObject":
    case "wrongType":
      return mendType(wound);
    case "notInEnumeration":
      return mendEnumeration(wound);
    case "tooLong":
      return mendLength(wound);
    case "badFormat":
      return mendTime(wound);
    case "outOfRange":
      return mendRange(wound);
    case "wrongCount": {
      const isEmpty = Array.isArray(wound.value) && wound.value.length === 0;
      return isEmpty && wound.isOptional ? drop(wound, "emptyArray", "dropped") : undefined;
    }
    case "missingField":
      return undefined;
  }
}

function mendType(wound: Wound): Mended {
  const { value, schema, isOptional, path } = wound;
  if (value === null) return isOptional ? drop(wound, "nullForOptional", "dropped") : undefined;
  if (schema instanceof z.ZodObject) {
    if (value === undefined && path.length === 0) return put(wound, "noPayload", {}, "read as {}");
    if (!Array.isArray(value) || value.length > 0) return undefined;
    return isOptional
      ? drop(wound, "emptyArrayForObject", "dropped")
      : put(wound, "emptyArrayForObject", {}, "read as {}");
  }
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) {
    if (typeof value === "number" || typeof value === "bigint") {
      return put(wound, "stringAsNumber", String(value), "its digits are the text");
    }
    if (typeof value === "boolean") {
      return put(wound, "stringAsBoolean", String(value), `${value} is taken as "${value}"`);
    }
    return undefined;
  }
  if (schema instanceof z.ZodBoolean && typeof value === "string") {
    const word = value.trim().toLowerCase();
    return word === "true" || word === "false"
      ? putInstead(wound, "booleanAsString", word === "true")
      : undefined;
  }
  return schema instanceof z.ZodNumber ? mendNumber(wound, schema) : undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WITH_DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const WITH_THOUSANDS_PERHAPS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** The longest text that is looked at as a number, in characters: no meter or id has as many digits. */
const NUMBER_TEXT_MAX = 400;

function mendNumber(wound: Wound, schema: z.ZodNumber): Mended {
  const { value } = wound;
  if (typeof value === "bigint") return mendHuge(wound);
  if (typeof value === "number" && schema.isInt && Number.isFinite(value)) {
    return isId(wound) ? undefined : putInstead(wound, "fraction", Math.round(value));
  }
  if (typeof value !== "string" || value.length > NUMBER_TEXT_MAX) return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) {
    const number = Number(text);
    const isHuge = schema.isInt && /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(number);
    // `BigInt` knows no plus sign.
    return putInstead(wound, "numberAsString", isHuge ? BigInt(text.replace("+", "")) : number);
  }
  if (!WITH_DECIMAL_COMMA.test(text) || WITH_THOUSANDS_PERHAPS.test(text)) return undefined;
  return putInstead(wound, "decimalComma", Number(text.replace(",", ".")));
}

function mendHuge(wound: Wound): Mended {
  return wound.path.at(-1) === "transactionId" ? putInstead(wound, "hugeInteger", -1) : undefined;
}

/** Whether a number names something: half an id is none. */
function isId({ path }: Wound): boolean {
  return /id$/i.test(String(path.at(-1)));
}

function mendRange(wound: Wound): Mended {
  const { value, schema } = wound;
  if (!(schema instanceof z.ZodNumber) || typeof value !== "number") return undefined;
  if (schema.isInt) return mendHuge(wound);
  const tenths = Math.round(value * 10);
  return Number.isFinite(tenths) ? putInstead(wound, "tooPrecise", tenths / 10) : undefined;
}

/** What stands for a value that an enumeration does not have. */
const FALLBACKS: ReadonlyMap<z.core.$ZodType, string> = new Map<z.core.$ZodType, string>([
  [AuthorizationStatus, "Invalid"],
  [ChargePointErrorCode, "OtherError"],
  [ChargePointStatus, "Unavailable"],
  [ReadingContext, "Other"],
  [Reason, "Other"],
]);

function mendEnumeration(wound: Wound): Mended {
  const { value, schema, isOptional, path, draft } = wound;
  if (typeof value !== "string" || !(schema instanceof z.ZodEnum)) return undefined;
  const lower = value.toLowerCase();
  const meant = schema.options.find((option) => String(option).toLowerCase() === lower);
  if (meant !== undefined) return putInstead(wound, "wrongCase", meant);
  const fallback = FALLBACKS.get(schema);
  if (fallback !== undefined) return putInstead(wound, "unknownEnumerationValue", fallback);
  if (givesMeaning(wound)) {
    draft.drop(path.slice(0, -1));
    return { rule: "unknownEnumerationValue", detail: `${shown(value)}: the reading is dropped` };
  }
  return isOptional ? drop(wound, "unknownEnumerationValue", `${shown(value)} is dropped`) : undefined;
}

/**
 * Whether a SampledValue would be read as something else without this field, by what an absent field means.
 *
 * Spec: OCPP 1.6 §7.43: without measurand it is the energy register, without phase the sum, without format not
 * signed; an energy without unit is in Wh.
 */
function givesMeaning({ schema, path, draft }: Wound): boolean {
  if (typeof path.at(-2) !== "number") return false;
  if (schema === Measurand || schema === Phase || schema === ValueFormat) return true;
  if (schema !== UnitOfMeasure) return false;
  const measurand = draft.at([...path.slice(0, -1), "measurand"]);
  return typeof measurand !== "string" || /^energy/i.test(measurand);
}

/** Cuts by code points, as the official schemas count. */
function mendLength(wound: Wound): Mended {
  const { value, schema } = wound;
  if (typeof value !== "string" || !(schema instanceof z.ZodString) || schema.maxLength === null) {
    return undefined;
  }
  let cut = "";
  let characters = 0;
  for (const character of value) {
    characters += 1;
    // Should the strict check count UTF-16 units, no more of these fit either.
    if (characters > schema.maxLength || cut.length + character.length > schema.maxLength) break;
    cut += character;
  }
  return put(wound, "tooLong", cut, `${value.length} characters are cut to ${schema.maxLength}`);
}

const DATE_AND_TIME_LENGTH_MAX = 64;

function mendTime(wound: Wound): Mended {
  const { value, isOptional } = wound;
  if (typeof value !== "string") return undefined;
  if (value.length <= DATE_AND_TIME_LENGTH_MAX) {
    const text = value.trim().replace(/^(\d{4}-\d\d-\d\d) +/, "$1T");
    if (text !== value && (isDateTime(text) || isDateTime(`${text}Z`))) {
      return putInstead(wound, "timeWithSpace", text);
    }
    if (isDateTime(`${value}Z`)) return putInstead(wound, "timeWithoutZone", `${value}Z`);
  }
  return isOptional ? drop(wound, "unreadableTime", `${shown(value)} is dropped`) : undefined;
}

function put({ draft, path }: Wound, rule: RepairRule, value: unknown, detail: string): Mended {
  draft.put(path, value);
  return { rule, detail };
}

/** For values that are no free text: they may be told. */
function putInstead(wound: Wound, rule: RepairRule, value: unknown): Mended {
  return put(wound, rule, value, `${shown(wound.value)} is taken as ${shown(value)}`);
}

function drop({ draft, path }: Pick<Wound, "draft" | "path">, rule: RepairRule, detail: string): Mended {
  draft.drop(path);
  return { rule, detail };
}

/** The longest value told in a detail, in characters. */
const SHOWN_MAX = 60;

function shown(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

/** What the schema wants at a path. */
function wantedAt(
  root: z.core.$ZodType,
  path: readonly (string | number)[],
): Pick<Wound, "schema" | "isOptional"> | undefined {
  let schema = root;
  let isOptional = false;
  for (const step of path) {
    let next: z.core.$ZodType | undefined;
    if (schema instanceof z.ZodArray) next = schema.element;
    else if (schema instanceof z.ZodObject && Object.hasOwn(schema.shape, step)) next = schema.shape[step];
    if (next === undefined) return undefined;
    isOptional = next instanceof z.ZodOptional;
    schema = next instanceof z.ZodOptional ? next.unwrap() : next;
  }
  return { schema, isOptional };
}
