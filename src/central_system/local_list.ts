/**
 * What is known of a Charge Point's Local Authorization List.
 *
 * Rules:
 * - Only its answers count. A SendLocalList that has left is doubtful until it is answered; that is written down
 *   before it leaves, so that whatever is lost meanwhile, our belief is never wrong, only uncertain.
 * - GetLocalListVersion settles a doubt by its number, unless a SendLocalList is still on its way: the old one, then nothing has changed; any other, then the
 *   content is unknown. What the content is worth without a version that fits is nothing: it is dropped.
 * - `Accepted` makes the list what was sent, if it was known what the change was made to.
 * Spec: OCPP 1.6 §3.5.2, §5.10, §5.15; errata (versions 0 and -1).
 */
import type { Conf, Req } from "../ocpp/registry.ts";
import type { CommandOutcome } from "./commands.ts";
import { idTagKey } from "./facts.ts";
import type { OwnCallDecision } from "./own_call.ts";
import { fateOf, isNotSupported, type OutcomeContext } from "./own_call_fate.ts";
import type { LocalListChange, LocalListRecord } from "./told_record.ts";

/** What a Charge Point answers that has no list. */
export const NO_LIST_VERSION = -1;

const NO_ENTRIES: LocalListChange = { isFull: true, entries: [] };

function recordOf({ chargePoint, facts }: OutcomeContext): LocalListRecord {
  return facts.localLists.get(chargePoint) ?? { chargePoint, isContentKnown: false };
}

/** A SendLocalList is about to leave. Without a payload it breaks its schema, and everything is possible. */
export function decideListSending(
  payload: Req<"SendLocalList"> | undefined,
  context: OutcomeContext,
): OwnCallDecision {
  const record = recordOf(context);
  if (payload === undefined) return put(unknownList(record, context), record);
  const { listVersion } = payload;
  const isFirst = record.doubtfulVersion === undefined;
  return put(doubtful(record, listVersion, { canBeSettled: isFirst }), record);
}

/** A SendLocalList is over. */
export function decideListSent(
  payload: Req<"SendLocalList"> | undefined,
  outcome: CommandOutcome,
  context: OutcomeContext,
): OwnCallDecision {
  const record = recordOf(context);
  if (payload === undefined) return put(unknownList(record, context), record);
  const { listVersion } = payload;
  if (isNotSupported(outcome)) return put(confirmed(record, NO_LIST_VERSION, context), record);
  const isOwnDoubt = record.doubtfulVersion === listVersion;
  const inDoubt = () => put(doubtful(record, listVersion, { canBeSettled: isOwnDoubt }), record);
  switch (fateOf(outcome)) {
    case "notSent": // the doubt may be an earlier one's too
      return { writes: [], events: [] };
    case "unknown":
    case "refused":
      return inDoubt();
    case "answered":
      break;
  }
  const { status } = (outcome as { payload: Conf<"SendLocalList"> }).payload;
  switch (status) {
    case "Accepted":
      return accepted(payload, record, context);
    case "NotSupported":
      return put(confirmed(record, NO_LIST_VERSION, context), record);
    case "VersionMismatch": // it has another version than we believe
      return put(unknownList(record, context), record);
    case "Failed": // nobody says whether half of it was taken
      return inDoubt();
  }
}

function accepted(
  { listVersion, updateType, localAuthorizationList = [] }: Req<"SendLocalList">,
  record: LocalListRecord,
  context: OutcomeContext,
): OwnCallDecision {
  const isFull = updateType === "Full";
  const entries = localAuthorizationList.map(({ idTag, idTagInfo }) => (
    { key: idTagKey(idTag), idTag, ...(idTagInfo === undefined ? {} : { idTagInfo }) }
  ));
  const isOrderly = new Set(entries.map(({ key }) => key)).size === entries.length &&
    !(isFull && entries.some(({ idTagInfo }) => idTagInfo === undefined));
  // With another one on its way nobody can say what its Charge Point has now.
  const isContentKnown = isOrderly && !context.isListOnItsWay && (isFull || record.isContentKnown);
  return {
    writes: [{
      kind: "putLocalList",
      record: {
        ...unknownList(record, context),
        version: listVersion,
        confirmedAtMs: context.atMs,
        isContentKnown,
      },
      change: isContentKnown ? { isFull, entries } : NO_ENTRIES,
    }],
    events: [{
      kind: "localListUpdated",
      chargePoint: context.chargePoint,
      listVersion,
      updateType,
      entries: entries.length,
    }],
  };
}

/** A GetLocalListVersion is over. */
export function decideListVersion(outcome: CommandOutcome, context: OutcomeContext): OwnCallDecision {
  const record = recordOf(context);
  if (isNotSupported(outcome)) return put(confirmed(record, NO_LIST_VERSION, context), record);
  if (outcome.kind !== "result") return { writes: [], events: [] };
  const { listVersion } = outcome.payload as Conf<"GetLocalListVersion">;
  return put(confirmed(record, listVersion, context), record);
}

/** The list after its Charge Point has told the version. */
function confirmed(
  record: LocalListRecord,
  version: number,
  { atMs, isListOnItsWay }: OutcomeContext,
): LocalListRecord {
  if (isListOnItsWay) return record; // what it told may be over already
  const isEmpty = version === 0; // errata: nothing is in it
  const isContentKnown = isEmpty || (record.version === version && record.isContentKnown && version > 0);
  const { chargePoint } = record;
  return { chargePoint, version, confirmedAtMs: atMs, isContentKnown };
}

/** A version cannot tell two doubts apart, nor the new list from an old one of the same number. */
function doubtful(
  record: LocalListRecord,
  doubtfulVersion: number,
  { canBeSettled }: { canBeSettled: boolean },
): LocalListRecord {
  const isContentKnown = record.isContentKnown && canBeSettled && record.version !== doubtfulVersion;
  return { ...record, doubtfulVersion, isContentKnown };
}

/** Nothing is known but the doubt that another SendLocalList keeps up. */
function unknownList(
  { chargePoint, doubtfulVersion }: LocalListRecord,
  { isListOnItsWay }: OutcomeContext,
): LocalListRecord {
  const isInDoubt = isListOnItsWay && doubtfulVersion !== undefined;
  return { chargePoint, isContentKnown: false, ...(isInDoubt ? { doubtfulVersion } : {}) };
}

function put(record: LocalListRecord, before: LocalListRecord): OwnCallDecision {
  const isDropped = before.isContentKnown && !record.isContentKnown;
  const isEmptied = record.isContentKnown && record.version === 0;
  const change = isDropped || isEmptied ? { change: NO_ENTRIES } : {};
  return { writes: [{ kind: "putLocalList", record, ...change }], events: [] };
}
