/**
 * The variant of the foreign Charge Point that a case needs, and what that amounts to for the tester.
 */
import type { ChargePointCapabilities, ChargePointNeeds } from "../../../src/conformance/capabilities.ts";
import { type Description, PROFILES } from "./description.ts";

/** A device, and how its link is secured when it comes from its factory. */
export interface Variant {
  readonly description: Description;
  readonly securityProfile: 0 | 1 | 2 | 3;
}

/** A kind of device, changed where the needs say so; of security profiles that will do it has the first or the last. */
export function variantFor(
  needs: ChargePointNeeds,
  { kind, security }: { readonly kind: Description; readonly security: "first" | "last" },
): Variant {
  const { profiles = [], withoutProfiles = [] } = needs;
  return {
    description: {
      ...kind,
      connectors: needs.connectors ?? kind.connectors,
      cable: needs.cable ?? kind.cable,
      hasAuthorizationCache: needs.hasAuthorizationCache ?? kind.hasAuthorizationCache,
      acceptsReservations: needs.acceptsReservations ?? kind.acceptsReservations,
      reservesConnectorZero: needs.reservesConnectorZero ?? kind.reservesConnectorZero,
      firmwareUpdate: needs.firmwareUpdate?.includes("signed") ? "signed" : kind.firmwareUpdate,
      atPowerLoss: needs.atPowerLoss === undefined || needs.atPowerLoss === "resume"
        ? kind.atPowerLoss
        : needs.atPowerLoss,
      profiles: PROFILES.filter((profile) =>
        [...kind.profiles, ...profiles].includes(profile) && !withoutProfiles.includes(profile)
      ),
    },
    securityProfile: needs.securityProfile?.at(security === "first" ? 0 : -1) ?? 0,
  };
}

/** What the tester has to know of it. */
export function capabilitiesOf({ description, securityProfile }: Variant): ChargePointCapabilities {
  const { serialNumber: _serialNumber, habits: _habits, ...told } = description;
  return {
    ...told,
    profiles: [...description.profiles, "Security"],
    canStayOnEvSideDisconnect: true,
    canChooseUnlockOnEvSideDisconnect: description.cable === "detachable",
    securityProfile,
  };
}
