/**
 * Which connector is meant, and why one cannot be used: questions that change nothing.
 */
import { sameCiString } from "../../ocpp/types.ts";
import { actsFor, type GroupedIdTag } from "../authorization/id_tag_info.ts";
import { reservationAgainst, reservationAt } from "./reservation.ts";
import { faultOf, isHeldForInstallation } from "./connector_status.ts";
import { type ChargePointState, type Connector, connectorsOf, connectorZero } from "../state.ts";
import { hasRoomForTransaction } from "../transaction/transaction_queue.ts";

/** The longest idTag. Spec: OCPP 1.6 §7.28. */
export const ID_TAG_MAX_LENGTH = 20;

/** Why the reader takes no card, if so. */
export function whyReaderIsShut(state: ChargePointState, idTag: string): string | undefined {
  if (!state.isPowered || state.restart !== undefined) return "the Charge Point is starting";
  // §4.2: a Charge Point that was never accepted had better not charge.
  if (!state.boot.wasAccepted) return "the Central System has not accepted the Charge Point yet";
  if (idTag === "" || idTag.length > ID_TAG_MAX_LENGTH) {
    return `an idTag has 1 to ${ID_TAG_MAX_LENGTH} characters`;
  }
  return undefined;
}

/** Why no session can begin on a connector without a transaction, if so. */
export function whyNotFree(state: ChargePointState, connector: Connector): string | undefined {
  if (state.restart !== undefined) return "the Charge Point is restarting";
  if (faultOf(state, connector) !== undefined || faultOf(state, connectorZero(state)) !== undefined) {
    return "it is Faulted";
  }
  if (connector.isInoperative) return "it is Unavailable";
  if (isHeldForInstallation(state, connector)) return "new firmware is to be installed";
  if (connector.finishing === "timedOut") return "the cable has to be unplugged first";
  if (connector.heldFor !== undefined) return "the cable is kept for the idTag that charged";
  if (!hasRoomForTransaction(state)) return "too many messages wait for the Central System";
  return undefined;
}

/**
 * Why a reservation keeps an idTag from a connector, if so. As long as its group is not known it may be the one of
 * the reservation: that is found out by asking, and looked at again.
 */
export function whyReserved(
  state: ChargePointState,
  connector: Connector,
  who: GroupedIdTag,
  { mayAsk }: { mayAsk: boolean },
): string | undefined {
  const reservation = reservationAgainst(state, connector, who);
  if (reservation === undefined) return undefined;
  if (mayAsk && reservation.parentIdTag !== undefined && who.parentIdTag === undefined) return undefined;
  return "it is reserved for another idTag";
}

/** Whether the Central System may start a transaction here: nobody else has begun to use it or reserved it. */
export function isFreeForRemoteStart(
  state: ChargePointState,
  connector: Connector,
  who: GroupedIdTag,
): boolean {
  const { transaction, authorized, authorizing, finishing } = connector;
  const isUnused = transaction === undefined && authorized === undefined && authorizing === undefined;
  return isUnused && finishing === undefined && whyNotFree(state, connector) === undefined &&
    whyReserved(state, connector, who, { mayAsk: true }) === undefined;
}

/** The connector for a remote start that names none: reserved for it, with a cable in, else the first free one. */
export function connectorForRemoteStart(state: ChargePointState, who: GroupedIdTag): Connector | undefined {
  const free = connectorsOf(state).filter((connector) => isFreeForRemoteStart(state, connector, who));
  return free.find((connector) => isReservedFor(state, connector, who)) ??
    free.find(({ isPlugged }) => isPlugged) ?? free[0];
}

function isReservedFor(state: ChargePointState, { connectorId }: Connector, who: GroupedIdTag): boolean {
  const reservation = reservationAt(state, connectorId);
  return reservation !== undefined && actsFor(who, reservation);
}

/** The connector that the user of a card means, best guess first. */
export function chooseConnector(state: ChargePointState, who: GroupedIdTag): Connector | undefined {
  const { idTag } = who;
  const connectors = connectorsOf(state);
  const usable = connectors.filter((connector) =>
    connector.transaction === undefined && connector.authorizing === undefined &&
    whyNotFree(state, connector) === undefined &&
    whyReserved(state, connector, who, { mayAsk: true }) === undefined
  );
  return connectors.find(({ transaction }) => isSameIdTag(transaction, idTag)) ??
    connectors.find(({ heldFor }) => isSameIdTag(heldFor, idTag)) ??
    usable.find((connector) => isReservedFor(state, connector, who)) ??
    usable.find(({ authorized }) => isSameIdTag(authorized, idTag)) ??
    usable.find(({ isPlugged, finishing }) => isPlugged && finishing === undefined) ??
    usable.find(({ isPlugged, authorized }) => !isPlugged && authorized === undefined) ??
    usable[0] ??
    connectors.find(({ transaction, heldFor }) => transaction !== undefined || heldFor !== undefined);
}

function isSameIdTag(holder: { readonly idTag: string } | undefined, idTag: string): boolean {
  return holder !== undefined && sameCiString(holder.idTag, idTag);
}
