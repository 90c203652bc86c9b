/**
 * Every compliance case for Charge Points, played against ours on the description that its needs name.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import type { CaseResult } from "../../src/conformance/contract.ts";
import { capabilitiesOf, type TestedChargePoint, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { playCase, playInARow } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";
import { unmetNeeds } from "../../src/conformance/capabilities.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { OVER_SOCKETS } from "./over_sockets.ts";

for (const definition of CHARGE_POINT_CASES.filter(({ id }) => !OVER_SOCKETS.has(id))) {
  const { id, title, needs } = definition;
  const played = testedFor(needs);
  Deno.test(`${id} ${title} [${played.name}]`, async () => {
    assert.deepEqual(
      unmetNeeds(needs, capabilitiesOf(played)),
      [],
      "the description is not what the case needs",
    );
    const { result, configurationBefore, configurationAfter, statusesAfter } = await playCase(definition);
    assert.equal(result.verdict, "PASS", resultText(result));
    // Restoration is part of every case: nothing is left behind.
    assert.deepEqual(result.remarks, [], resultText(result));
    assert.deepEqual(configurationAfter, configurationBefore);
    assert.deepEqual(new Set(statusesAfter), new Set(["Available"]), resultText(result));
  });
}

for (const seed of [1, 2, 3]) {
  Deno.test(`all cases that the standard description plays, in a row on one Charge Point, in order ${seed}`, async () => {
    const standard = testedFor({});
    const applicable = CHARGE_POINT_CASES.filter(({ needs }) =>
      unmetNeeds(needs, capabilitiesOf(standard)).length === 0
    );
    const inOrder = seed === 1 ? applicable : shuffled(applicable, seed);
    for (const { result } of await playInARow(inOrder, standard)) {
      assert.equal(result.verdict, "PASS", resultText(result));
      assert.deepEqual(result.remarks, [], resultText(result));
    }
  });
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = new SeededRandom(seed);
  return items.map((item) => ({ item, key: random.next() })).toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** What one is like whose answers about its configuration are written differently. */
async function playedWith(
  id: string,
  change: (text: string) => string,
  played: TestedChargePoint = testedFor({}),
): Promise<CaseResult> {
  const definition = CHARGE_POINT_CASES.find((one) => one.id === id)!;
  const spoil = (text: string) => [{ text: text.includes('"configurationKey"') ? change(text) : text }];
  return (await playCase(definition, { played, spoil })).result;
}

Deno.test("TC_019_CS a key of a profile that is not there may be for reading only", async () => {
  const key = '{"key":"LocalAuthListEnabled","readonly":true,"value":"false"},';
  const tell = (text: string) => text.replace('"configurationKey":[', `$&${key}`);
  const without = testedFor({ withoutProfiles: ["LocalAuthListManagement"] });
  const told = await playedWith("TC_019_CS", (text) => text.length < 500 ? text : tell(text), without);
  assert.equal(told.verdict, "PASS", resultText(told));
  const readOnly = /("key":"LocalAuthListEnabled","readonly":)false/;
  const wrong = await playedWith("TC_019_CS", (text) => text.replace(readOnly, "$1true"));
  assert.equal(wrong.failure?.came, "not LocalAuthListEnabled", resultText(wrong));
});

Deno.test("names of configuration keys are the same in either case of letters", async () => {
  const lower = (text: string) => text.replace(/"key":"\w+"/g, (found) => found.toLowerCase());
  for (const id of ["TC_019_CS", "TC_021_CS"]) {
    const result = await playedWith(id, lower);
    assert.equal(result.verdict, "PASS", resultText(result));
  }
});

for (const id of ["TC_056_CS", "TC_059_CS", "TC_066_CS", "TC_072_CS"]) {
  Deno.test(`${id} an EV may take its time until energy flows`, async () => {
    const definition = CHARGE_POINT_CASES.find((one) => one.id === id)!;
    const spoil = (text: string) => [{ text, delaySeconds: text.includes('"Charging"') ? 20 : 0 }];
    const { result } = await playCase(definition, { spoil });
    assert.equal(result.verdict, "PASS", resultText(result));
  });
}

Deno.test("a register may be told once more, signed", async () => {
  const signed = '{"value":"OCMF|{}","format":"SignedData","measurand":"Energy.Active.Import.Register"},';
  const tell = (text: string) =>
    text.includes('"MeterValues"') ? text.replaceAll('"sampledValue":[', `$&${signed}`) : text;
  for (const definition of CHARGE_POINT_CASES.filter(({ id }) => id === "TC_070_CS" || id === "TC_071_CS")) {
    const { result } = await playCase(definition, { spoil: (text) => [{ text: tell(text) }] });
    assert.equal(result.verdict, "PASS", resultText(result));
  }
});

Deno.test("compliance cases have ids of their own", () => {
  const ids = CHARGE_POINT_CASES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
