/**
 * A simulated Charge Point as the system under test: what its description amounts to for compliance cases, and the
 * description that a case's needs name.
 */
import { ALL_FEATURE_PROFILES, type ChargePointDescription, STANDARD } from "../charge_point/description.ts";
import type { ChargePointCapabilities, ChargePointNeeds } from "../conformance/capabilities.ts";

/** A description and how its link is secured; `name` says what it is, for reports. */
export interface TestedChargePoint {
  readonly name: string;
  readonly description: ChargePointDescription;
  readonly securityProfile: 0 | 1 | 2 | 3;
}

/** What BootNotification tells: the firmware of a bench has another version. */
const FIRMWARE_VERSION = "1.0.0";

/**
 * The standard description, changed where the needs say so; its name says how it differs from the standard one.
 * `chosen`: the security profile, instead of the first that will do.
 */
export function testedFor(needs: ChargePointNeeds, chosen?: 0 | 1 | 2 | 3): TestedChargePoint {
  const { withoutProfiles = [] } = needs;
  const firmwareUpdate = needs.firmwareUpdate?.find((one) => one !== "none");
  const changes: Partial<ChargePointDescription> = {
    ...(needs.connectors === undefined ? {} : { connectors: needs.connectors }),
    ...(needs.cable === undefined ? {} : { cable: needs.cable }),
    ...(needs.hasAuthorizationCache === undefined
      ? {}
      : { hasAuthorizationCache: needs.hasAuthorizationCache }),
    ...(needs.acceptsReservations === undefined ? {} : { acceptsReservations: needs.acceptsReservations }),
    ...(needs.reservesConnectorZero === undefined
      ? {}
      : { reservesConnectorZero: needs.reservesConnectorZero }),
    ...(firmwareUpdate === undefined ? {} : { firmwareUpdate }),
    ...(needs.atPowerLoss === undefined ? {} : { atPowerLoss: needs.atPowerLoss }),
    ...(withoutProfiles.length === 0
      ? {}
      : { featureProfiles: ALL_FEATURE_PROFILES.filter((profile) => !withoutProfiles.includes(profile)) }),
  };
  const differences = Object.entries(changes)
    .filter(([key, value]) => STANDARD[key as keyof ChargePointDescription] !== value)
    .map(([key, value]) => `${key} ${value}`);
  const securityProfile = chosen ?? needs.securityProfile?.[0] ?? 0;
  if (securityProfile > 0) differences.push(`security profile ${securityProfile}`);
  return {
    name: differences.length === 0 ? "standard" : differences.join(", "),
    description: { ...STANDARD, firmwareVersion: FIRMWARE_VERSION, ...changes },
    securityProfile,
  };
}

/** What one amounts to for a case. */
export function capabilitiesOf({ description, securityProfile }: TestedChargePoint): ChargePointCapabilities {
  return {
    connectors: description.connectors,
    profiles: description.featureProfiles,
    cable: description.cable,
    hasAuthorizationCache: description.hasAuthorizationCache,
    acceptsReservations: description.acceptsReservations,
    reservesConnectorZero: description.reservesConnectorZero,
    firmwareUpdate: description.firmwareUpdate,
    atPowerLoss: description.atPowerLoss,
    canStayOnEvSideDisconnect: true,
    // Only a cable that is locked can be unlocked, and a fixed one is not.
    canChooseUnlockOnEvSideDisconnect: description.cable === "detachable",
    securityProfile,
  };
}
