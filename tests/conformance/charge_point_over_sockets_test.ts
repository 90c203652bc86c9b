/**
 * All cases for Charge Points as a user plays them: `ocpp test charge-point` in real time, over real sockets, with files
 * and certificates, against simulated Charge Points that it adds and operates by their API.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES, NEGATIVE_CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { unmetNeeds } from "../../src/conformance/capabilities.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { ChargePointSuite, fullSimulator } from "../support/charge_point_suite.ts";
import { overSockets } from "../support/server.ts";

/** What the whole may take in real time. */
const WHOLE_MAX_MS = 5 * 60_000;

/** Cases that say in a remark what they could not put back. */
const FOR_GOOD = new Set(CHARGE_POINT_CASES.filter(({ isForGood }) => isForGood).map(({ id }) => id));

const isApplicable = ({ verdict }: CaseReport) => verdict !== "NOT APPLICABLE";

function assertPassed(reports: readonly CaseReport[]): void {
  for (const { id, verdict, failure, remarks, frames } of reports) {
    const told = JSON.stringify({ id, verdict, failure, remarks, frames: frames.slice(-10) }, undefined, 1);
    assert.equal(verdict, "PASS", told);
    assert.equal(remarks.length, FOR_GOOD.has(id) ? 1 : 0, told);
  }
}

Deno.test({
  ...overSockets("107 of 107 cases pass, each on the Charge Point that it needs", "env"),
  async fn() {
    await using simulator = fullSimulator();
    const startedAtMs = Date.now();
    const suite = new ChargePointSuite({ control: simulator.api });
    const code = await suite.ended;
    const { reports } = suite;
    assertPassed(reports);
    assert.equal(code, 0, suite.stderr);
    assert.deepEqual(
      new Map(reports.map(({ id, playedOn }) => [id, playedOn])),
      new Map(CHARGE_POINT_CASES.map(({ id, needs }) => [id, testedFor(needs).name])),
    );
    assert.equal(reports.length, 107);
    assert.ok(Date.now() - startedAtMs < WHOLE_MAX_MS, "they have to be played within five minutes");
    // Everything that was added is gone again.
    assert.equal(simulator.simulation.size, 0);
  },
});

Deno.test({
  ...overSockets("on one given description what it cannot play is not applicable, and nothing fails", "env"),
  async fn() {
    await using simulator = fullSimulator();
    const suite = new ChargePointSuite({ control: simulator.api, preset: "ac-22kw" });
    const code = await suite.ended;
    const { reports } = suite;
    assertPassed(reports.filter(isApplicable));
    assert.equal(code, 0, suite.stderr);
    assert.equal(reports.length, CHARGE_POINT_CASES.length);
    assert.deepEqual(new Set(reports.map(({ playedOn }) => playedOn)), new Set(["ac-22kw"]));
    const capabilities = capabilitiesOf(testedFor({}));
    const expected = CHARGE_POINT_CASES.filter(({ needs }) => unmetNeeds(needs, capabilities).length > 0);
    assert.deepEqual(
      new Set(reports.filter((one) => !isApplicable(one)).map(({ id }) => id)),
      new Set(expected.map(({ id }) => id)),
    );
    assert.ok(expected.length > 0 && expected.length < CHARGE_POINT_CASES.length);
  },
});

Deno.test({
  ...overSockets("the security cases pass on every security profile that they are for", "env"),
  async fn() {
    await using simulator = fullSimulator();
    const profiles = [1, 2, 3] as const;
    await Promise.all(profiles.map(async (securityProfile) => {
      const suite = new ChargePointSuite({
        ...{ control: simulator.api, profile: ["Security"], securityProfile, timeout: 5 },
      });
      const code = await suite.ended;
      const { reports } = suite;
      assertPassed(reports.filter(isApplicable));
      assert.equal(code, 0, suite.stderr);
      const isFor = new Map(CHARGE_POINT_CASES.map(({ id, needs }) => [
        id,
        needs.securityProfile?.includes(securityProfile) ?? true,
      ]));
      for (const one of reports) assert.equal(isApplicable(one), isFor.get(one.id), one.id);
    }));
  },
});

Deno.test({
  ...overSockets("every broken message is refused, over sockets as well", "env"),
  async fn() {
    await using simulator = fullSimulator();
    const suite = new ChargePointSuite({ control: simulator.api, case: ["NEG_*"] });
    const code = await suite.ended;
    assert.equal(suite.reports.length, NEGATIVE_CHARGE_POINT_CASES.length);
    assertPassed(suite.reports);
    assert.equal(code, 0, suite.stderr);
  },
});
