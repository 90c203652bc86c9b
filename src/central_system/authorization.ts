/**
 * What the Central System says of an idTag.
 *
 * Spec: OCPP 1.6 §4.1, §7.2, §7.27.
 */
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { Req } from "../ocpp/registry.ts";
import type { IdTagInfo } from "../ocpp/types.ts";
import type { Decision, DecisionContext } from "./decision.ts";
import { idTagKey } from "./facts.ts";
import type { IdTagRecord, Write } from "./store.ts";

/** An idTag's IdTagInfo, and the write that learns an unknown one under open authorization. */
export interface IdTagVerdict {
  readonly idTagInfo: IdTagInfo;
  readonly writes: readonly Write[];
}

/** Judges an idTag by its record and the authorization mode. */
export function judgeIdTag(idTag: string, { facts, settings, nowMs }: DecisionContext): IdTagVerdict {
  const key = idTagKey(idTag);
  const record = facts.idTags.get(key);
  if (record !== undefined) {
    return { idTagInfo: idTagInfoOf(record, settings.authorization, nowMs), writes: [] };
  }
  if (settings.authorization === "closed") return { idTagInfo: { status: "Invalid" }, writes: [] };
  const learned: IdTagRecord = { key, idTag, blocked: false, source: "learned" };
  return { idTagInfo: { status: "Accepted" }, writes: [{ kind: "putIdTag", record: learned }] };
}

function idTagInfoOf(record: IdTagRecord, mode: "open" | "closed", nowMs: number): IdTagInfo {
  const { expiryAtMs, parentIdTag } = record;
  return {
    status: statusOf(record, mode, nowMs),
    ...(expiryAtMs === undefined ? {} : { expiryDate: dateTimeOf(expiryAtMs) }),
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
  };
}

function statusOf(record: IdTagRecord, mode: "open" | "closed", nowMs: number): IdTagInfo["status"] {
  if (record.blocked) return "Blocked";
  if (record.expiryAtMs !== undefined && record.expiryAtMs <= nowMs) return "Expired";
  // Learned while everybody was welcome is no authorization once that is over.
  if (record.source === "learned" && mode === "closed") return "Invalid";
  return "Accepted";
}

/** Answers Authorize. */
export function decideAuthorize({ idTag }: Req<"Authorize">, context: DecisionContext): Decision {
  const { idTagInfo, writes } = judgeIdTag(idTag, context);
  return { answer: { kind: "result", payload: { idTagInfo } }, writes, events: [] };
}
