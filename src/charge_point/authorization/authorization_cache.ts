/**
 * The Authorization Cache: what the Central System said of idTags, for when it cannot be asked.
 *
 * Rules: every IdTagInfo of an answer goes in, valid or not, unless the idTag is in the Local Authorization List.
 * Bound: `CACHE_ENTRIES_MAX`; when it is full what is not valid goes first, then what was heard of longest ago.
 * It outlives a reset. It is neither read nor written while AuthorizationCacheEnabled is off.
 * Spec: OCPP 1.6 §3.5.1, §4.1, §5.4 ClearCache, errata 1.6 (no cache: Rejected).
 */
import type { IdTagInfo } from "../../ocpp/types.ts";
import { isOn } from "../configuration/configuration.ts";
import type { Handled } from "../handler.ts";
import { type IdTagInfos, idTagKey, infoOf, NO_ID_TAGS, statusAt } from "./id_tag_info.ts";
import type { ChargePointState, Turn } from "../state.ts";

/** The most idTags in the cache. */
export const CACHE_ENTRIES_MAX = 1_000;

/** Whether there is a cache, and it is in use. */
export function usesCache({ configuration, options }: ChargePointState): boolean {
  return options.description.hasAuthorizationCache && isOn(configuration, "AuthorizationCacheEnabled");
}

/** What the cache says of an idTag; `undefined` while it is not in use. */
export function cachedInfo(state: ChargePointState, idTag: string): IdTagInfo | undefined {
  return usesCache(state) ? infoOf(state.authorizationCache, idTag) : undefined;
}

/** The cache with one more idTag, or with newer knowledge of one. The latest stands last. */
export function withCached(
  cache: IdTagInfos,
  { idTag, idTagInfo, atMs, entriesMax = CACHE_ENTRIES_MAX }: {
    idTag: string;
    idTagInfo: IdTagInfo;
    atMs: number;
    entriesMax?: number;
  },
): IdTagInfos {
  const entry = { idTag: idTagKey(idTag), idTagInfo };
  const others = cache.filter((other) => other.idTag !== entry.idTag);
  if (others.length < entriesMax) return [...others, entry];
  const notValid = others.findIndex((other) => statusAt(other.idTagInfo, atMs) !== "Accepted");
  return [...others.toSpliced(Math.max(notValid, 0), 1), entry];
}

export function clearCache({ state }: Turn): Handled<"ClearCache"> {
  if (!usesCache(state)) return { conf: { status: "Rejected" } };
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      turn.state.authorizationCache = NO_ID_TAGS;
    },
  };
}
