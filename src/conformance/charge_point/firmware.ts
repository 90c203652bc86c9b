/**
 * Group 19: firmware updates without signature.
 *
 * A reboot may come before or after the last status. Spec: OCPP 1.6 §4.5, §5.19, §7.25.
 */
import type { Req } from "../../ocpp/registry.ts";
import type { BenchReplies, BenchRequest } from "../bench.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, type ExpectedCall, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { installed, operativeAgain, stage } from "./firmware_stages.ts";

const SPEC = ["OCPP 1.6 §4.5", "OCPP 1.6 §5.19", "OCPP 1.6 §7.25"];

const NEEDS = { profiles: ["FirmwareManagement"], firmwareUpdate: ["plain", "both"] } as const;

type FirmwareStatus = Req<"FirmwareStatusNotification">["status"];

function firmwareStatus(status: FirmwareStatus): ExpectedCall<"FirmwareStatusNotification", false> {
  return call("FirmwareStatusNotification", { status });
}

/** Asks for an update from a file with this flaw. */
function* updateFrom(
  t: Tester,
  flaw?: NonNullable<Extract<BenchRequest, { kind: "firmware" }>["flaw"]>,
): Steps<BenchReplies["firmware"]> {
  const firmware = yield* t.bench({ kind: "firmware", ...(flaw === undefined ? {} : { flaw }) });
  yield* t.send("UpdateFirmware", { location: firmware.location, retrieveDate: t.dateTime(), retries: 0 });
  return firmware;
}

/** This status comes next. */
function next(t: Tester, status: FirmwareStatus): Steps<unknown> {
  return stage(t, firmwareStatus(status));
}

export const FIRMWARE: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_044_1_CS",
    title: "Firmware update – download and install",
    profile: "FirmwareManagement",
    purpose: "A firmware file is downloaded and installed, and every stage is told.",
    spec: SPEC,
    needs: NEEDS,
    *run(t) {
      const { firmwareVersion } = yield* updateFrom(t);
      yield* next(t, "Downloading");
      yield* next(t, "Downloaded");
      yield* next(t, "Installing");
      yield* installed(t, firmwareStatus("Installed"), firmwareVersion);
    },
  }),
  chargePointCase({
    id: "TC_044_2_CS",
    title: "Firmware update – download failed",
    profile: "FirmwareManagement",
    purpose: "A file that cannot be had is told, and nothing is installed.",
    spec: SPEC,
    needs: NEEDS,
    *run(t) {
      yield* updateFrom(t, "missing");
      yield* next(t, "Downloading");
      yield* next(t, "DownloadFailed");
      yield* t.absent([call("FirmwareStatusNotification")], { for: t.setup.withinSeconds });
    },
  }),
  chargePointCase({
    id: "TC_044_3_CS",
    title: "Firmware update – installation failed",
    profile: "FirmwareManagement",
    purpose: "A file that cannot be installed is told.",
    spec: SPEC,
    needs: NEEDS,
    *run(t) {
      yield* updateFrom(t, "corrupt");
      yield* next(t, "Downloading");
      yield* next(t, "Downloaded");
      yield* next(t, "Installing");
      yield* next(t, "InstallationFailed");
      yield* operativeAgain(t);
    },
  }),
];
