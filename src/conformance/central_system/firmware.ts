/** Firmware Management: updates without a signature, and diagnostics. */
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { booted, ordered, restarted, told } from "./states.ts";

const PROFILE = "FirmwareManagement";

function* updateOrdered(t: Tester): Steps {
  const { location } = yield* t.prepare(t.bench({ kind: "firmware" }));
  yield* t.prepare(booted(t));
  yield* ordered(t, "UpdateFirmware", { location, retrieveDate: t.dateTime() }, {});
}

function* firmware(t: Tester, ...statuses: readonly Req<"FirmwareStatusNotification">["status"][]): Steps {
  for (const status of statuses) yield* t.send("FirmwareStatusNotification", { status }, {});
}

function* diagnosticsOrdered(t: Tester): Steps {
  const { location } = yield* t.prepare(t.bench({ kind: "uploadLocation" }));
  yield* t.prepare(booted(t));
  yield* ordered(t, "GetDiagnostics", { location }, { fileName: "diagnostics.log" });
}

function* diagnostics(
  t: Tester,
  ...statuses: readonly Req<"DiagnosticsStatusNotification">["status"][]
): Steps {
  for (const status of statuses) yield* t.send("DiagnosticsStatusNotification", { status }, {});
}

export const FIRMWARE: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_044_1_CSMS",
    title: "Firmware update – download and install",
    profile: PROFILE,
    purpose: "An update is ordered; what comes of it is taken note of, the restart included.",
    spec: ["OCPP 1.6 §5.19", "OCPP 1.6 §4.5"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* updateOrdered(t);
      yield* firmware(t, "Downloading", "Downloaded");
      yield* told(t, connectorId, "Unavailable");
      yield* firmware(t, "Installing");
      yield* restarted(t);
      yield* firmware(t, "Installed");
    },
  }),
  centralSystemCase({
    id: "TC_044_2_CSMS",
    title: "Firmware update – download failed",
    profile: PROFILE,
    purpose: "A download that fails is taken note of.",
    spec: ["OCPP 1.6 §5.19", "OCPP 1.6 §4.5"],
    *run(t) {
      yield* updateOrdered(t);
      yield* firmware(t, "Downloading", "DownloadFailed");
    },
  }),
  centralSystemCase({
    id: "TC_044_3_CSMS",
    title: "Firmware update – installation failed",
    profile: PROFILE,
    purpose: "An installation that fails is taken note of.",
    spec: ["OCPP 1.6 §5.19", "OCPP 1.6 §4.5"],
    *run(t) {
      yield* updateOrdered(t);
      yield* firmware(t, "Downloading", "Downloaded", "Installing", "InstallationFailed");
    },
  }),
  centralSystemCase({
    id: "TC_045_1_CSMS",
    title: "Get Diagnostics",
    profile: PROFILE,
    purpose: "Diagnostics are ordered, and that they are uploaded is taken note of.",
    spec: ["OCPP 1.6 §5.9", "OCPP 1.6 §4.4"],
    *run(t) {
      yield* diagnosticsOrdered(t);
      yield* diagnostics(t, "Uploading", "Uploaded");
    },
  }),
  centralSystemCase({
    id: "TC_045_2_CSMS",
    title: "Get Diagnostics – upload failed",
    profile: PROFILE,
    purpose: "Diagnostics are ordered, and that their upload fails is taken note of.",
    spec: ["OCPP 1.6 §5.9", "OCPP 1.6 §4.4"],
    *run(t) {
      yield* diagnosticsOrdered(t);
      yield* diagnostics(t, "Uploading", "UploadFailed");
    },
  }),
];
