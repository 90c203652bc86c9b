/**
 * RemoteStartTransaction and RemoteStopTransaction.
 *
 * `Accepted` means that the Charge Point will try, not that there is a transaction.
 * Spec: OCPP 1.6 §5.11, §5.12; not allowed before the registration is Accepted (§4.2).
 */
import type { Req } from "../../ocpp/registry.ts";
import { knownIdTag } from "../authorization/authorization.ts";
import { whyRefusedAtStart } from "../energy/charging_profiles.ts";
import { startRemotely } from "./charging_session.ts";
import { hasProfile } from "../description.ts";
import type { Handled } from "../handler.ts";
import { connectorForRemoteStart, isFreeForRemoteStart } from "./readiness.ts";
import { connectorOf, connectorsOf, type Turn } from "../state.ts";
import { stopTransaction } from "../transaction/transaction.ts";

/** §5.11: a chargingProfile is ignored where the Charge Point knows no Smart Charging. */
export function remoteStartTransaction(
  turn: Turn,
  { connectorId, idTag, chargingProfile }: Req<"RemoteStartTransaction">,
): Handled<"RemoteStartTransaction"> {
  const { state } = turn;
  const who = { idTag, parentIdTag: knownIdTag(turn, idTag)?.parentIdTag };
  const connector = connectorId === undefined
    ? connectorForRemoteStart(state, who)
    : connectorOf(state, connectorId);
  const isPossible = state.boot.registration === "Accepted" && connector !== undefined &&
    isFreeForRemoteStart(state, connector, who);
  if (!isPossible) return { conf: { status: "Rejected" } };
  const startProfile = hasProfile(state.options.description, "SmartCharging") ? chargingProfile : undefined;
  if (startProfile !== undefined) {
    const request = { connectorId: connector.connectorId, chargingProfile: startProfile };
    if (whyRefusedAtStart(turn, request) !== undefined) return { conf: { status: "Rejected" } };
  }
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      connector.startProfile = startProfile;
      startRemotely(turn, connector, who);
    },
  };
}

export function remoteStopTransaction(
  { state }: Turn,
  { transactionId }: Req<"RemoteStopTransaction">,
): Handled<"RemoteStopTransaction"> {
  const connector = connectorsOf(state).find(({ transaction }) =>
    transaction?.transactionId === transactionId
  );
  // -1 is no id that the Central System gave.
  const isPossible = state.boot.registration === "Accepted" && connector !== undefined &&
    transactionId !== -1;
  if (!isPossible) return { conf: { status: "Rejected" } };
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => stopTransaction(turn, connector, { reason: "Remote" }),
  };
}
