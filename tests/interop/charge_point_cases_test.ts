/**
 * Compliance cases for Charge Points against one that is not ours: a device made of `ocpp-rpc`, which checks every
 * payload of both ends against the official schemas.
 *
 * Each case gets a device of its own, in the variant that it needs. Its operator and its users are the test.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { playOnForeign } from "../support/foreign_charge_point/suite.ts";
import { variantFor } from "../support/foreign_charge_point/variant.ts";
import { needs } from "../support/needs.ts";

Deno.test({
  ...needs("net", "read", "env", "sys", "run")(
    "every case for Charge Points is passed by one made of ocpp-rpc",
  ),
  async fn() {
    const { cases, failures, turnedAway } = await playOnForeign(
      CHARGE_POINT_CASES,
      (definition) => variantFor(definition.needs),
    );
    const others = cases.filter(({ verdict, remarks }) => verdict !== "PASS" || remarks.length > 0)
      .map(({ id, verdict, failure, remarks }) =>
        `${id} ${verdict}: ${failure?.expected}; ${failure?.came}; ${remarks.join("; ")}`
      );
    const passed = cases.filter(({ verdict }) => verdict === "PASS");
    console.log(`${passed.length} of ${CHARGE_POINT_CASES.length} cases passed by a foreign peer`);
    assert.deepEqual(others, []);
    assert.deepEqual(failures, []);
    assert.deepEqual(turnedAway, []);
  },
});
