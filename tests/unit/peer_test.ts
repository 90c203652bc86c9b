import assert from "node:assert/strict";
import type { CallError, CallResult } from "../../src/ocpp/frame.ts";
import type { OutgoingCall } from "../../src/rpc/call_queue.ts";
import { Peer, REMEMBERED_CALLS_MAX } from "../../src/rpc/peer.ts";

function call(uniqueId: string, timeoutMs = 1_000): OutgoingCall<string> {
  return { uniqueId, action: "Reset", payload: {}, timeoutMs, tag: `tag ${uniqueId}` };
}

function result(uniqueId: string): CallResult {
  return { kind: "callResult", uniqueId, payload: { status: "Accepted" } };
}

function peerWith(...ids: string[]): Peer<string> {
  const peer = new Peer<string>({ maxWaiting: 10 });
  for (const id of ids) peer.enqueue(call(id));
  return peer;
}

Deno.test("OCPP-J §4.1.1 Peer: a Call leaves only when the one before is answered", () => {
  const peer = peerWith("1", "2");
  assert.equal(peer.sendNext(0)?.uniqueId, "1");
  assert.equal(peer.sendNext(0), undefined);
  assert.equal(peer.sendNow(call("3"), 0), false);
  assert.deepEqual([peer.inFlight?.uniqueId, peer.waiting], ["1", 1]);
  assert.deepEqual(peer.receive(result("1"), 250), {
    kind: "settled",
    call: call("1"),
    outcome: { kind: "result", payload: { status: "Accepted" } },
    latencyMs: 250,
  });
  assert.equal(peer.sendNext(250)?.uniqueId, "2");
});

Deno.test("Peer: a CallError settles its Call as well", () => {
  const peer = peerWith("1");
  peer.sendNext(0);
  const content = { errorCode: "NotSupported", errorDescription: "no", errorDetails: {} };
  const error: CallError = { kind: "callError", uniqueId: "1", ...content };
  const settled = peer.receive(error, 0);
  assert.ok(settled.kind === "settled");
  assert.deepEqual(settled.outcome, { kind: "error", ...content });
  assert.equal(settled.call.tag, "tag 1");
});

Deno.test("Peer: sendNow goes past those that wait, if the line is free", () => {
  const peer = peerWith("1");
  assert.equal(peer.sendNow(call("now"), 0), true);
  assert.equal(peer.inFlight?.uniqueId, "now");
  peer.receive(result("now"), 0);
  assert.equal(peer.sendNext(0)?.uniqueId, "1");
});

Deno.test("Peer: at its deadline a Call times out, not before, and the next may leave", () => {
  const peer = peerWith("1", "2");
  assert.equal(peer.deadlineMs(), Infinity);
  assert.equal(peer.expire(1e15), undefined);
  peer.sendNext(100);
  assert.equal(peer.deadlineMs(), 1_100);
  assert.equal(peer.expire(1_099), undefined);
  assert.deepEqual(peer.expire(1_100), {
    kind: "settled",
    call: call("1"),
    outcome: { kind: "timeout" },
    latencyMs: 1_000,
  });
  assert.equal(peer.expire(1_100), undefined);
  assert.equal(peer.sendNext(1_100)?.uniqueId, "2");
});

Deno.test("Peer: an answer that nobody waits for is late, duplicate or unknown, and settles nothing", () => {
  const peer = peerWith("1", "2", "3");
  assert.deepEqual(peer.receive(result("1"), 0), { kind: "unknown" }); // not sent yet
  peer.sendNext(0);
  peer.receive(result("1"), 0);
  peer.sendNext(0);
  peer.expire(1_000);
  peer.sendNext(1_000);
  assert.deepEqual(peer.receive(result("1"), 1_001), { kind: "duplicate" });
  assert.deepEqual(peer.receive(result("2"), 1_001), { kind: "late" });
  assert.deepEqual(peer.receive(result("4"), 1_001), { kind: "unknown" });
  assert.equal(peer.inFlight?.uniqueId, "3");
});

Deno.test(`Peer: the last ${REMEMBERED_CALLS_MAX} settled uniqueIds are remembered`, () => {
  const ids = Array.from({ length: REMEMBERED_CALLS_MAX + 1 }, (_, index) => String(index));
  const peer = peerWith(...ids);
  for (const id of ids) {
    peer.sendNext(0);
    peer.receive(result(id), 0);
  }
  assert.deepEqual(peer.receive(result("0"), 0), { kind: "unknown" });
  assert.deepEqual(peer.receive(result("1"), 0), { kind: "duplicate" });
});

Deno.test("Peer: a Call that is sent again under its uniqueId is settled by the late answer to the first", () => {
  const peer = peerWith();
  peer.sendNow(call("1"), 0);
  peer.expire(1_000);
  peer.sendNow(call("1"), 5_000);
  assert.equal(peer.receive(result("1"), 5_001).kind, "settled");
});

Deno.test("Peer: interrupt gives back the Call in flight, once; those that wait stay", () => {
  const peer = peerWith("1", "2");
  assert.equal(peer.interrupt(), undefined);
  peer.sendNext(0);
  assert.equal(peer.interrupt()?.uniqueId, "1");
  assert.equal(peer.interrupt(), undefined);
  assert.equal(peer.deadlineMs(), Infinity);
  assert.deepEqual(peer.takeWaiting().map(({ uniqueId }) => uniqueId), ["2"]);
  assert.equal(peer.sendNext(0), undefined);
});

Deno.test("Peer: no more Calls wait than there is room for", () => {
  const peer = new Peer<string>({ maxWaiting: 1 });
  assert.deepEqual([peer.enqueue(call("1")), peer.enqueue(call("2"))], [true, false]);
  peer.sendNext(0);
  assert.equal(peer.enqueue(call("2")), true);
});
