/**
 * Certificates for scripts: what reading one says, without any cryptography.
 */
import assert from "node:assert/strict";
import type { CertificateInfo, JobResult } from "../../src/charge_point/job.ts";
import type { CertificateUse } from "../../src/ocpp/messages/security.ts";
import { BEGIN_AT_MS, type ScriptedCentralSystem } from "./scripted_central_system.ts";

const DAY_MS = 24 * 3_600_000;

/** A certificate that is good for a year; `nth` tells them apart. */
export function certificateInfo(nth = 1, changes: Partial<CertificateInfo> = {}): CertificateInfo {
  const hash = (algorithm: string) => ({
    issuerNameHash: `${algorithm}a${nth}`,
    issuerKeyHash: `${algorithm}b${nth}`,
  });
  return {
    commonName: `Certificate ${nth}`,
    organization: "Test",
    serialNumber: `a${nth}`,
    notBeforeMs: BEGIN_AT_MS - DAY_MS,
    notAfterMs: BEGIN_AT_MS + 365 * DAY_MS,
    isCertificateAuthority: true,
    hashes: { SHA256: hash("256"), SHA384: hash("384"), SHA512: hash("512") },
    ...changes,
  };
}

/** The result of reading it. */
export function certificateReadAs(nth = 1, changes: Partial<CertificateInfo> = {}): JobResult {
  return {
    kind: "readCertificate",
    certificate: certificateInfo(nth, changes),
    refusal: undefined,
    reason: "",
  };
}

/** Installs the root certificate `ROOT <nth>`. */
export function installRoot(script: ScriptedCentralSystem, use: CertificateUse, nth = 1): void {
  const before = script.jobAnswers;
  script.jobAnswers = () => certificateReadAs(nth);
  const certificate = `ROOT ${nth}`;
  assert.equal(
    script.result("InstallCertificate", { certificateType: use, certificate }).status,
    "Accepted",
  );
  script.jobAnswers = before;
}
