/**
 * No peer that does one thing wrong once passes a negative case, and none of them makes a case hang.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import type { AllowedAnswers } from "../../src/conformance/negative/allowed_answer.ts";
import { brokenCalls, type BrokenMessage } from "../../src/conformance/negative/broken_message.ts";
import { CENTRAL_SYSTEM_FRAMES } from "../../src/conformance/negative/central_system.ts";
import { CHARGE_POINT_FRAMES } from "../../src/conformance/negative/charge_point.ts";
import {
  NEGATIVE_CENTRAL_SYSTEM_CASES,
  NEGATIVE_CHARGE_POINT_CASES,
} from "../../src/conformance/registry.ts";
import { MUTATIONS, type NegativeMutant, playAgainstPeer } from "../support/negative_peer.ts";
import { validPayload } from "../support/negative_payload.ts";
import { resultText } from "../support/conformance_result.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const CASES = [...NEGATIVE_CHARGE_POINT_CASES, ...NEGATIVE_CENTRAL_SYSTEM_CASES];

/** How many messages of each case are tried with each mutation. */
const SAMPLED = 6;
const SEED = 6;

function messagesOf({ id, systemUnderTest }: CaseDefinition): readonly BrokenMessage[] {
  const action = id.split("_")[1]!;
  if (action !== "Frames") return brokenCalls(action as never, validPayload(action as never));
  return systemUnderTest === "chargePoint" ? CHARGE_POINT_FRAMES : CENTRAL_SYSTEM_FRAMES;
}

/** Whether a peer may do so. */
function isAllowed(
  does: NegativeMutant["does"],
  { errorCodes, silence, close, result }: AllowedAnswers,
): boolean {
  switch (does) {
    case "accepts":
      return result === "any";
    case "answersNothing":
      return silence === true;
    case "dies":
      return close === true;
    case "answersSomebodyElse":
      // Nobody knows either what a message without a uniqueId would be answered by.
      return silence === true && errorCodes.includes("FormationViolation");
    case "answersWithAWrongCode":
    case "answersWithFourElements":
    case "answersNonsense":
    case "restarts":
    case "goesDeaf":
      return false;
  }
}

Deno.test("a peer that refuses by the book passes every negative case", () => {
  for (const definition of CASES) {
    const result = playAgainstPeer(definition);
    assert.equal(result.verdict, "PASS", resultText(result));
    const sent = messagesOf(definition).length;
    assert.deepEqual(result.share, { refused: sent, sent });
    assert.deepEqual(result.remarks, []);
    // What is very long is not kept.
    assert.ok(result.frames.every(({ text }) => text.length < 100_000), definition.id);
  }
});

Deno.test("no mutant of it passes, and each is named", () => {
  const survivors: string[] = [];
  let tried = 0;
  for (const [index, definition] of CASES.entries()) {
    const random = new SeededRandom(SEED + index);
    for (const does of MUTATIONS) {
      const wrong = messagesOf(definition).filter(({ allowed }) => !isAllowed(does, allowed));
      const sample = definition.id.startsWith("NEG_Frames") ? wrong : sampled(wrong, random);
      for (const { what } of sample) {
        tried++;
        const { verdict, share, failure, remarks } = playAgainstPeer(definition, { mutant: { what, does } });
        const isCaught = verdict === "FAIL" && share !== undefined && share.refused < share.sent &&
          failure!.came.includes(`not ${what} (`) && remarks.some((remark) => remark.includes(what));
        if (!isCaught) survivors.push(`${definition.id}: ${does} at ${what}: ${verdict} ${failure?.came}`);
      }
    }
  }
  console.log(`${tried - survivors.length} of ${tried} mutants caught`);
  assert.deepEqual(survivors, []);
  assert.ok(tried > 1_000, `only ${tried}`);
});

function sampled<T>(items: readonly T[], random: SeededRandom): readonly T[] {
  return items.map((item) => ({ item, key: random.next() })).toSorted((a, b) => a.key - b.key)
    .slice(0, SAMPLED).map(({ item }) => item);
}

Deno.test("a peer that goes down is connected to again, and every other message is still sent", () => {
  for (const definition of CASES) {
    const messages = messagesOf(definition);
    const { what } = messages.find(({ allowed }) => !isAllowed("dies", allowed))!;
    const result = playAgainstPeer(definition, { mutant: { what, does: "dies" } });
    assert.deepEqual(
      result.share,
      { refused: messages.length - 1, sent: messages.length },
      resultText(result),
    );
    assert.match(
      result.failure!.came,
      new RegExp(`not ${RegExp.escape(what)} \\(the end of the connection\\)$`),
    );
  }
});

Deno.test("a peer that stays down ends the case, which says what was not sent", () => {
  for (const definition of CASES) {
    const messages = messagesOf(definition);
    const { what } = messages.find(({ allowed }) => !isAllowed("dies", allowed))!;
    const sent = messages.findIndex((message) => message.what === what) + 1;
    const result = playAgainstPeer(definition, { mutant: { what, does: "dies" }, staysDown: true });
    assert.equal(result.verdict, "FAIL");
    assert.deepEqual(result.share, { refused: sent - 1, sent }, resultText(result));
    assert.ok(result.remarks.includes(`${messages.length - sent} messages were not sent after: ${what}`));
  }
});

Deno.test("a peer without the profile of an Action is not asked about it", () => {
  for (const definition of CASES) {
    const { verdict, share } = playAgainstPeer(definition, { profiles: ["Core"] });
    assert.equal(verdict, definition.profile === "Core" ? "PASS" : "NOT APPLICABLE", definition.id);
    assert.equal(share === undefined, definition.profile !== "Core");
  }
});

Deno.test("what a peer accepts after all is put back", () => {
  const definition = CASES.find(({ id }) => id === "NEG_StartTransaction_CSMS")!;
  const taken: string[] = [];
  playAgainstPeer(definition, { mutant: { what: "idTag missing", does: "accepts" }, taken });
  const stops = taken.map((text) => JSON.parse(text)).filter(([, , action]) => action === "StopTransaction");
  // Of the valid StartTransaction that comes first, and of the broken one.
  assert.deepEqual(stops.map(([, , , { transactionId }]) => transactionId), [1, 2]);
});

Deno.test("a Reset that is accepted after all is waited for: no later message is blamed for it", () => {
  const definition = CASES.find(({ id }) => id === "NEG_Reset_CS")!;
  const mutant = { what: "payload an array", does: "restarts" } as const;
  const { share, failure, remarks } = playAgainstPeer(definition, { mutant });
  assert.deepEqual(share, { refused: 10, sent: 11 });
  assert.equal(
    failure?.came,
    'refused 10 of 11; not payload an array (CALLRESULT {"status":"Accepted"})',
  );
  assert.equal(remarks.length, 1);
});
