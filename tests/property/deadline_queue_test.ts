import assert from "node:assert/strict";
import fc from "fast-check";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { DeadlineQueue } from "../../src/runtime/deadline_queue.ts";

const step = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    slot: fc.nat(20),
    atMs: fc.oneof(fc.nat(50), fc.constant(Infinity)),
  }),
  fc.record({ kind: fc.constant("take" as const), nowMs: fc.nat(50) }),
);

Deno.test("DeadlineQueue behaves as a sorted list whatever is set, moved, removed and taken", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DeadlineQueue();
      const list = new Map<number, number>();
      const first = () =>
        [...list].sort(([slot, atMs], [other, otherMs]) => atMs - otherMs || slot - other)[0];
      for (const step of steps) {
        if (step.kind === "set") {
          queue.set(step.slot, step.atMs);
          if (step.atMs === Infinity) list.delete(step.slot);
          else list.set(step.slot, step.atMs);
        } else {
          const expected = first();
          const due = expected !== undefined && expected[1] <= step.nowMs ? expected[0] : undefined;
          assert.equal(queue.takeDue(step.nowMs), due);
          if (due !== undefined) list.delete(due);
        }
        assert.equal(queue.size, list.size);
        assert.equal(queue.nextMs(), first()?.[1] ?? Infinity);
      }
    }),
    { seed: PROPERTY_SEED },
  );
});
