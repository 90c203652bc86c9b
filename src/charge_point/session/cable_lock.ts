/**
 * The lock that keeps a detachable cable in the Charge Point during a transaction.
 *
 * Rules: it locks when a transaction starts; without it none does. It unlocks when the transaction ends, unless the
 * cable is kept until the user comes forward: after DeAuthorized, and after an EV-side disconnect with
 * UnlockConnectorOnEVSideDisconnect off. A lock that is jammed tells so (ConnectorLockFailure) and tries again once
 * the jam is gone. A fixed cable has no lock.
 * The input `unplug` takes the cable out of the EV, and with a detachable one, as soon as the lock lets go of it, out
 * of the Charge Point too: a locked cable stays there, and the connector is not free.
 * Spec: OCPP 1.6 §4.8, §4.10, §5.4, §9.1.36–37, errata 1.6.
 */
import type { Reason } from "../../ocpp/types.ts";
import { isOn } from "../configuration/configuration.ts";
import { updateStatus } from "./connector_status.ts";
import type { GroupedIdTag } from "../authorization/id_tag_info.ts";
import { type ChargePointState, type Connector, emit, type Turn } from "../state.ts";

/** Whether there is a lock at all. */
export function hasLock({ options }: ChargePointState): boolean {
  return options.description.cable === "detachable";
}

/** Locks the cable for a transaction; false when the lock fails. */
export function lockCable(turn: Turn, connector: Connector): boolean {
  if (!hasLock(turn.state)) return true;
  const isDone = connector.lockJam !== "lock";
  if (isDone) connector.isLocked = true;
  tell(turn, connector, isDone ? "locked" : "lockFailed");
  return isDone;
}

/** Lets go of the cable, whoever it was kept for; false when the lock fails. The status is left to the caller. */
export function unlockCable(turn: Turn, connector: Connector): boolean {
  connector.heldFor = undefined;
  if (connector.lockJam === "unlock") {
    connector.warning ??= "ConnectorLockFailure";
    tell(turn, connector, "unlockFailed");
    return false;
  }
  if (connector.warning === "ConnectorLockFailure") connector.warning = undefined;
  if (!connector.isLocked) return true;
  connector.isLocked = false;
  if (!connector.isPlugged) connector.finishing = undefined; // the user takes it along
  tell(turn, connector, "unlocked");
  return true;
}

/** A transaction has ended: the cable goes, or is kept for whoever started it. The status is left to the caller. */
export function settleLock(
  turn: Turn,
  connector: Connector,
  { reason, holder }: { reason: Reason; holder: GroupedIdTag },
): void {
  if (!connector.isLocked) return;
  const { configuration } = turn.state;
  const isKept = reason === "DeAuthorized" ||
    (reason === "EVDisconnected" && !isOn(configuration, "UnlockConnectorOnEVSideDisconnect"));
  if (!isKept) {
    unlockCable(turn, connector);
    return;
  }
  connector.heldFor = { idTag: holder.idTag, parentIdTag: holder.parentIdTag };
  tell(turn, connector, "held");
}

/** What the lock will fail to do from here on. What it failed to do before is done if it can be. */
export function jamLock(turn: Turn, connector: Connector, jam: "lock" | "unlock" | "none"): void {
  if (!hasLock(turn.state)) return;
  connector.lockJam = jam;
  if (jam !== "lock" && connector.fault === "ConnectorLockFailure") connector.fault = undefined;
  const isStuck = connector.isLocked && connector.transaction === undefined &&
    connector.heldFor === undefined;
  if (jam !== "unlock" && (isStuck || connector.warning === "ConnectorLockFailure")) {
    if (isStuck) unlockCable(turn, connector);
    else connector.warning = undefined;
  }
  updateStatus(turn, connector);
}

function tell(
  turn: Turn,
  { connectorId }: Connector,
  outcome: "locked" | "unlocked" | "held" | "lockFailed" | "unlockFailed",
): void {
  emit(turn, { kind: "cableLock", connectorId, outcome });
}
