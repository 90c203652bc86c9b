/**
 * What a Charge Point reports of itself: kept as it came, in order, before it is acknowledged. SignCertificate is
 * Accepted where there is an authority that will look at it; whether it signs is seen after the answer.
 *
 * Spec: OCPP 1.6 §4.4, §4.5; Security (SecurityEventNotification, SignCertificate, LogStatusNotification,
 * SignedFirmwareStatusNotification).
 */
import { redactedPayload } from "../ocpp/redaction.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import type { Decision, DecisionContext, ReceivedCall } from "./decision.ts";
import type { ReportAction } from "./store.ts";

/** Stores the report, but no private key. */
export function decideReport<A extends ReportAction>(
  action: A,
  payload: Req<A>,
  { chargePoint, receivedAtMs }: ReceivedCall,
  { settings }: DecisionContext,
): Decision {
  const conf: Conf<ReportAction> = action === "SignCertificate"
    ? { status: settings.signsCertificates ? "Accepted" : "Rejected" }
    : {};
  // §A1 wants a request for a certificate: a device that sends its private key too has it taken out.
  const kept = redactedPayload(action, payload) as Req<A>;
  return {
    answer: { kind: "result", payload: conf },
    writes: [{ kind: "addReport", record: { chargePoint, action, payload: kept, receivedAtMs } }],
    events: [],
  };
}
