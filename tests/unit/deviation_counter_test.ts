import assert from "node:assert/strict";
import type { Deviation, DeviationRule } from "../../src/central_system/deviation.ts";
import { COUNTED_CHARGE_POINTS_MAX, DeviationCounter } from "../../src/runtime/deviation_counter.ts";

function deviation(chargePoint: string, rule: DeviationRule): Deviation {
  return { kind: "deviation", chargePoint, rule, detail: "", spec: "" };
}

Deno.test("DeviationCounter: counts by Charge Point and rule", () => {
  const counter = new DeviationCounter();
  assert.deepEqual(counter.of("CP1"), {});
  for (const rule of ["noBoot", "fieldRule", "noBoot"] as const) counter.count(deviation("CP1", rule));
  counter.count(deviation("CP2", "stoppedTwice"));
  assert.deepEqual(counter.of("CP1"), { noBoot: 2, fieldRule: 1 });
  assert.deepEqual(counter.of("CP2"), { stoppedTwice: 1 });
});

Deno.test("DeviationCounter: identities beyond its bound go uncounted, known ones go on", () => {
  const counter = new DeviationCounter();
  for (let number = 0; number <= COUNTED_CHARGE_POINTS_MAX; number++) {
    counter.count(deviation(`CP${number}`, "noBoot"));
  }
  assert.deepEqual(counter.of(`CP${COUNTED_CHARGE_POINTS_MAX}`), {});
  counter.count(deviation("CP0", "noBoot"));
  assert.deepEqual(counter.of("CP0"), { noBoot: 2 });
});
