/**
 * An operator's wish to call a Charge Point: whether it may go out, and what its answer means.
 * Spec: OCPP 1.6 §4.2.
 */
import assert from "node:assert/strict";
import {
  type Command,
  commandFaults,
  commandOutcome,
  registrationRefusal,
} from "../../src/central_system/commands.ts";
import { pathText } from "../../src/ocpp/call_error.ts";

function command(action: string, payload: unknown, validate = true): Command {
  return { action, payload, validate, timeoutMs: 30_000 };
}

/** A wish, and where it is at fault; nowhere: it may be sent. */
const ROWS: readonly (readonly [what: string, wish: Command, faults: readonly string[]])[] = [
  ["a Reset", command("Reset", { type: "Soft" }), []],
  ["DataTransfer, which both may send", command("DataTransfer", { vendorId: "com.example" }), []],
  ["null for an empty payload", command("ClearCache", null), []],
  ["a field missing", command("Reset", {}), ["payload.type"]],
  ["everything wrong", command("ChangeConfiguration", { key: 1, extra: 1 }), [
    "payload.key",
    "payload.value",
    "payload.extra",
  ]],
  ["no object", command("Reset", "Soft"), ["payload"]],
  ["a rule of the text broken", command("UnlockConnector", { connectorId: 0 }), ["payload.connectorId"]],
  ["an Action of the other direction", command("Heartbeat", {}), ["action"]],
  ["no Action", command("Foo", {}), ["action"]],
  ["an Action in other case", command("reset", { type: "Soft" }), ["action"]],
  ["a name that every object has", command("toString", {}), ["action"]],
  ["a payload that does not fit, on purpose", command("Reset", { type: "Lukewarm" }, false), []],
  ["no Action, on purpose", command("Foo", {}, false), ["action"]],
];

for (const [what, wish, faults] of ROWS) {
  Deno.test(`command: ${what}: ${faults.length === 0 ? "may be sent" : `fault in ${faults.join(", ")}`}`, () => {
    assert.deepEqual(commandFaults(wish).map(({ path }) => pathText(path)), faults);
  });
}

for (
  const [status, action, refusal] of [
    ["Accepted", "RemoteStartTransaction", undefined],
    [undefined, "RemoteStartTransaction", undefined],
    ["Pending", "RemoteStartTransaction", "pending"],
    ["Pending", "RemoteStopTransaction", "pending"],
    ["Pending", "ChangeConfiguration", undefined],
    ["Pending", "TriggerMessage", undefined],
    ["Rejected", "RemoteStopTransaction", "rejected"],
    ["Rejected", "TriggerMessage", "rejected"],
  ] as const
) {
  Deno.test(`§4.2 registration ${status ?? "unknown"}, ${action}: ${refusal ?? "may be sent"}`, () => {
    assert.equal(registrationRefusal(action, status), refusal);
  });
}

Deno.test("command: an answer is checked, and one that does not fit comes back with its faults", () => {
  const fits = { kind: "result", payload: { status: "Accepted" } } as const;
  assert.deepEqual(commandOutcome("Reset", fits, "strict"), fits);
  const odd = commandOutcome("Reset", { kind: "result", payload: { status: "Perhaps" } }, "strict");
  assert.ok(odd.kind === "invalid");
  assert.deepEqual([odd.payload, odd.faults.map(({ path }) => pathText(path))], [{ status: "Perhaps" }, [
    "status",
  ]]);
  const empty = { kind: "result", payload: null } as const;
  assert.deepEqual(commandOutcome("UpdateFirmware", empty, "strict"), { kind: "result", payload: {} });
});

Deno.test("command: a CALLERROR and a timeout are outcomes as they are", () => {
  const error = { kind: "error", errorCode: "NotSupported", errorDescription: "", errorDetails: {} } as const;
  assert.deepEqual(commandOutcome("Reset", error, "strict"), error);
  assert.deepEqual(commandOutcome("Reset", { kind: "timeout" }, "strict"), { kind: "timeout" }, "strict");
});
