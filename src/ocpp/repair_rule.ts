/**
 * The rules by which a payload that breaks its schema is repaired, one row a rule; the README shows this table.
 */
import { pathText } from "./call_error.ts";

/** A rule that peers break: what that looks like, what is done about it, and the section that has the rule. */
export interface RuleRow {
  readonly rule: string;
  readonly what: string;
  readonly done: string;
  readonly spec: string;
}

/** Every rule of repair: what it is about, what is done about it, and the section that it departs from. */
export const REPAIR_RULES = [
  {
    rule: "extraField",
    what: "a field that the message does not have",
    done: "dropped",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "tooLong",
    what: "a text with more characters than its type allows",
    done: "cut",
    spec: "OCPP 1.6 §7",
  },
  {
    rule: "wrongCase",
    what: "a value of an enumeration in another case: `accepted`",
    done: "corrected",
    spec: "OCPP 1.6 §7",
  },
  {
    rule: "unknownEnumerationValue",
    what: "a value that its enumeration does not have",
    done: "`errorCode` → `OtherError`, `reason` and `context` → `Other`, `idTagInfo.status` → `Invalid`, " +
      "`status` of a connector → `Unavailable` (nobody is sent to a state that is not understood); a " +
      "SampledValue that would mean something else without its `measurand`, `phase`, `format` or `unit` " +
      "is dropped; any other optional field is dropped; a required one is refused",
    spec: "OCPP 1.6 §7",
  },
  {
    rule: "numberAsString",
    what: 'a number that came as text: `"12"`, `"12.0"`',
    done: "read as the number",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "stringAsNumber",
    what: 'a text that came as a number: `12.5` instead of `"12.5"`',
    done: "its digits are the text",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "booleanAsString",
    what: 'a boolean that came as text: `"True"`',
    done: "read as the boolean, in any case",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "stringAsBoolean",
    what: "a text that came as a boolean: `true`",
    done: '`"true"` or `"false"`',
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "decimalComma",
    what: 'a number that came as text with a decimal comma: `"12,5"`',
    done: 'read as the number; refused where the comma may group thousands: `"1,234"`',
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "fraction",
    what: "a fraction where an integer is due: `meterStop` 125.4",
    done: "rounded; refused in an id",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "tooPrecise",
    what: "more than one decimal in `limit` or `minChargingRate`",
    done: "rounded to one",
    spec: "OCPP 1.6 §7.14",
  },
  {
    rule: "hugeInteger",
    what: "an integer beyond 2^53",
    done: "a `transactionId` becomes -1, which equals none of ours; refused elsewhere",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "nullForOptional",
    what: "`null` in an optional field",
    done: "dropped",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "noPayload",
    what: "no payload at all",
    done: "read as `{}`",
    spec: "OCPP-J 1.6 §4.2.1",
  },
  {
    rule: "emptyArrayForObject",
    what: "`[]` where an object is due",
    done: "read as `{}`; dropped where the object is optional",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "emptyArray",
    what: "`[]` in an optional field that has one element at least",
    done: "dropped",
    spec: "OCPP 1.6 §6",
  },
  {
    rule: "timeWithSpace",
    what: "a date and time with a space between them",
    done: "`T` put there",
    spec: "OCPP 1.6 §3.15",
  },
  {
    rule: "timeWithoutZone",
    what: "a date and time without zone",
    done: "read as UTC: `Z` added",
    spec: "OCPP 1.6 §3.15",
  },
  {
    rule: "unreadableTime",
    what: "an optional text that is no date and time",
    done: "dropped; refused where it is required",
    spec: "OCPP 1.6 §3.15",
  },
] as const satisfies readonly RuleRow[];

/** What was repaired: one name a rule. */
export type RepairRule = (typeof REPAIR_RULES)[number]["rule"];

/** One repair. `path` leads to where the value was; `detail` says what was made of it. */
export interface Repair {
  readonly rule: RepairRule;
  readonly path: readonly (string | number)[];
  readonly detail: string;
  readonly spec: string;
}

/** The longest path that is told, in characters: names of extra fields come from outside. */
export const REPAIRED_PATH_MAX = 100;

/** Where a repair was, e.g. `meterValue[0].timestamp`; empty where it is the whole payload. */
export function repairedPath({ path }: Pick<Repair, "path">): string {
  const text = pathText(path);
  return text.length <= REPAIRED_PATH_MAX ? text : `${text.slice(0, REPAIRED_PATH_MAX)}…`;
}
