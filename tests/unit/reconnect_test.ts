import assert from "node:assert/strict";
import { reconnectDelayMs } from "../../src/runtime/reconnect.ts";

Deno.test("reconnectDelayMs: the longest wait doubles with each failure up to a minute", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 2_000].map((failures) =>
    reconnectDelayMs({ failures, random: 1 - Number.EPSILON })
  );
  assert.deepEqual(
    longest.map((ms) => Math.round(ms / 1000)),
    [1, 2, 4, 8, 16, 32, 60, 60, 60],
  );
});

Deno.test("reconnectDelayMs: jitter spreads waits over the whole range but never below a quarter second", () => {
  assert.equal(reconnectDelayMs({ failures: 5, random: 0 }), 250);
  assert.equal(reconnectDelayMs({ failures: 5, random: 0.5 }), 250 + (16_000 - 250) / 2);
});
