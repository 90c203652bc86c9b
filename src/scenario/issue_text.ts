/**
 * What is wrong with a value that somebody wrote, in a clause that also says what is allowed.
 */
import { z } from "zod";

/** One clause, and the field that it is about. */
export interface IssueText {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/**
 * The clauses of one issue: one for each field that nobody knows, else one in all.
 *
 * `root` names the whole of what was written, e.g. `the file`.
 */
export function issueText(
  issue: z.core.$ZodIssue,
  { schema, value, root }: { schema: z.ZodType; value: unknown; root: string },
): readonly IssueText[] {
  const { path } = issue;
  const name = path.length === 0 ? root : nameOf(path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        text: `there is no field ${JSON.stringify(cut(key))}${guess(key, known)}`,
      }));
    }
    case "invalid_value":
      return [{ path, text: `${name} is ${oneOf(issue.values)}, not ${shown(value, path)}` }];
    case "invalid_type":
      if (valueAt(value, path) === undefined) return [{ path, text: `${name} is missing` }];
      return [{
        path,
        text: `${name} is ${KINDS[issue.expected] ?? issue.expected}, not ${shown(value, path)}${
          quotesMissing(issue, valueAt(value, path))
        }`,
      }];
    case "too_small":
    case "too_big":
      return [{ path, text: `${name} ${boundsText(issue, schema)}, not ${shown(value, path)}` }];
    case "invalid_union": {
      if (issue.errors.length === 0) {
        const kinds = discriminatorsAt(schema, path);
        const here = valueAt(value, path);
        return [{
          path,
          text: here === undefined
            ? `${name} is missing: it is ${oneOf(kinds)}`
            : `${name} is ${oneOf(kinds)}, not ${shown(value, path)}`,
        }];
      }
      // Told by the alternative that comes nearest: the one that got furthest into the value.
      const nearest = issue.errors.toSorted((one, other) => depth(other) - depth(one))[0] ?? [];
      if (depth(nearest) === 0) {
        return [{ path, text: `${name} is ${alternatives(issue)}, not ${shown(value, path)}` }];
      }
      return nearest.flatMap((inner) =>
        issueText({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, { schema, value, root })
      );
    }
    default:
      return [{ path, text: `${name}: ${issue.message}` }];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a set of fields",
  record: "a set of fields",
};

function alternatives(issue: z.core.$ZodIssueInvalidUnion): string {
  const values = issue.errors.flatMap(([first]) => first?.code === "invalid_value" ? first.values : []);
  if (values.length === issue.errors.length) return oneOf(values);
  return issue.errors.flatMap((branch) => {
    const [first] = branch;
    if (first?.code === "invalid_type") return [KINDS[first.expected] ?? first.expected];
    return first?.code === "invalid_value" ? [oneOf(first.values)] : [];
  }).join(", or ");
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.code === "unrecognized_keys" ? 1 : issue.path.length));
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map(String);
  return texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

function boundsText(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  schema: z.ZodType,
): string {
  const { min, max, isAbove } = boundsOf(schemaAt(schema, issue.path));
  switch (issue.origin) {
    case "string":
      if (max === "∞") return `has ${min} character${min === 1 ? "" : "s"} at least`;
      return `has ${min} to ${max} characters`;
    case "array":
      return `has at most ${issue.code === "too_big" ? issue.maximum : max} items`;
    default:
      return isAbove ? `is more than ${min} and at most ${max}` : `is from ${min} to ${max}`;
  }
}

/** The bounds of the checks of a schema. */
function boundsOf(schema: z.ZodType | undefined): { min: unknown; max: unknown; isAbove: boolean } {
  const bounds: { min: unknown; max: unknown; isAbove: boolean } = { min: 0, max: "∞", isAbove: false };
  for (const check of schema?.def.checks ?? []) {
    const { def } = (check as z.core.$ZodCheck)._zod;
    const { value, inclusive, minimum, maximum } = def as {
      value?: unknown;
      inclusive?: boolean;
      minimum?: unknown;
      maximum?: unknown;
    };
    if (def.check === "greater_than") {
      bounds.min = value;
      bounds.isAbove = inclusive === false;
    } else if (def.check === "less_than") bounds.max = value;
    else if (def.check === "min_length") bounds.min = minimum;
    else if (def.check === "max_length") bounds.max = maximum;
  }
  return bounds;
}

/** The schema of a field, without what makes it optional. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let here: z.ZodType | undefined = unwrapped(schema);
  for (const part of path) {
    if (here instanceof z.ZodObject) here = here.shape[String(part)] as z.ZodType | undefined;
    else if (here instanceof z.ZodArray) here = here.element as z.ZodType;
    else if (here instanceof z.ZodRecord) here = here.valueType as z.ZodType;
    else return undefined;
    here = unwrapped(here);
  }
  return here;
}

function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional) return unwrapped(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    return (schema.options as z.ZodType[]).find((option) => unwrapped(option) instanceof z.ZodObject);
  }
  return schema;
}

/** What a field may hold that says which one of several shapes is meant. */
function discriminatorsAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly unknown[] {
  const field = String(path.at(-1));
  const options = schema instanceof z.ZodDiscriminatedUnion ? schema.options : [];
  return options.flatMap((option) => {
    const literal = option instanceof z.ZodObject ? option.shape[field] : undefined;
    return literal instanceof z.ZodLiteral ? [...literal.values] : [];
  });
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const here = schemaAt(schema, path);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** `supply.phases`, `featureProfiles[2]`. */
function nameOf(path: readonly PropertyKey[]): string {
  return path.map((part, index) =>
    typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`
  ).join("");
}

/** What stands there instead; secrets have no place in messages, and nothing long has. */
function shown(value: unknown, path: readonly PropertyKey[]): string {
  const here = valueAt(value, path);
  if (Array.isArray(here)) return `a list of ${here.length}`;
  if (typeof here === "object" && here !== null) return "a set of fields";
  if (path.some((part) => part === "configuration" || part === "value" || part === "security")) {
    return `a ${typeof here}`;
  }
  return typeof here === "string" ? JSON.stringify(cut(here)) : here === null ? "nothing" : String(here);
}

const SHOWN_MAX = 40;

function cut(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

/** YAML takes `1.0` for a number. */
function quotesMissing({ expected }: z.core.$ZodIssueInvalidType, value: unknown): string {
  return expected === "string" && typeof value === "number" ? "; put it in quotes" : "";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) here = (here as Record<PropertyKey, unknown> | null | undefined)?.[part];
  return here;
}

function guess(key: string, known: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, "");
  const near = known.find((one) => plain(one) === plain(key)) ??
    known.find((one) =>
      plain(one).includes(plain(key)) || plain(key).includes(plain(one)) && key.length > 2
    ) ??
    known.find((one) => isOneTypoOff(plain(one), plain(key)));
  return near === undefined ? `; allowed: ${known.join(", ")}` : `, did you mean ${near}?`;
}

/** A letter too many, missing, wrong, or two that changed places; the shortest names say too little. */
function isOneTypoOff(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < 4) return false;
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const [mine, its] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  return mine.length <= 1 && its.length <= 1 || mine.length === 2 && mine === `${its[1]}${its[0]}`;
}
