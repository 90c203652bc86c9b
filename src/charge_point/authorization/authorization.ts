/**
 * Who may charge: the decision about an idTag, and asking the Central System where it is not ours to take.
 *
 * Rules, the first that fits:
 *
 * |                                                         | online             | offline            |
 * | ------------------------------------------------------- | ------------------ | ------------------ |
 * | valid in list or cache, and the key of this column is on | accepted          | accepted           |
 * | in the list, not valid                                  | asked              | refused            |
 * | in the cache, not valid                                 | asked              | refused            |
 * | anything else                                           | asked              | AllowOfflineTxForUnknownId |
 *
 * The key is LocalPreAuthorize online, LocalAuthorizeOffline offline. With the latter off a valid idTag counts as
 * unknown: neither list nor cache says yes, but the list still says no. To stop another's transaction takes the
 * same parentIdTag, wherever it is known from; nobody unknown may do that offline.
 * Spec: OCPP 1.6 §3.5 Local Authorization & Offline Behavior, §3.10 Parent idTag, §4.1 Authorize.
 */
import type { IdTagInfo } from "../../ocpp/types.ts";
import { cachedInfo, usesCache, withCached } from "./authorization_cache.ts";
import { isOn } from "../configuration/configuration.ts";
import { reportStatus, updateStatus } from "../session/connector_status.ts";
import { statusAt } from "./id_tag_info.ts";
import { listedInfo } from "./local_list.ts";
import { enqueue } from "../link/outbox.ts";
import { type Connector, connectorZero, isOnline, simulatedNowMs, type Turn } from "../state.ts";

/** What an idTag is shown for: `stop` is also to get a cable that is kept locked. */
export type Intent = "start" | "stop";

/** A decision that needs nobody else. */
export type LocalDecision =
  | { readonly kind: "accepted"; readonly parentIdTag: string | undefined }
  | { readonly kind: "refused"; readonly status: IdTagInfo["status"] | "NotAuthorizedOffline" };

/** What the Charge Point knows of an idTag by itself. */
export interface KnownIdTag {
  readonly source: "list" | "cache";
  readonly status: IdTagInfo["status"];
  readonly isValid: boolean;
  readonly parentIdTag: string | undefined;
}

/** Looks an idTag up: the list goes before the cache. */
export function knownIdTag(turn: Turn, idTag: string): KnownIdTag | undefined {
  const listed = listedInfo(turn.state, idTag);
  const info = listed ?? cachedInfo(turn.state, idTag);
  if (info === undefined) return undefined;
  const status = statusAt(info, simulatedNowMs(turn));
  // §3.5.2: ConcurrentTx means little in a list; the idTag itself is good.
  const isValid = status === "Accepted" || (listed !== undefined && status === "ConcurrentTx");
  const source = listed === undefined ? "cache" : "list";
  return { source, status, isValid, parentIdTag: info.parentIdTag };
}

/** Decides as far as the Charge Point can by itself; `ask` leaves it to the Central System. */
export function decide(
  turn: Turn,
  request: { idTag: string; intent: Intent },
): LocalDecision | { kind: "ask" } {
  if (!isOnline(turn.state)) return decideOffline(turn, request);
  const known = knownIdTag(turn, request.idTag);
  const isSure = known?.isValid === true && isOn(turn.state.configuration, "LocalPreAuthorize");
  return isSure ? { kind: "accepted", parentIdTag: known.parentIdTag } : { kind: "ask" };
}

/** Decides about an idTag that nobody can be asked about. */
export function decideOffline(
  turn: Turn,
  { idTag, intent }: { idTag: string; intent: Intent },
): LocalDecision {
  const { configuration } = turn.state;
  const known = knownIdTag(turn, idTag);
  if (known?.isValid === false) return { kind: "refused", status: known.status };
  const accepted = { kind: "accepted", parentIdTag: known?.parentIdTag } as const;
  const refused = { kind: "refused", status: "NotAuthorizedOffline" } as const;
  if (intent === "stop") return known === undefined ? refused : accepted; // §9: the keys are about starting
  if (known !== undefined && isOn(configuration, "LocalAuthorizeOffline")) return accepted;
  return isOn(configuration, "AllowOfflineTxForUnknownId") ? accepted : refused;
}

/** Asks the Central System; false when there is no room for the question. */
export function ask(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): boolean {
  const { connectorId } = connector;
  const isAsked = enqueue(turn, {
    action: "Authorize",
    payload: { idTag: request.idTag },
    purpose: { kind: "authorize", connectorId, ...request },
  });
  if (isAsked) connector.authorizing = request.idTag;
  return isAsked;
}

/** The Central System has said something about an idTag, in whichever conf. Spec: OCPP 1.6 §3.5.1, §3.5.3. */
export function learn(turn: Turn, idTag: string, idTagInfo: IdTagInfo): void {
  const { state } = turn;
  const listed = listedInfo(state, idTag);
  if (listed !== undefined) {
    const atMs = simulatedNowMs(turn);
    if (isGood(statusAt(listed, atMs)) !== isGood(statusAt(idTagInfo, atMs))) reportConflict(turn, idTag);
    return;
  }
  if (!usesCache(state)) return;
  const atMs = simulatedNowMs(turn);
  state.authorizationCache = withCached(state.authorizationCache, { idTag, idTagInfo, atMs });
}

/** ConcurrentTx says something of a transaction, not of the idTag. */
function isGood(status: IdTagInfo["status"]): boolean {
  return status === "Accepted" || status === "ConcurrentTx";
}

/** §3.5.2: the list says one thing, the Central System another. It stands until the list is sent anew. */
function reportConflict(turn: Turn, idTag: string): void {
  const zero = connectorZero(turn.state);
  const info = `idTag ${idTag}`;
  if (zero.warning !== "LocalListConflict") {
    zero.warning = "LocalListConflict";
    updateStatus(turn, zero, info);
  } else if (isOnline(turn.state)) {
    reportStatus(turn, zero, { info });
  }
}
