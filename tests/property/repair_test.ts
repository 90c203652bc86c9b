import assert from "node:assert/strict";
import fc from "fast-check";
import type * as z from "zod";
import type { Action } from "../../src/ocpp/action.ts";
import { checkConf, type Checked, checkReq } from "../../src/ocpp/check.ts";
import { SCHEMAS } from "../../src/ocpp/registry.ts";
import { readConf, readReq, type Tolerated, type Validation } from "../../src/ocpp/repair.ts";
import { fitting, PROPERTY_SEED } from "../support/arbitraries.ts";

interface Message {
  readonly action: Action;
  readonly read: (action: Action, payload: unknown, validation: Validation) => Tolerated<unknown>;
  readonly check: (action: Action, payload: unknown) => Checked<unknown>;
  readonly schema: z.ZodType;
}

const message = fc.constantFrom<Message>(
  ...(Object.keys(SCHEMAS) as Action[]).flatMap((action) => [
    { action, read: readReq, check: checkReq, schema: SCHEMAS[action].req },
    { action, read: readConf, check: checkConf, schema: SCHEMAS[action].conf },
  ]),
);

/** What stands in place of a value, or beside it. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom<unknown>(
    null,
    [],
    {},
    "",
    "1,5",
    "1,234",
    "12",
    "True",
    "accepted",
    "2024-01-01T12:00:00",
    "2024-01-01 12:00:00",
    1.55,
    2n ** 70n,
    1e300,
    "x".repeat(600),
    "🔌".repeat(300),
  ),
);

/** A payload that fits, with some of its values replaced and some fields added. */
const disturbed = message.chain(({ schema, ...rest }) =>
  fc.record({
    valid: fitting(schema),
    choices: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    odds: fc.array(odd, { minLength: 4, maxLength: 4 }),
  }).map(({ valid, choices, odds }) => {
    let next = 0;
    const choose = (count: number) => choices[next++ % choices.length]! % count;
    const disturb = (value: unknown): unknown => {
      if (choose(6) === 0) return odds[choose(odds.length)];
      if (Array.isArray(value)) return value.map(disturb);
      if (typeof value !== "object" || value === null) return value;
      const fields = Object.entries(value).map(([key, inner]) => [key, disturb(inner)]);
      if (choose(4) === 0) fields.push(["extra", odds[0]]);
      return Object.fromEntries(fields);
    };
    return { ...rest, payload: disturb(valid) };
  })
);

Deno.test("what was repaired passes the strict check, and what arrived is not changed", () => {
  let repaired = 0;
  fc.assert(
    fc.property(disturbed, ({ action, read, check, payload }) => {
      const before = structuredClone(payload);
      const outcome = read(action, payload, "tolerant");
      assert.deepEqual(payload, before);
      if (!outcome.ok) {
        assert.ok(outcome.faults.length > 0);
        assert.ok(!check(action, payload).ok);
        return;
      }
      assert.deepEqual(check(action, outcome.payload), { ok: true, payload: outcome.payload });
      assert.equal(outcome.repairs.length === 0, check(action, payload).ok);
      if (outcome.repairs.length > 0) repaired += 1;
    }),
    { seed: PROPERTY_SEED, numRuns: 5_000 },
  );
  assert.ok(repaired > 500, `only ${repaired} payloads were repaired`);
});

Deno.test("what fits is not touched", () => {
  fc.assert(
    fc.property(
      message.chain(({ schema, ...rest }) =>
        fc.record({ rest: fc.constant(rest), payload: fitting(schema) })
      ),
      ({ rest: { action, read }, payload }) => {
        assert.deepEqual(read(action, payload, "tolerant"), { ok: true, payload, repairs: [] });
      },
    ),
    { seed: PROPERTY_SEED, numRuns: 2_000 },
  );
});
