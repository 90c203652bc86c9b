/**
 * What a system under test is, as plain data, and what a case needs it to be.
 *
 * A case whose needs are not met is NOT APPLICABLE: it is judged before anything is sent.
 */
import type { FeatureProfile } from "../ocpp/action.ts";

/** The most connectors that a Charge Point is believed to have; a file that says what it is may name as many. */
export const CONNECTORS_MAX = 100;

/** A Charge Point under test, as its description tells. */
export interface ChargePointCapabilities {
  /** Connectors above 0. */
  readonly connectors: number;
  readonly profiles: readonly FeatureProfile[];
  /** `detachable`: the user brings the cable, and the Charge Point locks it. */
  readonly cable: "detachable" | "fixed";
  readonly hasAuthorizationCache: boolean;
  /** Whether ReserveNow is configured to be accepted at all. Only where the Reservation profile is there. */
  readonly acceptsReservations: boolean;
  /** Key ReserveConnectorZeroSupported. */
  readonly reservesConnectorZero: boolean;
  readonly firmwareUpdate: "none" | "plain" | "signed" | "both";
  /** What becomes of running transactions: StopTransaction(PowerLoss) before the power is gone, after it is back, or none. */
  readonly atPowerLoss: "stopBeforeGoingDown" | "stopAfterBoot" | "resume";
  /** Whether StopTransactionOnEVSideDisconnect can be set to false. */
  readonly canStayOnEvSideDisconnect: boolean;
  /** Whether there is a key UnlockConnectorOnEVSideDisconnect that can be set to true, and to false. */
  readonly canChooseUnlockOnEvSideDisconnect: boolean;
  /** The security profile in use. */
  readonly securityProfile: 0 | 1 | 2 | 3;
  /** Of a Central System: whether the next higher one is offered too. */
  readonly offersNextSecurityProfile?: boolean;
  /** Of a Central System: the highest that is reached from there by one step after the other; absent: by one, at most. */
  readonly highestSecurityProfile?: 0 | 1 | 2 | 3;
}

/** A Central System under test. */
export interface CentralSystemCapabilities {
  readonly profiles: readonly FeatureProfile[];
  readonly securityProfile: 0 | 1 | 2 | 3;
  /** Absent: it does not. */
  readonly offersNextSecurityProfile?: boolean;
  /** Absent: the next one, or that in use. */
  readonly highestSecurityProfile?: 0 | 1 | 2 | 3;
}

/**
 * What a run knows of a Central System under test, and of the Charge Point that the tester plays for it: one with two
 * connectors that takes part in whatever a case is about.
 */
export function capabilitiesBeside(
  { offersNextSecurityProfile = false, ...others }: CentralSystemCapabilities,
): ChargePointCapabilities {
  return {
    connectors: 2,
    cable: "detachable",
    hasAuthorizationCache: true,
    acceptsReservations: true,
    reservesConnectorZero: true,
    firmwareUpdate: "both",
    atPowerLoss: "stopAfterBoot",
    canStayOnEvSideDisconnect: true,
    canChooseUnlockOnEvSideDisconnect: true,
    offersNextSecurityProfile,
    ...others,
  };
}

/** What a case needs of a Charge Point; what is not named does not matter. */
export interface ChargePointNeeds {
  /** At least so many. */
  readonly connectors?: number;
  /** Profiles that must be there, and must not be there. */
  readonly profiles?: readonly FeatureProfile[];
  readonly withoutProfiles?: readonly FeatureProfile[];
  readonly cable?: "detachable" | "fixed";
  readonly hasAuthorizationCache?: boolean;
  readonly acceptsReservations?: boolean;
  readonly reservesConnectorZero?: boolean;
  /** One of these. */
  readonly firmwareUpdate?: readonly ChargePointCapabilities["firmwareUpdate"][];
  readonly atPowerLoss?: ChargePointCapabilities["atPowerLoss"];
  readonly canStayOnEvSideDisconnect?: boolean;
  readonly canChooseUnlockOnEvSideDisconnect?: boolean;
  /** One of these. */
  readonly securityProfile?: readonly (0 | 1 | 2 | 3)[];
  readonly offersNextSecurityProfile?: boolean;
}

/** What a case needs of a Central System. */
export type CentralSystemNeeds = Pick<
  ChargePointNeeds,
  "profiles" | "withoutProfiles" | "securityProfile" | "offersNextSecurityProfile"
>;

/** Why a case does not apply, a line a reason; empty where it does. */
export function unmetNeeds(
  needs: ChargePointNeeds,
  capabilities: Partial<ChargePointCapabilities>,
): readonly string[] {
  return (Object.entries(needs) as [keyof ChargePointNeeds, unknown][]).flatMap(([name, needed]) => {
    switch (name) {
      case "connectors":
        return (capabilities.connectors ?? 0) >= (needed as number) ? [] : [`needs ${needed} connectors`];
      case "profiles":
        return (needed as FeatureProfile[])
          .filter((profile) => capabilities.profiles?.includes(profile) !== true)
          .map((profile) => `needs the ${profile} profile`);
      case "withoutProfiles":
        return (needed as FeatureProfile[])
          .filter((profile) => capabilities.profiles?.includes(profile) === true)
          .map((profile) => `needs a system without the ${profile} profile`);
      case "firmwareUpdate":
      case "securityProfile": {
        const choices = needed as readonly unknown[];
        return choices.includes(capabilities[name]) ? [] : [`needs ${name} ${choices.join(" or ")}`];
      }
      case "offersNextSecurityProfile":
        return capabilities[name] === needed ? [] : ["needs the next higher security profile as well"];
      default:
        return capabilities[name] === needed ? [] : [`needs ${name} ${needed}`];
    }
  });
}
