/**
 * What a foreign Charge Point is: the variants that it is built in.
 *
 * Nothing in this folder but `variant.ts` and `operator.ts`, which are the tester's view of it, knows of compliance
 * cases; and nothing at all of our own Charge Point.
 */

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
};
