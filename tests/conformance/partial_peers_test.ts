/**
 * Peers that implement only part, or nothing, or nonsense: every case ends by itself, in bounded time, with a verdict
 * that is true, and whatever has to be put back keeps nobody waiting.
 */
import assert from "node:assert/strict";
import { capabilitiesBeside } from "../../src/conformance/capabilities.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import type { CaseResult, Verdict } from "../../src/conformance/contract.ts";
import {
  CENTRAL_SYSTEM_CASES,
  CHARGE_POINT_CASES,
  NEGATIVE_CENTRAL_SYSTEM_CASES,
  NEGATIVE_CHARGE_POINT_CASES,
} from "../../src/conformance/registry.ts";
import { createSession } from "../../src/conformance/session.ts";
import { usualAnswer } from "../../src/conformance/usual_answer.ts";
import { isAction } from "../../src/ocpp/action.ts";
import { checkReq } from "../../src/ocpp/check.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { type PartialPeer, playAgainst, type TesterCall } from "../support/partial_peer.ts";
import { ALL_FEATURE_PROFILES } from "../../src/charge_point/description.ts";

/** No case waits longer, whatever the peer does; with the default times. Units: seconds. */
const CASE_MAX_SECONDS = 15 * 60;

const NOW_MS = Date.UTC(2024, 0, 1);

const notImplemented = ({ uniqueId }: TesterCall) => `[4,"${uniqueId}","NotImplemented","",{}]`;

/** Answers whatever it is asked as politely as can be, broken things too, and does nothing at all. */
function politely({ uniqueId, action, payload }: TesterCall): string {
  const usual = isAction(action) && checkReq(action, payload).ok
    ? usualAnswer(action, payload, { session: createSession(), nowMs: NOW_MS })
    : { status: "Accepted" };
  return JSON.stringify([3, uniqueId, usual]);
}

const somebodyElse = () => '[3,"nobody",{"status":"Accepted"}]';

const BOOT = '[2,"b1","BootNotification",{"chargePointVendor":"Partial","chargePointModel":"Peer"}]';

/** As a Charge Point has to speak of itself. */
const boots = (connectors: number) => [
  BOOT,
  ...Array.from(
    { length: connectors + 1 },
    (_, connectorId) =>
      JSON.stringify([2, `s${connectorId}`, "StatusNotification", {
        ...{ connectorId, status: "Available", errorCode: "NoError" },
      }]),
  ),
];

const CHARGE_POINTS: Readonly<Record<string, PartialPeer>> = {
  "never connects": { connects: "never" },
  "closes at once, again and again": { connects: "andClosesAtOnce" },
  "connects and says nothing": { connects: "always" },
  "boots and answers nothing": { connects: "always", says: boots },
  "boots and implements nothing": { connects: "always", says: boots, answers: notImplemented },
  "answers politely and does nothing": { connects: "always", says: boots, answers: politely },
  "answers somebody else": { connects: "always", says: boots, answers: somebodyElse },
  "babbles, politely": { connects: "always", says: boots, answers: politely, babbles: "what?" },
  "boots for ever": { connects: "always", says: boots, answers: politely, babbles: BOOT },
};

const CENTRAL_SYSTEMS: Readonly<Record<string, PartialPeer>> = {
  "refuses every connection": { connects: "never" },
  "closes at once": { connects: "andClosesAtOnce" },
  "answers nothing": { connects: "always" },
  "implements nothing": { connects: "always", answers: notImplemented },
  "answers politely and asks nothing": { connects: "always", answers: politely },
  "answers somebody else": { connects: "always", answers: somebodyElse },
  "babbles": { connects: "always", answers: politely, babbles: "what?" },
};

/** Plays all cases against it; each ends in time. */
async function played(peer: PartialPeer, cases: readonly CaseDefinition[]): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const definition of cases) {
    const capabilities = definition.systemUnderTest === "chargePoint"
      ? capabilitiesOf(testedFor(definition.needs))
      : capabilitiesBeside({
        profiles: ALL_FEATURE_PROFILES,
        securityProfile: definition.needs.securityProfile?.[0] ?? 0,
        offersNextSecurityProfile: true,
      });
    const { result, seconds } = await playAgainst(peer, definition, { capabilities });
    assert.ok(seconds <= CASE_MAX_SECONDS, `${definition.id} took ${seconds} s`);
    results.push(result);
  }
  return results;
}

const idsOf = (results: readonly CaseResult[], verdict: Verdict) =>
  results.filter((result) => result.verdict === verdict).map(({ id }) => id);

/** Cases that ask for nothing else, and pass for a good reason. */
const PASSED: Readonly<Record<string, readonly string[]>> = {
  // What a Charge Point without local lists has to answer.
  "boots and implements nothing": ["TC_042_1_CS", "TC_043_1_CS"],
  // An unlocked connector, an empty local list, a vendor that nobody knows: nothing has to be done for the answer.
  "answers politely and does nothing": ["TC_017_1_CS", "TC_042_2_CS", "TC_062_CS"],
  // Over before it says something again.
  "babbles, politely": ["TC_042_2_CS", "TC_062_CS"],
  "boots for ever": ["TC_042_2_CS", "TC_062_CS"],
  // Nothing is asked of it but answers.
  "answers politely and asks nothing": [
    ...["TC_001_CSMS", "TC_003_CSMS", "TC_004_1_CSMS", "TC_004_2_CSMS", "TC_005_1_CSMS", "TC_007_CSMS"],
    ...["TC_024_CSMS", "TC_032_1_CSMS", "TC_037_1_CSMS", "TC_039_CSMS", "TC_064_CSMS", "TC_078_CSMS"],
  ],
};

function assertVerdicts(name: string, results: readonly CaseResult[]): void {
  assert.deepEqual(idsOf(results, "PASS"), PASSED[name] ?? []);
  assert.deepEqual(idsOf(results, "NOT APPLICABLE"), []);
}

for (const [name, peer] of Object.entries(CHARGE_POINTS)) {
  Deno.test(`partial peers: a Charge Point that ${name} passes nothing by accident, and each case ends`, async () => {
    assertVerdicts(name, await played(peer, [...CHARGE_POINT_CASES, ...NEGATIVE_CHARGE_POINT_CASES]));
  });
}

for (const [name, peer] of Object.entries(CENTRAL_SYSTEMS)) {
  Deno.test(`partial peers: a Central System that ${name} passes nothing by accident, and each case ends`, async () => {
    assertVerdicts(name, await played(peer, [...CENTRAL_SYSTEM_CASES, ...NEGATIVE_CENTRAL_SYSTEM_CASES]));
  });
}
