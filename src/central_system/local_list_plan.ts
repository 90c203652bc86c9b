/**
 * Which SendLocalLists bring a Charge Point's Local Authorization List up to the idTags.
 *
 * Rules:
 * - In the list are the idTags that an operator entered and that may charge at this Charge Point, with what is said
 *   of them: those that are blocked or expired too, so that they are refused offline. Learned ones are not.
 * - A list that does not fit into one message is a Full one followed by Differentials with increasing versions.
 * - What goes, goes first: a Charge Point that is full has room for what comes then.
 * - Versions grow by one a message; where they would pass the largest one they begin anew, with a Full list.
 * Spec: OCPP 1.6 §3.5.2, §5.15, §6.41; errata (versions 0 and -1 are reserved).
 */
import { atMsOf } from "../ocpp/date_time.ts";
import type { Req } from "../ocpp/registry.ts";
import { type IdTagInfo, sameCiString } from "../ocpp/types.ts";
import { idTagInfoOf, isAllowedBy } from "./authorization.ts";
import type { IdTagRecord } from "./store.ts";
import type { LocalListEntry, LocalListRecord } from "./told_record.ts";

/** The entries that one list may have; a Charge Point for more idTags has to ask for each. */
export const LOCAL_LIST_ENTRIES_MAX = 10_000;

/** The largest version: 32 bits with sign are what devices have for an integer. */
export const LIST_VERSION_MAX = 2 ** 31 - 1;

/** Entries of one message where nobody knows SendLocalListMaxLength. */
export const SENT_ENTRIES_DEFAULT = 100;

/** Entries of one message at most, whatever SendLocalListMaxLength is: some 100 kB. */
export const SENT_ENTRIES_MAX = 1_000;

export type UpdateType = Req<"SendLocalList">["updateType"];

type SentEntries = NonNullable<Req<"SendLocalList">["localAuthorizationList"]>;

/** The entry of an idTag that was entered, if it may charge there. `allowed` is from `allowedKeys`. */
export function listEntryOf(
  record: IdTagRecord,
  { allowed, nowMs }: { readonly allowed: ReadonlySet<string> | undefined; readonly nowMs: number },
): LocalListEntry | undefined {
  if (!isAllowedBy(allowed, record)) return undefined;
  const { key, idTag } = record;
  return { key, idTag, idTagInfo: idTagInfoOf(record, "closed", nowMs) };
}

/** What has to be sent so that what is listed becomes what is wanted; removals first. */
export function changesOf(
  listed: readonly LocalListEntry[],
  wanted: ReadonlyMap<string, LocalListEntry>,
  nowMs: number,
): SentEntries {
  const asListed = new Map(listed.map((entry) => [entry.key, entry.idTagInfo]));
  const gone = listed.filter(({ key }) => !wanted.has(key)).map(({ idTag }) => ({ idTag }));
  const set = [...wanted.values()].filter(({ key, idTagInfo }) => {
    const before = asListed.get(key);
    return before === undefined || !isSameInfo(before, idTagInfo, nowMs);
  });
  return [...gone, ...set.map(({ idTag, idTagInfo }) => ({ idTag, idTagInfo }))];
}

/** Whether two say the same now: what was listed as Accepted expires by itself. */
function isSameInfo(one: IdTagInfo, other: IdTagInfo, nowMs: number): boolean {
  return statusAt(one, nowMs) === statusAt(other, nowMs) &&
    expiryOf(one) === expiryOf(other) &&
    sameCiString(one.parentIdTag ?? "", other.parentIdTag ?? "");
}

function statusAt(info: IdTagInfo, nowMs: number): IdTagInfo["status"] {
  const expiryAtMs = expiryOf(info);
  return info.status === "Accepted" && expiryAtMs !== undefined && expiryAtMs <= nowMs
    ? "Expired"
    : info.status;
}

function expiryOf({ expiryDate }: IdTagInfo): number | undefined {
  return expiryDate === undefined ? undefined : atMsOf(expiryDate);
}

/** What is to be sent: nothing, messages in their order, or nothing that would do. */
export type LocalListPlan =
  | { readonly kind: "inStep" }
  | { readonly kind: "send"; readonly parts: readonly Req<"SendLocalList">[] }
  | { readonly kind: "fullNeeded"; readonly why: string };

/**
 * Plans the messages. `changes` is absent where it is not known what is listed; `auto` sends what is less.
 */
export function planLocalList(
  { record, wanted, changes, updateType, sentMax }: {
    readonly record: LocalListRecord | undefined;
    readonly wanted: ReadonlyMap<string, LocalListEntry>;
    readonly changes: SentEntries | undefined;
    readonly updateType: UpdateType | "auto";
    readonly sentMax: number;
  },
): LocalListPlan {
  const version = Math.max(record?.version ?? 0, record?.doubtfulVersion ?? 0, 0);
  if (updateType !== "Full" && changes?.length === 0) return { kind: "inStep" };
  if (updateType !== "Full" && changes !== undefined) {
    const isLess = updateType === "Differential" || changes.length < wanted.size;
    const messages = Math.ceil(changes.length / sentMax);
    if (version + messages > LIST_VERSION_MAX) {
      if (updateType === "Differential") return { kind: "fullNeeded", why: "the versions are used up" };
    } else if (isLess) {
      return { kind: "send", parts: partsOf(changes, { isFull: false, version: version + 1, sentMax }) };
    }
  }
  if (updateType === "Differential") {
    return { kind: "fullNeeded", why: "what the Charge Point has in its list is not known" };
  }
  const entries = [...wanted.values()].map(({ idTag, idTagInfo }) => ({ idTag, idTagInfo }));
  const messages = Math.max(1, Math.ceil(entries.length / sentMax));
  const first = version + messages > LIST_VERSION_MAX ? 1 : version + 1;
  return { kind: "send", parts: partsOf(entries, { isFull: true, version: first, sentMax }) };
}

function partsOf(
  entries: SentEntries,
  { isFull, version, sentMax }: { isFull: boolean; version: number; sentMax: number },
): Req<"SendLocalList">[] {
  const parts: Req<"SendLocalList">[] = [];
  for (let from = 0; from < entries.length || parts.length === 0; from += sentMax) {
    parts.push({
      listVersion: version + parts.length,
      updateType: isFull && parts.length === 0 ? "Full" : "Differential",
      localAuthorizationList: entries.slice(from, from + sentMax),
    });
  }
  return parts;
}
