/** Which cases are played, in what order. */
import assert from "node:assert/strict";
import { inOrder } from "../../src/cli/test/case_order.ts";
import { selectedCases } from "../../src/cli/test/case_selection.ts";
import { CENTRAL_SYSTEM_CASES, CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";

const idsOf = (cases: readonly { readonly id: string }[]) => cases.map(({ id }) => id);

Deno.test("--case says in which order cases are played, each once; without it they have their own", () => {
  const wanted = ["TC_085", "TC_003", "TC_08*", "tc_003"];
  assert.deepEqual(idsOf(selectedCases(CHARGE_POINT_CASES, { case: wanted })), [
    ...["TC_085_CS", "TC_003_CS"],
    ...idsOf(CHARGE_POINT_CASES).filter((id) => id.startsWith("TC_08") && id !== "TC_085_CS"),
  ]);
  assert.deepEqual(idsOf(selectedCases(CHARGE_POINT_CASES, {})), idsOf(CHARGE_POINT_CASES));
  assert.deepEqual(idsOf(selectedCases(CHARGE_POINT_CASES, { case: wanted, skip: ["TC_08*"] })), [
    "TC_003_CS",
  ]);
});

Deno.test("what changes a system for good comes after all others, however often they are played", () => {
  for (const cases of [CHARGE_POINT_CASES, CENTRAL_SYSTEM_CASES]) {
    const forGood = idsOf(cases.filter(({ isForGood }) => isForGood));
    assert.deepEqual(forGood.map((id) => id.replace(/_[A-Z]+$/, "")), ["TC_083"]);
    const others = idsOf(cases).filter((id) => !forGood.includes(id));
    assert.deepEqual(idsOf(inOrder(cases, 2)), [...others, ...others, ...forGood, ...forGood]);
  }
});
