import assert from "node:assert/strict";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

const booted = (given: ScriptOptions = {}) => new ScriptedCentralSystem(given).boot().forget();
const send = (script: ScriptedCentralSystem, vendorId = "com.example") =>
  script.input({ kind: "sendDataTransfer", vendorId, messageId: "Hello", data: "{}" }).run(0);
const ended = (script: ScriptedCentralSystem) => script.events("dataTransferEnded");

Deno.test("§4.3 what is sent is answered by the Central System, and told", () => {
  const script = booted({ answers: { DataTransfer: () => ({ status: "Accepted", data: "World" }) } });
  send(script);
  assert.deepEqual(script.seen("DataTransfer").map(({ payload }) => payload), [
    { vendorId: "com.example", messageId: "Hello", data: "{}" },
  ]);
  assert.deepEqual(ended(script), [{
    ...{ kind: "dataTransferEnded", vendorId: "com.example", messageId: "Hello" },
    ...{ status: "Accepted", data: "World" },
  }]);
});

/** Why a DataTransfer comes to nothing. */
const FAILURES: readonly (readonly [
  what: string,
  given: ScriptOptions,
  play: (script: ScriptedCentralSystem) => unknown,
  reason: RegExp,
])[] = [
  ["offline", {}, (script) => send(script.cut()), /offline/],
  ["a CALLERROR", { answers: { DataTransfer: () => ({ error: "NotSupported" }) } }, send, /NotSupported/],
  [
    "no answer",
    { answers: { DataTransfer: () => "silence" } },
    (script) => send(script).run(60),
    /no answer/,
  ],
  ["a link that breaks", { answers: { DataTransfer: () => "cut" } }, send, /offline/],
  ["a vendorId that is too long", {}, (script) => send(script, "x".repeat(256)), /255/],
  [
    "a line that is full",
    { answers: { Heartbeat: () => "silence" } },
    (script) => {
      script.result("TriggerMessage", { requestedMessage: "Heartbeat" });
      for (let n = 0; n < 51; n++) send(script);
    },
    /too many/,
  ],
];

for (const [what, given, play, reason] of FAILURES) {
  Deno.test(`DataTransfer fails by ${what}, and that is told once`, () => {
    const script = booted(given);
    play(script);
    assert.equal(ended(script).length, 1);
    assert.equal(ended(script)[0]?.status, "Failed");
    assert.match(ended(script)[0]?.reason ?? "", reason);
  });
}

Deno.test("§5.6 GetConnectors gives the connectors as they are", () => {
  const script = booted({ description: { connectors: 2 } }).charge(2);
  const { status, data = "" } = script.result("DataTransfer", {
    vendorId: "Vendor",
    messageId: "GetConnectors",
  });
  assert.equal(status, "Accepted");
  const [first, second] = JSON.parse(data);
  assert.deepEqual([first.status, first.transactionId], ["Available", undefined]);
  assert.deepEqual([second.status, second.transactionId], ["Charging", 101]);
  assert.equal(second.registerWh, Math.floor(script.chargePoint.connectors[1]?.registerWh ?? NaN));
});
