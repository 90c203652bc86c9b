/**
 * Calls about firmware, logs, certificates and security, and results of the jobs that they lead to, good and bad.
 */
import fc from "fast-check";
import type { ChargePointInput } from "../../src/charge_point/contract.ts";
import type { CertificateRefusal, Job, JobResult, TransferOutcome } from "../../src/charge_point/job.ts";
import { BEGIN_AT_MS } from "./scripted_central_system.ts";
import { certificateInfo } from "./scripted_certificates.ts";

const location = fc.constantFrom("ftp://h/f-1.2.3", "https://h/d", "http://h/fw", "gopher://h/", "nothing");
const at = fc.integer({ min: -100, max: 2_000 })
  .map((seconds) => new Date(BEGIN_AT_MS + seconds * 1_000).toISOString());
const tries = { retries: fc.integer({ min: -1, max: 3 }), retryInterval: fc.integer({ min: -1, max: 60 }) };
const requestId = fc.integer({ min: 0, max: 5 });
const use = fc.constantFrom("CentralSystemRootCertificate", "ManufacturerRootCertificate");
const pem = fc.constantFrom("ROOT 1", "ROOT 2", "ROOT 3");

function optional<T extends Record<string, fc.Arbitrary<unknown>>, K extends keyof T & string>(
  fields: T,
  requiredKeys: K[],
): fc.Arbitrary<unknown> {
  return fc.record(fields, { requiredKeys });
}

/** An Action and a payload that mostly fits it. */
export const workCall: fc.Arbitrary<readonly [action: string, payload: unknown]> = fc.oneof(
  fc.tuple(
    fc.constant("GetDiagnostics"),
    optional({ location, ...tries, startTime: at, stopTime: at }, ["location"]),
  ),
  fc.tuple(
    fc.constant("GetLog"),
    optional({
      log: optional({ remoteLocation: location, oldestTimestamp: at, latestTimestamp: at }, [
        "remoteLocation",
      ]),
      logType: fc.constantFrom("DiagnosticsLog", "SecurityLog"),
      requestId,
      ...tries,
    }, ["log", "logType", "requestId"]),
  ),
  fc.tuple(
    fc.constant("UpdateFirmware"),
    optional({ location, retrieveDate: at, ...tries }, ["location", "retrieveDate"]),
  ),
  fc.tuple(
    fc.constant("SignedUpdateFirmware"),
    optional({
      requestId,
      firmware: optional({
        location,
        retrieveDateTime: at,
        installDateTime: at,
        signingCertificate: pem,
        signature: fc.constant("U0lH"),
      }, ["location", "retrieveDateTime", "signingCertificate", "signature"]),
      ...tries,
    }, ["requestId", "firmware"]),
  ),
  fc.tuple(fc.constant("InstallCertificate"), fc.record({ certificateType: use, certificate: pem })),
  fc.tuple(fc.constant("GetInstalledCertificateIds"), fc.record({ certificateType: use })),
  fc.tuple(
    fc.constant("DeleteCertificate"),
    fc.integer({ min: 1, max: 3 }).map((nth) => {
      const { hashes, serialNumber } = certificateInfo(nth);
      return { certificateHashData: { hashAlgorithm: "SHA256", ...hashes.SHA256, serialNumber } };
    }),
  ),
  fc.tuple(fc.constant("CertificateSigned"), fc.record({ certificateChain: pem })),
  fc.tuple(
    fc.constant("ExtendedTriggerMessage"),
    fc.record({
      requestedMessage: fc.constantFrom(
        ...["BootNotification", "LogStatusNotification", "FirmwareStatusNotification", "MeterValues"],
        ...["SignChargePointCertificate", "StatusNotification", "Heartbeat", "Nonsense"],
      ),
    }),
  ),
  fc.tuple(
    fc.constant("ChangeConfiguration"),
    fc.constantFrom(
      { key: "AuthorizationKey", value: "00".repeat(16) },
      { key: "AuthorizationKey", value: "11".repeat(20) },
      { key: "SecurityProfile", value: "1" },
      { key: "SecurityProfile", value: "2" },
      { key: "SecurityProfile", value: "3" },
      { key: "CpoName", value: "Example" },
    ),
  ),
);

/** What happens around such Calls. */
export const workInput: fc.Arbitrary<ChargePointInput> = fc.oneof(
  fc.record({
    kind: fc.constant("orderFailure" as const),
    failure: fc.constantFrom(
      ...["download", "upload", "signatureVerification", "installation"] as const,
    ),
  }),
  fc.record({
    kind: fc.constant("securityEvent" as const),
    type: fc.constantFrom("TamperDetectionActivated", "MemoryExhaustion", "Other", ""),
  }),
  fc.constant({ kind: "renewCertificate" as const }),
  fc.record({
    kind: fc.constant("linkDown" as const),
    cause: fc.constantFrom(...["invalidCertificate", "tls", "unauthorized", "other"] as const),
  }),
);

/** How a job ends, whatever it was. */
export interface JobEnd {
  readonly isGood: boolean;
  readonly status: Exclude<TransferOutcome["status"], "done">;
  readonly refusal: CertificateRefusal;
}

export const jobEnd: fc.Arbitrary<JobEnd> = fc.record({
  isGood: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  status: fc.constantFrom(
    ...["unreachable", "permissionDenied", "notFound", "notSupported", "badUrl", "tooLarge"] as const,
    "failed" as const,
  ),
  refusal: fc.constantFrom(
    ...["notACertificate", "notYetValid", "expired", "untrusted", "wrongKey", "weak"] as const,
  ),
});

/** The result of a job that ends so. */
export function resultOf(job: Job, { isGood, status, refusal }: JobEnd): JobResult {
  const outcome: TransferOutcome = { status: isGood ? "done" : status, message: "by chance" };
  switch (job.kind) {
    case "upload":
      return { kind: "upload", outcome };
    case "download":
      return isGood
        ? { kind: "download", outcome, file: { fileId: "f", sizeBytes: 1, head: "" } }
        : { kind: "download", outcome };
    case "verifyFirmware":
      return { kind: "verifyFirmware", isValid: isGood, reason: "by chance" };
    case "createSigningRequest":
      return {
        kind: "createSigningRequest",
        request: isGood ? { csr: "CSR", privateKey: "KEY" } : undefined,
        reason: "by chance",
      };
    case "readCertificate":
      return {
        kind: "readCertificate",
        certificate: refusal === "notACertificate" && !isGood
          ? undefined
          : certificateInfo(Number(job.chain.at(-1)), { notBeforeMs: BEGIN_AT_MS + 100_000 }),
        refusal: isGood ? undefined : refusal,
        reason: "by chance",
      };
  }
}
