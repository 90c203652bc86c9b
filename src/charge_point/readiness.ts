/**
 * Which connector is meant, and why one cannot be used: questions that change nothing.
 */
import { sameCiString } from "../ocpp/types.ts";
import { type ChargePointState, type Connector, connectorsOf, connectorZero } from "./state.ts";
import { hasRoomForTransaction } from "./transaction_queue.ts";

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
  if (connector.fault !== undefined || connectorZero(state).fault !== undefined) return "it is Faulted";
  if (connector.isInoperative) return "it is Unavailable";
  if (connector.finishing === "timedOut") return "the cable has to be unplugged first";
  if (!hasRoomForTransaction(state)) return "too many messages wait for the Central System";
  return undefined;
}

/** Whether the Central System may start a transaction here: nobody else has begun to use it. */
export function isFreeForRemoteStart(state: ChargePointState, connector: Connector): boolean {
  const { transaction, authorized, authorizing, finishing } = connector;
  const isUnused = transaction === undefined && authorized === undefined && authorizing === undefined;
  return isUnused && finishing === undefined && whyNotFree(state, connector) === undefined;
}

/** The connector for a remote start that names none: where a cable is in, else the first that is free. */
export function connectorForRemoteStart(state: ChargePointState): Connector | undefined {
  const free = connectorsOf(state).filter((connector) => isFreeForRemoteStart(state, connector));
  return free.find(({ isPlugged }) => isPlugged) ?? free[0];
}

/** The connector that the user of a card means, best guess first. */
export function chooseConnector(state: ChargePointState, idTag: string): Connector | undefined {
  const connectors = connectorsOf(state);
  const usable = connectors.filter((connector) =>
    connector.transaction === undefined && connector.authorizing === undefined &&
    whyNotFree(state, connector) === undefined
  );
  return connectors.find(({ transaction }) => isSameIdTag(transaction, idTag)) ??
    usable.find(({ authorized }) => isSameIdTag(authorized, idTag)) ??
    usable.find(({ isPlugged, finishing }) => isPlugged && finishing === undefined) ??
    usable.find(({ isPlugged, authorized }) => !isPlugged && authorized === undefined) ??
    usable[0] ??
    connectors.find(({ transaction }) => transaction !== undefined);
}

function isSameIdTag(holder: { readonly idTag: string } | undefined, idTag: string): boolean {
  return holder !== undefined && sameCiString(holder.idTag, idTag);
}
