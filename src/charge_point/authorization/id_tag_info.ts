/**
 * What is known of idTags, kept by idTag: the shape that the Authorization Cache and the Local Authorization List
 * share.
 *
 * Plain data that is never changed but replaced, so that Charge Points which know nothing share the same nothing.
 * Spec: OCPP 1.6 §3.5, §7.8, §7.15.
 */
import { atMsOf } from "../../ocpp/date_time.ts";
import { type IdTagInfo, sameCiString } from "../../ocpp/types.ts";

/** One idTag, in lower case: idTags compare without regard to it. */
export interface IdTagEntry {
  readonly idTag: string;
  readonly idTagInfo: IdTagInfo;
}

/** Each idTag once; the one that was heard of last stands last. */
export type IdTagInfos = readonly IdTagEntry[];

/** Nothing, shared by all Charge Points. */
export const NO_ID_TAGS: IdTagInfos = [];

/** A Local Authorization List; its version is 0 exactly when it is empty. */
export interface LocalList {
  readonly version: number;
  readonly entries: IdTagInfos;
}

/** The list that a Charge Point is delivered with, shared by all. */
export const EMPTY_LIST: LocalList = { version: 0, entries: NO_ID_TAGS };

/** An idTag as entries have it. */
export function idTagKey(idTag: string): string {
  return idTag.toLowerCase();
}

/** What is known of an idTag. */
export function infoOf(infos: IdTagInfos, idTag: string): IdTagInfo | undefined {
  if (infos.length === 0) return undefined;
  const key = idTagKey(idTag);
  return infos.find((entry) => entry.idTag === key)?.idTagInfo;
}

/** The status at an instant: what has expired is Expired, whatever it was. Spec: OCPP 1.6 §3.5.1. */
export function statusAt({ status, expiryDate }: IdTagInfo, atMs: number): IdTagInfo["status"] {
  if (expiryDate === undefined || status === "Blocked" || status === "Invalid") return status;
  return atMsOf(expiryDate) <= atMs ? "Expired" : status;
}

/** An idTag with the group that it belongs to, as far as that is known. */
export interface GroupedIdTag {
  readonly idTag: string;
  readonly parentIdTag: string | undefined;
}

/**
 * Whether one idTag may act for another: it is the same one, or of the same group.
 *
 * Spec: OCPP 1.6 §3.10; the parent itself is no idTag that anybody shows.
 */
export function actsFor(shown: GroupedIdTag, holder: GroupedIdTag): boolean {
  if (sameCiString(shown.idTag, holder.idTag)) return true;
  return shown.parentIdTag !== undefined && holder.parentIdTag !== undefined &&
    sameCiString(shown.parentIdTag, holder.parentIdTag);
}
