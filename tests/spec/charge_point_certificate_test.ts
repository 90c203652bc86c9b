import assert from "node:assert/strict";
import { RENEWAL_BEFORE_END_MS } from "../../src/charge_point/security/charge_point_certificate.ts";
import { CALLS_ANSWERED_LATER_MAX } from "../../src/charge_point/job_ledger.ts";
import type { CertificateRefusal, Job, JobResult, LinkSecurity } from "../../src/charge_point/job.ts";
import type { CertificateUse } from "../../src/ocpp/messages/security.ts";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";
import { certificateInfo, certificateReadAs, installRoot } from "../support/scripted_certificates.ts";

const CSR: JobResult = {
  kind: "createSigningRequest",
  request: { csr: "-----CSR-----", privateKey: "SECRET-KEY" },
  reason: "",
};
const CENTRAL = "CentralSystemRootCertificate";
const MANUFACTURER = "ManufacturerRootCertificate";

function booted(options: ScriptOptions = {}): ScriptedCentralSystem {
  return new ScriptedCentralSystem(options).boot().forget();
}

function hashData(nth: number, algorithm: "SHA256" | "SHA384" | "SHA512" = "SHA256") {
  const { hashes, serialNumber } = certificateInfo(nth);
  return { hashAlgorithm: algorithm, ...hashes[algorithm], serialNumber };
}

function installed(script: ScriptedCentralSystem, certificateType: CertificateUse): readonly string[] {
  const { certificateHashData = [] } = script.result("GetInstalledCertificateIds", { certificateType });
  return certificateHashData.map(({ serialNumber }) => serialNumber);
}

function refused(refusal: CertificateRefusal, certificate = certificateInfo()): JobResult {
  return {
    kind: "readCertificate",
    certificate: refusal === "notACertificate" ? undefined : certificate,
    refusal,
    reason: "as scripted",
  };
}

/** The openLink effects so far. */
function links(script: ScriptedCentralSystem): readonly LinkSecurity[] {
  return script.effects.flatMap((effect) => effect.kind === "openLink" ? [effect.security] : []);
}

Deno.test("TC_075 InstallCertificate is answered when the certificate was read, and lists it by its hashes", () => {
  for (const certificateType of [MANUFACTURER, CENTRAL] as const) {
    const script = booted();
    script.text(
      `[2,"i","InstallCertificate",{"certificateType":"${certificateType}","certificate":"ROOT 1"}]`,
    );
    assert.deepEqual(script.answers, []);
    assert.deepEqual(script.jobs[0]?.job, { kind: "readCertificate", chain: "ROOT 1", atMs: BEGIN_AT_MS });
    script.finish(certificateReadAs(1));
    assert.deepEqual(script.answers, [{
      kind: "callResult",
      uniqueId: "i",
      payload: { status: "Accepted" },
    }]);
    assert.deepEqual(script.result("GetInstalledCertificateIds", { certificateType }), {
      status: "Accepted",
      certificateHashData: [hashData(1)],
    });
    const other = certificateType === CENTRAL ? MANUFACTURER : CENTRAL;
    assert.deepEqual(script.result("GetInstalledCertificateIds", { certificateType: other }), {
      status: "NotFound",
    });
  }
});

for (
  const refusal of ["notACertificate", "notYetValid", "expired", "weak", "notACertificateAuthority"] as const
) {
  Deno.test(`Security InstallCertificate of one that is ${refusal} is Rejected`, () => {
    const script = booted({ jobs: () => refused(refusal) });
    const { status } = script.result("InstallCertificate", { certificateType: CENTRAL, certificate: "X" });
    assert.equal(status, "Rejected");
    assert.deepEqual(installed(script, CENTRAL), []);
  });
}

Deno.test("Security InstallCertificate of what is no root is Rejected", () => {
  const script = booted({ jobs: () => certificateReadAs(1, { isCertificateAuthority: false }) });
  const { status } = script.result("InstallCertificate", { certificateType: MANUFACTURER, certificate: "X" });
  assert.equal(status, "Rejected");
});

Deno.test("Security CertificateStoreMaxLength: a full store refuses, the same certificate takes no place", () => {
  const script = booted();
  for (let nth = 1; nth <= 10; nth++) installRoot(script, nth % 2 === 0 ? CENTRAL : MANUFACTURER, nth);
  installRoot(script, CENTRAL, 2);
  script.jobAnswers = () => certificateReadAs(11);
  const { status } = script.result("InstallCertificate", { certificateType: CENTRAL, certificate: "X" });
  assert.equal(status, "Rejected");
  assert.equal(installed(script, CENTRAL).length, 5);
  const certificateHashData = hashData(4);
  assert.equal(script.result("DeleteCertificate", { certificateHashData }).status, "Accepted");
  installRoot(script, CENTRAL, 11);
});

Deno.test("TC_076 DeleteCertificate by any of the hashes; a second time it is NotFound", () => {
  for (const algorithm of ["SHA256", "SHA384", "SHA512"] as const) {
    const script = booted();
    installRoot(script, CENTRAL, 1);
    const { serialNumber, issuerNameHash, ...rest } = hashData(1, algorithm);
    const certificateHashData = {
      ...rest,
      issuerNameHash: issuerNameHash.toUpperCase(),
      serialNumber: `00${serialNumber.toUpperCase()}`,
    };
    assert.equal(script.result("DeleteCertificate", { certificateHashData }).status, "Accepted");
    assert.equal(script.result("DeleteCertificate", { certificateHashData }).status, "NotFound");
    assert.deepEqual(installed(script, CENTRAL), []);
  }
});

Deno.test("Security DeleteCertificate needs all of the hash data to be right", () => {
  const script = booted();
  installRoot(script, CENTRAL, 1);
  for (
    const wrong of [{ serialNumber: "b" }, { issuerNameHash: "0" }, { issuerKeyHash: "0" }, {
      hashAlgorithm: "SHA512",
    }] as const
  ) {
    const certificateHashData = { ...hashData(1), ...wrong };
    assert.equal(script.result("DeleteCertificate", { certificateHashData }).status, "NotFound");
  }
});

Deno.test("Security DeleteCertificate of a root that the link was opened with is Failed", () => {
  const security: LinkSecurity = { securityProfile: 2, authorizationKey: "00".repeat(16), roots: ["ROOT 1"] };
  const script = booted({ options: { security }, jobs: () => certificateReadAs(1) });
  assert.equal(
    script.result("DeleteCertificate", { certificateHashData: hashData(1) }).status,
    "Failed",
  );
  installRoot(script, CENTRAL, 2);
  assert.equal(
    script.result("DeleteCertificate", { certificateHashData: hashData(2) }).status,
    "Accepted",
  );
});

Deno.test("Security roots that the Charge Point was delivered with are read when they are asked about", () => {
  const security: LinkSecurity = { securityProfile: 0, roots: ["ROOT 1", "ROOT 2", "JUNK"] };
  const script = booted({ options: { security } });
  assert.deepEqual(script.jobs, []);
  script.jobAnswers = (job) =>
    job.kind === "readCertificate" && job.chain === "JUNK"
      ? refused("notACertificate")
      : certificateReadAs(job.kind === "readCertificate" ? Number(job.chain.at(-1)) : 0);
  assert.deepEqual(installed(script, CENTRAL), ["a1", "a2"]);
  assert.equal(script.jobs.length, 3);
  assert.deepEqual(installed(script, CENTRAL), ["a1", "a2"]);
  assert.equal(script.jobs.length, 3);
  assert.equal(script.events("callReceived").length, 2);
});

Deno.test("a Call that waits for a job is forgotten with the link: nothing of it happens", () => {
  const script = booted();
  script.text(`[2,"i","InstallCertificate",{"certificateType":"${CENTRAL}","certificate":"ROOT 1"}]`);
  script.cut();
  assert.equal(script.jobs[0]?.state, "cancelled");
  script.input({ kind: "jobDone", jobId: 0, result: certificateReadAs(1) });
  script.reconnect().run(10);
  assert.deepEqual(script.answers, []);
  assert.deepEqual(installed(script, CENTRAL), []);
});

Deno.test("Calls that wait for a job have a bound; others are answered meanwhile", () => {
  const script = booted();
  for (let nth = 0; nth <= CALLS_ANSWERED_LATER_MAX; nth++) {
    script.text(
      `[2,"i${nth}","InstallCertificate",{"certificateType":"${CENTRAL}","certificate":"ROOT ${nth}"}]`,
    );
  }
  const [answer] = script.answers;
  assert.deepEqual(
    [answer?.uniqueId, answer?.kind === "callError" && answer.errorCode],
    [`i${CALLS_ANSWERED_LATER_MAX}`, "InternalError"],
  );
  assert.equal(script.result("GetConfiguration", { key: ["CpoName"] }).configurationKey?.length, 1);
  for (let nth = 0; nth < CALLS_ANSWERED_LATER_MAX; nth++) script.finish(certificateReadAs(nth));
  assert.equal(script.answers.length, CALLS_ANSWERED_LATER_MAX + 2);
});

/** A Charge Point that can ask for a certificate. */
function named(options: ScriptOptions = {}): ScriptedCentralSystem {
  return booted({ configuration: { CpoName: "Example" }, ...options });
}

function trigger(script: ScriptedCentralSystem): string {
  const requestedMessage = "SignChargePointCertificate";
  return script.result("ExtendedTriggerMessage", { requestedMessage }).status;
}

function jobsOf<K extends Job["kind"]>(script: ScriptedCentralSystem, kind: K): Extract<Job, { kind: K }>[] {
  return script.jobs.flatMap(({ job }) => job.kind === kind ? [job as Extract<Job, { kind: K }>] : []);
}

Deno.test("TC_074 SignChargePointCertificate: a new key, SignCertificate, CertificateSigned, in use", () => {
  const script = named({ options: { serialNumber: "SN-1" }, jobs: (job) => reader(job) });
  assert.equal(trigger(script), "Accepted");
  assert.deepEqual(jobsOf(script, "createSigningRequest"), [
    { kind: "createSigningRequest", commonName: "SN-1", organization: "Example", keyType: "EC" },
  ]);
  assert.deepEqual(script.seen("SignCertificate").map(({ payload }) => payload), [{ csr: "-----CSR-----" }]);
  assert.equal(script.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Accepted");
  assert.deepEqual(jobsOf(script, "readCertificate"), [
    { kind: "readCertificate", chain: "LEAF", privateKey: "SECRET-KEY", atMs: BEGIN_AT_MS },
  ]);
  assert.equal(script.events("certificateInUse").length, 1);
  assert.deepEqual(links(script), []); // profile 0: no link depends on it
  assert.equal(script.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Rejected");
});

function reader(job: Job): JobResult {
  return job.kind === "createSigningRequest" ? CSR : certificateReadAs(5, { isCertificateAuthority: false });
}

const PROFILE_3: LinkSecurity = {
  securityProfile: 3,
  roots: ["ROOT 1"],
  clientCertificate: { chain: "OLD", privateKey: "OLD-KEY" },
};

Deno.test("TC_074 under profile 3 the link is opened anew with the new certificate", () => {
  const script = named({ options: { security: PROFILE_3 }, jobs: reader });
  trigger(script);
  script.forget().result("CertificateSigned", { certificateChain: "NEW" });
  assert.deepEqual(jobsOf(script, "readCertificate").at(-1)?.roots, ["ROOT 1"]);
  const changes = script.effects.filter(({ kind }) => kind === "closeLink" || kind === "openLink");
  assert.deepEqual(changes.map(({ kind }) => kind), ["closeLink", "openLink"]);
  assert.deepEqual(links(script)[0]?.clientCertificate, { chain: "NEW", privateKey: "SECRET-KEY" });
  assert.deepEqual(script.seen("BootNotification"), []); // a mere reconnect
});

Deno.test("Security a certificate with which there is no link gives way to the old one", () => {
  const script = named({ options: { security: PROFILE_3 }, jobs: reader });
  trigger(script);
  script.isReachable = false;
  script.result("CertificateSigned", { certificateChain: "NEW" });
  script.forget();
  for (let nth = 0; nth < 3; nth++) script.input({ kind: "linkDown", cause: "tls" });
  assert.deepEqual(links(script).map(({ clientCertificate }) => clientCertificate?.chain), ["OLD"]);
  const events = script.events("securityEvent").map(({ type }) => type);
  assert.deepEqual(events, ["FailedToAuthenticateAtCentralSystem", "ReconfigurationOfSecurityParameters"]);
});

for (const refusal of ["expired", "untrusted", "wrongKey", "weak", "notACertificate"] as const) {
  Deno.test(`TC_077 CertificateSigned that is ${refusal} is Rejected, with its event; a better one may come`, () => {
    const script = named({ jobs: reader });
    trigger(script);
    script.jobAnswers = () => refused(refusal);
    assert.equal(script.result("CertificateSigned", { certificateChain: "BAD" }).status, "Rejected");
    assert.deepEqual(script.securityEvents(), ["InvalidChargePointCertificate"]);
    script.jobAnswers = reader;
    assert.equal(script.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Accepted");
  });
}

Deno.test("Security CertificateSigned that nobody asked for is Rejected without a look at it", () => {
  const script = named();
  assert.equal(script.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Rejected");
  assert.deepEqual([script.jobs, script.securityEvents()], [[], ["InvalidChargePointCertificate"]]);
});

Deno.test("Security a certificate that is valid later is accepted now and used then", () => {
  const notBeforeMs = BEGIN_AT_MS + 3_600_000;
  const info = certificateInfo(6, { notBeforeMs, notAfterMs: notBeforeMs + 9e10 });
  const script = named({
    options: { security: PROFILE_3 },
    jobs: (job) =>
      job.kind === "readCertificate" && job.atMs < notBeforeMs && job.chain === "LATER"
        ? refused("notYetValid", info)
        : job.kind === "readCertificate"
        ? { kind: "readCertificate", certificate: info, refusal: undefined, reason: "" }
        : reader(job),
  });
  trigger(script);
  assert.equal(script.result("CertificateSigned", { certificateChain: "LATER" }).status, "Accepted");
  script.forget().run(3_599);
  assert.deepEqual(links(script), []);
  script.run(1);
  assert.deepEqual(links(script).map(({ clientCertificate }) => clientCertificate?.chain), ["LATER"]);
});

Deno.test("Security a later certificate that would not do even then is Rejected", () => {
  const info = certificateInfo(6, { notBeforeMs: BEGIN_AT_MS + 1_000 });
  const script = named({ jobs: reader });
  trigger(script);
  script.jobAnswers = (job) =>
    refused(job.kind === "readCertificate" && job.atMs > BEGIN_AT_MS ? "wrongKey" : "notYetValid", info);
  assert.equal(script.result("CertificateSigned", { certificateChain: "LATER" }).status, "Rejected");
});

Deno.test("Security without CpoName no certificate is asked for", () => {
  const script = booted({ jobs: reader });
  assert.equal(trigger(script), "Rejected");
  script.input({ kind: "renewCertificate" }).run(10);
  assert.deepEqual([script.jobs, script.seen("SignCertificate")], [[], []]);
});

Deno.test("Security somebody at the Charge Point may ask for a certificate", () => {
  const script = named({ jobs: reader }).input({ kind: "renewCertificate" }).run(0);
  assert.equal(script.seen("SignCertificate").length, 1);
});

Deno.test("Security a request that is refused, or not understood, is over; there is no second one by itself", () => {
  for (const answer of [{ status: "Rejected" }, { error: "NotImplemented" }] as const) {
    const script = named({ jobs: reader, answers: { SignCertificate: () => answer } });
    trigger(script);
    assert.equal(script.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Rejected");
    script.run(100_000);
    assert.equal(script.seen("SignCertificate").length, 1);
  }
});

Deno.test("Security a certificate that ends within a month is renewed, once", () => {
  const daysLeft = 40;
  const notAfterMs = BEGIN_AT_MS + daysLeft * 24 * 3_600_000;
  const script = named({
    configuration: { CpoName: "Example", HeartbeatInterval: "86400" },
    options: { security: PROFILE_3, heartbeatIntervalSeconds: 86_400 },
    jobs: (job) => job.kind === "readCertificate" ? certificateReadAs(5, { notAfterMs }) : CSR,
  });
  script.run((notAfterMs - RENEWAL_BEFORE_END_MS - BEGIN_AT_MS) / 1_000 - 1);
  assert.deepEqual(script.seen("SignCertificate"), []);
  script.run(1);
  assert.equal(script.seen("SignCertificate").length, 1);
  script.run(5 * 86_400);
  assert.equal(script.seen("SignCertificate").length, 1);
});

Deno.test("Security no job, and no renewal, without a certificate of one's own", () => {
  const script = named({ jobs: reader }).run(1_000);
  assert.deepEqual(script.jobs, []);
});

Deno.test("certificates and the key that waits for one survive the end of the program", () => {
  const script = named({ jobs: reader });
  installRoot(script, MANUFACTURER, 3);
  trigger(script);
  const stored = JSON.parse(JSON.stringify(script.chargePoint.durable()));
  const again = new ScriptedCentralSystem({ jobs: reader }, stored).boot().forget();
  assert.deepEqual(installed(again, MANUFACTURER), ["a3"]);
  assert.equal(again.result("CertificateSigned", { certificateChain: "LEAF" }).status, "Accepted");
  const last = JSON.parse(JSON.stringify(again.chargePoint.durable()));
  assert.deepEqual(
    JSON.parse(JSON.stringify(new ScriptedCentralSystem({}, last).chargePoint.durable())),
    last,
  );
});

Deno.test("Security the private key is in no event, no frame and no log", () => {
  const script = named({ options: { security: PROFILE_3 }, jobs: reader });
  trigger(script);
  script.result("CertificateSigned", { certificateChain: "NEW" });
  script.run(10);
  script.result("GetDiagnostics", { location: "http://h/" });
  script.result("GetLog", { requestId: 1, logType: "SecurityLog", log: { remoteLocation: "http://h/" } });
  const told = JSON.stringify([
    script.effects.filter(({ kind }) => kind === "event" || kind === "send"),
    jobsOf(script, "upload"),
    script.chargePoint.configuration,
    script.chargePoint.connectors,
  ]);
  assert.ok(told.includes("certificateInUse"));
  assert.doesNotMatch(told, /SECRET-KEY|OLD-KEY/);
});
