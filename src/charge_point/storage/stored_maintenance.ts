/**
 * Logs, firmware and what belongs to them, as they are stored: work under way comes back where it can begin anew.
 */
import { FirmwareStatus } from "../../ocpp/messages/firmware_management.ts";
import { SignedFirmwareStatus } from "../../ocpp/messages/security.ts";
import type { OwnForm } from "./durable.ts";
import { interrupted } from "../maintenance/interruption.ts";
import {
  type Firmware,
  type FirmwareUpdate,
  INITIAL_MAINTENANCE,
  type LogUpload,
  type MaintenanceState,
  type SecurityLogEntry,
  type SignedFirmware,
} from "../maintenance/maintenance_state.ts";
import {
  storedAmount,
  storedBoolean,
  storedFields,
  storedList,
  storedNumber,
  storedOneOf,
  storedOptional,
  storedText,
} from "./stored_value.ts";

const readUpload = storedFields<LogUpload>({
  request: storedOneOf(["GetDiagnostics", "GetLog"]),
  requestId: storedOptional(storedNumber),
  logType: storedOneOf(["DiagnosticsLog", "SecurityLog"]),
  url: storedText,
  fileName: storedText,
  fromMs: storedNumber,
  toMs: storedNumber,
  retriesLeft: storedAmount,
  retryIntervalMs: storedAmount,
  phase: storedOneOf(["waiting", "uploading"]),
  notBeforeMs: storedNumber,
  isTold: storedBoolean,
});

const readUpdate = storedFields<FirmwareUpdate>({
  signed: storedOptional(storedFields<SignedFirmware>({
    requestId: storedNumber,
    signingCertificate: storedText,
    signature: storedText,
  })),
  location: storedText,
  installAtMs: storedNumber,
  retriesLeft: storedAmount,
  retryIntervalMs: storedAmount,
  phase: storedOneOf([
    ...["scheduled", "downloading", "verifying", "waitingToInstall"] as const,
    ...["installing", "restarting", "restarted"] as const,
  ]),
  notBeforeMs: storedNumber,
  isHolding: storedBoolean,
  newVersion: storedOptional(storedText),
  status: storedOptional(storedOneOf([...FirmwareStatus.options, ...SignedFirmwareStatus.options])),
});

const readFirmware = storedFields<Firmware>({
  version: storedOptional(storedText),
  update: storedOptional(readUpdate),
  lastSigned: storedOptional(storedFields<NonNullable<Firmware["lastSigned"]>>({
    status: storedOneOf(SignedFirmwareStatus.options),
    requestId: storedNumber,
  })),
});

const readMaintenance = storedFields<Omit<MaintenanceState, "jobs">>({
  jobsStarted: storedAmount,
  uploads: storedList(readUpload),
  firmware: readFirmware,
  securityLog: storedList(storedFields<SecurityLogEntry>({
    atSimulatedMs: storedNumber,
    type: storedText,
    techInfo: storedOptional(storedText),
  })),
});

/** By the state, so that what has not changed is the same object. */
const STORED = new WeakMap<MaintenanceState, Omit<MaintenanceState, "jobs">>();

/** The section `maintenance`. */
export const MAINTENANCE_FORM: OwnForm = {
  save: ({ maintenance }) => {
    if (maintenance === INITIAL_MAINTENANCE) return {};
    const known = STORED.get(maintenance);
    if (known !== undefined) return { maintenance: known };
    const { jobs: _jobs, ...stored } = maintenance;
    STORED.set(maintenance, stored);
    return { maintenance: stored };
  },
  restore: (state, { maintenance }) => {
    if (maintenance === undefined) return;
    state.maintenance = interrupted({ jobs: [], ...readMaintenance(maintenance, "maintenance") });
  },
};
