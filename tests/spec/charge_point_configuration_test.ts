import assert from "node:assert/strict";
import { checkValue } from "../../src/charge_point/configuration/configuration_value.ts";
import { CONFIGURATION_KEY_NAMES, CONFIGURATION_KEYS } from "../../src/ocpp/configuration_key.ts";
import { DESCRIPTION, ScriptedCentralSystem } from "../support/scripted_central_system.ts";

/** ChangeConfiguration, its answer, and the value that is kept. Spec: OCPP 1.6 §5.3, §9. */
const ROWS: readonly (readonly [key: string, value: string, status: string, kept?: string])[] = [
  ["HeartbeatInterval", "60", "Accepted", "60"],
  ["heartbeatinterval", "060", "Accepted", "60"],
  ["HeartbeatInterval", "0", "Rejected"],
  ["HeartbeatInterval", "-1", "Rejected"],
  ["HeartbeatInterval", "1.5", "Rejected"],
  ["HeartbeatInterval", "ten", "Rejected"],
  ["HeartbeatInterval", "", "Rejected"],
  ["HeartbeatInterval", "2147483648", "Rejected"],
  ["MeterValueSampleInterval", "0", "Accepted", "0"],
  ["TransactionMessageAttempts", "0", "Rejected"],
  ["TransactionMessageRetryInterval", "0", "Accepted", "0"],
  ["MessageTimeout", "0", "Rejected"],
  ["ConnectionTimeOut", "0", "Rejected"],
  ["AllowOfflineTxForUnknownId", "TRUE", "Accepted", "true"],
  ["AllowOfflineTxForUnknownId", "False", "Accepted", "false"],
  ["AllowOfflineTxForUnknownId", "yes", "Rejected"],
  ["StopTransactionOnInvalidId", "1", "Rejected"],
  ["MeterValuesSampledData", "SoC, Voltage", "Accepted", "SoC,Voltage"],
  ["MeterValuesSampledData", "Voltage.L1,Voltage.L2-N,Current.Import.L3", "Accepted"],
  ["MeterValuesSampledData", "", "Accepted", ""],
  ["MeterValuesSampledData", "SoC,Noise", "Rejected"],
  ["MeterValuesSampledData", "SoC.L1", "Rejected"],
  ["MeterValuesSampledData", "Current.Import.L4", "Rejected"],
  ["MeterValuesSampledData", "Current.Import.L1-N", "Rejected"],
  ["MeterValuesSampledData", Array(21).fill("SoC").join(), "Rejected"],
  ["StopTxnSampledData", "Energy.Active.Import.Register", "Accepted"],
  ["LightIntensity", "101", "Rejected"],
  ["LightIntensity", "100", "Accepted", "100"],
  ["ConnectorPhaseRotation", "0.RST, 1.STR", "Accepted", "0.RST,1.STR"],
  ["ConnectorPhaseRotation", "2.RST", "Rejected"],
  ["ConnectorPhaseRotation", "1.RST,1.STR", "Rejected"],
  ["ConnectorPhaseRotation", "1.ABC", "Rejected"],
  ["CpoName", "Example CPO", "Accepted", "Example CPO"],
  ["CpoName", "x".repeat(65), "Rejected"],
  ["NumberOfConnectors", "2", "Rejected"],
  ["SupportedFeatureProfiles", "Core", "Rejected"],
  ["GetConfigurationMaxKeys", "1", "Rejected"],
  ["Vendor.Key", "1", "NotSupported"],
  ["constructor", "1", "NotSupported"],
];

for (const [key, value, status, kept = value] of ROWS) {
  Deno.test(`§5.3 ChangeConfiguration ${key}=${value.slice(0, 40)} is ${status}`, () => {
    const script = new ScriptedCentralSystem().boot();
    const before = script.result("GetConfiguration", {});
    assert.equal(script.result("ChangeConfiguration", { key, value }).status, status);
    if (status === "Accepted") {
      const [entry] = script.result("GetConfiguration", { key: [key] }).configurationKey ?? [];
      assert.equal(entry?.value, kept);
    } else {
      assert.deepEqual(script.result("GetConfiguration", {}), before);
    }
  });
}

Deno.test("§5.3 a phase that a one-phase supply does not have is Rejected", () => {
  const supply = { phases: 1, voltageV: 230, maxCurrentA: 16 } as const;
  const script = new ScriptedCentralSystem({ description: { supply } }).boot();
  const status = (value: string) =>
    script.result("ChangeConfiguration", { key: "MeterValuesSampledData", value }).status;
  assert.equal(status("Current.Import.L2"), "Rejected");
  assert.equal(status("Current.Import.L1"), "Accepted");
});

Deno.test("§5.8 GetConfiguration without keys gives all of them, with their access", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 3 } }).boot();
  for (const payload of [{}, { key: [] }]) {
    const { configurationKey = [], unknownKey } = script.result("GetConfiguration", payload);
    assert.equal(unknownKey, undefined);
    assert.deepEqual(
      configurationKey.map(({ key, readonly }) => [key, readonly]),
      CONFIGURATION_KEY_NAMES.filter((key) => key !== "AuthorizationKey")
        .map((key) => [key, CONFIGURATION_KEYS[key].access === "R"]),
    );
    assert.equal(configurationKey.find(({ key }) => key === "NumberOfConnectors")?.value, "3");
  }
});

Deno.test("§5.8 GetConfiguration names known keys once, in their own spelling, and unknown ones as asked", () => {
  const script = new ScriptedCentralSystem().boot();
  const profiles = "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger";
  const key = ["Foo", "messagetimeout", "MessageTimeout", "SupportedFeatureProfiles"];
  assert.deepEqual(script.result("GetConfiguration", { key }), {
    configurationKey: [
      { key: "MessageTimeout", readonly: false, value: "30" },
      { key: "SupportedFeatureProfiles", readonly: true, value: profiles },
    ],
    unknownKey: ["Foo"],
  });
});

Deno.test("§9 GetConfiguration of more than GetConfigurationMaxKeys keys is refused", () => {
  const script = new ScriptedCentralSystem().boot();
  const answer = script.call("GetConfiguration", { key: Array.from({ length: 51 }, (_, n) => `Key${n}`) });
  assert.equal(answer.kind, "callError");
  assert.equal(answer.kind === "callError" && answer.errorCode, "OccurenceConstraintViolation");
});

Deno.test("§5.3 a changed configuration outlives a Reset", () => {
  const script = new ScriptedCentralSystem().boot();
  script.result("ChangeConfiguration", { key: "MeterValueSampleInterval", value: "7" });
  script.result("Reset", { type: "Hard" });
  script.run(30);
  assert.equal(script.chargePoint.configuration["MeterValueSampleInterval"], "7");
});

Deno.test("§9 MeterValueSampleInterval counts from its change, and 0 ends sampling", () => {
  const script = new ScriptedCentralSystem({ configuration: { MeterValueSampleInterval: "60" } });
  script.boot().charge().run(10);
  script.result("ChangeConfiguration", { key: "MeterValueSampleInterval", value: "20" });
  script.run(45);
  assert.deepEqual(script.seen("MeterValues").map(({ seconds }) => seconds), [30, 50]);
  script.result("ChangeConfiguration", { key: "MeterValueSampleInterval", value: "0" });
  script.forget().run(1_000);
  assert.deepEqual(script.seen("MeterValues"), []);
});

Deno.test("a value is taken as a user writes it, or it is said what is wrong with it", () => {
  const reason = (setting: string) => {
    const [key = "", value = ""] = setting.split("=");
    const checked = checkValue(key, value, DESCRIPTION);
    return checked.ok ? `${checked.key}=${checked.value}` : checked.reason;
  };
  assert.equal(reason("connectiontimeout= 15"), "ConnectionTimeOut=15");
  assert.equal(reason("StopTxnSampledData="), "StopTxnSampledData=");
  assert.equal(
    reason(`StopTxnSampledData=${Array(20).fill("Energy.Active.Import.Register").join()}`),
    "StopTxnSampledData has at most 500 characters",
  );
  assert.equal(reason("Foo=1"), "there is no configuration key Foo");
  assert.equal(reason("NumberOfConnectors=2"), "NumberOfConnectors cannot be changed");
  assert.equal(reason("MessageTimeout=0"), "MessageTimeout is a whole number from 1 to 2147483647");
  assert.equal(reason("AuthorizeRemoteTxRequests=1"), "AuthorizeRemoteTxRequests is either true or false");
  assert.equal(
    reason("MeterValuesSampledData=SoC,Noise"),
    'MeterValuesSampledData has "Noise", which is not measured here',
  );
});
