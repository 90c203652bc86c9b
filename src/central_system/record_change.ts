/**
 * What an operator changes about the records of Charge Points and idTags. It is decided in the turns among the
 * Calls, so that there is one order: a Call that comes after a change sees it, one that came before does not.
 */
import type { Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";
import type { RegistrationStatus } from "../ocpp/types.ts";
import { enteredChargePoint } from "./boot.ts";
import type { CentralSystemEvent, DecisionContext } from "./decision.ts";
import { afterSecurityChange, type SecurityChange } from "./security_change.ts";
import type { SecurityProfile } from "./security_profile.ts";
import { idTagKey } from "./facts.ts";
import type { ChargePointRecord, IdTagRecord, Write } from "./store.ts";
import {
  decideTransactionChange,
  type TransactionChange,
  type TransactionChangeOutcome,
} from "./transaction_change.ts";

/** The part of a Charge Point's record that an operator decides about; what is absent is as by default. */
export interface ChargePointEntry {
  readonly registration: RegistrationStatus;
  readonly validation?: Validation;
  readonly refusedRules?: readonly RepairRule[];
  readonly allowedIdTags?: readonly string[];
  readonly heartbeatIntervalSeconds?: number;
  readonly pingIntervalSeconds?: number;
  readonly securityProfile?: SecurityProfile;
  readonly certificateSerialNumber?: string;
  /** The hash of a new password; `null`: none any more; absent: as it was, since nobody can read it to repeat it. */
  readonly passwordHash?: string | null;
  /** `null`: the profile that it has accepted and not used yet is given up; absent: it stays. */
  readonly pendingSecurityProfile?: null;
}

/** The part of an idTag's record that an operator decides about; what is absent does not hold. */
export type IdTagEntry = Pick<
  IdTagRecord,
  "parentIdTag" | "expiryAtMs" | "blocked" | "maxActiveTransactions"
>;

/** An operator's change of one record. */
export type RecordChange =
  | { readonly kind: "putChargePoint"; readonly identity: string; readonly entry: ChargePointEntry }
  | { readonly kind: "deleteChargePoint"; readonly identity: string }
  /** What became of its password or security profile; of a Charge Point that is not known it changes nothing. */
  | { readonly kind: "changeSecurity"; readonly identity: string; readonly change: SecurityChange }
  | { readonly kind: "putIdTag"; readonly idTag: string; readonly entry: IdTagEntry }
  | { readonly kind: "deleteIdTag"; readonly idTag: string }
  | TransactionChange;

/** What came of it; `unknown`: there is nothing to delete. */
export type RecordChangeOutcome = "created" | "replaced" | "deleted" | "unknown" | TransactionChangeOutcome;

/** The outcome of a change with the writes that make it true. */
export interface RecordChangeDecision {
  readonly outcome: RecordChangeOutcome;
  readonly writes: readonly Write[];
  readonly events?: readonly CentralSystemEvent[];
}

/** Decides a change by the facts that `FactsCollector.addChange` asked for. */
export function decideRecordChange(change: RecordChange, context: DecisionContext): RecordChangeDecision {
  const { facts } = context;
  switch (change.kind) {
    case "putChargePoint": {
      const { identity, entry } = change;
      const known = facts.chargePoints.get(identity);
      const record = withEntry(known ?? enteredChargePoint(identity, context), entry);
      return put(known !== undefined, { kind: "putChargePoint", record });
    }
    case "changeSecurity": {
      const known = facts.chargePoints.get(change.identity);
      if (known === undefined) return { outcome: "unknown", writes: [] };
      const record = afterSecurityChange(known, change.change);
      return record === known
        ? { outcome: "replaced", writes: [] }
        : put(true, { kind: "putChargePoint", record });
    }
    case "deleteChargePoint": {
      const { identity } = change;
      return remove(facts.chargePoints.has(identity), { kind: "deleteChargePoint", identity });
    }
    case "putIdTag": {
      // Confirmed by being entered, and spelt as the operator spells it.
      const key = idTagKey(change.idTag);
      const record: IdTagRecord = { key, idTag: change.idTag, ...change.entry, source: "entered" };
      return put(facts.idTags.has(key), { kind: "putIdTag", record });
    }
    case "deleteIdTag": {
      const key = idTagKey(change.idTag);
      return remove(facts.idTags.has(key), { kind: "deleteIdTag", key });
    }
    case "stopTransaction":
    case "closeSuspected":
      return decideTransactionChange(change, context);
  }
}

function put(isKnown: boolean, write: Write): RecordChangeDecision {
  return { outcome: isKnown ? "replaced" : "created", writes: [write] };
}

function remove(isKnown: boolean, write: Write): RecordChangeDecision {
  return isKnown ? { outcome: "deleted", writes: [write] } : { outcome: "unknown", writes: [] };
}

const ENTRY_FIELDS = [
  "registration",
  "validation",
  "refusedRules",
  "allowedIdTags",
  "heartbeatIntervalSeconds",
  "pingIntervalSeconds",
  "securityProfile",
  "certificateSerialNumber",
] as const satisfies readonly (keyof ChargePointEntry)[];

type EntryField = (typeof ENTRY_FIELDS)[number];

/**
 * The record with what an operator decides about; a field that an entry leaves out is gone, but for the password.
 * What an operator says of a password or a profile settles what was pending of it.
 */
function withEntry(
  record: ChargePointRecord,
  { passwordHash, pendingSecurityProfile, ...entry }: ChargePointEntry,
): ChargePointRecord {
  const rest: { -readonly [K in keyof ChargePointRecord]?: ChargePointRecord[K] } = { ...record };
  for (const field of ENTRY_FIELDS) delete rest[field];
  if (pendingSecurityProfile === null || entry.securityProfile !== record.securityProfile) {
    delete rest.pendingSecurityProfile;
  }
  if (passwordHash !== undefined) {
    delete rest.pendingPasswordHash;
    delete rest.passwordHash;
  }
  if (typeof passwordHash === "string") rest.passwordHash = passwordHash;
  return { ...rest as Omit<ChargePointRecord, EntryField>, ...entry };
}
