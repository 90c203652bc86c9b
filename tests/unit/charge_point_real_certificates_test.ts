/**
 * The core's certificates with real cryptography: what it asks for and what it is told fit together.
 */
import assert from "node:assert/strict";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import type { Action } from "../../src/ocpp/action.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import {
  answerSigningRequest,
  type Issued,
  makeFirmwareSigner,
  makeRoot,
  makeSubAuthority,
} from "../support/certificates.ts";
import { BEGIN_AT_MS, ScriptedCentralSystem } from "../support/scripted_central_system.ts";

function resultOf(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case "createSigningRequest":
      return webCryptography.createSigningRequest(job);
    case "readCertificate":
      return webCryptography.readCertificate(job);
    default:
      throw new Error(`${job.kind} is no cryptography`);
  }
}

/** Ends what is under way, and what follows from it. */
async function finishJobs(script: ScriptedCentralSystem): Promise<void> {
  for (let running; (running = script.jobs.find(({ state }) => state === "running"));) {
    script.finish(await resultOf(running.job));
  }
}

let lastUniqueId = 0;

/** A Call that may wait for a job, and its conf. */
async function ask<A extends Action>(
  script: ScriptedCentralSystem,
  action: A,
  payload: Req<A>,
): Promise<Conf<A>> {
  const uniqueId = `a${++lastUniqueId}`;
  script.text(JSON.stringify([2, uniqueId, action, payload])).run(0);
  await finishJobs(script);
  const answer = script.answers.find((one) => one.uniqueId === uniqueId);
  assert.ok(answer?.kind === "callResult", JSON.stringify(answer));
  return answer.payload as Conf<A>;
}

function booted(root: Issued): ScriptedCentralSystem {
  return new ScriptedCentralSystem({
    configuration: { CpoName: "Example Operator" },
    options: {
      serialNumber: "SN-1",
      security: {
        securityProfile: 3,
        roots: [root.certificate],
        clientCertificate: { chain: "the old one", privateKey: "its key" },
      },
    },
  }).boot().forget();
}

const ROOT = makeRoot({ commonName: "Operator Root", organization: "Example Operator" });
const OTHER_ROOT = makeRoot({ commonName: "Other Root" });

Deno.test("TC_074 a request made with a real key gets a certificate that the link is opened with", async () => {
  const root = await ROOT;
  const script = booted(root);
  await ask(script, "ExtendedTriggerMessage", { requestedMessage: "SignChargePointCertificate" });
  const csr: string = script.seen("SignCertificate")[0]?.payload.csr;
  const certificateChain = await answerSigningRequest(root, csr);
  assert.equal((await ask(script, "CertificateSigned", { certificateChain })).status, "Accepted");
  const opened = script.effects.flatMap((effect) => effect.kind === "openLink" ? [effect.security] : []);
  assert.equal(opened.at(-1)?.clientCertificate?.chain, certificateChain);
  const privateKey = opened.at(-1)?.clientCertificate?.privateKey;
  assert.ok(privateKey !== undefined);
  const read = await webCryptography.readCertificate({
    kind: "readCertificate",
    chain: certificateChain,
    privateKey,
    roots: [root.certificate],
    atMs: BEGIN_AT_MS,
  });
  assert.deepEqual(
    [read.refusal, read.certificate?.commonName, read.certificate?.organization],
    [undefined, "SN-1", "Example Operator"],
  );
});

Deno.test("TC_077 a certificate from elsewhere, for another key, or outdated is Rejected", async () => {
  const [root, otherRoot] = [await ROOT, await OTHER_ROOT];
  const script = booted(root);
  const trigger = { requestedMessage: "SignChargePointCertificate" } as const;
  await ask(script, "ExtendedTriggerMessage", trigger);
  const firstCsr: string = script.seen("SignCertificate")[0]?.payload.csr;
  await ask(script, "ExtendedTriggerMessage", trigger);
  const csr: string = script.seen("SignCertificate")[1]?.payload.csr;
  const day = 24 * 3_600_000;
  const bad = [
    await answerSigningRequest(otherRoot, csr),
    await answerSigningRequest(root, firstCsr),
    await answerSigningRequest(root, csr, { notAfterMs: BEGIN_AT_MS - day }),
    csr,
    "",
  ];
  for (const certificateChain of bad) {
    assert.equal((await ask(script, "CertificateSigned", { certificateChain })).status, "Rejected");
  }
  assert.deepEqual(script.securityEvents(), bad.map(() => "InvalidChargePointCertificate"));
  // One that is valid tomorrow is taken, and used then.
  const later = await answerSigningRequest(root, csr, { notBeforeMs: BEGIN_AT_MS + day });
  script.forget();
  assert.equal((await ask(script, "CertificateSigned", { certificateChain: later })).status, "Accepted");
  assert.deepEqual(script.effects.filter(({ kind }) => kind === "openLink"), []);
  script.run(day / 1_000);
  assert.equal(script.effects.filter(({ kind }) => kind === "openLink").length, 1);
});

Deno.test("TC_075, TC_076 a root is installed, listed and deleted by its hashes; a leaf is no root", async () => {
  const [root, otherRoot] = [await ROOT, await OTHER_ROOT];
  const script = booted(root);
  const certificateType = "CentralSystemRootCertificate";
  const list = () => ask(script, "GetInstalledCertificateIds", { certificateType });
  assert.equal((await list()).certificateHashData?.length, 1);
  const certificate = otherRoot.certificate;
  assert.equal(
    (await ask(script, "InstallCertificate", { certificateType, certificate })).status,
    "Accepted",
  );
  const listed = (await list()).certificateHashData ?? [];
  assert.equal(listed.length, 2);
  const [inUse, other] = listed;
  assert.ok(inUse !== undefined && other !== undefined);
  const remove = (data: typeof inUse) => ask(script, "DeleteCertificate", { certificateHashData: data });
  assert.equal((await remove(inUse)).status, "Failed");
  assert.equal((await remove(other)).status, "Accepted");
  assert.equal((await remove(other)).status, "NotFound");
  const leaf = await makeFirmwareSigner(root, { commonName: "Leaf" });
  for (const bad of [leaf.certificate, "no certificate", ""]) {
    const { status } = await ask(script, "InstallCertificate", { certificateType, certificate: bad });
    assert.equal(status, "Rejected");
  }
});

Deno.test("TC_080 a signing certificate below the manufacturer's root is taken, another's is not", async () => {
  const [root, otherRoot] = [await ROOT, await OTHER_ROOT];
  const script = booted(root);
  await ask(script, "InstallCertificate", {
    certificateType: "ManufacturerRootCertificate",
    certificate: root.certificate,
  });
  const update = async (signer: Issued) => {
    const firmware = {
      location: "http://files.example/fw",
      retrieveDateTime: "2030-01-01T00:00:00Z",
      signingCertificate: signer.chain.replaceAll("\n", "\r\n"),
      signature: "U0lH",
    };
    return (await ask(script, "SignedUpdateFirmware", { requestId: 1, firmware })).status;
  };
  const subAuthority = await makeSubAuthority(root, { commonName: "Sub-CA" });
  assert.equal(await update(await makeFirmwareSigner(subAuthority, { commonName: "Signer" })), "Accepted");
  assert.equal(
    await update(await makeFirmwareSigner(otherRoot, { commonName: "Signer" })),
    "InvalidCertificate",
  );
  assert.deepEqual(script.securityEvents(), ["InvalidFirmwareSigningCertificate"]);
});
