/** Configuration keys that follow from how the Charge Point is built, and bounds that keys have. */
import assert from "node:assert/strict";
import { isReadOnly, listItems } from "../../src/charge_point/configuration/configuration.ts";
import { CONFIGURATION_KEY_NAMES, CONFIGURATION_KEYS } from "../../src/ocpp/configuration_key.ts";
import { DESCRIPTION, ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const LISTS: readonly (readonly [key: string, items: (count: number) => readonly string[]])[] = [
  ["MeterValuesSampledData", (count) => Array(count).fill("SoC")],
  ["MeterValuesAlignedData", (count) => Array(count).fill("SoC")],
  ["StopTxnSampledData", (count) => Array(count).fill("SoC")],
  ["StopTxnAlignedData", (count) => Array(count).fill("SoC")],
  [
    "ConnectorPhaseRotation",
    (count) => Array.from({ length: count }, (_, connectorId) => `${connectorId}.RTS`),
  ],
];

for (const [key, items] of LISTS) {
  Deno.test(`§9 ${key} takes as many items as its MaxLength says, and no more`, () => {
    const script = new ScriptedCentralSystem({ description: { connectors: 3 } }).boot();
    const configuration = script.chargePoint.configuration;
    const max = Number(configuration[`${key}MaxLength`]);
    const change = (value: string) => script.result("ChangeConfiguration", { key, value }).status;
    assert.equal(change(items(max).join()), "Accepted");
    assert.equal(change(items(max + 1).join()), "Rejected");
    assert.equal(listItems(script.chargePoint.configuration[key]!).length, max);
  });
}

for (const key of CONFIGURATION_KEY_NAMES.filter((key) => isReadOnly(DESCRIPTION, key))) {
  Deno.test(`§9 ${key} is told as read-only, and nothing changes it`, () => {
    const script = new ScriptedCentralSystem().boot();
    const [told] = script.result("GetConfiguration", { key: [key] }).configurationKey ?? [];
    assert.deepEqual([told?.key, told?.readonly], [key, true]);
    assert.ok(told?.value !== undefined && told.value !== "");
    const other = CONFIGURATION_KEYS[key].type === "boolean" ? String(told.value !== "true") : "1";
    assert.equal(script.result("ChangeConfiguration", { key, value: other }).status, "Rejected");
    script.input({ kind: "setConfiguration", key, value: other });
    assert.deepEqual(script.result("GetConfiguration", { key: [key] }).configurationKey, [told]);
  });
}

Deno.test("§9 NumberOfConnectors is how many have a status", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 3 } }).boot();
  const connectorIds = script.seen("StatusNotification").map(({ payload }) => payload.connectorId);
  assert.deepEqual(connectorIds, [0, 1, 2, 3]);
  assert.equal(script.chargePoint.configuration["NumberOfConnectors"], "3");
});

Deno.test("§9 SupportedFeatureProfiles names what is built in, and what is not is NotSupported", () => {
  const script = new ScriptedCentralSystem({ description: { featureProfiles: ["Core", "RemoteTrigger"] } })
    .boot();
  const { configuration } = script.chargePoint;
  assert.equal(configuration["SupportedFeatureProfiles"], "Core,RemoteTrigger");
  assert.equal(script.result("SendLocalList", { listVersion: 1, updateType: "Full" }).status, "NotSupported");
  assert.equal(script.result("TriggerMessage", { requestedMessage: "Heartbeat" }).status, "Accepted");
  const everything = new ScriptedCentralSystem().chargePoint.configuration;
  const most = Number(everything["SupportedFeatureProfilesMaxLength"]);
  assert.equal(listItems(everything["SupportedFeatureProfiles"]!).length, most);
});

Deno.test("§9.4.2 ChargingScheduleAllowedChargingRateUnit: schedules in A and in W are taken", () => {
  const script = new ScriptedCentralSystem().boot();
  assert.equal(script.chargePoint.configuration["ChargingScheduleAllowedChargingRateUnit"], "Current,Power");
  for (const chargingRateUnit of ["A", "W"] as const) {
    const { status } = script.result("SetChargingProfile", {
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: "ChargePointMaxProfile",
        chargingProfileKind: "Absolute",
        chargingSchedule: { chargingRateUnit, chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
      },
    });
    assert.equal(status, "Accepted", chargingRateUnit);
  }
});

Deno.test("Security CertificateSignedMaxChainSize: a longer chain is refused before it is read", () => {
  const script = new ScriptedCentralSystem({ configuration: { CpoName: "CPO" } }).boot();
  const max = Number(script.chargePoint.configuration["CertificateSignedMaxChainSize"]);
  assert.equal(max, 10_000);
  const answerTo = (length: number) => {
    const answer = script.callRaw("CertificateSigned", { certificateChain: "A".repeat(length) });
    return answer.kind === "callResult" ? answer.payload : answer.kind;
  };
  // None was asked for; a chain that is longer than the key says breaks the schema too.
  assert.deepEqual([answerTo(max), answerTo(max + 1)], [{ status: "Rejected" }, "callError"]);
});

Deno.test("a technician sets a key as ChangeConfiguration would, or not at all", () => {
  const script = new ScriptedCentralSystem().boot();
  script.input({ kind: "setConfiguration", key: "heartbeatinterval", value: "060" });
  script.input({ kind: "setConfiguration", key: "MessageTimeout", value: "never" });
  script.input({ kind: "setConfiguration", key: "Speed", value: "1" });
  const { HeartbeatInterval, MessageTimeout, Speed } = script.chargePoint.configuration;
  assert.deepEqual([HeartbeatInterval, MessageTimeout, Speed], ["60", "30", undefined]);
});
