/**
 * Every compliance case for Central Systems, played against ours over real sockets, on both listeners.
 */
import assert from "node:assert/strict";
import { CENTRAL_SYSTEM_CASES, CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { type CentralSystemPlay, PlayedCentralSystem } from "../support/conformance_central_system.ts";
import { resultText } from "../support/conformance_result.ts";
import { overSockets } from "../support/server.ts";

const PLAYS = CENTRAL_SYSTEM_CASES.flatMap((definition) =>
  (["native", "hardened"] as const).map((listener) => ({ definition, listener }))
);

for (const { definition, listener } of PLAYS) {
  const { id, title } = definition;
  Deno.test({
    ...overSockets(`${id} ${title} [${listener}]`, "env", "read"),
    async fn() {
      await using centralSystem = await PlayedCentralSystem.start(listener);
      const play = await centralSystem.play(definition);
      const { result } = play;
      assert.equal(result.verdict, "PASS", resultText(result));
      assert.deepEqual(result.remarks, [], resultText(result));
      assertOperatorKnows(play);
    },
  });
}

/** What the tester answered to each Call is what the API told its operator; a certificate is sent without one. */
function assertOperatorKnows({ result, outcomes }: CentralSystemPlay): void {
  const frames = result.frames.map(({ from, text }) => ({ from, frame: JSON.parse(text) }));
  const answers = frames
    .filter(({ from, frame }) => from === "system" && frame[0] === 2)
    .map(({ frame: [, uniqueId, action] }) => {
      const answer = frames.find(({ from, frame }) =>
        from === "tester" && frame[0] !== 2 && frame[1] === uniqueId
      );
      return { action, answer: answer?.frame[2] };
    });
  const isOrdered = (action: string) => outcomes.some((outcome) => outcome.action === action);
  const wanted = answers.filter(({ action }) => action !== "CertificateSigned" || isOrdered(action));
  const known = outcomes.map(({ action, body: { payload } }) => ({ action, answer: payload }));
  assert.deepEqual(known, wanted, resultText(result));
}

Deno.test("compliance cases for Central Systems have ids of their own", () => {
  const ids = [...CENTRAL_SYSTEM_CASES, ...CHARGE_POINT_CASES].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
