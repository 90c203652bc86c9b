/**
 * Which fault answers with which CALLERROR code. Spec: OCPP-J 1.6 §4.2.3.
 */
import assert from "node:assert/strict";
import {
  CALL_ERROR_CODES,
  callErrorCodeOf,
  callErrorFor,
  type CallFault,
  pathText,
} from "../../src/ocpp/call_error.ts";
import { checkConf, checkReq } from "../../src/ocpp/check.ts";
import { callErrorText, ERROR_DESCRIPTION_MAX_LENGTH } from "../../src/ocpp/frame.ts";
import type { Action } from "../../src/ocpp/action.ts";

const AT = "2026-01-01T12:00:00Z";
const START = { connectorId: 1, idTag: "TAG", meterStart: 0, timestamp: AT };
const STATUS = { connectorId: 1, errorCode: "NoError", status: "Available" };
const reading = (sampledValue: unknown) => (
  { connectorId: 1, meterValue: [{ timestamp: AT, sampledValue: [sampledValue] }] }
);

/** A payload, the code that it is refused with, and what the description begins with. */
const ROWS: readonly (readonly [
  what: string,
  action: Action,
  payload: unknown,
  code: string,
  description: string,
])[] = [
  ["no object", "Heartbeat", [], "FormationViolation", "payload: is no object"],
  ["a text", "Authorize", "TAG", "FormationViolation", "payload: is no object"],
  ["a number", "Authorize", 7, "FormationViolation", "payload: is no object"],
  ["required field missing", "Authorize", {}, "OccurenceConstraintViolation", "idTag: is missing"],
  ["null payload, read as {}", "Authorize", null, "OccurenceConstraintViolation", "idTag: is missing"],
  [
    "required field missing further in",
    "MeterValues",
    reading({ unit: "Wh" }),
    "OccurenceConstraintViolation",
    "meterValue[0].sampledValue[0].value: is missing",
  ],
  ["extra field", "Heartbeat", { extra: 1 }, "FormationViolation", "extra: is no field here"],
  [
    "extra field further in",
    "MeterValues",
    reading({ value: "1", extra: 1 }),
    "FormationViolation",
    "meterValue[0].sampledValue[0].extra: is no field here",
  ],
  [
    "number instead of text",
    "Authorize",
    { idTag: 12 },
    "TypeConstraintViolation",
    "idTag: is number instead of string",
  ],
  [
    "text instead of number",
    "StartTransaction",
    { ...START, meterStart: "0" },
    "TypeConstraintViolation",
    "meterStart: is string",
  ],
  [
    "fraction instead of integer",
    "StartTransaction",
    { ...START, meterStart: 0.5 },
    "TypeConstraintViolation",
    "meterStart: is a fraction",
  ],
  ["null instead of text", "Authorize", { idTag: null }, "TypeConstraintViolation", "idTag: is null"],
  [
    "object instead of array",
    "MeterValues",
    { connectorId: 1, meterValue: {} },
    "TypeConstraintViolation",
    "meterValue: is object",
  ],
  [
    "number instead of an enumeration's text",
    "StatusNotification",
    { ...STATUS, status: 1 },
    "TypeConstraintViolation",
    "status: is number",
  ],
  [
    "value not in enumeration",
    "StatusNotification",
    { ...STATUS, status: "Occupied" },
    "PropertyConstraintViolation",
    "status: is none of Available, Preparing",
  ],
  [
    "enumeration in other case",
    "StatusNotification",
    { ...STATUS, errorCode: "noerror" },
    "PropertyConstraintViolation",
    "errorCode: is none of",
  ],
  [
    "text too long",
    "Authorize",
    { idTag: "x".repeat(21) },
    "PropertyConstraintViolation",
    "idTag: is longer than 20 characters",
  ],
  [
    "no date and time",
    "StartTransaction",
    { ...START, timestamp: "yesterday" },
    "PropertyConstraintViolation",
    "timestamp: is not an ISO 8601",
  ],
  [
    "integer beyond what is exact",
    "StartTransaction",
    { ...START, meterStart: 2 ** 53 },
    "PropertyConstraintViolation",
    "meterStart: ",
  ],
];

for (const [what, action, payload, code, description] of ROWS) {
  Deno.test(`OCPP-J §4.2.3 ${what}: ${code}`, () => {
    const checked = checkReq(action, payload);
    assert.ok(!checked.ok);
    const content = callErrorFor({ kind: "badPayload", faults: checked.faults });
    assert.equal(content.errorCode, code);
    assert.ok(content.errorDescription.startsWith(description), content.errorDescription);
  });
}

Deno.test("OCPP-J §4.2.3 every fault of a payload is told, the first names the code", () => {
  const checked = checkReq("StartTransaction", { idTag: 1, extra: true });
  assert.ok(!checked.ok);
  assert.deepEqual(checked.faults.map(({ kind, path }) => [kind, pathText(path)]), [
    ["missingField", "connectorId"],
    ["wrongType", "idTag"],
    ["missingField", "meterStart"],
    ["missingField", "timestamp"],
    ["extraField", "extra"],
  ]);
});

const FAULTS: readonly (readonly [fault: CallFault, code: string])[] = [
  [{ kind: "unknownAction", action: "Foo" }, "NotImplemented"],
  [{ kind: "unsupportedAction", action: "ReserveNow" }, "NotSupported"],
  [{ kind: "notAccepted", why: "boot first" }, "SecurityError"],
  [{ kind: "internal" }, "InternalError"],
  [{ kind: "notACall", uniqueId: "1", why: "3 elements" }, "FormationViolation"],
  [
    { kind: "badPayload", faults: [{ kind: "wrongCount", path: ["a"], message: "" }] },
    "OccurenceConstraintViolation",
  ],
  [
    { kind: "badPayload", faults: [{ kind: "outOfRange", path: ["a"], message: "" }] },
    "PropertyConstraintViolation",
  ],
  [{ kind: "badPayload", faults: [] }, "GenericError"],
];

for (const [fault, code] of FAULTS) {
  const name = fault.kind === "badPayload"
    ? `badPayload ${fault.faults[0]?.kind ?? "without fault"}`
    : fault.kind;
  Deno.test(`OCPP-J §4.2.3 ${name}: ${code}`, () => {
    assert.equal(callErrorFor(fault).errorCode, code);
  });
}

Deno.test("OCPP-J §4.2.3 the official spellings are sent, later ones understood, unknown ones GenericError", () => {
  for (const code of CALL_ERROR_CODES) assert.equal(callErrorCodeOf(code), code);
  assert.equal(callErrorCodeOf("FormatViolation"), "FormationViolation");
  assert.equal(callErrorCodeOf("OccurrenceConstraintViolation"), "OccurenceConstraintViolation");
  for (
    const other of ["RpcFrameworkError", "MessageTypeNotSupported", "Whatever", "", "toString", "__proto__"]
  ) {
    assert.equal(callErrorCodeOf(other), "GenericError", other);
  }
});

Deno.test("OCPP-J §4.2.3 a CALLERROR has five elements, {} without details, at most 255 characters of text", () => {
  const error = { uniqueId: "1", errorCode: "GenericError", errorDescription: "x".repeat(300) };
  const [messageType, uniqueId, errorCode, errorDescription, errorDetails] = JSON.parse(callErrorText(error));
  assert.deepEqual([messageType, uniqueId, errorCode, errorDetails], [4, "1", "GenericError", {}]);
  assert.equal(errorDescription.length, ERROR_DESCRIPTION_MAX_LENGTH);
});

Deno.test("OCPP-J §4.1.3 null as payload is {} in answers too", () => {
  assert.deepEqual(checkConf("StatusNotification", null), { ok: true, payload: {} });
  assert.equal(checkConf("Heartbeat", null).ok, false);
});
