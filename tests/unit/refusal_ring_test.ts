import assert from "node:assert/strict";
import fc from "fast-check";
import { REASON_KEPT_MAX, RefusalRing } from "../../src/runtime/refusal_ring.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";

function refusal(atMs: number, reason = "no") {
  return { atMs, remoteAddress: "192.0.2.1", identity: undefined, status: 404, reason };
}

Deno.test("refusals: the pages are the latest ones, newest first, without gap or repeat", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.nat(20),
      fc.integer({ min: 1, max: 4 }),
      (keptMax, count, limit) => {
        const ring = new RefusalRing({ keptMax });
        for (let atMs = 1; atMs <= count; atMs++) ring.add(refusal(atMs));
        const seen: number[] = [];
        let cursor: string | undefined;
        do {
          const page = ring.page({ limit, ...(cursor === undefined ? {} : { cursor }) });
          assert.ok(page.items.length <= limit);
          seen.push(...page.items.map(({ atMs }) => atMs));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        const kept = Math.min(count, keptMax);
        assert.deepEqual(seen, Array.from({ length: kept }, (_, index) => count - index));
      },
    ),
    { seed: PROPERTY_SEED },
  );
});

Deno.test("refusals: what comes between two pages shifts nothing; a cursor that nobody gave is harmless", () => {
  const ring = new RefusalRing({ keptMax: 4 });
  for (let atMs = 1; atMs <= 4; atMs++) ring.add(refusal(atMs));
  const first = ring.page({ limit: 2 });
  ring.add(refusal(5));
  const second = ring.page({ limit: 2, cursor: first.nextCursor! });
  assert.deepEqual([...first.items, ...second.items].map(({ atMs }) => atMs), [4, 3, 2]); // 1 had to go
  for (const cursor of ["0", "1"]) assert.deepEqual(ring.page({ limit: 2, cursor }), { items: [] });
  assert.equal(ring.page({ limit: 1, cursor: "9999999999999999" }).items[0]!.atMs, 5);
});

Deno.test("refusals: a reason that quotes a long header is cut", () => {
  const ring = new RefusalRing();
  ring.add(refusal(1, "x".repeat(100_000)));
  assert.equal(ring.page({ limit: 1 }).items[0]!.reason.length, REASON_KEPT_MAX);
});
