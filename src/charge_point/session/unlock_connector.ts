/**
 * UnlockConnector: letting go of a cable from afar.
 *
 * Rules: a running transaction is stopped first, whether or not the lock then does its work. Without a lock, and
 * without such a connector, the answer is `NotSupported`.
 * Spec: OCPP 1.6 §5.18, §7.47, errata 1.6 (unknown connector).
 */
import type { Req } from "../../ocpp/registry.ts";
import { hasLock, unlockCable } from "./cable_lock.ts";
import { updateStatus } from "./connector_status.ts";
import type { Handled } from "../handler.ts";
import { connectorOf, type Turn } from "../state.ts";
import { stopTransaction } from "../transaction/transaction.ts";

export function unlockConnector(
  { state }: Turn,
  { connectorId }: Req<"UnlockConnector">,
): Handled<"UnlockConnector"> {
  const connector = connectorOf(state, connectorId);
  if (connector === undefined || !hasLock(state)) return { conf: { status: "NotSupported" } };
  return {
    conf: { status: connector.lockJam === "unlock" ? "UnlockFailed" : "Unlocked" },
    consequence: (turn) => {
      // The end of a transaction unlocks by itself.
      if (connector.transaction !== undefined) {
        stopTransaction(turn, connector, { reason: "UnlockCommand" });
      } else {
        unlockCable(turn, connector);
        updateStatus(turn, connector);
      }
    },
  };
}
