import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { type Action, ACTIONS } from "../../src/ocpp/action.ts";
import { callErrorFor, type PayloadFault, type PayloadFaultKind } from "../../src/ocpp/call_error.ts";
import { checkConf, checkReq } from "../../src/ocpp/check.ts";
import { SCHEMAS } from "../../src/ocpp/registry.ts";
import { DateTime } from "../../src/ocpp/types.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import {
  officially,
  officiallyBroken,
  officiallyGrafted,
  type Path,
  placesIn,
} from "../support/official_arbitraries.ts";
import {
  type Direction,
  OFFICIAL_SCHEMA_COUNT,
  officialFaults,
  type OfficialSchema,
  officialSchema,
} from "../support/official_schemas.ts";

const EVERY_ACTION = Object.keys(ACTIONS) as Action[];
const DIRECTIONS: readonly Direction[] = ["req", "conf"];
const SEEDED = { seed: PROPERTY_SEED, numRuns: 150 };

/** A fault that only one of the two checks finds. */
interface Disagreement {
  readonly foundBy: "official" | "ours";
  readonly kind: PayloadFaultKind;
  readonly path: Path;
  readonly value: unknown;
  /** What the official schema says of this place; nothing of one that it does not know. */
  readonly schema: OfficialSchema | undefined;
}

/** Where the two checks may differ, and nowhere else. */
const EXCEPTIONS: Readonly<Record<string, (one: Disagreement) => boolean>> = {
  // Binary floating point makes the letter of `multipleOf: 0.1` refuse 8.1.
  "0.1 steps": ({ foundBy, kind, value, schema }) =>
    foundBy === "official" && kind === "outOfRange" && schema?.type === "number" &&
    Math.abs(Number(Number(value).toFixed(1)) - Number(value)) < 1e-7,
  // Validators refuse URLs with unusual characters: the form is advisory.
  "uri format": ({ foundBy, kind, schema }) =>
    foundBy === "official" && kind === "badFormat" && schema?.type === "string" && schema.format === "uri",
  // ISO 8601 allows a leap second before any zone's midnight; ajv-formats only at 23:59.
  "date-time format: leap seconds": ({ foundBy, kind, value, schema }) =>
    foundBy === "official" && kind === "badFormat" && isDateTimePlace(schema) && /:60/.test(String(value)),
  // ajv-formats takes a time without zone, one with half a zone, and a blank for the T.
  "date-time format: zone and T": ({ foundBy, kind, value, schema }) =>
    foundBy === "ours" && kind === "badFormat" && isDateTimePlace(schema) &&
    !/^[-\d]+T[:.\d]+(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i.test(String(value)),
  // JSON.parse has rounded them already: a transactionId would be another one.
  "integers beyond 2^53": ({ foundBy, kind, value, schema }) =>
    foundBy === "ours" && kind === "outOfRange" && schema?.type === "integer" &&
    Number.isInteger(value) && !Number.isSafeInteger(value),
};

function isDateTimePlace(schema: OfficialSchema | undefined): boolean {
  return schema?.type === "string" && schema.format === "date-time";
}

/** Compares the two checks of one payload fault by fault; gives our faults and the names of the exceptions made. */
function compare(action: Action, direction: Direction, payload: unknown): {
  readonly faults: readonly PayloadFault[];
  readonly exceptions: readonly string[];
} {
  const checked = direction === "req" ? checkReq(action, payload) : checkConf(action, payload);
  const faults = checked.ok ? [] : checked.faults;
  const official = officialFaults(action, direction, payload);
  if (faults.length === 0 && official.length === 0) return { faults, exceptions: [] };
  const places = new Map(
    placesIn(officialSchema(action, direction), payload).map(({ path, schema }) => [path.join("/"), schema]),
  );
  const exceptions: string[] = [];
  const disagreements: string[] = [];
  const search = (
    foundBy: Disagreement["foundBy"],
    found: readonly PayloadFault[],
    others: readonly PayloadFault[],
  ) => {
    const names = new Set(others.map(nameOf));
    for (const fault of found.filter((fault) => !names.has(nameOf(fault)))) {
      const { kind, path, message } = fault;
      const one = { foundBy, kind, path, value: valueAt(payload, path), schema: places.get(path.join("/")) };
      const exception = Object.keys(EXCEPTIONS).find((name) => EXCEPTIONS[name]!(one));
      if (exception === undefined) disagreements.push(`only ${foundBy}: ${nameOf(fault)}, ${message}`);
      else exceptions.push(exception);
    }
  };
  search("official", official, faults);
  search("ours", faults, official);
  assert.deepEqual(disagreements, [], `${action}.${direction} ${JSON.stringify(payload)}`);
  return { faults, exceptions };
}

function nameOf({ kind, path }: { kind: PayloadFaultKind; path: Path }): string {
  return `${kind} at ${JSON.stringify(path)}`;
}

function valueAt(payload: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    payload,
  );
}

/** As the other end gets it. */
function overTheWire(payload: unknown): unknown {
  return JSON.parse(JSON.stringify(payload));
}

/** The code that answers each single breakage, written down once more. */
const CODE_OF: Readonly<Record<PayloadFaultKind, string>> = {
  notAnObject: "FormationViolation",
  extraField: "FormationViolation",
  missingField: "OccurenceConstraintViolation",
  wrongCount: "OccurenceConstraintViolation",
  wrongType: "TypeConstraintViolation",
  notInEnumeration: "PropertyConstraintViolation",
  tooLong: "PropertyConstraintViolation",
  badFormat: "PropertyConstraintViolation",
  outOfRange: "PropertyConstraintViolation",
};

Deno.test("all 78 official schemas are there", () => {
  assert.equal(OFFICIAL_SCHEMA_COUNT, 78);
  assert.equal(EVERY_ACTION.length, 39);
});

for (const action of EVERY_ACTION) {
  for (const direction of DIRECTIONS) {
    const schema = officialSchema(action, direction);

    Deno.test(`${action}.${direction}: our schema says field by field what the official one does`, () => {
      assert.deepEqual(outlineOfOurs(SCHEMAS[action][direction]), outlineOfOfficial(schema));
    });

    Deno.test(`${action}.${direction}: both checks agree on whatever fits`, () => {
      fc.assert(
        fc.property(officially(schema), (payload) => void compare(action, direction, overTheWire(payload))),
        SEEDED,
      );
    });

    Deno.test(`${action}.${direction}: both checks find what is broken, and OCPP-J §4.2.3 has its code`, () => {
      const isTaken = (payload: unknown) =>
        compare(action, direction, overTheWire(payload)).faults.length === 0;
      fc.assert(
        fc.property(officiallyBroken(schema, isTaken), ({ kind, path, payload }) => {
          const { faults } = compare(action, direction, overTheWire(payload));
          assert.deepEqual(faults.map(nameOf), [nameOf({ kind, path })]);
          assert.equal(callErrorFor({ kind: "badPayload", faults }).errorCode, CODE_OF[kind]);
        }),
        SEEDED,
      );
    });

    Deno.test(`${action}.${direction}: both checks agree with any JSON in any place`, () => {
      fc.assert(
        fc.property(officiallyGrafted(schema), (payload) => {
          const received = overTheWire(payload);
          if (received !== null) compare(action, direction, received); // OCPP-J §4.2.1: null stands for {}
        }),
        SEEDED,
      );
    });
  }
}

Deno.test("every schema can be made generated code", () => {
  for (const action of EVERY_ACTION) {
    for (const direction of DIRECTIONS) z.compile(SCHEMAS[action][direction] as z.ZodType, { strict: true });
  }
});

Deno.test("OCPP-J §4.2.1 null as a whole payload is checked as {}", () => {
  for (const action of EVERY_ACTION) {
    assert.deepEqual(checkReq(action, null), checkReq(action, {}));
    assert.deepEqual(checkConf(action, null), checkConf(action, {}));
  }
});

/** What each exception is about: payloads on which the two checks differ for that reason alone. */
const EXAMPLES: Readonly<Record<string, readonly [Action, unknown]>> = {
  "0.1 steps": ["SetChargingProfile", { connectorId: 1, csChargingProfiles: profile({ limit: 8.1 }) }],
  "uri format": ["GetDiagnostics", { location: "ftp://host/a b" }],
  "date-time format: leap seconds": ["SecurityEventNotification", event("2017-01-01T00:59:60+01:00")],
  "date-time format: zone and T": ["SecurityEventNotification", event("2017-01-01T12:00:00")],
  "integers beyond 2^53": ["RemoteStopTransaction", { transactionId: 2 ** 53 }],
};

function profile({ limit }: { limit: number }) {
  const chargingSchedule = { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit }] };
  return {
    ...{ chargingProfileId: 1, stackLevel: 0, chargingSchedule },
    ...{ chargingProfilePurpose: "TxProfile", chargingProfileKind: "Relative" },
  };
}

function event(timestamp: string) {
  return { type: "SettingSystemTime", timestamp };
}

for (const name of Object.keys(EXCEPTIONS)) {
  Deno.test(`the checks differ in ${name}, by one fault`, () => {
    const [action, payload] = EXAMPLES[name]!;
    assert.deepEqual(compare(action, "req", payload).exceptions, [name]);
  });
}

Deno.test("a value of the wrong type is one fault, whatever else it is too", () => {
  for (const idTag of [{ length: 300 }, Array(300).fill("x"), 1e300]) {
    const checked = checkReq("Authorize", { idTag });
    assert.deepEqual(checked.ok || checked.faults.map(nameOf), [
      nameOf({ kind: "wrongType", path: ["idTag"] }),
    ]);
  }
  const checked = checkConf("GetInstalledCertificateIds", { status: "Accepted", certificateHashData: "" });
  assert.deepEqual(checked.ok || checked.faults.map(({ kind }) => kind), ["wrongType"]);
});

Deno.test("errata: readings have no unit Hertz, and no length beyond what the official schemas say", () => {
  const sampledValue = [{ value: "50.01", measurand: "Frequency", unit: "Hertz" }];
  const meterValue = [{ timestamp: "2026-01-01T12:00:00Z", sampledValue }];
  const { faults } = compare("MeterValues", "req", { connectorId: 1, meterValue });
  assert.deepEqual(faults.map(({ kind }) => kind), ["notInEnumeration"]);
  assert.deepEqual(compare("MeterValues", "req", { connectorId: 1, meterValue: [] }).faults, []);
});

/** A schema of either kind, in one form. */
type Outline =
  | { readonly fields: Readonly<Record<string, Outline & { readonly required: boolean }>> }
  | { readonly items: Outline; readonly minItems: number }
  | { readonly enumeration: readonly string[] }
  | { readonly is: "dateTime" | "integer" | "tenths" | "boolean" }
  | { readonly is: "text"; readonly maxLength: number };

function outlineOfOfficial(schema: OfficialSchema): Outline {
  switch (schema.type) {
    case "object":
      assert.equal(schema.additionalProperties, false);
      return {
        fields: Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, field]) => [
            name,
            { ...outlineOfOfficial(field), required: schema.required?.includes(name) === true },
          ]),
        ),
      };
    case "array":
      return { items: outlineOfOfficial(schema.items), minItems: schema.minItems ?? 0 };
    case "string":
      if (schema.enum !== undefined) return { enumeration: schema.enum.toSorted() };
      if (schema.format === "date-time") return { is: "dateTime" };
      return { is: "text", maxLength: schema.maxLength ?? Infinity };
    case "number":
      assert.equal(schema.multipleOf, 0.1);
      return { is: "tenths" };
    default:
      return { is: schema.type };
  }
}

function outlineOfOurs(schema: z.core.$ZodType): Outline {
  if (schema === DateTime) return { is: "dateTime" };
  if (schema instanceof z.ZodObject) {
    assert.ok(schema.def.catchall instanceof z.ZodNever, "an object that takes any field");
    return {
      fields: Object.fromEntries(
        Object.entries(schema.shape).map(([name, field]) =>
          field instanceof z.ZodOptional
            ? [name, { ...outlineOfOurs(field.unwrap()), required: false }]
            : [name, { ...outlineOfOurs(field), required: true }]
        ),
      ),
    };
  }
  if (schema instanceof z.ZodArray) {
    const checks = (schema.def.checks ?? []).map(({ _zod }) =>
      _zod.def as { check: string; minimum?: number }
    );
    assert.ok(
      checks.every(({ check }) => check === "min_length"),
      "the official schemas limit no other length",
    );
    const minimum = checks[0]?.minimum ?? 0;
    return { items: outlineOfOurs(schema.element), minItems: minimum };
  }
  if (schema instanceof z.ZodEnum) return { enumeration: schema.options.map(String).toSorted() };
  if (schema instanceof z.ZodBoolean) return { is: "boolean" };
  if (schema instanceof z.ZodString) return { is: "text", maxLength: schema.maxLength ?? Infinity };
  if (schema instanceof z.ZodNumber) return { is: schema.isInt ? "integer" : "tenths" };
  throw new Error(`no outline of a schema of type ${schema._zod.def.type}`);
}
