/** Group 20: diagnostics. Spec: OCPP 1.6 §4.4, §5.9, §7.24. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { ANY } from "../matcher.ts";
import { call } from "../step.ts";
import { UPDATE_SECONDS } from "./firmware_stages.ts";

const SPEC = ["OCPP 1.6 §4.4", "OCPP 1.6 §5.9", "OCPP 1.6 §7.24"];

export const DIAGNOSTICS: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_045_1_CS",
    title: "Get diagnostics",
    profile: "FirmwareManagement",
    purpose: "A file with diagnostics is named, uploaded, and both stages are told.",
    spec: SPEC,
    *run(t) {
      const { location } = yield* t.bench({ kind: "uploadLocation" });
      yield* t.send("GetDiagnostics", { location, retries: 0 }, { fileName: ANY });
      yield* t.expect(call("DiagnosticsStatusNotification", { status: "Uploading" }));
      yield* t.expect(call("DiagnosticsStatusNotification", { status: "Uploaded" }), {
        within: UPDATE_SECONDS,
      });
    },
  }),
  chargePointCase({
    id: "TC_045_2_CS",
    title: "Get diagnostics – upload failed",
    profile: "FirmwareManagement",
    purpose: "An upload that fails is told.",
    spec: SPEC,
    *run(t) {
      const { location } = yield* t.bench({ kind: "uploadLocation", flaw: "missing" });
      yield* t.send("GetDiagnostics", { location, retries: 0 }, { fileName: ANY });
      yield* t.expect(call("DiagnosticsStatusNotification", { status: "Uploading" }));
      yield* t.expect(call("DiagnosticsStatusNotification", { status: "UploadFailed" }), {
        within: UPDATE_SECONDS,
      });
    },
  }),
];
