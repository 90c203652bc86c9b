/**
 * What a foreign Charge Point is: the kinds that it is built in.
 *
 * The device of this folder knows nothing of compliance cases, and nothing of our own Charge Point; of ours it has the
 * types of payloads. The tester's view of it is in `variant.ts`, `operator.ts`, `stage.ts` and `suite.ts`.
 */

import { CAREFUL_HABITS, type Habits, OTHER_HABITS, SMALL_HABITS, USUAL_HABITS } from "./habits.ts";

/** Names of SupportedFeatureProfiles. Spec: OCPP 1.6 §9.1.29. */
export const PROFILES = [
  "Core",
  "FirmwareManagement",
  "LocalAuthListManagement",
  "Reservation",
  "SmartCharging",
  "RemoteTrigger",
] as const;

export type Profile = (typeof PROFILES)[number];

/** One variant. */
export interface Description {
  readonly connectors: number;
  readonly profiles: readonly Profile[];
  /** `detachable`: the user brings the cable, and it is locked while it is in use. */
  readonly cable: "detachable" | "fixed";
  readonly hasAuthorizationCache: boolean;
  readonly acceptsReservations: boolean;
  readonly reservesConnectorZero: boolean;
  /** `signed`: the white paper's way, and no other. */
  readonly firmwareUpdate: "plain" | "signed";
  readonly atPowerLoss: "stopBeforeGoingDown" | "stopAfterBoot";
  readonly serialNumber: string;
  readonly habits: Habits;
}

export const USUAL: Description = {
  connectors: 2,
  profiles: PROFILES,
  cable: "detachable",
  hasAuthorizationCache: true,
  acceptsReservations: true,
  reservesConnectorZero: true,
  firmwareUpdate: "plain",
  atPowerLoss: "stopAfterBoot",
  serialNumber: "FOREIGN-0001",
  habits: USUAL_HABITS,
};

/** Another one, with everything that it need not have left out. */
export const OTHER: Description = {
  ...USUAL,
  connectors: 1,
  cable: "fixed",
  hasAuthorizationCache: false,
  reservesConnectorZero: false,
  atPowerLoss: "stopBeforeGoingDown",
  habits: OTHER_HABITS,
};

/** A bigger one, slow and careful. */
export const CAREFUL: Description = { ...USUAL, connectors: 3, habits: CAREFUL_HABITS };

/** One with no profile that it need not have. */
export const SMALL: Description = { ...USUAL, profiles: ["Core"], habits: SMALL_HABITS };
