/**
 * What cases about security change of a Charge Point is back when they are over: its password, the roots that it trusts,
 * its operator's name.
 */
import assert from "node:assert/strict";
import type { LinkSecurity } from "../../src/charge_point/job.ts";
import { type CaseDefinition, chargePointCase } from "../../src/conformance/case.ts";
import { arrayContaining } from "../../src/conformance/matcher.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import type { Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { makeRoot } from "../support/certificates.ts";
import { benchAuthorities } from "../support/conformance_bench.ts";
import { playInARow, type PlayOptions } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";

/** As the tester of these plays knows it. */
const PASSWORD = "0123456789ABCDEF0123456789ABCDEF01234567";

const PROFILE_1 = testedFor({ securityProfile: [1] });

const caseOf = (id: string): CaseDefinition => CHARGE_POINT_CASES.find((one) => one.id === `${id}_CS`)!;

/** Something to look at between cases, or to bring about. */
const step = (run: (t: Tester) => Steps): CaseDefinition =>
  chargePointCase({ id: "LOOK", title: "A look", profile: "Core", purpose: "None.", spec: [], run });

/** Plays them in a row with a password; gives the verdicts. */
async function play(
  cases: readonly CaseDefinition[],
  { security = {}, ...options }: Omit<PlayOptions, "security"> & {
    readonly security?: Partial<LinkSecurity>;
  } = {},
) {
  const played = await playInARow(cases, PROFILE_1, {
    security: { securityProfile: 1, authorizationKey: PASSWORD, roots: [], ...security },
    ...options,
  });
  return played.map(({ result }) => result);
}

async function assertPassed(...plays: Parameters<typeof play>): Promise<void> {
  for (const result of await play(...plays)) {
    assert.equal(result.verdict, "PASS", resultText(result));
    assert.deepEqual(result.remarks, [], resultText(result));
  }
}

/** The Charge Point has this root. */
function hasRoot(use: "CentralSystem" | "Manufacturer", isThere = true): CaseDefinition {
  return step(function* (t) {
    const { hashes: { serialNumber } } = yield* t.bench({ kind: "rootCertificate", use });
    const certificateType = `${use}RootCertificate` as const;
    yield* t.send(
      "GetInstalledCertificateIds",
      { certificateType },
      isThere
        ? { status: "Accepted", certificateHashData: arrayContaining({ serialNumber }) }
        : { status: "NotFound" },
    );
  });
}

Deno.test("TC_073 gives the password back, also to one that already has the password that it sets", async () => {
  await assertPassed([caseOf("TC_073"), caseOf("TC_085"), caseOf("TC_073"), caseOf("TC_085")]);
  const own = "00112233445566778899AABBCCDDEEFF";
  const sees = step(function* (t) {
    yield* t.disconnect("connect anew, please");
    yield* t.expectConnection();
    yield* t.check("the password", "another one", t.upgradeRequest?.credentials?.passwordHex === own);
  });
  const [changed, seen] = await play([caseOf("TC_073"), sees], { security: { authorizationKey: own } });
  assert.deepEqual([changed!.verdict, seen!.verdict], ["PASS", "PASS"], resultText(changed!));
  assert.ok(!changed!.frames.some(({ text }) => text.includes(own)), "it has to become another one");
});

Deno.test("TC_073 gives the password back after a FAIL", async () => {
  let isOver = false;
  // It changes the password and says that it has not.
  const spoil = (text: string) => {
    if (isOver || !/^\[3,"[^"]*",\{"status":"Accepted"\}\]$/.test(text)) return [{ text }];
    isOver = true;
    return [{ text: text.replace("Accepted", "NotSupported") }];
  };
  const [failed, passed] = await play([caseOf("TC_073"), caseOf("TC_085")], { spoil });
  assert.equal(failed!.verdict, "FAIL", resultText(failed!));
  assert.deepEqual(failed!.remarks, [], resultText(failed!));
  assert.equal(passed!.verdict, "PASS", resultText(passed!));
});

Deno.test("TC_073 leaves a password alone that no message could set again", async () => {
  const security = { authorizationKey: "736563726574" };
  const [result] = await play([caseOf("TC_073")], { security });
  assert.equal(result!.verdict, "INCONCLUSIVE", resultText(result!));
  assert.match(result!.failure!.expected, /16 to 20 bytes/);
  assert.equal(result!.failure!.came, "one of 6 bytes");
  assert.ok(!result!.frames.some(({ text }) => text.includes("AuthorizationKey")), resultText(result!));
});

Deno.test("a root that a case installs is gone afterwards, one that was there before stays", async () => {
  const cases = ["TC_074", "TC_075_2", "TC_077"].map(caseOf);
  await assertPassed([...cases, hasRoot("CentralSystem", false)]);
  const { centralSystem } = await benchAuthorities();
  await assertPassed([...cases, hasRoot("CentralSystem")], {
    security: { roots: [centralSystem.certificate] },
  });
});

Deno.test("TC_076 gives a root back that was there before it deleted it", async () => {
  const installs = step(function* (t) {
    const { certificate } = yield* t.bench({ kind: "rootCertificate", use: "Manufacturer" });
    const certificateType = "ManufacturerRootCertificate";
    yield* t.send("InstallCertificate", { certificateType, certificate }, { status: "Accepted" });
  });
  await assertPassed([caseOf("TC_076"), hasRoot("Manufacturer", false)]);
  await assertPassed([
    installs,
    ...[caseOf("TC_076"), hasRoot("Manufacturer"), caseOf("TC_075_1"), hasRoot("Manufacturer")],
  ]);
});

Deno.test("the operator's name in a Charge Point stays, and its certificate is made out to it", async () => {
  const named = step(function* (t) {
    yield* t.check("the name", "another one", (yield* t.configurationOf("CpoName")) === "Its own");
  });
  const [renewed, looked] = await play([caseOf("TC_074"), named], { configuration: { CpoName: "Its own" } });
  assert.deepEqual([renewed!.verdict, looked!.verdict], ["PASS", "PASS"], resultText(renewed!));
  assert.ok(!renewed!.frames.some(({ text }) => text.includes("ChangeConfiguration")), resultText(renewed!));
});

Deno.test("a Charge Point that checks new roots is no worse for it where the tester has another authority", async () => {
  const other = await makeRoot({ commonName: "Other Root", organization: "Other" });
  const checking = { ...PROFILE_1, description: { ...PROFILE_1.description, checksNewRoots: true } };
  const { centralSystem } = await benchAuthorities();
  for (
    const [roots, verdict] of [[[other.certificate], "INCONCLUSIVE"], [[centralSystem.certificate], "PASS"], [
      [],
      "PASS",
    ]] as const
  ) {
    const [played] = await playInARow([caseOf("TC_075_2")], checking, {
      security: { securityProfile: 1, authorizationKey: PASSWORD, roots },
    });
    assert.equal(played!.result.verdict, verdict, resultText(played!.result));
  }
});
