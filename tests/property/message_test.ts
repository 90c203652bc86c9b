import assert from "node:assert/strict";
import fc from "fast-check";
import { callBody } from "../../src/central_system/call_body.ts";
import { CALL_ERROR_CODES, callErrorFor } from "../../src/ocpp/call_error.ts";
import { checkConf, checkReq } from "../../src/ocpp/check.ts";
import { atMsOf, dateTimeOf, isDateTime } from "../../src/ocpp/date_time.ts";
import { callErrorText, callResultText, callText, parseFrame } from "../../src/ocpp/frame.ts";
import { SCHEMAS } from "../../src/ocpp/registry.ts";
import { actionName, anyText, dateTime, fitting, PROPERTY_SEED } from "../support/arbitraries.ts";

type ActionWithSchemas = keyof typeof SCHEMAS;

const ACTIONS_WITH_SCHEMAS = Object.keys(SCHEMAS) as ActionWithSchemas[];
const RUNS_PER_ACTION = 40;
const SEEDED = { seed: PROPERTY_SEED };

for (const action of ACTIONS_WITH_SCHEMAS) {
  Deno.test(`${action}: any payload that fits survives the wire, Call and CallResult`, () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 36 }), fitting(SCHEMAS[action].req), (uniqueId, payload) => {
        const parsed = parseFrame(callText({ uniqueId, action, payload }));
        assert.deepEqual(parsed, { ok: true, frame: { kind: "call", uniqueId, action, payload } });
        assert.ok(parsed.ok && parsed.frame.kind === "call");
        assert.deepEqual(checkReq(action, parsed.frame.payload), { ok: true, payload });
      }),
      { seed: PROPERTY_SEED, numRuns: RUNS_PER_ACTION },
    );
    fc.assert(
      fc.property(fc.string(), fitting(SCHEMAS[action].conf), (uniqueId, payload) => {
        const parsed = parseFrame(callResultText({ uniqueId, payload }));
        assert.deepEqual(parsed, { ok: true, frame: { kind: "callResult", uniqueId, payload } });
        assert.ok(parsed.ok && parsed.frame.kind === "callResult");
        assert.deepEqual(checkConf(action, parsed.frame.payload), { ok: true, payload });
      }),
      { seed: PROPERTY_SEED, numRuns: RUNS_PER_ACTION },
    );
  });
}

Deno.test("a CallError survives the wire", () => {
  const details = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ maxLength: 255 }), details, (...parts) => {
      const [uniqueId, errorCode, errorDescription, errorDetails] = parts;
      const error = { uniqueId, errorCode, errorDescription, errorDetails };
      const parsed = parseFrame(callErrorText(error));
      assert.deepEqual(parsed, { ok: true, frame: { kind: "callError", ...error } });
    }),
    SEEDED,
  );
});

Deno.test("any text at all gives a frame or a fault, and nothing throws", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseFrame(text);
      if (!parsed.ok) {
        if (parsed.fault.kind === "notACall") {
          assert.equal(callErrorFor(parsed.fault).errorCode, "FormationViolation");
        }
        return;
      }
      if (parsed.frame.kind !== "call") return;
      const body = callBody(parsed.frame, "strict");
      if (!body.ok) assert.ok(CALL_ERROR_CODES.includes(callErrorFor(body.fault).errorCode));
    }),
    { seed: PROPERTY_SEED, numRuns: 2_000 },
  );
});

Deno.test("any payload of any Action is taken or refused with a code and a path that exists", () => {
  const payload = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom("idTag", "connectorId", "status", "meterValue", "timestamp", "__proto__", "x"),
      fc.jsonValue(),
    ),
  );
  fc.assert(
    fc.property(actionName, payload, (action, payload) => {
      const body = callBody({ action, payload }, "strict");
      if (body.ok) return;
      const { errorCode, errorDescription } = callErrorFor(body.fault);
      assert.ok(CALL_ERROR_CODES.includes(errorCode));
      assert.ok(errorDescription.length > 0);
    }),
    { seed: PROPERTY_SEED, numRuns: 2_000 },
  );
});

Deno.test("a payload with one field spoilt is refused, and the fault names the field", () => {
  const action = fc.constantFrom(...ACTIONS_WITH_SCHEMAS.filter((one) => one !== "Heartbeat"));
  const spoilt = action.chain((action) =>
    fitting(SCHEMAS[action].req).chain((payload) => {
      const fields = Object.keys(payload as object);
      return fields.length === 0 ? fc.constant(undefined) : fc.record({
        action: fc.constant(action),
        payload: fc.constant(payload as Record<string, unknown>),
        field: fc.constantFrom(...fields),
      });
    })
  );
  fc.assert(
    fc.property(spoilt, (one) => {
      if (one === undefined) return;
      const { action, payload, field } = one;
      const checked = checkReq(action, { ...payload, [field]: new Date(0) }); // no JSON value is one
      assert.ok(!checked.ok);
      assert.deepEqual(checked.faults.map(({ path }) => path[0]).filter((name) => name !== field), []);
    }),
    { seed: PROPERTY_SEED, numRuns: 500 },
  );
});

Deno.test("any instant is written as a date and time, and read as the same instant", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (atMs) => {
      const text = dateTimeOf(atMs);
      assert.ok(isDateTime(text));
      assert.equal(atMsOf(text), atMs);
    }),
    SEEDED,
  );
  fc.assert(fc.property(dateTime, (text) => isDateTime(text) && Number.isFinite(atMsOf(text))), SEEDED);
  fc.assert(fc.property(anyText, (text) => !isDateTime(text) || Number.isFinite(atMsOf(text))), SEEDED);
});
