/**
 * The Local Authorization List: the idTags that the Central System has told us beforehand.
 *
 * Rules: only SendLocalList changes it, wholly or not at all. An empty list has version 0. It outlives a reset and
 * is kept, unread, while LocalAuthListEnabled is off. A Charge Point without the feature profile, and one that has
 * it switched off, answer `-1` and `NotSupported`: what a conf has a word for is no CALLERROR (OCPP-J 1.6 §4.2.2).
 * Bounds: the keys SendLocalListMaxLength and LocalAuthListMaxLength, what goes beyond is `Failed`.
 * Spec: OCPP 1.6 §3.5.2, §5.10, §5.15, errata 1.6 (versions 0 and -1).
 */
import type { Req } from "../../ocpp/registry.ts";
import type { IdTagInfo } from "../../ocpp/types.ts";
import { integer, isOn } from "../configuration/configuration.ts";
import { updateStatus } from "../session/connector_status.ts";
import { hasProfile } from "../description.ts";
import type { Handled } from "../handler.ts";
import { EMPTY_LIST, idTagKey, infoOf, type LocalList } from "./id_tag_info.ts";
import { takeOrderedFailure } from "../maintenance/ordered_failure.ts";
import { type ChargePointState, connectorZero, type Turn } from "../state.ts";

/** Whether there is a list, and it is in use. */
export function usesLocalList({ configuration, options }: ChargePointState): boolean {
  return hasProfile(options.description, "LocalAuthListManagement") &&
    isOn(configuration, "LocalAuthListEnabled");
}

/** What the list says of an idTag; `undefined` while it is not in use. */
export function listedInfo(state: ChargePointState, idTag: string): IdTagInfo | undefined {
  return usesLocalList(state) ? infoOf(state.localList.entries, idTag) : undefined;
}

export function getLocalListVersion({ state }: Turn): Handled<"GetLocalListVersion"> {
  return { conf: { listVersion: usesLocalList(state) ? state.localList.version : -1 } };
}

export function sendLocalList(
  { state }: Turn,
  req: Req<"SendLocalList">,
): Handled<"SendLocalList"> {
  if (!usesLocalList(state)) return { conf: { status: "NotSupported" } };
  if (takeOrderedFailure(state, "localListUpdate")) return { conf: { status: "Failed" } };
  const updated = updatedList(state.localList, req, {
    entriesMax: integer(state.configuration, "LocalAuthListMaxLength"),
    sentMax: integer(state.configuration, "SendLocalListMaxLength"),
  });
  if (typeof updated === "string") return { conf: { status: updated } };
  return { conf: { status: "Accepted" }, consequence: (turn) => replaceList(turn, updated) };
}

/**
 * The list after an update, or why it stays as it is.
 *
 * Errors: `VersionMismatch` for a Differential update that is not newer; `Failed` for version 0 and below, idTags
 * that come twice, a Full list with an entry that has no IdTagInfo, and too many entries.
 */
export function updatedList(
  list: LocalList,
  { listVersion, updateType, localAuthorizationList: sent = [] }: Req<"SendLocalList">,
  { entriesMax, sentMax }: { entriesMax: number; sentMax: number },
): LocalList | "Failed" | "VersionMismatch" {
  if (listVersion <= 0) return "Failed"; // errata: reserved
  if (updateType === "Differential" && listVersion <= list.version) return "VersionMismatch";
  if (sent.length > sentMax) return "Failed";
  const named = new Set(sent.map(({ idTag }) => idTagKey(idTag)));
  if (named.size < sent.length) return "Failed";
  const entries = updateType === "Full" ? [] : list.entries.filter(({ idTag }) => !named.has(idTag));
  for (const { idTag, idTagInfo } of sent) {
    if (idTagInfo !== undefined) entries.push({ idTag: idTagKey(idTag), idTagInfo });
    else if (updateType === "Full") return "Failed";
  }
  if (entries.length > entriesMax) return "Failed";
  return entries.length === 0 ? EMPTY_LIST : { version: listVersion, entries };
}

function replaceList(turn: Turn, list: LocalList): void {
  const { state } = turn;
  state.localList = list;
  // §3.5.3: what is in the list is not in the cache.
  const listed = new Set(list.entries.map(({ idTag }) => idTag));
  const cached = state.authorizationCache.filter(({ idTag }) => !listed.has(idTag));
  if (cached.length < state.authorizationCache.length) state.authorizationCache = cached;
  const zero = connectorZero(state);
  if (zero.warning !== "LocalListConflict") return;
  zero.warning = undefined; // the Central System has put its list in order
  updateStatus(turn, zero);
}
