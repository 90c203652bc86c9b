/**
 * What a Charge Point reports of itself: kept as it came, in order, before it is acknowledged.
 *
 * Spec: OCPP 1.6 §4.4, §4.5; Security (SecurityEventNotification, SignCertificate, LogStatusNotification,
 * SignedFirmwareStatusNotification).
 */
import { redactedPayload } from "../ocpp/redaction.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import type { Decision, ReceivedCall } from "./decision.ts";
import type { ReportAction } from "./store.ts";

/** Stores the report, but no private key. SignCertificate is refused: there is no authority here that could sign. */
export function decideReport<A extends ReportAction>(
  action: A,
  payload: Req<A>,
  { chargePoint, receivedAtMs }: ReceivedCall,
): Decision {
  const conf: Conf<ReportAction> = action === "SignCertificate" ? { status: "Rejected" } : {};
  // §A1 wants a request for a certificate: a device that sends its private key too has it taken out.
  const kept = redactedPayload(action, payload) as Req<A>;
  return {
    answer: { kind: "result", payload: conf },
    writes: [{ kind: "addReport", record: { chargePoint, action, payload: kept, receivedAtMs } }],
    events: [],
  };
}
