/**
 * What a Call of the system under test is answered where a case says nothing else.
 */
import type { Action } from "../ocpp/action.ts";
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { Session } from "./session.ts";

/** Seconds; long, so that Heartbeats are no matter where a case is not about them. */
const HEARTBEAT_INTERVAL_SECONDS = 300;

/**
 * The payload of the usual answer: everything is Accepted. A StartTransaction gets the next transactionId.
 *
 * `undefined` for the Calls of a Central System, whose answers belong to the cases that provoke them.
 */
export function usualAnswer(action: Action, session: Session, nowMs: number): unknown {
  const currentTime = dateTimeOf(nowMs);
  switch (action) {
    case "BootNotification":
      return { status: "Accepted", currentTime, interval: HEARTBEAT_INTERVAL_SECONDS };
    case "Heartbeat":
      return { currentTime };
    case "Authorize":
      return { idTagInfo: { status: "Accepted" } };
    case "StartTransaction":
      return { idTagInfo: { status: "Accepted" }, transactionId: ++session.lastTransactionId };
    case "DataTransfer":
      return { status: "UnknownVendorId" };
    case "SignCertificate":
      return { status: "Accepted" };
    case "StopTransaction":
    case "StatusNotification":
    case "MeterValues":
    case "DiagnosticsStatusNotification":
    case "FirmwareStatusNotification":
    case "LogStatusNotification":
    case "SecurityEventNotification":
    case "SignedFirmwareStatusNotification":
      return {};
    default:
      return undefined;
  }
}
