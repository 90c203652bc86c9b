import assert from "node:assert/strict";
import { CallQueue, type OutgoingCall } from "../../src/rpc/call_queue.ts";

function call(uniqueId: string): OutgoingCall<undefined> {
  return { uniqueId, action: "Reset", payload: {}, timeoutMs: 1_000, tag: undefined };
}

Deno.test("CallQueue: first come first served, and no more than its capacity", () => {
  const queue = new CallQueue<undefined>(2);
  assert.equal(queue.shift(), undefined);
  assert.deepEqual(["1", "2", "3"].map((id) => queue.push(call(id))), [true, true, false]);
  assert.equal(queue.length, 2);
  assert.equal(queue.shift()?.uniqueId, "1");
  assert.equal(queue.push(call("4")), true);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()].map((one) => one?.uniqueId), [
    "2",
    "4",
    undefined,
  ]);
});

Deno.test("CallQueue: takeAll empties it", () => {
  const queue = new CallQueue<undefined>(2);
  assert.deepEqual(queue.takeAll(), []);
  for (const id of ["1", "2"]) queue.push(call(id));
  assert.deepEqual(queue.takeAll().map(({ uniqueId }) => uniqueId), ["1", "2"]);
  assert.equal(queue.length, 0);
  assert.equal(queue.push(call("3")), true);
});
