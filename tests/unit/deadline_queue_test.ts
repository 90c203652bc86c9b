import assert from "node:assert/strict";
import { DeadlineQueue } from "../../src/runtime/deadline_queue.ts";

Deno.test("DeadlineQueue: empty has no next deadline and nothing due", () => {
  const queue = new DeadlineQueue();
  assert.equal(queue.nextMs(), Infinity);
  assert.equal(queue.takeDue(1e15), undefined);
});

Deno.test("DeadlineQueue: gives slots that are due, earliest first, and keeps the others", () => {
  const queue = new DeadlineQueue();
  queue.set(0, 300);
  queue.set(1, 100);
  queue.set(2, 200);
  assert.equal(queue.nextMs(), 100);
  assert.deepEqual([queue.takeDue(200), queue.takeDue(200), queue.takeDue(200)], [1, 2, undefined]);
  assert.equal(queue.nextMs(), 300);
});

Deno.test("DeadlineQueue: a deadline that is set again moves, and Infinity takes it out", () => {
  const queue = new DeadlineQueue();
  queue.set(0, 100);
  queue.set(1, 200);
  queue.set(0, 300);
  assert.equal(queue.nextMs(), 200);
  queue.set(1, Infinity);
  queue.set(7, Infinity);
  assert.equal(queue.nextMs(), 300);
  assert.equal(queue.size, 1);
});
