/**
 * The messages of the negative cases: valid ones are valid, broken ones are broken, by the official schemas too.
 */
import assert from "node:assert/strict";
import { brokenPayloads } from "../../src/conformance/negative/broken_payload.ts";
import { brokenCalls } from "../../src/conformance/negative/broken_message.ts";
import { CENTRAL_SYSTEM_FRAMES } from "../../src/conformance/negative/central_system.ts";
import { CHARGE_POINT_FRAMES } from "../../src/conformance/negative/charge_point.ts";
import { textRuleBreaks } from "../../src/conformance/negative/text_rule_break.ts";
import {
  CENTRAL_SYSTEM_CASES,
  CHARGE_POINT_CASES,
  NEGATIVE_CENTRAL_SYSTEM_CASES,
  NEGATIVE_CHARGE_POINT_CASES,
} from "../../src/conformance/registry.ts";
import { type Action, ACTIONS, maySend, type Role } from "../../src/ocpp/action.ts";
import { checkReq } from "../../src/ocpp/check.ts";
import { type Field, fieldsOfReq, type FieldType } from "../../src/ocpp/field.ts";
import { FIELD_RULES, fieldFaults } from "../../src/ocpp/field_rule.ts";
import { FRAME_BYTES_MAX } from "../../src/ocpp/frame.ts";
import { jsonText } from "../../src/ocpp/json.ts";
import { needs } from "../support/needs.ts";
import { validPayload } from "../support/negative_payload.ts";
import { officialFaults } from "../support/official_schemas.ts";

const ALL = Object.keys(ACTIONS) as Action[];

/** What a JSON schema does not see: it knows no zone, need not look into texts, and has no range for integers. */
const UNSEEN_BY_SCHEMA: ReadonlySet<string> = new Set(["without zone", "unreadable", "beyond 2^53"]);

for (const action of ALL) {
  const valid = validPayload(action);

  Deno.test(`negative ${action}: the valid payload is valid, and broken ones have the one fault they are said to have`, () => {
    const checked = checkReq(action, valid);
    assert.ok(checked.ok);
    assert.deepEqual(fieldFaults(action, checked.payload as never), []);
    assert.deepEqual(officialFaults(action, "req", valid), []);
    for (const { what, how, fault, payload } of brokenPayloads(action, valid)) {
      const broken = checkReq(action, payload);
      assert.ok(!broken.ok, `${what} is valid`);
      const kinds = broken.faults.map(({ kind }) => kind);
      assert.deepEqual([...new Set(kinds)], [fault], what);
      if (kinds.length > 1) assert.ok(how === "empty" || how === "null" && fault === "missingField", what);
      // `null` is another notation for an empty payload, which a schema does not know.
      const official = officialFaults(action, "req", JSON.parse(jsonText(payload)));
      assert.ok(official.length > 0 || UNSEEN_BY_SCHEMA.has(how), `${what} is officially valid`);
    }
  });

  Deno.test(`negative ${action}: what breaks the text keeps to the schema, and every rule of the text is broken`, () => {
    const breaks = textRuleBreaks(action, valid);
    for (const { what, payload, fault } of breaks) {
      const checked = checkReq(action, payload);
      assert.ok(checked.ok, what);
      const faults = fieldFaults(action, payload as never);
      assert.ok(faults.length > 0, what);
      // An empty schedule is one that is out of order, for our own rules.
      assert.ok(faults.every(({ kind }) => kind === fault || kind === "outOfRange"), what);
    }
    for (const { message, holds } of FIELD_RULES[action] ?? []) {
      const isBroken = breaks.some(({ payload }) => !holds(payload as never));
      assert.ok(isBroken, `${action}: ${message}`);
    }
  });

  Deno.test(`negative ${action}: every field is broken`, () => {
    const broken = new Set(brokenPayloads(action, valid).map(({ path }) => path.join(".")));
    assert.deepEqual(pathsOf(fieldsOfReq(action), "").filter((path) => !broken.has(path)), []);
  });

  Deno.test(`negative ${action}: messages have names of their own`, () => {
    const names = brokenCalls(action, valid).map(({ what }) => what);
    assert.equal(new Set(names).size, names.length);
  });
}

/** The paths of all fields, however deep. */
function pathsOf(fields: readonly Field[], above: string): readonly string[] {
  return fields.flatMap(({ name, type }) => [`${above}${name}`, ...pathsIn(type, `${above}${name}.`)]);
}

function pathsIn(type: FieldType, above: string): readonly string[] {
  if (type.kind === "object") return pathsOf(type.fields, above);
  if (type.kind !== "array") return [];
  return type.item.kind === "object" ? pathsOf(type.item.fields, `${above}0.`) : [`${above}0`];
}

Deno.test("negative frames: names of their own, and the largest is a byte beyond the bound", () => {
  for (const frames of [CENTRAL_SYSTEM_FRAMES, CHARGE_POINT_FRAMES]) {
    const names = frames.map(({ what }) => what);
    assert.equal(new Set(names).size, names.length);
    const sizes = frames.flatMap(({ texts }) =>
      texts("u1").map((text) => new TextEncoder().encode(text).length)
    );
    assert.equal(Math.max(...sizes), FRAME_BYTES_MAX + 1);
  }
});

Deno.test({
  ...needs("read")("the README says how many messages there are for each role"),
  fn() {
    const sum = (role: Role, frames: readonly unknown[]) =>
      ALL.filter((action) => maySend(role, action))
        .reduce((all, action) => all + brokenCalls(action, validPayload(action)).length, frames.length);
    const toCentralSystem = sum("chargePoint", CENTRAL_SYSTEM_FRAMES);
    const toChargePoint = sum("centralSystem", CHARGE_POINT_FRAMES);
    const told = `${toCentralSystem} to a Central System and ${toChargePoint} to a Charge Point`;
    const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
    assert.ok(readme.replaceAll("\n", " ").includes(told), told);
  },
});

Deno.test("there is a negative case for every Action and role, and one of frames; the 77 and 107 stay what they are", () => {
  const ids = (suffix: string, role: string) =>
    [
      ...ALL.filter((action) => ACTIONS[action].sender !== role).map((action) => `NEG_${action}_${suffix}`),
      `NEG_Frames_${suffix}`,
    ].toSorted();
  assert.deepEqual(
    NEGATIVE_CENTRAL_SYSTEM_CASES.map(({ id }) => id).toSorted(),
    ids("CSMS", "centralSystem"),
  );
  assert.deepEqual(NEGATIVE_CHARGE_POINT_CASES.map(({ id }) => id).toSorted(), ids("CS", "chargePoint"));
  assert.equal(NEGATIVE_CENTRAL_SYSTEM_CASES.length, 15);
  assert.equal(NEGATIVE_CHARGE_POINT_CASES.length, 27);
  assert.equal(CENTRAL_SYSTEM_CASES.length, 77);
  assert.equal(CHARGE_POINT_CASES.length, 107);
});
