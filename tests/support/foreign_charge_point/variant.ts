/**
 * The variant of the foreign Charge Point that a case needs, and what that amounts to for the tester.
 */
import type { ChargePointCapabilities, ChargePointNeeds } from "../../../src/conformance/capabilities.ts";
import { type Description, PROFILES, USUAL } from "./description.ts";

/** A device, and how its link is secured when it comes from its factory. */
export interface Variant {
  readonly description: Description;
  readonly securityProfile: 0 | 1 | 2 | 3;
}

/** The usual one, changed where the needs say so. */
export function variantFor(needs: ChargePointNeeds): Variant {
  const { withoutProfiles = [] } = needs;
  return {
    description: {
      ...USUAL,
      connectors: needs.connectors ?? USUAL.connectors,
      cable: needs.cable ?? USUAL.cable,
      hasAuthorizationCache: needs.hasAuthorizationCache ?? USUAL.hasAuthorizationCache,
      acceptsReservations: needs.acceptsReservations ?? USUAL.acceptsReservations,
      reservesConnectorZero: needs.reservesConnectorZero ?? USUAL.reservesConnectorZero,
      firmwareUpdate: needs.firmwareUpdate?.includes("signed") ? "signed" : USUAL.firmwareUpdate,
      atPowerLoss: needs.atPowerLoss === "stopBeforeGoingDown" ? needs.atPowerLoss : USUAL.atPowerLoss,
      profiles: PROFILES.filter((profile) => !withoutProfiles.includes(profile)),
    },
    securityProfile: needs.securityProfile?.[0] ?? 0,
  };
}

/** What the tester has to know of it. */
export function capabilitiesOf({ description, securityProfile }: Variant): ChargePointCapabilities {
  const { serialNumber: _, ...told } = description;
  return {
    ...told,
    profiles: [...description.profiles, "Security"],
    canStayOnEvSideDisconnect: true,
    canChooseUnlockOnEvSideDisconnect: description.cable === "detachable",
    securityProfile,
  };
}
