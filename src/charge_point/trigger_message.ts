/**
 * TriggerMessage: the Central System asks for a message that the Charge Point would send by itself some time.
 *
 * Rules: the answer leaves first. A connectorId that the message has no use for is ignored; where it is missing
 * all connectors are meant. BootNotification is refused once we are Accepted.
 * Spec: OCPP 1.6 §5.17, errata 1.6 (BootNotification).
 */
import type { Req } from "../ocpp/registry.ts";
import { requestBoot, sendHeartbeat } from "./boot.ts";
import { reportStatus } from "./connector_status.ts";
import type { Handled } from "./handler.ts";
import { readMeter } from "./metering.ts";
import { enqueue, WAITING_CALLS_MAX } from "./outbox.ts";
import { type Connector, connectorsOf, type Turn } from "./state.ts";

export function triggerMessage(
  { state }: Turn,
  { requestedMessage, connectorId }: Req<"TriggerMessage">,
): Handled<"TriggerMessage"> {
  if (
    requestedMessage === "DiagnosticsStatusNotification" || requestedMessage === "FirmwareStatusNotification"
  ) {
    return { conf: { status: "NotImplemented" } };
  }
  const { registration } = state.boot;
  if (requestedMessage === "BootNotification") {
    return registration === "Accepted" ? REJECTED : accepted(requestBoot);
  }
  // §4.2: before its first answer a Charge Point sends BootNotification only.
  if (registration === undefined) return REJECTED;
  const connectors = connectorId === undefined
    ? requestedMessage === "MeterValues" ? connectorsOf(state) : state.connectors
    : state.connectors.filter((connector) => connector.connectorId === connectorId);
  const room = WAITING_CALLS_MAX - state.waiting.length;
  switch (requestedMessage) {
    case "Heartbeat":
      if (room < 1) return REJECTED;
      return accepted((turn) => sendHeartbeat(turn, { beforeAccepted: true }));
    case "StatusNotification":
      if (connectors.length === 0 || room < connectors.length) return REJECTED;
      return accepted((turn) => {
        for (const connector of connectors) reportStatus(turn, connector, { beforeAccepted: true });
      });
    case "MeterValues":
      // Connector 0 would be a main meter, which this Charge Point does not have.
      if (connectors.length === 0 || connectorId === 0 || room < connectors.length) return REJECTED;
      return accepted((turn) => {
        for (const connector of connectors) sendMeterValues(turn, connector);
      });
  }
}

const REJECTED: Handled<"TriggerMessage"> = { conf: { status: "Rejected" } };

function accepted(consequence: (turn: Turn) => void): Handled<"TriggerMessage"> {
  return { conf: { status: "Accepted" }, consequence };
}

/** Answers a question rather than belonging to a transaction's history: not queued while offline, not repeated. */
function sendMeterValues(turn: Turn, connector: Connector): void {
  const { connectorId, transaction } = connector;
  const { MeterValuesSampledData } = turn.state.configuration;
  const meterValue = readMeter(turn, connector, MeterValuesSampledData, "Trigger");
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
