/**
 * Which status of a connector above 0 may follow which.
 *
 * Spec: OCPP 1.6 §4.9 with errata (B6); connector 0 is not in the table.
 */
import type { ChargePointStatus } from "./types.ts";

/** From each status of a connector above 0 to those that may follow, a row a status. */
const NEXT_STATUSES: Readonly<Record<ChargePointStatus, readonly ChargePointStatus[]>> = {
  // deno-fmt-ignore
  Available: ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Reserved", "Unavailable", "Faulted"],
  Preparing: ["Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"],
  Charging: ["Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEV: ["Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEVSE: ["Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"],
  Finishing: ["Available", "Preparing", "Unavailable", "Faulted"],
  Reserved: ["Available", "Preparing", "Unavailable", "Faulted"],
  Unavailable: ["Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Faulted"],
  Faulted: [
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
  ],
};

/** Whether a connector above 0 may go from one status straight to the other. */
export function mayFollow(change: { from: ChargePointStatus; to: ChargePointStatus }): boolean {
  return NEXT_STATUSES[change.from].includes(change.to);
}
