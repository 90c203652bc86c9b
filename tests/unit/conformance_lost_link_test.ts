/**
 * A connection that the system under test loses: silence on it proves nothing, and nothing waits for it for ever.
 */
import assert from "node:assert/strict";
import { call, type Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import { Rig } from "../support/conformance_rig.ts";

const WATCHES: readonly (readonly [name: string, watch: (t: Tester) => Steps])[] = [
  ["absent", (t) => t.absent([call("StartTransaction")], { for: 10 })],
  ["quiet", (t) => t.quiet({ for: 10 })],
  ["silence", (t) => t.silence({ for: 10 })],
];

for (const [name, watch] of WATCHES) {
  Deno.test(`lost link: ${name} is seen on a connection that holds, or that is there again`, () => {
    assert.equal(new Rig(watch).pass(60).verdict, "PASS");
    const back = new Rig(watch).pass(3).input({ kind: "linkDown" }).pass(3).input({ kind: "linkUp" });
    assert.equal(back.pass(60).verdict, "PASS");
  });

  Deno.test(`lost link: ${name} without a connection is no PASS`, () => {
    const rig = new Rig(watch).pass(3).input({ kind: "linkDown" }).pass(1_000);
    assert.equal(rig.verdict, "FAIL");
    assert.deepEqual(
      [rig.run.result!.failure!.expected, rig.run.result!.failure!.came],
      ["a connection on which to see that nothing comes", "its end"],
    );
  });
}

Deno.test("lost link: time may pass without a connection where nothing is to be seen", () => {
  const rig = new Rig((t) => t.wait(10)).input({ kind: "linkDown" }).pass(5).input({ kind: "linkUp" });
  assert.equal(rig.pass(60).verdict, "PASS");
});

Deno.test("lost link: an end that a case waits for, or makes, is none that it loses", () => {
  const watched = function* (t: Tester): Steps {
    yield* t.expectDisconnection();
    yield* t.quiet({ for: 10 });
  };
  const expected = new Rig(watched).input({ kind: "linkDown" }).pass(20).input({ kind: "linkUp" });
  assert.equal(expected.pass(60).verdict, "PASS");
  const own = new Rig(function* (t) {
    yield* t.disconnect("on purpose");
    yield* t.quiet({ for: 10 });
  }, "centralSystem");
  assert.equal(own.pass(60).verdict, "PASS");
});

/** A transaction runs, a cable is plugged in, a reservation and an interval are made: all of it is to be put back. */
function* muchToPutBack(t: Tester): Steps {
  yield* t.operator({ kind: "plugIn", connectorId: 1 });
  yield* t.expect(call("StartTransaction"));
  yield* t.send("ReserveNow", {
    ...{ connectorId: 2, reservationId: 1, idTag: "A" },
    expiryDate: t.dateTime(600),
  });
  t.record.configuration.set("HeartbeatInterval", "300");
  yield* t.expect(call("StopTransaction"));
}

function begunWithMuch(): Rig {
  const rig = new Rig(muchToPutBack);
  rig.input({ kind: "operatorDone", actionId: 1, outcome: { kind: "done" } });
  const start = { connectorId: 1, idTag: "A", meterStart: 0, timestamp: "2026-01-01T00:00:00Z" };
  return rig.frame(2, "u1", "StartTransaction", start).frame(3, "t1", { status: "Accepted" });
}

Deno.test("lost link: one that does not come back is waited for once, whatever there is to put back", () => {
  const rig = begunWithMuch();
  const lostAtMs = rig.nowMs;
  rig.input({ kind: "linkDown" });
  while (rig.run.result === undefined) rig.toTheNextDeadline();
  assert.equal(rig.verdict, "FAIL");
  const { connectWithinSeconds } = rig.run.setup;
  assert.equal((rig.nowMs - lostAtMs) / 1_000, connectWithinSeconds);
  assert.deepEqual(rig.run.result.remarks, [
    "not restored: expected the connection to be up; came not in time; what needs a connection was not tried",
  ]);
});

Deno.test("lost link: one that is late in coming back finds everything put back", () => {
  const rig = begunWithMuch();
  rig.effects.length = 0;
  rig.input({ kind: "linkDown" });
  rig.pass(rig.run.setup.connectWithinSeconds - 1).input({ kind: "linkUp" });
  while (rig.run.result === undefined) {
    rig.toTheNextDeadline();
    for (const effect of rig.effects.splice(0)) {
      if (effect.kind === "operator") {
        rig.input({ kind: "operatorDone", actionId: effect.actionId, outcome: { kind: "done" } });
      } else if (effect.kind === "send") {
        const [kind, uniqueId] = JSON.parse(effect.text);
        if (kind === 2) rig.frame(3, uniqueId, { status: "Accepted" });
      }
    }
  }
  assert.deepEqual(rig.run.result.remarks, []);
});
