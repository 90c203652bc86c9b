/**
 * On what terms a Charge Point is connected: decided with its upgrade, the same until it disconnects.
 */
import type { SecurityProfile } from "../central_system/security_profile.ts";
import type { Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";

/** Whose connection it is, and how much of its deviations is put up with; settled when it opens. */
export interface ConnectionTerms {
  readonly identity: string;
  readonly validation: Validation;
  readonly refusedRules: readonly RepairRule[];
  /** On which it was let in. */
  readonly securityProfile: SecurityProfile;
  readonly remoteAddress: string;
  /** Frames a second that are taken in on the long run; 0: any number. */
  readonly maxFrameRate: number;
}
