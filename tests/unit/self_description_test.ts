/**
 * What the configuration keys of a Charge Point say about which cases apply.
 */
import assert from "node:assert/strict";
import { capabilitiesIn, selfDescription } from "../../src/conformance/charge_point/self_description.ts";
import type { ChargePointCapabilities } from "../../src/conformance/capabilities.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { parseCapabilitiesFile } from "../../src/scenario/capabilities_file.ts";
import { needs } from "../support/needs.ts";
import { playCase } from "../support/conformance_play.ts";
import { Rig } from "../support/conformance_rig.ts";

const key = (key: string, value: string, readonly = true) => ({
  configurationKey: [{ key, value, readonly }],
});
const unknown = (key: string) => ({ unknownKey: [key] });

/** What our own Charge Point says when it is built as a case needs it. */
async function saidBy(needs: Parameters<typeof testedFor>[0]) {
  let said: Partial<ChargePointCapabilities> = {};
  const asked = selfDescription((capabilities) => said = capabilities);
  const { result } = await playCase(asked, { played: testedFor(needs) });
  assert.equal(result.verdict, "PASS");
  return said;
}

Deno.test("a Charge Point says of itself what its description has, as far as keys can", async () => {
  const needs = [
    {},
    { connectors: 2 },
    { hasAuthorizationCache: false },
    { withoutProfiles: ["LocalAuthListManagement", "Reservation"] },
    { withoutProfiles: ["Security"] },
    { reservesConnectorZero: false },
    { securityProfile: [1] },
  ] as const;
  for (const one of needs) {
    const { cable: _cable, atPowerLoss: _power, acceptsReservations: _accepts, ...told } = capabilitiesOf(
      testedFor(one),
    );
    const said = await saidBy(one);
    const expected = Object.fromEntries(
      Object.keys(said).map((name) => [name, told[name as keyof typeof told]]),
    );
    const { profiles = [] } = said;
    const firmwareUpdate = profiles.includes("Security") ? "both" : "plain";
    // Without Reservation there is no such key.
    const reserves = profiles.includes("Reservation") ? {} : { reservesConnectorZero: false };
    assert.deepEqual(said, { ...expected, firmwareUpdate, ...reserves }, JSON.stringify(one));
    for (const name of ["connectors", "profiles", "hasAuthorizationCache", "canStayOnEvSideDisconnect"]) {
      assert.ok(name in said, `${name} of ${JSON.stringify(one)}`);
    }
  }
});

/** Asks the test, which has sent these Calls before it answers each question. */
function asked(calls: readonly (readonly [action: string, payload: object])[]): Rig {
  const rig = new Rig(selfDescription(() => {}).run, "chargePoint", { isQuestion: true });
  calls.forEach(([action, payload], index) => rig.frame(2, `u${index}`, action, payload));
  const questions = () =>
    rig.sent.flatMap((one) => {
      const [type, uniqueId, , payload] = one as [number, string, string, { readonly key: string[] }];
      return type === 2 ? [{ uniqueId, key: payload.key }] : [];
    });
  for (let answered = 0; answered < questions().length; answered++) {
    const { uniqueId, key: unknownKey } = questions()[answered]!;
    if (unknownKey !== undefined) rig.frame(3, uniqueId, { unknownKey });
  }
  return rig.pass(1_000);
}

Deno.test("who is asked may have to tell of a transaction before, and is answered", () => {
  const timestamp = "2025-01-01T00:00:00Z";
  const calls = [
    ["StartTransaction", { connectorId: 9, idTag: "A", meterStart: 5, timestamp }],
    ["StopTransaction", { transactionId: 81_234, meterStop: 9, timestamp }],
    ["Authorize", { idTag: "A" }],
    ["FirmwareStatusNotification", { status: "Idle" }],
    ["StatusNotification", { connectorId: 100, errorCode: "NoError", status: "Available" }],
  ] as const;
  const rig = asked(calls);
  assert.equal(rig.verdict, "PASS");
  const answers = rig.sent.filter((one) => (one as unknown[])[0] === 3);
  assert.deepEqual(answers.map((one) => (one as unknown[])[1]), calls.map((_, index) => `u${index}`));
});

Deno.test("who is asked has not any number of connectors", () => {
  const status = { connectorId: 101, errorCode: "NoError", status: "Available" };
  const rig = new Rig(selfDescription(() => {}).run, "chargePoint", { isQuestion: true });
  rig.frame(2, "u1", "StatusNotification", status).pass(60);
  assert.match(rig.run.result!.failure!.expected, /a connector that there is/);
});

Deno.test("of keys that nobody answers for nothing is said", () => {
  assert.deepEqual(capabilitiesIn([]), {});
  for (const connectors of ["many", "0", "-1", "1.5", "101", "4294967296", "1e300", "Infinity"]) {
    assert.deepEqual(capabilitiesIn([key("NumberOfConnectors", connectors)]), {}, connectors);
  }
  assert.deepEqual(capabilitiesIn([key("SecurityProfile", "7")]), {});
});

Deno.test("a Charge Point writes keys and truth values in the letters that it likes", () => {
  assert.deepEqual(
    capabilitiesIn([
      key("numberofconnectors", "3"),
      key("RESERVECONNECTORZEROSUPPORTED", "True"),
      unknown("authorizationcacheenabled"),
    ]),
    { connectors: 3, hasAuthorizationCache: false, reservesConnectorZero: true },
  );
});

Deno.test("keys that are unknown say that the feature is not there", () => {
  assert.deepEqual(
    capabilitiesIn([
      key("SupportedFeatureProfiles", "Core, SmartCharging"),
      ...["AuthorizationCacheEnabled", "ReserveConnectorZeroSupported", "SecurityProfile"].map(unknown),
      key("StopTransactionOnEVSideDisconnect", "true", true),
      key("UnlockConnectorOnEVSideDisconnect", "true", false),
    ]),
    {
      profiles: ["Core", "SmartCharging"],
      firmwareUpdate: "none",
      hasAuthorizationCache: false,
      reservesConnectorZero: false,
      canStayOnEvSideDisconnect: false,
      canChooseUnlockOnEvSideDisconnect: true,
    },
  );
});

Deno.test({
  // The package yaml reads the environment.
  ...needs("env")("a capabilities file is read with positions"),
  fn() {
    const read = parseCapabilitiesFile(
      "connectors: 2\nprofiles: [Core]\nfirmwareUpdate: none\n",
      "device.yaml",
    );
    assert.deepEqual(read, {
      ok: true,
      fields: { connectors: 2, profiles: ["Core"], firmwareUpdate: "none" },
    });
    const wrong = parseCapabilitiesFile("connectors: 2\ncabel: fixed\nsecurityProfile: 4\n", "device.yaml");
    assert.ok(!wrong.ok);
    assert.deepEqual(wrong.faults, [
      'device.yaml:2:1: there is no field "cabel", did you mean cable?',
      "device.yaml:3:1: securityProfile is 0, 1, 2 or 3, not 4",
    ]);
  },
});
