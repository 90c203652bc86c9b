/**
 * ChangeAvailability: taking connectors out of operation and back.
 *
 * Rules: connector 0 means the Charge Point and every connector. Where a transaction runs, or its user has not
 * left yet, the change waits (`Scheduled`). A session that is not a transaction yet is called off, a reservation
 * ends. What is set outlives a reset.
 * Spec: OCPP 1.6 §5.2, §5.13, §4.9 (A8, C8, F8, G8, H1, H2); for connector 0 with some connectors busy §5.2 says nothing, so
 * idle ones change at once.
 */
import type { Req } from "../../ocpp/registry.ts";
import { cancelSession, startIfReady } from "./charging_session.ts";
import { updateStatus } from "./connector_status.ts";
import type { Handled } from "../handler.ts";
import type { Connector, Turn } from "../state.ts";

export function changeAvailability(
  { state }: Turn,
  { connectorId, type }: Req<"ChangeAvailability">,
): Handled<"ChangeAvailability"> {
  const connectors = connectorId === 0 ? state.connectors : state.connectors.filter(
    (connector) => connector.connectorId === connectorId,
  );
  if (connectors.length === 0) return { conf: { status: "Rejected" } };
  const isInoperative = type === "Inoperative";
  const mustWait = isInoperative && connectors.some(isInUse);
  return {
    conf: { status: mustWait ? "Scheduled" : "Accepted" },
    consequence: (turn) => {
      // All of them at once, so that none is seen in between.
      for (const connector of connectors) connector.isInoperative = isInoperative;
      for (const connector of connectors) availabilityChanged(turn, connector);
    },
  };
}

function isInUse({ transaction, finishing }: Connector): boolean {
  return transaction !== undefined || finishing !== undefined;
}

function availabilityChanged(turn: Turn, connector: Connector): void {
  if (connector.isInoperative) return cancelSession(turn, connector);
  updateStatus(turn, connector);
  startIfReady(turn, connector);
}
