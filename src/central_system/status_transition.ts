/**
 * Which status of a connector may follow which.
 *
 * A status that breaks this is kept and answered all the same: devices skip statuses, by MinimumStatusDuration and while
 * they are offline. Spec: OCPP 1.6 §4.9 with errata (B6).
 */
import type { ChargePointStatus } from "../ocpp/types.ts";

const FOLLOWS: Readonly<Record<ChargePointStatus, readonly ChargePointStatus[]>> = {
  Available: ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Reserved", "Unavailable", "Faulted"],
  Preparing: ["Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"],
  Charging: ["Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEV: ["Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEVSE: ["Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"],
  Finishing: ["Available", "Preparing", "Unavailable", "Faulted"],
  Reserved: ["Available", "Preparing", "Unavailable", "Faulted"],
  Unavailable: ["Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Faulted"],
  Faulted: [
    ...["Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE"] as const,
    ...["Finishing", "Reserved", "Unavailable"] as const,
  ],
};

/** What is wrong with a status after the one before (of the same boot), if anything is; the same one again is nothing. */
export function transitionFault(
  connectorId: number,
  before: ChargePointStatus | undefined,
  status: ChargePointStatus,
): string | undefined {
  // What connector 0 may be is a field rule, and that in any order.
  const isAllowed = connectorId === 0 || before === undefined || before === status ||
    FOLLOWS[before].includes(status);
  return isAllowed ? undefined : `connector ${connectorId}: ${status} after ${before}`;
}
