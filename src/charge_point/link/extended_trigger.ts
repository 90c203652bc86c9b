/**
 * ExtendedTriggerMessage: what TriggerMessage asks for, with the messages of the security extension.
 *
 * Spec: Security §4, ExtendedTriggerMessage. `FirmwareStatusNotification` means the signed one: `Idle` where none was
 * sent or the last one said Installed, else the last one again.
 */
import type { Req } from "../../ocpp/registry.ts";
import { mayRequestCertificate, requestCertificate } from "../security/charge_point_certificate.ts";
import type { Handled } from "../handler.ts";
import { uploadOf } from "../maintenance/log_upload.ts";
import { enqueue, WAITING_CALLS_MAX } from "./outbox.ts";
import type { Turn } from "../state.ts";
import { triggered } from "./trigger_message.ts";

export function extendedTriggerMessage(
  turn: Turn,
  { requestedMessage, connectorId }: Req<"ExtendedTriggerMessage">,
): Handled<"ExtendedTriggerMessage"> {
  const { state } = turn;
  // §4.2: before its first answer a Charge Point sends BootNotification only.
  const isTooEarly = state.boot.registration === undefined || state.waiting.length >= WAITING_CALLS_MAX;
  switch (requestedMessage) {
    case "LogStatusNotification":
      return isTooEarly ? REJECTED : accepted(sendLogStatus);
    case "FirmwareStatusNotification":
      if (state.options.description.firmwareUpdate === "plain") return { conf: { status: "NotImplemented" } };
      return isTooEarly ? REJECTED : accepted(sendFirmwareStatus);
    case "SignChargePointCertificate":
      return isTooEarly || !mayRequestCertificate(state) ? REJECTED : accepted(requestCertificate);
    default: {
      const consequence = triggered(turn, { requestedMessage, connectorId });
      return consequence === undefined ? REJECTED : accepted(consequence);
    }
  }
}

const REJECTED: Handled<"ExtendedTriggerMessage"> = { conf: { status: "Rejected" } };

function accepted(consequence: (turn: Turn) => void): Handled<"ExtendedTriggerMessage"> {
  return { conf: { status: "Accepted" }, consequence };
}

function sendLogStatus(turn: Turn): void {
  const upload = uploadOf(turn.state, "GetLog");
  const isUploading = upload?.isTold === true && upload.requestId !== undefined;
  enqueue(turn, {
    action: "LogStatusNotification",
    payload: isUploading ? { status: "Uploading", requestId: upload.requestId } : { status: "Idle" },
    purpose: { kind: "triggeredNotification" },
    beforeAccepted: true,
  });
}

function sendFirmwareStatus(turn: Turn): void {
  const { lastSigned } = turn.state.maintenance.firmware;
  const isOver = lastSigned === undefined || lastSigned.status === "Installed";
  enqueue(turn, {
    action: "SignedFirmwareStatusNotification",
    payload: isOver ? { status: "Idle" } : lastSigned,
    purpose: { kind: "triggeredNotification" },
    beforeAccepted: true,
  });
}
