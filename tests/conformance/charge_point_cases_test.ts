/**
 * Every compliance case for Charge Points, played against ours on the description that its needs name.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { capabilitiesOf, descriptionFor } from "../support/conformance_charge_point.ts";
import { playCase } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";
import { unmetNeeds } from "../../src/conformance/capabilities.ts";
import { NOT_YET_PLAYING } from "./not_yet_playing.ts";

for (const definition of CHARGE_POINT_CASES) {
  const { id, title, needs } = definition;
  const played = descriptionFor(needs);
  Deno.test(`${id} ${title} [${played.name}]`, async () => {
    assert.deepEqual(
      unmetNeeds(needs, capabilitiesOf(played)),
      [],
      "the description is not what the case needs",
    );
    const { result, configurationBefore, configurationAfter } = await playCase(definition);
    if (NOT_YET_PLAYING.has(id)) {
      assert.notEqual(result.verdict, "PASS", `${id} passes: take it off the list`);
      return;
    }
    assert.equal(result.verdict, "PASS", resultText(result));
    // Restoration is part of every case: nothing is left behind.
    assert.deepEqual(result.remarks, [], resultText(result));
    assert.deepEqual(configurationAfter, configurationBefore);
  });
}

Deno.test("compliance cases have ids of their own, and the list of those that do not play knows no others", () => {
  const ids = CHARGE_POINT_CASES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...NOT_YET_PLAYING].filter((id) => !ids.includes(id)), []);
});
