/** Group 25, security log and signed firmware. Spec: Security §5 (firmware), GetLog, SignedUpdateFirmware. */
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { ANY } from "../matcher.ts";
import { call, type ExpectedCall, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { inoperative, installed, stage, UPDATE_SECONDS } from "./firmware_stages.ts";
import { installRoot } from "./security_certificates.ts";

const REQUEST_ID = 4_711;

type SignedStatus = Req<"SignedFirmwareStatusNotification">["status"];

function signedStatus(status: SignedStatus): ExpectedCall<"SignedFirmwareStatusNotification", false> {
  return call("SignedFirmwareStatusNotification", { status, requestId: REQUEST_ID });
}

/** Stages that may be told between the ones that have to. Spec: Security, FirmwareStatusEnumType. */
const BETWEEN = ["DownloadScheduled", "DownloadPaused", "InstallScheduled", "InstallRebooting"] as const;

function between(): readonly ExpectedCall[] {
  return BETWEEN.map((status) => ({ ...signedStatus(status), isOptional: true }) as ExpectedCall);
}

/** This status comes next of those that have to come. */
function next(t: Tester, status: SignedStatus): Steps<unknown> {
  return stage(t, signedStatus(status), between());
}

/** Asks for a signed update. */
function* updateFrom(t: Tester, flaw?: "badSignature"): Steps<{ firmwareVersion?: string }> {
  yield* t.prepare(installRoot(t, "Manufacturer"));
  const firmware = yield* t.bench({ kind: "firmware", ...(flaw === undefined ? {} : { flaw }) });
  const { location, signingCertificate, signature } = firmware;
  yield* t.send(
    "SignedUpdateFirmware",
    {
      requestId: REQUEST_ID,
      retries: 0,
      firmware: { location, retrieveDateTime: t.dateTime(), signingCertificate, signature },
    },
    { status: "Accepted" },
  );
  return firmware;
}

export const SECURITY_FIRMWARE: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_079_CS",
    title: "Get the security log",
    profile: "Security",
    purpose: "The security log is uploaded, and both stages are told with the request's id.",
    spec: ["Security, GetLog", "Security, LogStatusNotification"],
    needs: { profiles: ["Security"] },
    *run(t) {
      const { location } = yield* t.bench({ kind: "uploadLocation" });
      yield* t.send(
        "GetLog",
        { logType: "SecurityLog", requestId: REQUEST_ID, retries: 0, log: { remoteLocation: location } },
        { status: "Accepted", filename: ANY },
      );
      yield* t.expect(call("LogStatusNotification", { status: "Uploading", requestId: REQUEST_ID }));
      yield* t.expect(call("LogStatusNotification", { status: "Uploaded", requestId: REQUEST_ID }), {
        within: UPDATE_SECONDS,
      });
    },
  }),
  chargePointCase({
    id: "TC_080_CS",
    title: "Secure firmware update",
    profile: "Security",
    purpose: "A signed firmware file is downloaded, verified and installed, and every stage is told.",
    spec: ["Security §5", "Security, SignedUpdateFirmware", "Security, SignedFirmwareStatusNotification"],
    needs: { profiles: ["Security", "FirmwareManagement"], firmwareUpdate: ["signed", "both"] },
    *run(t) {
      const { firmwareVersion } = yield* updateFrom(t);
      yield* next(t, "Downloading");
      yield* next(t, "Downloaded");
      yield* next(t, "SignatureVerified");
      // The bootloader may be unable to tell that it installs.
      const installing = { ...signedStatus("Installing"), isOptional: true } as ExpectedCall;
      yield* inoperative(t);
      yield* installed(t, signedStatus("Installed"), firmwareVersion, [installing, ...between()]);
    },
  }),
  chargePointCase({
    id: "TC_081_CS",
    title: "Secure firmware update – invalid signature",
    profile: "Security",
    purpose: "A file whose signature is wrong is not installed, and told as a security event.",
    spec: ["Security §5", "Security, Appendix (InvalidFirmwareSignature)"],
    needs: { profiles: ["Security", "FirmwareManagement"], firmwareUpdate: ["signed", "both"] },
    *run(t) {
      yield* updateFrom(t, "badSignature");
      yield* next(t, "Downloading");
      yield* next(t, "Downloaded");
      yield* t.expectInAnyOrder([
        signedStatus("InvalidSignature"),
        call("SecurityEventNotification", { type: "InvalidFirmwareSignature" }),
      ], { within: UPDATE_SECONDS });
      yield* t.absent([call("SignedFirmwareStatusNotification")], { for: t.setup.withinSeconds });
    },
  }),
];
