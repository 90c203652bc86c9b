/**
 * Faults and warnings of a connector, or of the Charge Point as connector 0.
 *
 * Rules: a fault keeps the connector from charging until it is cleared, and stops its transaction; a warning
 * only travels along with the status. After a fault the connector is where its facts put it.
 * Spec: OCPP 1.6 §4.9 (A9…I8), §7.6.
 */
import type { ChargePointErrorCode } from "../ocpp/types.ts";
import { startIfReady } from "./charging_session.ts";
import { updateStatus } from "./connector_status.ts";
import type { Connector, Turn } from "./state.ts";
import { stopTransaction } from "./transaction.ts";

/** Error codes that leave a connector in operation. */
export const WARNINGS: ReadonlySet<ChargePointErrorCode> = new Set(["EVCommunicationError"]);

/** Something breaks. */
export function raiseFault(turn: Turn, connector: Connector, errorCode: ChargePointErrorCode): void {
  if (errorCode === "NoError") return clearFault(turn, connector);
  if (WARNINGS.has(errorCode)) {
    connector.warning = errorCode;
  } else {
    // The status goes from the running transaction straight to Faulted: set before the transaction ends.
    connector.fault = errorCode;
    updateStatus(turn, connector);
    stopTransaction(turn, connector, { reason: "Other" });
  }
  updateStatus(turn, connector);
}

/** Everything works again. */
export function clearFault(turn: Turn, connector: Connector): void {
  connector.fault = undefined;
  connector.warning = undefined;
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}
