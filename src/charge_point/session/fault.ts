/**
 * Faults and warnings of a connector, or of the Charge Point as connector 0, and the emergency button.
 *
 * Rules: a fault keeps the connector from charging until it is cleared, and stops its transaction; a warning
 * only travels along with the status. While connector 0 is Faulted no transaction starts, and those that run go on.
 * After a fault the connector is where its facts put it. A reservation of what is Faulted is over. The emergency button makes everything Faulted, OtherError with vendorErrorCode EmergencyStop,
 * and stops all transactions (EmergencyStop); clearing the fault of connector 0 releases it.
 * Spec: OCPP 1.6 §4.9 (A9…I8), §4.10, §5.13, §7.6.
 */
import type { ChargePointErrorCode } from "../../ocpp/types.ts";
import { cancelSession, startIfReady } from "./charging_session.ts";
import { updateStatus } from "./connector_status.ts";
import { type Connector, connectorsOf, type Turn } from "../state.ts";
import { stopTransaction } from "../transaction/transaction.ts";

/** Error codes that leave a connector in operation. */
export const WARNINGS: ReadonlySet<ChargePointErrorCode> = new Set([
  "EVCommunicationError",
  "LocalListConflict",
  "ResetFailure",
  "WeakSignal",
]);

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

/** Everything works again; for connector 0 the emergency button is released too. */
export function clearFault(turn: Turn, connector: Connector): void {
  const { state } = turn;
  connector.fault = undefined;
  connector.warning = undefined;
  const isWhole = connector.connectorId === 0;
  if (isWhole) state.isEmergencyStopped = false;
  for (const one of isWhole ? state.connectors : [connector]) {
    updateStatus(turn, one);
    startIfReady(turn, one);
  }
}

/** The emergency button is pressed. */
export function emergencyStop(turn: Turn): void {
  const { state } = turn;
  if (state.isEmergencyStopped) return;
  state.isEmergencyStopped = true;
  for (const connector of state.connectors) updateStatus(turn, connector);
  for (const connector of connectorsOf(state)) {
    stopTransaction(turn, connector, { reason: "EmergencyStop" });
    cancelSession(turn, connector);
  }
}
