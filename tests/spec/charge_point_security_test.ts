import assert from "node:assert/strict";
import type { LinkSecurity } from "../../src/charge_point/job.ts";
import { LINK_ATTEMPTS_MAX } from "../../src/charge_point/link/link_parameters.ts";
import {
  EVENT_TYPE_MAX_LENGTH,
  SECURITY_EVENTS,
  SECURITY_LOG_MAX,
  TECH_INFO_MAX_LENGTH,
} from "../../src/charge_point/security/security_event.ts";
import { MESSAGES_MAX } from "../../src/charge_point/transaction/transaction_queue.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";
import { certificateReadAs, installRoot } from "../support/scripted_certificates.ts";

const OLD_KEY = "00112233445566778899aabbccddeeff";
const NEW_KEY = "ffeeddccbbaa99887766554433221100";
const CENTRAL = "CentralSystemRootCertificate";

const PROFILE_1: LinkSecurity = { securityProfile: 1, authorizationKey: OLD_KEY, roots: [] };
const PROFILE_2: LinkSecurity = { securityProfile: 2, authorizationKey: OLD_KEY, roots: ["ROOT 1"] };

function booted(options: ScriptOptions = {}): ScriptedCentralSystem {
  return new ScriptedCentralSystem({ jobs: () => certificateReadAs(1), ...options }).boot().forget();
}

function secured(security: LinkSecurity, options: ScriptOptions = {}): ScriptedCentralSystem {
  return booted({ ...options, options: { security } });
}

function links(script: ScriptedCentralSystem): readonly LinkSecurity[] {
  return script.effects.flatMap((effect) => effect.kind === "openLink" ? [effect.security] : []);
}

function change(script: ScriptedCentralSystem, key: string, value: string): string {
  return script.result("ChangeConfiguration", { key, value }).status;
}

function profileOf(script: ScriptedCentralSystem): string | undefined {
  const { configurationKey } = script.result("GetConfiguration", { key: ["SecurityProfile"] });
  return configurationKey?.[0]?.value;
}

Deno.test("Security §2.3 the link is opened as the Charge Point was delivered", () => {
  for (const security of [PROFILE_1, PROFILE_2]) {
    const script = new ScriptedCentralSystem({ options: { security } }).boot();
    assert.deepEqual(links(script), [security]);
    assert.equal(profileOf(script), String(security.securityProfile));
    script.forget().result("Reset", { type: "Hard" });
    script.run(10);
    assert.deepEqual(links(script), [security]);
  }
  assert.deepEqual(links(new ScriptedCentralSystem().boot()), [{ securityProfile: 0, roots: [] }]);
});

Deno.test("without the Security profile the link is as delivered, and the keys are unknown", () => {
  const script = new ScriptedCentralSystem({
    description: { featureProfiles: ["Core"] },
    options: { security: PROFILE_1 },
  }).boot();
  assert.deepEqual(links(script), [PROFILE_1]);
  assert.equal(change(script, "AuthorizationKey", NEW_KEY), "NotSupported");
  assert.equal(change(script, "SecurityProfile", "2"), "NotSupported");
});

Deno.test("TC_073 AuthorizationKey: answered, then the link is opened with the new password, without a boot", () => {
  const script = secured(PROFILE_1);
  assert.equal(change(script, "AuthorizationKey", NEW_KEY), "Accepted");
  const kinds = script.effects.filter(({ kind }) => kind !== "event").map(({ kind }) => kind);
  assert.deepEqual(kinds, ["send", "closeLink", "openLink"]);
  assert.deepEqual(links(script), [{ ...PROFILE_1, authorizationKey: NEW_KEY }]);
  script.run(100);
  assert.deepEqual(
    [script.seen("BootNotification"), script.actions().includes("SecurityEventNotification")],
    [
      [],
      false,
    ],
  );
});

Deno.test("Security §4 under profile 0 and 3 a new AuthorizationKey is for later: the link stays", () => {
  const own = { chain: "OLD", privateKey: "K" };
  for (const profile of [0, 3] as const) {
    const script = secured({ securityProfile: profile, roots: ["ROOT 1"], clientCertificate: own });
    assert.equal(change(script, "AuthorizationKey", NEW_KEY), "Accepted");
    assert.deepEqual(links(script), []);
  }
});

Deno.test("Security §4 an AuthorizationKey of the wrong form is Rejected", () => {
  for (const value of ["", "short", "zz".repeat(16), "00".repeat(15), "00".repeat(21), "0".repeat(33)]) {
    const script = secured(PROFILE_1);
    assert.equal(change(script, "AuthorizationKey", value), "Rejected", value);
    assert.deepEqual(links(script), []);
  }
});

Deno.test("Security §4 the same AuthorizationKey again changes nothing", () => {
  const script = secured(PROFILE_1);
  assert.equal(change(script, "AuthorizationKey", OLD_KEY), "Accepted");
  assert.deepEqual(links(script), []);
});

/** What SecurityProfile may become, by what the Charge Point has. */
const UPGRADES: readonly (readonly [LinkSecurity, value: string, status: string])[] = [
  [{ securityProfile: 0, roots: [] }, "1", "Rejected"],
  [{ securityProfile: 0, roots: [], authorizationKey: OLD_KEY }, "1", "Accepted"],
  [{ securityProfile: 0, roots: [], authorizationKey: OLD_KEY }, "2", "Rejected"],
  [{ securityProfile: 0, roots: ["ROOT 1"] }, "2", "Rejected"],
  [{ securityProfile: 1, roots: ["ROOT 1"], authorizationKey: OLD_KEY }, "2", "Accepted"],
  [{ securityProfile: 1, roots: ["ROOT 1"], authorizationKey: OLD_KEY }, "3", "Rejected"],
  [
    { ...PROFILE_2, clientCertificate: { chain: "C", privateKey: "K" } },
    "3",
    "Accepted",
  ],
  [{ ...PROFILE_1, roots: [], clientCertificate: { chain: "C", privateKey: "K" } }, "3", "Rejected"],
  [PROFILE_2, "2", "Rejected"], // no change
  [PROFILE_2, "1", "Rejected"], // TC_084
  [PROFILE_2, "0", "Rejected"],
  [PROFILE_1, "4", "Rejected"],
  [PROFILE_1, "two", "Rejected"],
];

for (const [security, value, status] of UPGRADES) {
  const { securityProfile, roots, authorizationKey, clientCertificate } = security;
  const has = [authorizationKey && "key", roots.length > 0 && "root", clientCertificate && "certificate"];
  Deno.test(`TC_083, TC_084 from ${securityProfile} with ${has.filter(Boolean)} to ${value}: ${status}`, () => {
    const script = secured(security);
    assert.equal(change(script, "SecurityProfile", value), status);
    assert.equal(profileOf(script), status === "Accepted" ? value : String(securityProfile));
    assert.deepEqual(
      links(script).map((link) => String(link.securityProfile)),
      status === "Accepted" ? [value] : [],
    );
  });
}

Deno.test("TC_083 a key and a root that came over the air will do for profile 2", () => {
  const script = booted();
  installRoot(script, CENTRAL);
  assert.equal(change(script, "AuthorizationKey", NEW_KEY), "Accepted");
  assert.equal(change(script, "SecurityProfile", "2"), "Accepted");
  assert.deepEqual(links(script).at(-1), {
    securityProfile: 2,
    authorizationKey: NEW_KEY,
    roots: ["ROOT 1"],
  });
});

Deno.test("Security §2.3 no link with the new profile: back to the old one after some attempts", () => {
  const script = secured({ ...PROFILE_1, roots: ["ROOT 1"] });
  script.isReachable = false;
  script.text('[2,"c","ChangeConfiguration",{"key":"SecurityProfile","value":"2"}]').run(0);
  script.input({ kind: "linkDown" }); // the end of the old link
  for (let nth = 1; nth < LINK_ATTEMPTS_MAX; nth++) script.input({ kind: "linkDown", cause: "other" });
  assert.deepEqual(links(script).map(({ securityProfile }) => securityProfile), [2]);
  script.input({ kind: "linkDown", cause: "other" });
  assert.deepEqual(links(script).map(({ securityProfile }) => securityProfile), [2, 1]);
  script.reconnect();
  assert.equal(profileOf(script), "1");
  assert.equal(change(script, "SecurityProfile", "2"), "Accepted"); // may be tried again
});

Deno.test("Security §4 a password that is refused: back to the old one", () => {
  const script = secured(PROFILE_1);
  script.isReachable = false;
  change(script, "AuthorizationKey", NEW_KEY);
  for (let nth = 0; nth < LINK_ATTEMPTS_MAX; nth++) {
    script.input({ kind: "linkDown", cause: "unauthorized" });
  }
  assert.deepEqual(links(script).map(({ authorizationKey }) => authorizationKey), [NEW_KEY, OLD_KEY]);
  assert.deepEqual(script.events("securityEvent").map(({ type }) => type), [
    "ReconfigurationOfSecurityParameters",
    "FailedToAuthenticateAtCentralSystem",
    "ReconfigurationOfSecurityParameters",
  ]);
});

Deno.test("Security §4 an outage is no reason to go back to a password that the Central System has given up", () => {
  const script = secured(PROFILE_1);
  script.isReachable = false;
  change(script, "AuthorizationKey", NEW_KEY);
  for (let nth = 0; nth < 20; nth++) script.input({ kind: "linkDown", cause: "other" });
  script.input({ kind: "linkDown" });
  assert.deepEqual(links(script).map(({ authorizationKey }) => authorizationKey), [NEW_KEY]);
  script.reconnect();
  script.forget().result("Reset", { type: "Hard" });
  script.run(10);
  assert.equal(links(script)[0]?.authorizationKey, NEW_KEY);
});

Deno.test("Security §2.3 a link with the new parameters makes them stay, whatever fails later", () => {
  const script = secured({ ...PROFILE_1, roots: ["ROOT 1"] });
  change(script, "SecurityProfile", "2");
  script.run(0).cut().forget();
  for (let nth = 0; nth < 10; nth++) script.input({ kind: "linkDown", cause: "invalidCertificate" });
  assert.deepEqual(links(script), []);
  script.reconnect();
  assert.equal(profileOf(script), "2");
});

Deno.test("Security §2.3 what is being tried, and what it falls back to, survive the end of the program", () => {
  const script = secured(PROFILE_1);
  script.isReachable = false;
  change(script, "AuthorizationKey", NEW_KEY);
  const stored = JSON.parse(JSON.stringify(script.chargePoint.durable()));
  const again = new ScriptedCentralSystem({ options: { security: PROFILE_1 } }, stored);
  again.isReachable = false;
  again.boot();
  for (let nth = 0; nth < LINK_ATTEMPTS_MAX; nth++) again.input({ kind: "linkDown", cause: "unauthorized" });
  assert.deepEqual(links(again).map(({ authorizationKey }) => authorizationKey), [NEW_KEY, OLD_KEY]);
});

Deno.test("what waits to be sent survives the change of the link", () => {
  const script = secured(PROFILE_1, { answers: { StartTransaction: () => "silence" } }).charge();
  change(script, "AuthorizationKey", NEW_KEY);
  delete script.script.StartTransaction;
  script.run(1);
  const starts = script.seen("StartTransaction");
  assert.equal(starts.length, 2);
  assert.equal(starts[0]?.uniqueId, starts[1]?.uniqueId);
});

const CAUSES = [
  ["invalidCertificate", 2, "InvalidCentralSystemCertificate", true],
  ["tls", 2, "InvalidTLSVersion", false],
  ["tls", 3, "FailedToAuthenticateAtCentralSystem", false],
  ["unauthorized", 2, "FailedToAuthenticateAtCentralSystem", false],
  ["other", 2, undefined, false],
] as const;

for (const [cause, securityProfile, type, isTold] of CAUSES) {
  Deno.test(`TC_078 no link under profile ${securityProfile} for ${cause}: ${type ?? "no event"}, once`, () => {
    const security = { ...PROFILE_2, securityProfile, clientCertificate: { chain: "C", privateKey: "K" } };
    const script = secured(security).cut().forget();
    for (let nth = 0; nth < 5; nth++) script.input({ kind: "linkDown", cause });
    assert.deepEqual(
      script.events("securityEvent").map((event) => event.type),
      type === undefined ? [] : [type],
    );
    script.reconnect();
    assert.deepEqual(script.securityEvents(), isTold ? [type] : []);
    script.forget().cut();
    script.input({ kind: "linkDown", cause });
    assert.equal(script.events("securityEvent").length, type === undefined ? 0 : 1);
  });
}

Deno.test("Security AdditionalRootCertificateCheck: the next root is signed by the old one, which stays until then", () => {
  const script = secured(PROFILE_2, { description: { checksNewRoots: true } });
  script.jobAnswers = () => ({
    kind: "readCertificate",
    certificate: undefined,
    refusal: "untrusted",
    reason: "",
  });
  const certificate = "ROOT 2";
  const { status } = script.result("InstallCertificate", { certificateType: CENTRAL, certificate });
  assert.equal(status, "Rejected");
  const job = script.jobs.at(-1)?.job;
  assert.deepEqual(job?.kind === "readCertificate" && job.roots, ["ROOT 1"]);
  installRoot(script, CENTRAL, 2);
  assert.deepEqual(links(script).at(-1)?.roots, ["ROOT 2"]);
  script.cut().forget();
  for (let nth = 0; nth < LINK_ATTEMPTS_MAX; nth++) {
    script.input({ kind: "linkDown", cause: "invalidCertificate" });
  }
  assert.deepEqual(links(script).at(-1)?.roots, ["ROOT 1", "ROOT 2"]);
});

Deno.test("Security AdditionalRootCertificateCheck: a link under the new root is the end of the old one", () => {
  const script = secured(PROFILE_2, { description: { checksNewRoots: true } });
  installRoot(script, CENTRAL, 2);
  script.cut().reconnect();
  script.forget().result("Reset", { type: "Hard" });
  script.run(10);
  assert.deepEqual(links(script).at(-1)?.roots, ["ROOT 2"]);
});

for (const [type, isTold] of Object.entries(SECURITY_EVENTS)) {
  Deno.test(`Security events: ${type} is ${isTold ? "told" : "logged only"}`, () => {
    const script = secured(PROFILE_1);
    script.input({ kind: "securityEvent", type, techInfo: "why" }).run(0);
    assert.deepEqual(script.events("securityEvent"), [{
      kind: "securityEvent",
      type,
      techInfo: "why",
      isTold,
    }]);
    assert.deepEqual(
      script.seen("SecurityEventNotification").map(({ payload }) => payload),
      isTold ? [{ type, techInfo: "why", timestamp: "2026-01-01T12:00:00.000Z" }] : [],
    );
  });
}

Deno.test("Security events: any other type is logged only, and what is too long is cut", () => {
  const script = secured(PROFILE_1);
  script.input({ kind: "securityEvent", type: "x".repeat(99), techInfo: "y".repeat(999) });
  script.input({ kind: "securityEvent", type: "" }).run(0);
  const [event, ...more] = script.events("securityEvent");
  assert.deepEqual([event?.type.length, event?.techInfo?.length], [
    EVENT_TYPE_MAX_LENGTH,
    TECH_INFO_MAX_LENGTH,
  ]);
  assert.deepEqual([more, script.securityEvents()], [[], []]);
  script.input({ kind: "securityEvent", type: "MemoryExhaustion", techInfo: "y".repeat(999) }).run(0);
  assert.deepEqual(script.securityEvents(), ["MemoryExhaustion"]);
});

Deno.test("Security events: boot and reset are told under a security profile", () => {
  const script = new ScriptedCentralSystem({ options: { security: PROFILE_1 } }).boot();
  assert.deepEqual(script.securityEvents(), ["StartupOfTheDevice"]);
  assert.equal(script.actions()[0], "BootNotification");
  script.result("Reset", { type: "Soft" });
  script.run(30);
  assert.deepEqual(script.securityEvents(), ["StartupOfTheDevice", "ResetOrReboot", "StartupOfTheDevice"]);
});

Deno.test("Security events: a plain OCPP 1.6 Central System is told nothing, until it shows that it knows them", () => {
  const script = new ScriptedCentralSystem().boot();
  script.result("Reset", { type: "Hard" });
  script.run(30).input({ kind: "securityEvent", type: "TamperDetectionActivated" }).run(10);
  assert.deepEqual(script.securityEvents(), []);
  script.result("GetInstalledCertificateIds", { certificateType: CENTRAL });
  script.input({ kind: "securityEvent", type: "TamperDetectionActivated" }).run(10);
  assert.deepEqual(script.securityEvents(), ["TamperDetectionActivated"]);
});

for (const error of ["NotImplemented", "NotSupported"] as const) {
  Deno.test(`Security events: after ${error} no more are told until the next restart`, () => {
    const script = secured(PROFILE_1).cut();
    script.script.SecurityEventNotification = () => ({ error });
    for (let nth = 0; nth < 3; nth++) script.input({ kind: "securityEvent", type: "MemoryExhaustion" });
    script.reconnect().run(10);
    assert.equal(script.securityEvents().length, 1);
    script.input({ kind: "securityEvent", type: "MemoryExhaustion" }).run(1_000);
    assert.equal(script.securityEvents().length, 1);
    script.forget().result("Reset", { type: "Hard" });
    script.run(30);
    assert.deepEqual(script.securityEvents(), ["StartupOfTheDevice"]);
  });
}

Deno.test("Security events survive a link that is cut, a timeout and the end of the program", () => {
  const script = secured(PROFILE_1).cut();
  script.input({ kind: "securityEvent", type: "TamperDetectionActivated" });
  const stored = JSON.parse(JSON.stringify(script.chargePoint.durable()));
  let nth = 0;
  const again = new ScriptedCentralSystem({
    options: { security: PROFILE_1 },
    answers: { SecurityEventNotification: () => ++nth === 1 ? "silence" : {} },
  }, stored).boot().run(300);
  assert.deepEqual(again.securityEvents(), [
    ...["TamperDetectionActivated", "TamperDetectionActivated", "StartupOfTheDevice"],
  ]);
});

Deno.test("Security events: a frame that cannot be read is logged as InvalidMessages", () => {
  const script = secured(PROFILE_1);
  script.text("{").text('[2,"a","Reset",{"type":1}]').text('[2,"b",7,{}]').text("[3]").run(0);
  assert.deepEqual(
    script.events("securityEvent").map(({ type, techInfo }) => `${type} ${techInfo}`),
    [
      "InvalidMessages notJson",
      "InvalidMessages Reset: TypeConstraintViolation",
      "InvalidMessages a Call: FormationViolation",
      "InvalidMessages noUniqueId",
    ],
  );
});

Deno.test("Security events: a reading that finds no room any more is MemoryExhaustion", () => {
  const script = secured(PROFILE_1, { configuration: { MeterValueSampleInterval: "1" } }).charge().cut();
  script.run(MESSAGES_MAX - 1);
  assert.deepEqual(script.events("securityEvent"), []);
  script.run(2);
  assert.deepEqual(script.events("securityEvent")[0], {
    kind: "securityEvent",
    type: "MemoryExhaustion",
    techInfo: "MeterValues is lost",
    isTold: true,
  });
});

Deno.test("the security log has a bound: the newest entries stay", () => {
  const script = booted({ jobs: () => "silence" });
  for (let nth = 0; nth <= SECURITY_LOG_MAX; nth++) {
    script.input({ kind: "securityEvent", type: "AttemptedReplayAttacks", techInfo: `nth ${nth}` });
  }
  script.result("GetLog", { requestId: 1, logType: "SecurityLog", log: { remoteLocation: "http://h/" } });
  const job = script.jobs[0]?.job;
  assert.ok(job?.kind === "upload");
  assert.equal(job.lines.length, SECURITY_LOG_MAX);
  assert.match(job.lines.at(-1) ?? "", new RegExp(`nth ${SECURITY_LOG_MAX}$`));
});

Deno.test("Security §A the AuthorizationKey is in no event, no log and no view, whichever way it came", () => {
  const script = secured(PROFILE_1, { jobs: () => "silence" });
  change(script, "AuthorizationKey", NEW_KEY);
  script.run(1);
  change(script, "authorizationkey", `${NEW_KEY}xx`);
  script.callRaw("ChangeConfiguration", { key: "AuthorizationKey", value: NEW_KEY, more: 1 });
  script.text(`[2,"x","ChangeConfiguration",{"key":"AuthorizationKey","value":"${NEW_KEY}"`);
  script.text(`[3,"x",{"configurationKey":[{"key":"AuthorizationKey","value":"${NEW_KEY}"}]}]`);
  script.result("GetDiagnostics", { location: "http://h/" });
  script.result("GetLog", { requestId: 1, logType: "SecurityLog", log: { remoteLocation: "http://h/" } });
  const { configurationKey } = script.result("GetConfiguration", {});
  const told = JSON.stringify([
    script.effects.filter(({ kind }) => kind !== "openLink"),
    script.chargePoint.configuration,
    configurationKey,
  ]);
  assert.ok(told.includes("upload") && told.includes("AuthorizationKey changed"));
  assert.ok(!told.includes(NEW_KEY) && !told.includes(OLD_KEY));
});

Deno.test("Security ExtendedTriggerMessage: what it asks for, and what it cannot have", () => {
  const rows = [
    [{ requestedMessage: "Heartbeat" }, "Accepted", "Heartbeat"],
    [{ requestedMessage: "StatusNotification" }, "Accepted", "StatusNotification"],
    [{ requestedMessage: "StatusNotification", connectorId: 1 }, "Accepted", "StatusNotification"],
    [{ requestedMessage: "StatusNotification", connectorId: 9 }, "Rejected", undefined],
    [{ requestedMessage: "MeterValues", connectorId: 1 }, "Accepted", "MeterValues"],
    [{ requestedMessage: "BootNotification" }, "Rejected", undefined],
    [{ requestedMessage: "LogStatusNotification" }, "Accepted", "LogStatusNotification"],
    [
      { requestedMessage: "FirmwareStatusNotification" },
      "Accepted",
      "SignedFirmwareStatusNotification",
    ],
    [{ requestedMessage: "SignChargePointCertificate" }, "Rejected", undefined], // no CpoName
  ] as const;
  for (const [payload, status, action] of rows) {
    const script = booted();
    assert.equal(script.result("ExtendedTriggerMessage", payload).status, status, JSON.stringify(payload));
    assert.equal(script.actions()[0], action);
  }
  const answer = booted().callRaw("ExtendedTriggerMessage", {
    requestedMessage: "StatusNotification",
    connectorId: 0,
  });
  assert.equal(answer.kind === "callError" && answer.errorCode, "PropertyConstraintViolation");
});
