import assert from "node:assert/strict";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { versionOf } from "../../src/charge_point/maintenance/file_location.ts";
import type { Job, JobResult, TransferOutcome } from "../../src/charge_point/job.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import {
  BEGIN_AT_MS,
  DESCRIPTION,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";
import { certificateInfo, installRoot } from "../support/scripted_certificates.ts";

const LOCATION = "https://files.example/firmware.bin";
const NOW = dateTimeOf(BEGIN_AT_MS);
const HEAD = "ocpp-firmware 2.0.0";

function downloaded(status: TransferOutcome["status"] = "done", head = HEAD): JobResult {
  const outcome = { status, message: `it was ${status}` };
  return status === "done"
    ? { kind: "download", outcome, file: { fileId: "f1", sizeBytes: 9, head } }
    : { kind: "download", outcome };
}

/** Everything succeeds. */
function well(job: Job): JobResult {
  switch (job.kind) {
    case "upload":
      return { kind: "upload", outcome: { status: "done", message: "" } };
    case "download":
      return downloaded();
    case "verifyFirmware":
      return { kind: "verifyFirmware", isValid: true, reason: "" };
    case "createSigningRequest":
      return { kind: "createSigningRequest", request: { csr: "CSR", privateKey: "KEY" }, reason: "" };
    case "readCertificate":
      return { kind: "readCertificate", certificate: certificateInfo(), refusal: undefined, reason: "" };
  }
}

const PLAIN: Req<"UpdateFirmware"> = { location: LOCATION, retrieveDate: NOW };
const SIGNED: Req<"SignedUpdateFirmware"> = {
  requestId: 3,
  firmware: {
    location: LOCATION,
    retrieveDateTime: NOW,
    signingCertificate: "PEM",
    signature: "U0lH",
  },
};

function booted(options: ScriptOptions = {}): ScriptedCentralSystem {
  return new ScriptedCentralSystem({ jobs: well, ...options }).boot().forget();
}

/** With a manufacturer root, so that signed updates are possible. */
function trusting(options: ScriptOptions = {}): ScriptedCentralSystem {
  const script = booted(options);
  installRoot(script, "ManufacturerRootCertificate");
  script.jobs.length = 0;
  return script.forget();
}

Deno.test("TC_044_1 UpdateFirmware downloads, installs, restarts, and tells so as the new version", () => {
  const script = booted();
  assert.deepEqual(script.result("UpdateFirmware", PLAIN), {});
  script.run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "Installing", "Installed"],
  ]);
  const [boot] = script.seen("BootNotification");
  assert.equal(boot?.payload.firmwareVersion, "2.0.0");
  const actions = script.actions();
  assert.ok(actions.indexOf("BootNotification") < actions.lastIndexOf("FirmwareStatusNotification"));
  assert.deepEqual(script.statuses(), ["Unavailable", "Available"]);
  assert.deepEqual(script.events("restarting").map(({ type }) => type), ["Soft"]);
});

Deno.test("§5.19 UpdateFirmware waits for retrieveDate, and downloads as soon as it is over", () => {
  const script = booted();
  script.result("UpdateFirmware", { ...PLAIN, retrieveDate: dateTimeOf(BEGIN_AT_MS + 3_600_000) });
  script.run(3_599);
  assert.deepEqual([script.jobs.length, script.told("FirmwareStatusNotification")], [0, []]);
  script.run(1);
  assert.equal(script.told("FirmwareStatusNotification")[0], "Downloading");
});

Deno.test("TC_044_2 a download that fails is tried again as often as asked, and told once", () => {
  const script = booted({ jobs: () => downloaded("unreachable") });
  script.result("UpdateFirmware", { ...PLAIN, retries: 2, retryInterval: 20 });
  script.run(100);
  assert.deepEqual(script.jobs.map(({ seconds }) => seconds), [0, 20, 40]);
  assert.deepEqual(script.told("FirmwareStatusNotification"), ["Downloading", "DownloadFailed"]);
  assert.deepEqual([script.seen("BootNotification"), script.statuses()], [[], []]);
});

Deno.test("TC_044_2 a retry may succeed", () => {
  const script = booted({ jobs: (job, nth) => nth === 1 ? downloaded("failed") : well(job) });
  script.result("UpdateFirmware", { ...PLAIN, retries: 1, retryInterval: 5 });
  script.run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "Installing", "Installed"],
  ]);
});

Deno.test("§5.19 a location that is no URL, or of another protocol, ends in DownloadFailed at once", () => {
  for (const location of ["firmware.bin", "gopher://files.example/x", "", "http://"]) {
    const script = booted();
    script.result("UpdateFirmware", { location, retrieveDate: NOW, retries: 9 });
    assert.deepEqual(script.told("FirmwareStatusNotification"), ["Downloading", "DownloadFailed"], location);
    assert.deepEqual(script.jobs, []);
  }
});

Deno.test("TC_044_2, TC_044_3 ordered failures fail one operation each", () => {
  const script = booted();
  script.input({ kind: "orderFailure", failure: "download" });
  script.input({ kind: "orderFailure", failure: "installation" });
  script.result("UpdateFirmware", PLAIN);
  assert.deepEqual(script.told("FirmwareStatusNotification"), ["Downloading", "DownloadFailed"]);
  script.forget().result("UpdateFirmware", PLAIN);
  script.run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "Installing", "InstallationFailed"],
  ]);
  assert.deepEqual(script.statuses(), ["Unavailable", "Available"]);
  assert.deepEqual(script.seen("BootNotification"), []);
  script.forget().result("UpdateFirmware", PLAIN);
  script.run(60);
  assert.equal(script.told("FirmwareStatusNotification").at(-1), "Installed");
});

Deno.test("§4.5 the installation waits for transactions, while idle connectors are Unavailable", () => {
  const script = booted({ description: { connectors: 2 } }).charge(1).forget();
  script.result("UpdateFirmware", PLAIN);
  script.run(30).present("TAG002", 2);
  assert.deepEqual(script.statuses(2), ["Unavailable"]);
  assert.deepEqual(script.told("FirmwareStatusNotification"), ["Downloading", "Downloaded"]);
  assert.equal(script.events("idTagIgnored")[0]?.reason, "new firmware is to be installed");
  assert.equal(script.result("RemoteStartTransaction", { connectorId: 2, idTag: "A" }).status, "Rejected");
  script.present().unplug().run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification").slice(2), ["Installing", "Installed"]);
  assert.equal(script.statuses(2).at(-1), "Available");
});

Deno.test("§4.5 a cable that is in, and a card that was shown, do not hold the installation up", () => {
  const script = booted().plugIn().forget();
  script.result("UpdateFirmware", PLAIN);
  assert.deepEqual(script.statuses(), ["Available", "Unavailable"]);
  script.run(60);
  assert.deepEqual(script.statuses().at(-1), "Preparing");
  assert.equal(script.told("FirmwareStatusNotification").at(-1), "Installed");
});

Deno.test("§5.19 a newer UpdateFirmware replaces one under way, not one that is being installed", () => {
  const script = booted({ jobs: () => "silence" });
  script.result("UpdateFirmware", PLAIN);
  script.result("UpdateFirmware", { ...PLAIN, location: "http://other.example/fw" });
  assert.deepEqual(script.jobs.map(({ state }) => state), ["cancelled", "running"]);
  script.finish(downloaded()).run(1);
  const answer = script.call("UpdateFirmware", PLAIN);
  assert.equal(answer.kind === "callError" && answer.errorCode, "InternalError");
  script.run(60);
  assert.equal(script.told("FirmwareStatusNotification").at(-1), "Installed");
});

Deno.test("§4.5 FirmwareStatusNotification when triggered tells how far it is, else Idle", () => {
  const script = booted({ jobs: () => "silence" });
  const trigger = () => {
    script.result("TriggerMessage", { requestedMessage: "FirmwareStatusNotification" });
    return script.told("FirmwareStatusNotification").at(-1);
  };
  assert.equal(trigger(), "Idle");
  script.charge().result("UpdateFirmware", PLAIN);
  assert.equal(trigger(), "Downloading");
  script.finish(downloaded());
  assert.equal(trigger(), "Downloaded");
  script.present();
  assert.equal(trigger(), "Installing");
  script.run(60);
  assert.equal(trigger(), "Idle");
});

Deno.test("description.firmwareUpdate and feature profiles say which Call is understood", () => {
  const rows = [
    ["signed", true, "UpdateFirmware", PLAIN, "NotSupported"],
    ["plain", true, "SignedUpdateFirmware", SIGNED, { status: "Rejected" }],
    ["plain", false, "SignedUpdateFirmware", SIGNED, "NotSupported"],
    ["plain", true, "UpdateFirmware", PLAIN, {}],
    ["both", true, "UpdateFirmware", PLAIN, {}],
    ["both", true, "SignedUpdateFirmware", SIGNED, { status: "Accepted" }],
    ["signed", true, "SignedUpdateFirmware", SIGNED, { status: "Accepted" }],
  ] as const;
  for (const [firmwareUpdate, isSecure, action, payload, expected] of rows) {
    const featureProfiles = isSecure
      ? DESCRIPTION.featureProfiles
      : DESCRIPTION.featureProfiles.filter((profile) => profile !== "Security");
    const options = { description: { firmwareUpdate, featureProfiles } };
    const script = isSecure ? trusting(options) : booted(options);
    const answer = script.call(action, payload);
    assert.deepEqual(answer.kind === "callError" ? answer.errorCode : answer.payload, expected);
  }
});

Deno.test("description.firmwareUpdate plain: the signed notification cannot be triggered", () => {
  const requestedMessage = "FirmwareStatusNotification";
  const plain = booted({ description: { firmwareUpdate: "plain" } });
  assert.equal(plain.result("ExtendedTriggerMessage", { requestedMessage }).status, "NotImplemented");
});

const VERSIONS: readonly (readonly [string, string, string | undefined, version: string])[] = [
  ["ocpp-firmware 3.1", "http://h/fw-2.0.0.bin", "1.0.0", "3.1"],
  ["ocpp-firmware  v7 extra", "http://h/x", "1", "v7"],
  ["\x7fELF", "http://h/fw-2.0.0.bin", "1.0.0", "2.0.0"],
  ["", "ftp://h/1.2/fw.bin?v=9.9", "1.0.0", "1.0.1"],
  ["", "http://h/fw_2.10.3-rc1.bin#x", "1", "2.10.3"],
  ["", "http://h/fw", "1.0.9", "1.0.10"],
  ["", "http://h/fw", "beta", "beta-2"],
  ["", "http://h/fw", undefined, "2"],
  [`ocpp-firmware ${"9".repeat(80)}`, "http://h/fw", undefined, "9".repeat(50)],
];

for (const [head, location, present, version] of VERSIONS) {
  Deno.test(`versionOf ${JSON.stringify([head.slice(0, 30), location, present])} is ${version}`, () => {
    assert.equal(versionOf({ head, sizeBytes: 1_000, location, present }), version);
  });
}

Deno.test("TC_080 SignedUpdateFirmware: certificate, download, signature, installation, restart, event", () => {
  const script = trusting();
  assert.equal(script.result("SignedUpdateFirmware", SIGNED).status, "Accepted");
  script.run(60);
  assert.deepEqual(script.told("SignedFirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"],
  ]);
  assert.ok(
    script.seen("SignedFirmwareStatusNotification").every(({ payload }) => payload.requestId === 3),
  );
  assert.deepEqual(script.jobs.map(({ job }) => job.kind), ["readCertificate", "download", "verifyFirmware"]);
  const [check, , verify] = script.jobs.map(({ job }) => job);
  assert.deepEqual(check?.kind === "readCertificate" && [check.chain, check.roots], ["PEM", ["ROOT 1"]]);
  assert.deepEqual(verify, {
    kind: "verifyFirmware",
    fileId: "f1",
    signingCertificate: "PEM",
    signature: "U0lH",
  });
  assert.equal(script.seen("BootNotification")[0]?.payload.firmwareVersion, "2.0.0");
  assert.deepEqual(script.securityEvents(), ["ResetOrReboot", "StartupOfTheDevice", "FirmwareUpdated"]);
});

Deno.test("Security: times of download and installation are waited for, and told", () => {
  const script = trusting().charge().forget();
  const at = (seconds: number) => dateTimeOf(BEGIN_AT_MS + seconds * 1_000);
  script.result("SignedUpdateFirmware", {
    ...SIGNED,
    firmware: { ...SIGNED.firmware, retrieveDateTime: at(100), installDateTime: at(500) },
  });
  script.run(501).present().unplug().run(60);
  assert.deepEqual(
    script.seen("SignedFirmwareStatusNotification").map(({ seconds, payload }) => [seconds, payload.status]),
    [
      [0, "DownloadScheduled"],
      [100, "Downloading"],
      [100, "Downloaded"],
      [100, "SignatureVerified"],
      [100, "InstallScheduled"],
      [501, "Installing"],
      [511, "InstallRebooting"],
      [516, "Installed"],
    ],
  );
});

Deno.test("TC_081 a wrong signature ends the update with InvalidSignature and its event", () => {
  const script = trusting({
    jobs: (job) =>
      job.kind === "verifyFirmware" ? { kind: "verifyFirmware", isValid: false, reason: "no" } : well(job),
  });
  script.result("SignedUpdateFirmware", SIGNED);
  script.run(60);
  assert.deepEqual(script.told("SignedFirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "InvalidSignature"],
  ]);
  assert.deepEqual(script.securityEvents(), ["InvalidFirmwareSignature"]);
  assert.deepEqual(script.seen("BootNotification"), []);
});

Deno.test("TC_081 a failure of the signature can be ordered", () => {
  const script = trusting();
  script.input({ kind: "orderFailure", failure: "signatureVerification" });
  script.result("SignedUpdateFirmware", SIGNED);
  assert.equal(script.told("SignedFirmwareStatusNotification").at(-1), "InvalidSignature");
  script.forget().result("SignedUpdateFirmware", SIGNED);
  script.run(60);
  assert.equal(script.told("SignedFirmwareStatusNotification").at(-1), "Installed");
});

Deno.test("Security: a signing certificate that leads to no manufacturer root is InvalidCertificate", () => {
  const untrusted: JobResult = {
    kind: "readCertificate",
    certificate: certificateInfo(),
    refusal: "untrusted",
    reason: "nobody knows it",
  };
  const script = trusting();
  script.jobAnswers = () => untrusted;
  assert.equal(script.result("SignedUpdateFirmware", SIGNED).status, "InvalidCertificate");
  assert.deepEqual(script.securityEvents(), ["InvalidFirmwareSigningCertificate"]);
  assert.equal(script.seen("SecurityEventNotification")[0]?.payload.techInfo, "untrusted: nobody knows it");
  assert.deepEqual(script.told("SignedFirmwareStatusNotification"), []);
  const bare = booted();
  assert.equal(bare.result("SignedUpdateFirmware", SIGNED).status, "InvalidCertificate");
  assert.deepEqual([bare.jobs, bare.securityEvents()], [[], ["InvalidFirmwareSigningCertificate"]]);
});

Deno.test("Security: a newer SignedUpdateFirmware cancels one under way, plain or signed", () => {
  for (const first of ["plain", "signed"] as const) {
    const script = trusting();
    script.jobAnswers = (job) => job.kind === "download" ? "silence" : well(job);
    if (first === "plain") script.result("UpdateFirmware", PLAIN);
    else script.result("SignedUpdateFirmware", { ...SIGNED, requestId: 1 });
    assert.equal(script.result("SignedUpdateFirmware", SIGNED).status, "AcceptedCanceled");
    const downloads = script.jobs.filter(({ job }) => job.kind === "download");
    assert.deepEqual(downloads.map(({ state }) => state), ["cancelled", "running"]);
    script.finish(downloaded()).run(5);
    assert.equal(script.result("SignedUpdateFirmware", SIGNED).status, "Rejected"); // being installed
    script.run(60);
    assert.equal(script.seen("SignedFirmwareStatusNotification").at(-1)?.payload.requestId, 3);
  }
});

Deno.test("Security: an update that is replaced while it holds connectors lets them go", () => {
  const script = booted({ description: { connectors: 2 } }).charge(1).forget();
  script.result("UpdateFirmware", PLAIN);
  assert.deepEqual(script.statuses(2), ["Unavailable"]);
  script.result("UpdateFirmware", { ...PLAIN, retrieveDate: "2030-01-01T00:00:00Z" });
  assert.deepEqual(script.statuses(2), ["Unavailable", "Available"]);
});

Deno.test("Security: SignedFirmwareStatusNotification when triggered is the last one, Idle after Installed", () => {
  const script = trusting();
  const trigger = () => {
    script.result("ExtendedTriggerMessage", { requestedMessage: "FirmwareStatusNotification" });
    return script.seen("SignedFirmwareStatusNotification").at(-1)?.payload;
  };
  assert.deepEqual(trigger(), { status: "Idle" });
  script.jobAnswers = (job) => job.kind === "download" ? downloaded("failed") : well(job);
  script.result("SignedUpdateFirmware", SIGNED);
  assert.deepEqual(trigger(), { status: "DownloadFailed", requestId: 3 });
  script.jobAnswers = well;
  script.result("SignedUpdateFirmware", SIGNED);
  script.run(60);
  assert.deepEqual(trigger(), { status: "Idle" });
});

/** In each phase: what was going on, and the statuses that come after a restart in it. */
const PHASES: readonly (readonly [string, (script: ScriptedCentralSystem) => void, readonly string[]])[] = [
  ["scheduled", () => {}, ["Downloading", "Downloaded", "SignatureVerified"]],
  ["downloading", (script) => script.run(101), ["Downloaded", "SignatureVerified"]],
  [
    "verifying",
    (script) => script.run(101).finish(downloaded()),
    ["Downloading", "Downloaded", "SignatureVerified"],
  ],
  [
    "waitingToInstall",
    (script) =>
      script.run(101).finish(downloaded()).finish({ kind: "verifyFirmware", isValid: true, reason: "" }),
    [],
  ],
];

for (const [phase, until, before] of PHASES) {
  for (const type of ["Soft", "Hard"] as const) {
    Deno.test(`an update survives a ${type} reset while it is ${phase}`, () => {
      const script = trusting().charge();
      script.jobAnswers = (job) => job.kind === "readCertificate" ? well(job) : "silence";
      const retrieveDateTime = dateTimeOf(BEGIN_AT_MS + 100_000);
      script.result("SignedUpdateFirmware", {
        ...SIGNED,
        firmware: { ...SIGNED.firmware, retrieveDateTime },
      });
      until(script);
      script.jobAnswers = well;
      script.forget().result("Reset", { type });
      script.run(200);
      assert.deepEqual(script.told("SignedFirmwareStatusNotification"), [
        ...before,
        ...["Installing", "InstallRebooting", "Installed"],
      ]);
      assert.deepEqual(
        script.seen("BootNotification").map(({ payload }) => payload.firmwareVersion),
        ["1.0.0", "2.0.0"],
      );
    });
  }
}

Deno.test("an installation that a reset breaks off begins anew", () => {
  const script = booted();
  script.result("UpdateFirmware", PLAIN);
  script.run(3).result("Reset", { type: "Hard" });
  script.run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "Installing", "Installing", "Installed"],
  ]);
});

Deno.test("TC_044_3 a restart that fails is a failed installation, and the old firmware goes on", () => {
  const script = booted({ configuration: { ResetRetries: "1" } });
  script.input({ kind: "orderFailure", failure: "reset" });
  script.input({ kind: "orderFailure", failure: "reset" });
  script.result("UpdateFirmware", PLAIN);
  script.run(120);
  assert.equal(script.told("FirmwareStatusNotification").at(-1), "InstallationFailed");
  assert.deepEqual([script.seen("BootNotification"), script.statuses().at(-1)], [[], "Available"]);
});

for (const atPowerLoss of ["stopBeforeGoingDown", "stopAfterBoot", "resume"] as const) {
  for (const seconds of [50, 101, 105, 111, 113, 116, 130]) {
    Deno.test(`an update survives a power cut (${atPowerLoss}) after ${seconds} s`, () => {
      const script = booted({ description: { atPowerLoss } });
      script.result("UpdateFirmware", { ...PLAIN, retrieveDate: dateTimeOf(BEGIN_AT_MS + 100_000) });
      script.run(seconds).input({ kind: "powerOff" }).run(60).input({ kind: "powerOn" }).run(200);
      assert.equal(script.told("FirmwareStatusNotification").at(-1), "Installed");
      assert.equal(
        script.told("FirmwareStatusNotification").filter((status) => status === "Installed").length,
        1,
      );
      assert.equal(script.seen("BootNotification").at(-1)?.payload.firmwareVersion, "2.0.0");
      assert.equal(script.chargePoint.connectors[0]?.status, "Available");
    });
  }
}

Deno.test("a reset to factory state brings the delivered firmware back, and forgets the update under way", () => {
  const script = booted();
  script.result("UpdateFirmware", PLAIN);
  script.run(60);
  script.result("UpdateFirmware", { ...PLAIN, retrieveDate: dateTimeOf(BEGIN_AT_MS + 100_000) });
  script.forget().input({ kind: "factoryReset" }).run(300);
  assert.equal(script.seen("BootNotification").at(-1)?.payload.firmwareVersion, "1.0.0");
  assert.deepEqual(script.told("FirmwareStatusNotification"), []);
});

Deno.test("an update that the program's end breaks off goes on when it starts again, in every phase", () => {
  for (const seconds of [0, 5, 12, 15.5, 25]) {
    const script = booted({
      jobs: (job) => job.kind === "download" && seconds === 0 ? "silence" : well(job),
    });
    script.result("UpdateFirmware", PLAIN);
    script.run(seconds);
    const stored = JSON.parse(JSON.stringify(script.chargePoint.durable()));
    const again = new ScriptedCentralSystem({ jobs: well }, stored);
    again.nowMs = script.nowMs + 1_000;
    again.boot().run(120);
    const told = [...script.told("FirmwareStatusNotification"), ...again.told("FirmwareStatusNotification")];
    assert.equal(told.at(-1), "Installed", `${seconds}: ${told.join()}`);
    assert.equal(told.filter((status) => status === "Installed").length, 1, told.join());
    assert.equal(again.seen("BootNotification").at(-1)?.payload.firmwareVersion, "2.0.0");
  }
});

Deno.test("statuses that could not be told are told after the link is back, in order", () => {
  const script = booted();
  script.result("UpdateFirmware", { ...PLAIN, retrieveDate: dateTimeOf(BEGIN_AT_MS + 5_000) });
  script.cut().run(8);
  assert.deepEqual(script.calls, []);
  script.reconnect().run(60);
  assert.deepEqual(script.told("FirmwareStatusNotification"), [
    ...["Downloading", "Downloaded", "Installing", "Installed"],
  ]);
});

Deno.test("a Charge Point that is built anew has the firmware of its description", () => {
  assert.equal(DESCRIPTION.firmwareVersion, "1.0.0");
  assert.ok(
    new ChargePoint({
      identity: "X",
      description: DESCRIPTION,
      speed: 1,
      validation: "strict",
      seed: 1,
      newUniqueId: () => "u",
    }).durable().sections["maintenance"] === undefined,
  );
});
