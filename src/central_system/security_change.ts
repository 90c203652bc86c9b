/**
 * How a Charge Point's password and security profile change: told by a Call, confirmed by its answer, settled by the
 * first link that uses them.
 *
 * Rules:
 * - A new password is kept as pending before it is told, so that no answer that is lost can lock the Charge Point out.
 * - Accepted: it takes the place of the one before at once; where there was none before it stays pending until it is
 *   used, since a Charge Point on profile 0 goes on without. Rejected: it is forgotten. No answer: it stays pending.
 * - A profile is pending from Accepted on.
 * Spec: OCPP-J 1.6 §6.2.2; Security §2.3 (changing the profile), §2.4.2 (updating the password).
 */
import type { Conf } from "../ocpp/registry.ts";
import type { CommandOutcome } from "./commands.ts";
import { SECURITY_PROFILES, type SecurityProfile } from "./security_profile.ts";
import type { ChargePointRecord } from "./store.ts";

/** What happened to it; hashes are as `PasswordHasher` makes them. */
export type SecurityChange =
  /** It is about to be told a password. */
  | { readonly kind: "passwordOffered"; readonly passwordHash: string }
  /** It has answered to that. */
  | { readonly kind: "passwordAnswered"; readonly passwordHash: string; readonly isAccepted: boolean }
  /** It has accepted a profile. */
  | { readonly kind: "profileAccepted"; readonly profile: SecurityProfile }
  /** It was let in on this profile, with this of the passwords where the profile has one. */
  | { readonly kind: "linkAdmitted"; readonly profile: SecurityProfile; readonly passwordHash?: string };

/** The record after that; the same one where nothing changes. */
export function afterSecurityChange(record: ChargePointRecord, change: SecurityChange): ChargePointRecord {
  switch (change.kind) {
    case "passwordOffered":
      return { ...record, pendingPasswordHash: change.passwordHash };
    case "passwordAnswered": {
      if (record.pendingPasswordHash !== change.passwordHash) return record; // another one was told meanwhile
      if (!change.isAccepted) return withoutPending(record, "pendingPasswordHash");
      return record.passwordHash === undefined ? record : settledPassword(record);
    }
    case "profileAccepted":
      // Never lowered over OCPP: one that lowers itself all the same is refused. Security §2.3.
      return change.profile <= (record.securityProfile ?? 0)
        ? record
        : { ...record, pendingSecurityProfile: change.profile };
    case "linkAdmitted": {
      const isPasswordNew = change.passwordHash !== undefined &&
        change.passwordHash === record.pendingPasswordHash;
      const known = isPasswordNew ? settledPassword(record) : record;
      if (change.profile === record.pendingSecurityProfile) {
        return { ...withoutPending(known, "pendingSecurityProfile"), securityProfile: change.profile };
      }
      // Its record said profile 0 and it uses the password that it was told: that is profile 1.
      const isRaised = record.securityProfile !== undefined && change.profile > record.securityProfile;
      return isRaised ? { ...known, securityProfile: change.profile } : known;
    }
  }
}

function settledPassword(record: ChargePointRecord): ChargePointRecord {
  const { pendingPasswordHash, ...rest } = record;
  return pendingPasswordHash === undefined ? record : { ...rest, passwordHash: pendingPasswordHash };
}

function withoutPending(
  record: ChargePointRecord,
  field: "pendingPasswordHash" | "pendingSecurityProfile",
): ChargePointRecord {
  const { [field]: _, ...rest } = record;
  return rest;
}

/** What a ChangeConfiguration tells a Charge Point about its security. */
export type SecurityOrder =
  | { readonly kind: "password"; readonly password: Uint8Array }
  | { readonly kind: "profile"; readonly profile: SecurityProfile };

/** Reads it from the payload of a ChangeConfiguration; `undefined`: it is about something else. */
export function securityOrderOf(action: string, payload: unknown): SecurityOrder | undefined {
  if (action !== "ChangeConfiguration") return undefined;
  const { key, value } = (payload ?? {}) as { readonly key?: unknown; readonly value?: unknown };
  if (typeof key !== "string" || typeof value !== "string") return undefined;
  switch (key.toLowerCase()) {
    case "authorizationkey":
      return { kind: "password", password: passwordBytesOf(value) };
    case "securityprofile": {
      const profile = SECURITY_PROFILES.find((one) => String(one) === value.trim());
      return profile === undefined ? undefined : { kind: "profile", profile };
    }
    default:
      return undefined;
  }
}

/** What its outcome changes, if anything: an answer that did not come, or says "after a reboot", leaves both good. */
export function securityChangeAfter(
  order: Extract<SecurityOrder, { kind: "profile" }> | {
    readonly kind: "password";
    readonly passwordHash: string;
  },
  outcome: CommandOutcome,
): SecurityChange | undefined {
  const status = outcome.kind === "result"
    ? (outcome.payload as Conf<"ChangeConfiguration">).status
    : undefined;
  if (order.kind === "profile") {
    const isDone = status === "Accepted" || status === "RebootRequired";
    return isDone ? { kind: "profileAccepted", profile: order.profile } : undefined;
  }
  const isRefused = outcome.kind === "error" || status === "Rejected" || status === "NotSupported";
  if (status !== "Accepted" && !isRefused) return undefined;
  return { kind: "passwordAnswered", passwordHash: order.passwordHash, isAccepted: !isRefused };
}

const HEXADECIMAL = /^(?:[0-9a-f]{2})+$/i;

/**
 * The bytes that an AuthorizationKey stands for. It travels as hexadecimal; devices that know no better take any text
 * and use it as it is. Spec: OCPP-J 1.6 §6.2.2.
 */
export function passwordBytesOf(value: string): Uint8Array {
  return HEXADECIMAL.test(value) ? Uint8Array.fromHex(value) : new TextEncoder().encode(value);
}
