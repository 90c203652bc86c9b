/**
 * `ocpp test charge-point` as a user plays it against a device that implements only part: one that is none of ours and
 * knows Core only, operated by a web service. What it says it has not is NOT APPLICABLE, what is claimed of it and is
 * not there is no PASS, and the run ends by itself.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { ChargePointSuite } from "../support/charge_point_suite.ts";
import { serveDriver } from "../support/control_driver.ts";
import { SMALL } from "../support/foreign_charge_point/description.ts";
import { ForeignChargePoint } from "../support/foreign_charge_point/device.ts";
import { ForeignOperator } from "../support/foreign_charge_point/operator.ts";
import { needs } from "../support/needs.ts";

const IDENTITY = "FOREIGN1";

/** Core cases that are over in a moment. */
const QUICK = ["TC_003_CS", "TC_010_CS", "TC_019_CS", "TC_021_CS", "TC_031_CS", "TC_061_1_CS"];

/** What a device without local lists has to answer. */
const WITHOUT = ["TC_042_1_CS", "TC_043_1_CS"];

const PROFILE_OF = new Map(CHARGE_POINT_CASES.map(({ id, profile }) => [id, profile]));

const idsOf = (profile: string) => [...PROFILE_OF].flatMap(([id, its]) => its === profile ? [id] : []);

/** Plays it; gives each case's verdict, and the exit code. */
async function played(options: ConstructorParameters<typeof ChargePointSuite>[0]) {
  const operating = Promise.withResolvers<ForeignOperator>();
  await using driver = serveDriver(async ({ case: caseId, ...order }) => {
    const outcome = await (await operating.promise).do({ caseId, ...order });
    return outcome.kind === "done" ? undefined : outcome.reason;
  });
  const suite = new ChargePointSuite({
    identity: IDENTITY,
    driver: { kind: "http", url: driver.url },
    timeout: 3,
    operatorTimeout: 3,
    ...options,
  });
  const [, url] = await suite.said(/waiting for FOREIGN1 at (ws:\S+)\/FOREIGN1/);
  const device = new ForeignChargePoint({
    identity: IDENTITY,
    description: { ...SMALL, profiles: ["Core"] },
    endpoints: { plain: url! },
  });
  const operator = new ForeignOperator(device);
  operating.resolve(operator);
  device.powerOn();
  const code = await suite.ended;
  await operator.close();
  await device.stop();
  return { code, verdicts: new Map(suite.reports.map(({ id, verdict }) => [id, verdict])) };
}

const foreign = needs("net", "read", "env", "sys", "run");

Deno.test({
  ...foreign("what a foreign device says that it has not is NOT APPLICABLE, and the rest passes"),
  async fn() {
    const others = idsOf("Core").filter((id) => !QUICK.includes(id));
    const { code, verdicts } = await played({ skip: [...others, ...idsOf("Security")] });
    for (const [id, verdict] of verdicts) {
      assert.equal(verdict, [...QUICK, ...WITHOUT].includes(id) ? "PASS" : "NOT APPLICABLE", id);
    }
    assert.equal(code, 0);
    const rest = [...PROFILE_OF.values()].filter((profile) => profile !== "Core" && profile !== "Security");
    assert.equal(verdicts.size, QUICK.length + rest.length);
  },
});

Deno.test({
  ...foreign("what is claimed of a foreign device and not there is no PASS, and the run ends by itself"),
  async fn() {
    const folder = await Deno.makeTempDir();
    const capabilities = `${folder}/claims.yaml`;
    await Deno.writeTextFile(capabilities, "profiles: [Core, SmartCharging, RemoteTrigger]\n");
    const claimed = ["TC_019_CS", "TC_054_CS", "TC_056_CS", "TC_058_1_CS"];
    const { code, verdicts } = await played({ capabilities, case: claimed });
    await Deno.remove(folder, { recursive: true });
    const passed = [...verdicts].flatMap(([id, verdict]) => verdict === "PASS" ? [id] : []);
    assert.deepEqual(passed, []);
    // Without its profile a required key is missing, and a message is not implemented.
    assert.equal(verdicts.get("TC_019_CS"), "FAIL");
    assert.equal(verdicts.get("TC_054_CS"), "FAIL");
    assert.equal(verdicts.size, claimed.length);
    assert.equal(code, 3);
  },
});
