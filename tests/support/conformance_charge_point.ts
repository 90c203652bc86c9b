/**
 * Which Charge Point of ours a compliance case is played on: the description that its needs name.
 */
import {
  ALL_FEATURE_PROFILES,
  type ChargePointDescription,
  STANDARD,
} from "../../src/charge_point/description.ts";
import {
  type ChargePointCapabilities,
  type ChargePointNeeds,
  unmetNeeds,
} from "../../src/conformance/capabilities.ts";

/** A description with what it amounts to; `name` says how it differs from the standard one. */
export interface PlayedDescription {
  readonly name: string;
  readonly description: ChargePointDescription;
  readonly securityProfile: 0 | 1 | 2 | 3;
}

/** The standard description, changed where the needs say so. */
export function descriptionFor(needs: ChargePointNeeds): PlayedDescription {
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
  const securityProfile = needs.securityProfile?.[0] ?? 0;
  if (securityProfile > 0) differences.push(`security profile ${securityProfile}`);
  return {
    name: differences.length === 0 ? "standard" : differences.join(", "),
    description: { ...STANDARD, firmwareVersion: "1.0.0", ...changes },
    securityProfile,
  };
}

/** What a description amounts to for a case. */
export function capabilitiesOf({ description, securityProfile }: PlayedDescription): ChargePointCapabilities {
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
    canChooseUnlockOnEvSideDisconnect: description.cable === "detachable",
    securityProfile,
  };
}

/** Whether the description that is made from needs meets them; what it does not otherwise. */
export function unmetBy(needs: ChargePointNeeds, played: PlayedDescription): readonly string[] {
  return unmetNeeds(needs, capabilitiesOf(played));
}
