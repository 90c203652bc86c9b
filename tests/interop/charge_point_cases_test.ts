/**
 * Compliance cases for Charge Points against some that are not ours: devices made of `ocpp-rpc`, which checks every
 * payload of both ends against the official schemas.
 *
 * Each case gets a device of its own, of each kind, in the variant that it needs. The kinds differ in what the
 * specification leaves open: a case that one of them fails asks for more than it may. Their operator and their users
 * are the test.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import {
  CAREFUL,
  type Description,
  OTHER,
  SMALL,
  USUAL,
} from "../support/foreign_charge_point/description.ts";
import { playOnForeign } from "../support/foreign_charge_point/suite.ts";
import { variantFor } from "../support/foreign_charge_point/variant.ts";
import { needs } from "../support/needs.ts";

/** `security`: which of the security profiles that a case names. */
const KINDS: Readonly<Record<string, { readonly kind: Description; readonly security: "first" | "last" }>> = {
  "usual": { kind: USUAL, security: "first" },
  "other": { kind: OTHER, security: "last" },
  "careful": { kind: CAREFUL, security: "first" },
  "small": { kind: SMALL, security: "first" },
};

/** What joins the device to the tester. */
const TESTER_SIDE = ["operator.ts", "stage.ts", "suite.ts", "variant.ts"];

Deno.test({
  ...needs("read")("a foreign Charge Point has nothing of ours but types, and nothing of our Charge Point"),
  async fn() {
    const folder = new URL("../support/foreign_charge_point/", import.meta.url);
    const found: string[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      const text = await Deno.readTextFile(new URL(name, folder));
      for (const [, what, from] of text.matchAll(/^import ([^;]*?) from "(\.[^"]*)";/gms)) {
        const isOurs = !from!.startsWith("./");
        const isAllowed = from!.startsWith("../../../src/ocpp/") && what!.startsWith("type ");
        const isOfTester = TESTER_SIDE.includes(name) && !from!.includes("src/charge_point/");
        if (isOurs && !isAllowed && !isOfTester) found.push(`${name}: ${from}`);
      }
    }
    assert.deepEqual(found, []);
  },
});

/** Cases that say in a remark what they could not put back. */
const FOR_GOOD = new Set(CHARGE_POINT_CASES.filter(({ isForGood }) => isForGood).map(({ id }) => id));

Deno.test({
  ...needs("net", "read", "env", "sys", "run")(
    "every case for Charge Points is passed by four kinds of them made of ocpp-rpc",
  ),
  async fn() {
    const suites = await Promise.all(
      Object.entries(KINDS).map(async ([name, choice]) => {
        const suite = await playOnForeign(CHARGE_POINT_CASES, ({ needs }) => variantFor(needs, choice));
        return { name, ...suite };
      }),
    );
    const others = suites.flatMap(({ name, cases }) =>
      cases.filter(({ id, verdict, remarks }) =>
        verdict !== "PASS" || remarks.length !== Number(FOR_GOOD.has(id))
      )
        .map(({ id, verdict, failure, remarks }) =>
          `${id} ${verdict} with the ${name} kind: ${failure?.step}; ${failure?.came}; ${remarks.join("; ")}`
        )
    );
    for (const { name, cases } of suites) {
      const passed = cases.filter(({ verdict }) => verdict === "PASS").length;
      console.log(
        `${passed} of ${CHARGE_POINT_CASES.length} cases passed by a foreign peer of the ${name} kind`,
      );
    }
    assert.deepEqual(others, []);
    assert.deepEqual(suites.flatMap(({ failures, turnedAway }) => [...failures, ...turnedAway]), []);
  },
});
