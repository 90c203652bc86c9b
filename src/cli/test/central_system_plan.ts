/**
 * On what each case is played: the security profile that it needs, and the Charge Point that the tester is for it.
 *
 * Cases need different security profiles, and a record has one: so each is a Charge Point of its own, whose name a
 * driver can enter, or a person has entered.
 */
import { capabilitiesBeside } from "../../conformance/capabilities.ts";
import type { CaseDefinition } from "../../conformance/case.ts";
import { type CaseSetup, DEFAULT_SETUP } from "../../conformance/session.ts";
import type { FeatureProfile } from "../../ocpp/action.ts";
import type { PlannedCase } from "../../runtime/suite_runner.ts";

/** A security profile. */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** What all cases have in common. */
export interface PlanTerms {
  readonly profiles: readonly FeatureProfile[];
  /** At least one. */
  readonly securityProfiles: readonly SecurityProfile[];
  readonly setup: Partial<CaseSetup> & Pick<CaseSetup, "identity">;
  /** Whether each case is a Charge Point of its own, which nobody else has been; else one for each security profile. */
  readonly isOneForEachCase: boolean;
  /** In the names of those, so that two runs do not meet. */
  readonly run?: string;
  /** CN of the certificate that the tester shows as its own. */
  readonly certificateSerialNumber?: string | undefined;
  /** What the system under test is called. */
  readonly name?: string | undefined;
}

/** A case, and what it is played on. */
export interface CentralSystemCase extends PlannedCase {
  readonly setup: CaseSetup;
  readonly securityProfile: SecurityProfile;
  readonly playedOn: string;
}

/** Plans each case on the lowest security profile that will do. */
export function planned(definition: CaseDefinition, terms: PlanTerms): CentralSystemCase {
  const { profiles, securityProfiles, setup, certificateSerialNumber, name, isOneForEachCase } = terms;
  const offered = securityProfiles.toSorted();
  const { securityProfile: wanted, offersNextSecurityProfile: mustRise = false } = definition.needs;
  const isNextOffered = (one: SecurityProfile) => offered.some((other) => other === one + 1);
  const fitting = offered.filter((one) => wanted?.includes(one) ?? true);
  const securityProfile = fitting.find((one) => !mustRise || isNextOffered(one)) ?? fitting[0] ?? offered[0]!;
  const identity = identityFor(definition, securityProfile, terms);
  const { authorizationKey, ...rest } = { ...DEFAULT_SETUP, ...setup, identity };
  const hasPassword = securityProfile > 0 && authorizationKey !== undefined;
  return {
    definition,
    capabilities: capabilitiesBeside({
      profiles,
      securityProfile,
      offersNextSecurityProfile: isNextOffered(securityProfile),
      // One that nobody enters for the case is known for the next step at most.
      ...(isOneForEachCase ? { highestSecurityProfile: highestFrom(securityProfile, offered) } : {}),
    }),
    setup: {
      ...rest,
      ...(hasPassword ? { authorizationKey } : {}),
      // A case may go up to 3.
      ...(securityProfile < 2 && !mustRise || certificateSerialNumber === undefined
        ? {}
        : { certificateSerialNumber }),
    },
    securityProfile,
    playedOn: `${name === undefined ? "" : `${name}, `}security profile ${securityProfile}`,
  };
}

/** The last one that is reached by steps of one. */
function highestFrom(first: SecurityProfile, offered: readonly SecurityProfile[]): SecurityProfile {
  const next = offered.find((one) => one === first + 1);
  return next === undefined ? first : highestFrom(next, offered);
}

function identityFor(
  { id }: CaseDefinition,
  securityProfile: SecurityProfile,
  { securityProfiles, setup: { identity }, isOneForEachCase, run }: PlanTerms,
): string {
  if (isOneForEachCase) return [identity, id, run].filter((part) => part !== undefined).join("-");
  return securityProfile === Math.min(...securityProfiles) ? identity : `${identity}-SP${securityProfile}`;
}
