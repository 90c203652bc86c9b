/**
 * The run of a compliance case, input by input: what it answers, what it waits for, how it ends.
 */
import assert from "node:assert/strict";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { ChargePointStatus } from "../../src/ocpp/types.ts";
import { installed } from "../../src/conformance/charge_point/firmware_stages.ts";
import { oneOf } from "../../src/conformance/matcher.ts";
import { call, optionalCall, type Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import { Rig } from "../support/conformance_rig.ts";

const STATUS = { connectorId: 1, errorCode: "NoError", status: "Available" };

Deno.test("conformance run: a Call that is expected is answered as the expectation says", () => {
  const rig = new Rig(function* (t) {
    yield* t.expect(call("Authorize", { idTag: "A" }, { idTagInfo: { status: "Blocked" } }));
  });
  rig.frame(2, "u1", "Authorize", { idTag: "A" }).pass(60);
  assert.deepEqual(rig.sent, [[3, "u1", { idTagInfo: { status: "Blocked" } }]]);
  assert.equal(rig.verdict, "PASS");
});

Deno.test("conformance run: a BootNotification of one that merely came back is waited for once", () => {
  const first = new Rig(function* () {}, "chargePoint", { known: { isAccepted: false } });
  assert.equal(first.pass(60).verdict, "PASS");
  assert.match(first.run.result!.steps.join(), /expect BootNotification/);
  const { isAccepted } = first.run.session;
  const next = new Rig(function* () {}, "chargePoint", { known: { isAccepted } });
  assert.doesNotMatch(next.pass(60).run.result!.steps.join(), /BootNotification/);
});

Deno.test("conformance run: one that has booted and was not accepted is waited for again", () => {
  const rig = new Rig(function* () {}, "chargePoint", { known: { isAccepted: false, hasBooted: true } });
  rig.pass(60);
  assert.equal(rig.run.session.isAccepted, false);
});

Deno.test("conformance run: a StartTransaction whose answer names no transactionId gets the next one", () => {
  const rig = new Rig(function* (t) {
    const { answer } = yield* t.expect(
      call("StartTransaction", {}, { idTagInfo: { status: "Invalid" } }),
    );
    yield* t.check("it has one", answer?.transactionId, answer?.transactionId === 7);
  });
  const payload = { connectorId: 1, idTag: "A", meterStart: 0, timestamp: "2026-01-01T00:00:00Z" };
  rig.frame(2, "u1", "StartTransaction", payload);
  assert.deepEqual(rig.sent[0], [3, "u1", { idTagInfo: { status: "Invalid" }, transactionId: 7 }]);
});

Deno.test("conformance run: silence and a CALLERROR are answers too", () => {
  const rig = new Rig(function* (t) {
    yield* t.expect(call("Heartbeat", {}, "silence"));
    yield* t.expect(call("Heartbeat", {}, { callError: "InternalError" }));
  });
  rig.frame(2, "u1", "Heartbeat", {}).frame(2, "u2", "Heartbeat", {}).pass(60);
  assert.deepEqual(rig.sent, [[4, "u2", "InternalError", "", {}]]);
  assert.equal(rig.verdict, "PASS");
});

Deno.test("conformance run: what nobody expects is a fault, what is tolerated is answered", () => {
  const rig = new Rig(function* (t) {
    yield* t.expect(call("Authorize"));
  });
  rig.frame(2, "u1", "Heartbeat", {}).frame(2, "u2", "StatusNotification", STATUS).pass(60);
  assert.equal(rig.verdict, "FAIL");
  assert.match(rig.run.result!.failure!.came, /^StatusNotification/);
});

Deno.test("conformance run: an optional Call may come among the others, not instead of them", () => {
  const steps = function* (t: Tester): Steps {
    yield* t.expectInAnyOrder([optionalCall("StatusNotification"), call("Authorize")]);
  };
  const both = new Rig(steps).frame(2, "u1", "StatusNotification", STATUS);
  assert.equal(both.frame(2, "u2", "Authorize", { idTag: "A" }).pass(60).verdict, "PASS");
  assert.equal(new Rig(steps).frame(2, "u1", "Authorize", { idTag: "A" }).pass(60).verdict, "PASS");
  assert.equal(new Rig(steps).frame(2, "u1", "StatusNotification", STATUS).pass(60).verdict, "FAIL");
});

Deno.test("conformance run: an answer after its time is too late, even where nobody told of the deadline", () => {
  const rig = new Rig(function* (t) {
    yield* t.expect(call("Authorize"), { within: 10 });
  });
  rig.nowMs += 10_001;
  rig.frame(2, "u1", "Authorize", { idTag: "A" });
  assert.equal(rig.pass(60).verdict, "FAIL");
  assert.match(rig.run.result!.failure!.expected, /Authorize .* in time/);
});

const BROKEN: readonly (readonly [name: string, text: string])[] = [
  ["no JSON", "hello"],
  ["an unknown Action", '[2,"u1","Nonsense",{}]'],
  ["a Call of the other role", '[2,"u1","Reset",{"type":"Soft"}]'],
  ["a missing field", '[2,"u1","Authorize",{}]'],
  ["a field that is too long", '[2,"u1","Authorize",{"idTag":"123456789012345678901"}]'],
  [
    "a status that connector 0 has not",
    '[2,"u1","StatusNotification",{"connectorId":0,"errorCode":"NoError","status":"Charging"}]',
  ],
  [
    "a connector that does not exist",
    '[2,"u1","StatusNotification",{"connectorId":2,"errorCode":"NoError","status":"Available"}]',
  ],
  ["an answer to nothing", '[3,"x",{}]'],
  ["a CALLERROR without details", '[4,"t1","NotSupported",""]'],
  ["a CALLERROR with a code of its own", '[4,"t1","MyError","",{}]'],
];

for (const [name, text] of BROKEN) {
  Deno.test(`conformance run: ${name} is a FAIL, in the preparation too`, () => {
    const rig = new Rig(function* (t) {
      yield* t.prepare(t.send("GetConfiguration", {}));
    });
    rig.input({ kind: "frame", text }).pass(600);
    assert.equal(rig.verdict, "FAIL");
  });
}

Deno.test("conformance run: a uniqueId may come again with the same message only", () => {
  const steps = function* (t: Tester): Steps {
    yield* t.expect(call("Authorize"));
    yield* t.expect(call("Authorize"));
  };
  const again = new Rig(steps).frame(2, "u1", "Authorize", { idTag: "A" });
  assert.equal(again.frame(2, "u1", "Authorize", { idTag: "A" }).pass(60).verdict, "PASS");
  const other = new Rig(steps).frame(2, "u1", "Authorize", { idTag: "A" });
  assert.equal(other.frame(2, "u1", "Authorize", { idTag: "B" }).pass(60).verdict, "FAIL");
});

Deno.test("conformance run: what an operator cannot do is INCONCLUSIVE, and so is what nobody does", () => {
  const steps = function* (t: Tester): Steps {
    yield* t.operator({ kind: "plugIn", connectorId: 1 });
    yield* t.expect(call("StatusNotification"));
  };
  const rig = new Rig(steps);
  const asked = rig.effects.find((effect) => effect.kind === "operator");
  assert.ok(asked?.kind === "operator");
  const { actionId } = asked;
  rig.input({ kind: "operatorDone", actionId, outcome: { kind: "cannot", reason: "no arms" } }).pass(900);
  assert.equal(rig.verdict, "INCONCLUSIVE");
  const expected = "somebody to plug the cable of connector 1 into the EV";
  const { failure, remarks } = rig.run.result!;
  assert.deepEqual([failure!.expected, failure!.came], [expected, "no arms"]);
  assert.deepEqual(remarks, [
    "not restored: expected somebody to unplug the cable of connector 1 from the EV, " +
    "and here if it comes out within 300 s; came nobody did",
  ]);
  const { failure: nobody } = new Rig(steps).pass(3_000).run.result!;
  assert.deepEqual([nobody!.expected, nobody!.came], [`${expected} within 300 s`, "nobody did"]);
});

Deno.test("conformance run: what somebody says of a deed that was given up disturbs nothing", () => {
  const rig = new Rig(function* (t) {
    yield* t.operator({ kind: "plugIn", connectorId: 1 });
    yield* t.expect(call("StatusNotification"));
  });
  rig.input({ kind: "abort", reason: "it was interrupted" });
  const outcome = { kind: "cannot", reason: "nobody waits for it any more" } as const;
  rig.pass(20).input({ kind: "operatorDone", actionId: 1, outcome });
  rig.input({ kind: "operatorDone", actionId: 2, outcome: { kind: "done" } }).pass(20);
  assert.equal(rig.verdict, "INCONCLUSIVE");
  assert.deepEqual(rig.run.result!.remarks, []);
});

Deno.test("conformance run: time does not count while somebody is asked to do something", () => {
  const rig = new Rig(function* (t) {
    yield* t.operator({ kind: "plugIn", connectorId: 1 });
    yield* t.expect(call("StatusNotification"), { within: 10 });
  });
  rig.pass(100).input({ kind: "operatorDone", actionId: 1, outcome: { kind: "done" } }).pass(9);
  assert.equal(rig.verdict, undefined);
  rig.frame(2, "u1", "StatusNotification", STATUS);
  for (let actionId = 2; actionId < 5; actionId++) {
    rig.pass(10).input({ kind: "operatorDone", actionId, outcome: { kind: "done" } });
  }
  assert.equal(rig.pass(100).verdict, "PASS");
});

Deno.test("conformance run: connections are refused and accepted as the case says", () => {
  const rig = new Rig(function* (t) {
    yield* t.refuseConnections(401);
    yield* t.disconnect("to see it come back");
    yield* t.expectRefusedConnection();
    yield* t.acceptConnections();
    const request = yield* t.expectConnection();
    yield* t.check("it shows a password", request, request?.credentials?.passwordHex === "00FF");
  });
  const request = { subprotocols: ["ocpp1.6"], credentials: { user: "CP001", passwordHex: "00FF" } };
  rig.input({ kind: "upgradeRequested", request }).input({ kind: "upgradeRequested", request });
  rig.input({ kind: "linkUp" }).pass(60);
  assert.deepEqual(
    rig.effects.filter(({ kind }) => kind === "closeLink" || kind === "upgrade"),
    [
      { kind: "closeLink", reason: "to see it come back" },
      { kind: "upgrade", isAccepted: false, status: 401 },
      { kind: "upgrade", isAccepted: true, status: 101 },
    ],
  );
  assert.equal(rig.verdict, "PASS");
});

Deno.test("conformance run: what is asked of the bench and not to be had is INCONCLUSIVE", () => {
  const rig = new Rig(function* (t) {
    const { location } = yield* t.bench({ kind: "uploadLocation" });
    yield* t.check("it is a URL", location, location === "http://files/");
    yield* t.bench({ kind: "firmware" });
  });
  const ids = () => rig.effects.flatMap((effect) => effect.kind === "bench" ? [effect.requestId] : []);
  rig.input({ kind: "benchDone", requestId: ids()[0]!, reply: { location: "http://files/" } });
  rig.input({ kind: "benchDone", requestId: ids()[1]!, reply: undefined }).pass(60);
  assert.equal(rig.verdict, "INCONCLUSIVE");
});

Deno.test("conformance run: the same vocabulary plays the Charge Point of a Central System", () => {
  const rig = new Rig(function* (t) {
    const came = yield* t.connect({ subprotocols: ["ocpp0.1"] });
    yield* t.check("it is refused", came, came.kind === "refused" && came.status === 400);
    yield* t.connect();
    const boot = { chargePointVendor: "V", chargePointModel: "M" };
    yield* t.send("BootNotification", boot, { status: oneOf("Accepted", "Pending") });
    yield* t.operator({ kind: "sendCall", action: "Reset", payload: { type: "Soft" } });
    yield* t.expect(call("Reset", { type: "Soft" }, { status: "Accepted" }));
  }, "centralSystem");
  rig.input({ kind: "connectFailed", status: 400, cause: "HTTP 400" }).input({ kind: "linkUp" });
  rig.frame(3, "t1", { status: "Accepted", currentTime: "2026-01-01T00:00:00Z", interval: 300 });
  rig.input({ kind: "operatorDone", actionId: 1, outcome: { kind: "done" } });
  rig.frame(2, "c1", "Reset", { type: "Soft" });
  assert.equal(rig.verdict, "PASS");
  assert.deepEqual(rig.sent.at(-1), [3, "c1", { status: "Accepted" }]);
});

Deno.test("conformance run: after its end it asks for nothing more and still lets the system connect", () => {
  const rig = new Rig(function* () {});
  rig.pass(60);
  assert.equal(rig.verdict, "PASS");
  assert.equal(rig.run.deadlineMs(), Infinity);
  const request = { subprotocols: ["ocpp1.6"] };
  assert.deepEqual(rig.run.handle({ kind: "upgradeRequested", request }, rig.nowMs), [
    { kind: "upgrade", isAccepted: true, status: 101 },
  ]);
});

/** After a case that went wrong, with a Charge Point that triggers nothing and has told these statuses. */
function disturbed(statuses: readonly (readonly [connectorId: number, status: ChargePointStatus])[]): Rig {
  const known = { isDisturbed: true, statuses: new Map(statuses) };
  const rig = new Rig((t) => t.wait(0), "chargePoint", { known });
  const [[, uniqueId]] = rig.sent as [[number, string]];
  return rig.frame(4, uniqueId, "NotImplemented", "", {}).pass(60);
}

Deno.test("conformance run: connectors that are still in use are waited for together", () => {
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  const rig = disturbed(ids.map((connectorId) => [connectorId, "Charging"]));
  assert.equal(rig.pass(129).verdict, undefined);
  assert.equal(rig.pass(1).verdict, undefined, "restoration rests");
  assert.equal(rig.pass(5).verdict, "PASS");
});

Deno.test("conformance run: a connector that is free meanwhile is waited for no more", () => {
  const rig = disturbed([[0, "Faulted"], [1, "Charging"]]);
  rig.frame(2, "u1", "StatusNotification", STATUS);
  rig.frame(2, "u2", "StatusNotification", { ...STATUS, connectorId: 0 });
  assert.equal(rig.pass(5).verdict, "PASS");
});

Deno.test("conformance run: a Charge Point that starts again whenever it is stopped is not stopped for ever", () => {
  const rig = new Rig((t) => t.wait(0));
  const timestamp = dateTimeOf(rig.nowMs);
  const start = { connectorId: 1, idTag: "A", meterStart: 0, timestamp };
  rig.frame(2, "start", "StartTransaction", start).pass(2);
  const stops = () =>
    rig.sent.filter((one) => (one as unknown[])[2] === "RemoteStopTransaction") as [
      number,
      string,
      string,
      object,
    ][];
  for (let answered = 0; answered < stops().length && answered < 20; answered++) {
    const [, uniqueId, , which] = stops()[answered]!;
    rig.frame(3, uniqueId, { status: "Accepted" });
    rig.frame(2, `start-${uniqueId}`, "StartTransaction", start);
    rig.frame(2, `stop-${uniqueId}`, "StopTransaction", { ...which, meterStop: 0, timestamp });
  }
  assert.equal(stops().length, 1);
  assert.equal(rig.pass(60).verdict, "PASS");
});

Deno.test("conformance run: a connector of which nothing was told before an update that changes none is Available", () => {
  const update = (t: Tester) =>
    installed(t, call("FirmwareStatusNotification", { status: "Installed" }), undefined);
  const quiet = new Rig(update).frame(2, "u1", "FirmwareStatusNotification", { status: "Installed" });
  assert.equal(quiet.pass(60).verdict, "PASS");
  const broken = new Rig(update)
    .frame(2, "u1", "StatusNotification", { ...STATUS, status: "Unavailable" })
    .frame(2, "u2", "FirmwareStatusNotification", { status: "Installed" });
  assert.equal(broken.pass(100).verdict, "FAIL");
});
