/**
 * Every compliance case for Charge Points, played against ours on the description that its needs name.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { descriptionFor } from "../support/conformance_charge_point.ts";
import { playCase } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";

for (const definition of CHARGE_POINT_CASES) {
  const { id, title, needs } = definition;
  Deno.test(`${id} ${title} [${descriptionFor(needs).name}]`, async () => {
    const { result, configurationBefore, configurationAfter } = await playCase(definition);
    assert.equal(result.verdict, "PASS", resultText(result));
    // Restoration is part of every case: nothing is left behind.
    assert.deepEqual(result.remarks, [], resultText(result));
    assert.deepEqual(configurationAfter, configurationBefore);
  });
}
