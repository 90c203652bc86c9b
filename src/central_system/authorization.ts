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
import type { ChargePointRecord, IdTagRecord, Write } from "./store.ts";

/** An idTag's IdTagInfo, and the write that learns an unknown one under open authorization. */
export interface IdTagVerdict {
  readonly idTagInfo: IdTagInfo;
  readonly writes: readonly Write[];
}

/** Judges an idTag by its record, the Charge Point at which it was shown, and the authorization mode. */
export function judgeIdTag(
  idTag: string,
  chargePoint: ChargePointRecord,
  { facts, settings, nowMs }: DecisionContext,
): IdTagVerdict {
  const key = idTagKey(idTag);
  const record = facts.idTags.get(key);
  const isAllowed = isAllowedBy(allowedKeys(chargePoint), { key, parentIdTag: record?.parentIdTag });
  if (record !== undefined) {
    const info = idTagInfoOf(record, settings.authorization, nowMs);
    const isRefused = info.status === "Accepted" && !isAllowed;
    return { idTagInfo: isRefused ? { ...info, status: "Invalid" } : info, writes: [] };
  }
  if (!isAllowed) return { idTagInfo: { status: "Invalid" }, writes: [] }; // nor is it learned
  if (settings.authorization === "closed") return { idTagInfo: { status: "Invalid" }, writes: [] };
  const learned: IdTagRecord = { key, idTag, blocked: false, source: "learned" };
  return { idTagInfo: { status: "Accepted" }, writes: [{ kind: "putIdTag", record: learned }] };
}

/**
 * Judges the idTag of a new transaction: in addition it may have no more of them than its maximum. `ended`: its
 * transactions that this one's start brings to an end.
 */
export function judgeStart(
  idTag: string,
  chargePoint: ChargePointRecord,
  { ended, ...context }: DecisionContext & { readonly ended: number },
): IdTagVerdict {
  const verdict = judgeIdTag(idTag, chargePoint, context);
  const key = idTagKey(idTag);
  const max = context.facts.idTags.get(key)?.maxActiveTransactions;
  const active = (context.facts.activeOf.get(key) ?? 0) - ended;
  if (verdict.idTagInfo.status !== "Accepted" || max === undefined || active < max) return verdict;
  return { ...verdict, idTagInfo: { ...verdict.idTagInfo, status: "ConcurrentTx" } }; // §7.2: only here
}

/** The idTags and groups that may charge at a Charge Point, in lower case; `undefined`: all. */
export function allowedKeys({ allowedIdTags }: ChargePointRecord): ReadonlySet<string> | undefined {
  return allowedIdTags === undefined ? undefined : new Set(allowedIdTags.map(idTagKey));
}

/** Whether an idTag, or its group, is among those that are allowed. */
export function isAllowedBy(
  allowed: ReadonlySet<string> | undefined,
  { key, parentIdTag }: { readonly key: string; readonly parentIdTag?: string | undefined },
): boolean {
  return allowed === undefined || allowed.has(key) ||
    (parentIdTag !== undefined && allowed.has(idTagKey(parentIdTag)));
}

/** What is said of an idTag that has a record. */
export function idTagInfoOf(record: IdTagRecord, mode: "open" | "closed", nowMs: number): IdTagInfo {
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
export function decideAuthorize(
  { idTag }: Req<"Authorize">,
  chargePoint: ChargePointRecord,
  context: DecisionContext,
): Decision {
  const { idTagInfo, writes } = judgeIdTag(idTag, chargePoint, context);
  return { answer: { kind: "result", payload: { idTagInfo } }, writes, events: [] };
}
