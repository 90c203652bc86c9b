/**
 * What the configuration keys of a Charge Point say about which cases apply.
 */
import assert from "node:assert/strict";
import { capabilitiesIn, selfDescription } from "../../src/conformance/charge_point/self_description.ts";
import type { ChargePointCapabilities } from "../../src/conformance/capabilities.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { parseCapabilitiesFile } from "../../src/scenario/capabilities_file.ts";
import { playCase } from "../support/conformance_play.ts";

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

Deno.test("of keys that nobody answers for nothing is said", () => {
  assert.deepEqual(capabilitiesIn([]), {});
  assert.deepEqual(capabilitiesIn([key("NumberOfConnectors", "many"), key("SecurityProfile", "7")]), {});
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

Deno.test("a capabilities file is read with positions", () => {
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
});
