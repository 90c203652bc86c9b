/**
 * Broken messages, played against our Charge Point in virtual time and our Central System over real sockets: strict,
 * all of them are refused; tolerant, exactly what is repaired is put up with.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import type { CaseResult } from "../../src/conformance/contract.ts";
import {
  CHARGE_POINT_CASES,
  NEGATIVE_CENTRAL_SYSTEM_CASES,
  NEGATIVE_CHARGE_POINT_CASES,
} from "../../src/conformance/registry.ts";
import { textRuleBreaks } from "../../src/conformance/negative/text_rule_break.ts";
import { type Action, isAction } from "../../src/ocpp/action.ts";
import { brokenVariants } from "../support/broken_variants.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { playCase, playInARow } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";
import { playOverSockets } from "../support/conformance_sockets.ts";
import { needs } from "../support/needs.ts";
import { playNegative } from "../support/negative_central_system.ts";
import { validPayload } from "../support/negative_payload.ts";
import { onBothListeners } from "../support/both_listeners.ts";

/** What is no Call of one Action, and put up with all the same: no payload is read as an empty one. */
const TOLERATED_FRAMES = {
  chargePoint: ["a Call without payload"],
  centralSystem: ["a Call without payload"],
};

function actionOf({ id }: CaseDefinition): Action | undefined {
  const name = id.split("_")[1]!;
  return isAction(name) ? name : undefined;
}

/** What tolerant validation repairs, or only takes note of. */
function toleratedOf(definition: CaseDefinition): readonly string[] {
  const action = actionOf(definition);
  const { systemUnderTest } = definition;
  if (action === undefined) return TOLERATED_FRAMES[systemUnderTest];
  const valid = validPayload(action);
  const repaired = brokenVariants(action, valid)
    // Nothing forbids an integer beyond 2^53: to answer it is no tolerance.
    .filter(({ rules }) => rules !== "refused" && !rules.includes("hugeInteger")).map(({ what }) => what);
  // A Charge Point refuses what only the text forbids; a Central System answers, and tells of it.
  const noted = systemUnderTest === "chargePoint"
    ? []
    : textRuleBreaks(action, valid).map(({ what }) => what);
  return [...repaired, ...noted];
}

function assertAllRefused(result: CaseResult): void {
  assert.equal(result.verdict, "PASS", resultText(result));
  assert.deepEqual(result.remarks, [], resultText(result));
  assert.ok(result.share !== undefined && result.share.sent > 0);
  assert.equal(result.share.refused, result.share.sent);
}

/** Everything but this is refused, and everything is sent. */
function assertTolerated(result: CaseResult, tolerated: readonly string[]): void {
  const accepted = result.remarks.flatMap((remark) => {
    const [, what, came] = /^not refused: (.*): came (.*); may be /.exec(remark) ?? [];
    assert.ok(what !== undefined && came !== undefined, remark);
    assert.match(came, /^CALLRESULT /, remark);
    return [what];
  });
  assert.deepEqual(accepted.toSorted(), tolerated.toSorted(), resultText(result));
  assert.equal(result.verdict, tolerated.length === 0 ? "PASS" : "FAIL");
  const { refused, sent } = result.share!;
  assert.equal(sent - refused, tolerated.length);
}

for (const definition of NEGATIVE_CHARGE_POINT_CASES) {
  Deno.test(`${definition.id}: a strict Charge Point refuses everything`, async () => {
    assertAllRefused((await playCase(definition)).result);
  });

  Deno.test(`${definition.id}: a tolerant Charge Point puts up with what it repairs`, async () => {
    const { result } = await playCase(definition, { validation: "tolerant" });
    assertTolerated(result, toleratedOf(definition));
  });
}

for (const definition of NEGATIVE_CENTRAL_SYSTEM_CASES) {
  onBothListeners(`${definition.id}: a strict Central System refuses everything`, async (start) => {
    assertAllRefused(await playNegative(definition, start, "strict"));
  }, "env");

  onBothListeners(
    `${definition.id}: a tolerant Central System puts up with what it repairs`,
    async (start) => {
      assertTolerated(await playNegative(definition, start, "tolerant"), toleratedOf(definition));
    },
    "env",
  );
}

Deno.test({
  ...needs("net", "env")(
    "NEG_Frames_CS: the host of a Charge Point is there after every frame, over sockets",
  ),
  async fn() {
    const frames = NEGATIVE_CHARGE_POINT_CASES.find(({ id }) => id === "NEG_Frames_CS")!;
    assertAllRefused(await playOverSockets(frames));
  },
});

for (const validation of ["strict", "tolerant"] as const) {
  Deno.test(`all negative cases in a row leave a ${validation} Charge Point as it was`, async () => {
    const ordinary = CHARGE_POINT_CASES.find(({ id }) => id === "TC_003_CS")!;
    const cases = [...NEGATIVE_CHARGE_POINT_CASES, ordinary];
    const all = await playInARow(cases, testedFor({}), { validation });
    for (const { result: { id, share } } of all) {
      assert.equal(share === undefined, id === ordinary.id, id);
    }
    const { result, configurationBefore, configurationAfter, statusesAfter } = all.at(-1)!;
    assert.equal(result.verdict, "PASS", resultText(result));
    assert.deepEqual(configurationAfter, all[0]!.configurationBefore);
    assert.deepEqual(configurationAfter, configurationBefore);
    assert.deepEqual(new Set(statusesAfter), new Set(["Available"]));
  });
}
