/**
 * TriggerMessage: the Central System asks for a message that the Charge Point would send by itself some time.
 *
 * Rules: the answer leaves first. A connectorId that the message has no use for is ignored; where it is missing
 * all connectors are meant. BootNotification is refused once we are Accepted, MeterValues where nothing can be read.
 * Spec: OCPP 1.6 §5.17, errata 1.6 (BootNotification).
 */
import type { FirmwareStatus } from "../../ocpp/messages/firmware_management.ts";
import type { MeterValue } from "../../ocpp/meter_value.ts";
import type { Req } from "../../ocpp/registry.ts";
import { requestBoot, sendHeartbeat } from "./boot.ts";
import { reportStatus } from "../session/connector_status.ts";
import { hasProfile } from "../description.ts";
import type { Handled } from "../handler.ts";
import { uploadOf } from "../maintenance/log_upload.ts";
import type { FirmwareUpdate } from "../maintenance/maintenance_state.ts";
import { readMeter } from "../energy/metering.ts";
import { enqueue, WAITING_CALLS_MAX } from "./outbox.ts";
import { type Connector, connectorsOf, type Turn } from "../state.ts";

export function triggerMessage(
  turn: Turn,
  { requestedMessage, connectorId }: Req<"TriggerMessage">,
): Handled<"TriggerMessage"> {
  const { state } = turn;
  if (
    requestedMessage === "DiagnosticsStatusNotification" || requestedMessage === "FirmwareStatusNotification"
  ) {
    if (!hasProfile(state.options.description, "FirmwareManagement")) {
      return { conf: { status: "NotImplemented" } };
    }
    if (state.boot.registration === undefined || state.waiting.length >= WAITING_CALLS_MAX) return REJECTED;
    return accepted(
      requestedMessage === "FirmwareStatusNotification" ? sendFirmwareStatus : sendDiagnosticsStatus,
    );
  }
  const consequence = triggered(turn, { requestedMessage, connectorId });
  return consequence === undefined ? REJECTED : accepted(consequence);
}

/** The messages that both kinds of trigger ask for. */
type CommonTrigger = "BootNotification" | "Heartbeat" | "MeterValues" | "StatusNotification";

/** What sends the message; `undefined` where it cannot be sent. */
export function triggered(
  turn: Turn,
  { requestedMessage, connectorId }: {
    requestedMessage: CommonTrigger;
    connectorId: number | undefined;
  },
): ((turn: Turn) => void) | undefined {
  const { state } = turn;
  const { registration } = state.boot;
  if (requestedMessage === "BootNotification") {
    return registration === "Accepted" ? undefined : requestBoot;
  }
  // §4.2: before its first answer a Charge Point sends BootNotification only.
  if (registration === undefined) return undefined;
  const connectors = connectorId === undefined
    ? requestedMessage === "MeterValues" ? connectorsOf(state) : state.connectors
    : state.connectors.filter((connector) => connector.connectorId === connectorId);
  const room = WAITING_CALLS_MAX - state.waiting.length;
  switch (requestedMessage) {
    case "Heartbeat":
      return room < 1 ? undefined : (turn) => sendHeartbeat(turn, { beforeAccepted: true });
    case "StatusNotification":
      if (connectors.length === 0 || room < connectors.length) return undefined;
      return (turn) => {
        for (const connector of connectors) reportStatus(turn, connector, { beforeAccepted: true });
      };
    case "MeterValues":
      // Connector 0 is the main meter.
      if (room < connectors.length) return undefined;
      if (connectors.every((connector) => readingNow(turn, connector) === undefined)) return undefined;
      return (turn) => {
        for (const connector of connectors) sendMeterValues(turn, connector);
      };
  }
}

const REJECTED: Handled<"TriggerMessage"> = { conf: { status: "Rejected" } };

function accepted(consequence: (turn: Turn) => void): Handled<"TriggerMessage"> {
  return { conf: { status: "Accepted" }, consequence };
}

/** §4.4: Idle where nothing is being uploaded. */
function sendDiagnosticsStatus(turn: Turn): void {
  const isUploading = uploadOf(turn.state, "GetDiagnostics")?.isTold === true;
  enqueue(turn, {
    action: "DiagnosticsStatusNotification",
    payload: { status: isUploading ? "Uploading" : "Idle" },
    purpose: { kind: "triggeredNotification" },
    beforeAccepted: true,
  });
}

/** §4.5: Idle where no update is under way; of a signed one as much as these statuses can say. */
function sendFirmwareStatus(turn: Turn): void {
  const { update } = turn.state.maintenance.firmware;
  enqueue(turn, {
    action: "FirmwareStatusNotification",
    payload: { status: update === undefined ? "Idle" : FIRMWARE_STATUS[update.phase] },
    purpose: { kind: "triggeredNotification" },
    beforeAccepted: true,
  });
}

const FIRMWARE_STATUS: Readonly<Record<FirmwareUpdate["phase"], FirmwareStatus>> = {
  scheduled: "Idle",
  downloading: "Downloading",
  verifying: "Downloaded",
  waitingToInstall: "Downloaded",
  installing: "Installing",
  restarting: "Installing",
  restarted: "Installing",
};

/** Answers a question rather than belonging to a transaction's history: not queued while offline, not repeated. */
function sendMeterValues(turn: Turn, connector: Connector): void {
  const { connectorId, transaction } = connector;
  const meterValue = readingNow(turn, connector);
  if (meterValue === undefined) return;
  const transactionId = transaction?.transactionId;
  enqueue(turn, {
    action: "MeterValues",
    payload: {
      connectorId,
      ...(transactionId === undefined ? {} : { transactionId }),
      meterValue: [meterValue],
    },
    purpose: { kind: "triggeredMeterValues" },
    beforeAccepted: true,
  });
}

/** `undefined` where nothing of MeterValuesSampledData can be read, e.g. SoC without an EV. */
function readingNow(turn: Turn, connector: Connector): MeterValue | undefined {
  return readMeter(turn, connector, {
    measurands: turn.state.configuration.MeterValuesSampledData,
    context: "Trigger",
    intervalFromWh: connector.transaction?.sampledAtWh,
  });
}
