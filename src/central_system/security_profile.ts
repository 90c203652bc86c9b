/**
 * Whether a link is as secure as its Charge Point's record wants it.
 *
 * Rules:
 * - A record's profile is exact once it is set; without one any profile will do that is not below the Central
 *   System's least. A record with a password is at least profile 1.
 * - While a profile or a password is pending, the one before and the new one are both good. The first link on the
 *   new one settles it, and the one before is refused from then on. Nothing rolls back by time.
 * Spec: Security §2.1 (one profile at a time), §2.4 (Basic), §2.6 (client certificates); OCPP-J 1.6 §6.2.
 */
import { sameCiString } from "../ocpp/types.ts";
import type { ChargePointRecord } from "./store.ts";

/** 0: nothing; 1: a password without TLS; 2: TLS and a password; 3: TLS and a client certificate. */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** From the least to the most secure. */
export const SECURITY_PROFILES = [0, 1, 2, 3] as const satisfies readonly SecurityProfile[];

/** What a link shows in the way of a password. */
export type PasswordShown =
  | "none"
  /** An `Authorization` header that is not HTTP Basic. */
  | "malformed"
  /** The user is not the identity. */
  | "otherUser"
  /** The record has none to compare it with. */
  | "uncheckable"
  | "wrong"
  | "current"
  /** The one that it has been told and had not used yet. */
  | "pending";

/** The subject of a client certificate that was verified. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organization: string | undefined;
}

/** What a link shows of itself. */
export interface ShownSecurity {
  readonly isTls: boolean;
  readonly password: PasswordShown;
  readonly certificate: CertificateSubject | undefined;
}

/** What the Central System wants of every link. */
export interface SecurityTerms {
  /** The least, for records that name none. */
  readonly securityProfile: SecurityProfile;
  /** The O that client certificates must have; absent: any. */
  readonly cpoName?: string;
}

/** A link is admitted on a profile, or refused with an HTTP status; the reason is for the operator alone. */
export type SecurityVerdict =
  | { readonly admitted: true; readonly profile: SecurityProfile }
  | { readonly admitted: false; readonly status: 401 | 403; readonly reason: string };

/** What a record says about security; nothing is known of a Charge Point without a record. */
export type SecurityRecord = Pick<
  ChargePointRecord,
  | "securityProfile"
  | "pendingSecurityProfile"
  | "passwordHash"
  | "pendingPasswordHash"
  | "certificateSerialNumber"
>;

/** Judges a link by the record of the Charge Point that it claims to be. */
export function judgeLink(
  identity: string,
  record: SecurityRecord,
  shown: ShownSecurity,
  terms: SecurityTerms,
): SecurityVerdict {
  const allowed = allowedProfiles(record, terms);
  const certificateFault = certificateFaultOf(shown.certificate, {
    commonName: record.certificateSerialNumber ?? identity,
    cpoName: terms.cpoName,
  });
  const isCertificateWanted = allowed.includes(3);
  if (shown.certificate !== undefined && certificateFault !== undefined && isCertificateWanted) {
    return { admitted: false, status: 401, reason: certificateFault };
  }
  const isPasswordRight = shown.password === "current" || shown.password === "pending";
  for (const profile of allowed.toReversed()) {
    const holds: Record<SecurityProfile, boolean> = {
      0: !shown.isTls || record.securityProfile === undefined,
      1: !shown.isTls && isPasswordRight,
      2: shown.isTls && isPasswordRight,
      3: shown.isTls && shown.certificate !== undefined,
    };
    if (holds[profile]) return { admitted: true, profile };
  }
  return refusal(allowed, shown);
}

/** Ascending. */
function allowedProfiles(
  { securityProfile, pendingSecurityProfile, passwordHash, pendingPasswordHash }: SecurityRecord,
  terms: SecurityTerms,
): readonly SecurityProfile[] {
  const least = Math.max(terms.securityProfile, passwordHash === undefined ? 0 : 1);
  return SECURITY_PROFILES.filter((profile) => {
    if (profile === pendingSecurityProfile) return true;
    if (securityProfile === undefined) return profile >= least;
    // Devices without security profiles use a password as soon as they have been told one. OCPP-J 1.6 §6.2.
    if (securityProfile === 0 && profile === 1) return pendingPasswordHash !== undefined;
    return profile === securityProfile;
  });
}

function certificateFaultOf(
  certificate: CertificateSubject | undefined,
  { commonName, cpoName }: { readonly commonName: string; readonly cpoName: string | undefined },
): string | undefined {
  if (certificate === undefined) return undefined;
  if (!sameCiString(certificate.commonName, commonName)) {
    return `its client certificate is for ${JSON.stringify(certificate.commonName)}, not for ` +
      `${JSON.stringify(commonName)}, the certificate serial number of its record`;
  }
  if (cpoName !== undefined && certificate.organization !== cpoName) {
    return `its client certificate is of ${JSON.stringify(certificate.organization ?? "")}, not of ` +
      JSON.stringify(cpoName);
  }
  return undefined;
}

function refusal(allowed: readonly SecurityProfile[], shown: ShownSecurity): SecurityVerdict {
  const wanted = `security profile ${allowed.join(" or ")} is expected`;
  const withThisLink = allowed.filter((profile) => profile >= 2 === shown.isTls);
  if (withThisLink.length === 0) {
    const how = shown.isTls ? "without TLS (ws)" : "TLS (wss)";
    return { admitted: false, status: 403, reason: `${wanted}: ${how}` };
  }
  const isPasswordWanted = withThisLink.some((profile) => profile === 1 || profile === 2);
  const reason = isPasswordWanted ? PASSWORD_FAULTS[shown.password] : "no client certificate was shown";
  return { admitted: false, status: 401, reason: `${wanted}: ${reason}` };
}

const PASSWORD_FAULTS: Readonly<Record<PasswordShown, string>> = {
  none: "no password was shown (HTTP Basic)",
  malformed: "the Authorization header is not HTTP Basic",
  otherUser: "the user name of HTTP Basic is not the identity",
  uncheckable: "a password was shown, but the record has none to compare it with (PUT its password)",
  wrong: "a wrong password was shown",
  current: "the password alone will not do",
  pending: "the password alone will not do",
};
