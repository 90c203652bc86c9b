/**
 * The cases for Charge Points that are about TLS handshakes, over real sockets.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { resultText } from "../support/conformance_result.ts";
import { playOverSockets } from "../support/conformance_sockets.ts";
import { needs } from "../support/needs.ts";
import { OVER_SOCKETS } from "./over_sockets.ts";

const sockets = needs("net", "env");

for (const definition of CHARGE_POINT_CASES.filter(({ id }) => OVER_SOCKETS.has(id))) {
  const { id, title, needs: caseNeeds } = definition;
  // On each security profile that it is for: another one, or another step up, is another case.
  for (const securityProfile of caseNeeds.securityProfile ?? []) {
    const narrowed = { ...definition, needs: { ...caseNeeds, securityProfile: [securityProfile] } };
    Deno.test({
      ...sockets(`${id} ${title} [${testedFor(narrowed.needs).name}, over sockets]`),
      async fn() {
        const result = await playOverSockets(narrowed);
        assert.equal(result.verdict, "PASS", resultText(result));
        const isForGood = definition.isForGood === true;
        assert.deepEqual(result.remarks.length, isForGood ? 1 : 0, resultText(result));
        if (isForGood) assert.match(result.remarks[0]!, /no message lowers it/);
      },
    });
  }
}
