import assert from "node:assert/strict";
import { LineBudget } from "../../src/cli/serve/line_budget.ts";

function budget(perSecondMax: number) {
  const withheld: number[] = [];
  return { withheld, lines: new LineBudget({ perSecondMax, onWithheld: (count) => withheld.push(count) }) };
}

Deno.test("LineBudget: what is beyond a second's lines is told as a number once the second is over", () => {
  const { lines, withheld } = budget(2);
  assert.deepEqual([0, 1, 2, 3, 999].map((atMs) => lines.take(atMs)), [true, true, false, false, false]);
  assert.deepEqual(withheld, []);
  assert.equal(lines.take(1_000), true);
  assert.deepEqual(withheld, [3]);
  lines.end();
  assert.deepEqual(withheld, [3]);
});

Deno.test("LineBudget: lines that come out of order make no new second, a clock that is set back does", () => {
  const { lines, withheld } = budget(1);
  assert.deepEqual([60_000, 59_999, 60_001, 59_998].map((atMs) => lines.take(atMs)), [
    true,
    false,
    false,
    false,
  ]);
  assert.equal(lines.take(1_000), true);
  assert.deepEqual(withheld, [3]);
});

Deno.test("LineBudget: the end tells of the last second", () => {
  const { lines, withheld } = budget(1);
  [1, 2, 3].forEach((atMs) => lines.take(atMs));
  lines.end();
  assert.deepEqual(withheld, [2]);
});
