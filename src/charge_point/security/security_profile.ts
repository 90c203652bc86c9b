/**
 * ChangeConfiguration of AuthorizationKey and SecurityProfile: what they need, and what they lead to.
 *
 * Rules: the profile only ever rises, and only where what it needs is there. Both are tried on a new link at once, as far
 * as they concern it; see `link_parameters.ts` for the fall-back.
 * Spec: Security §2.3, §4; OCPP-J 1.6 §6.2.
 */
import type { ConfigurationKey } from "../../ocpp/configuration_key.ts";
import { integer, withValue } from "../configuration/configuration.ts";
import { tryParameters } from "../link/link_parameters.ts";
import { securityEvent } from "./security_event.ts";
import type { ChargePointState, Turn } from "../state.ts";

/** A key of the link's security. */
export type SecurityKey = "AuthorizationKey" | "SecurityProfile";

export function isSecurityKey(key: ConfigurationKey): key is SecurityKey {
  return key === "AuthorizationKey" || key === "SecurityProfile";
}

/** Why a value, well-formed as it is, cannot be set now; `undefined` where it can. */
export function securityRefusal(
  state: ChargePointState,
  key: SecurityKey,
  value: string,
): string | undefined {
  if (key === "AuthorizationKey") return undefined;
  const { configuration, security } = state;
  const profile = Number(value);
  if (profile <= integer(configuration, "SecurityProfile")) return "the profile can only be raised";
  if (profile <= 2 && configuration.AuthorizationKey === undefined) return "there is no AuthorizationKey";
  const hasRoot = security.roots.some(({ use }) => use === "CentralSystemRootCertificate");
  if (profile >= 2 && !hasRoot) return "there is no CentralSystemRootCertificate";
  if (profile === 3 && security.ownCertificate === undefined) return "there is no Charge Point certificate";
  return undefined;
}

/** Sets the value, and opens the link with it where it matters. */
export function setSecurity(turn: Turn, key: SecurityKey, value: string): void {
  const { state } = turn;
  if (state.configuration[key] === value) return;
  const configuration = withValue(state.configuration, key, value);
  const profile = integer(configuration, "SecurityProfile");
  securityEvent(turn, "ReconfigurationOfSecurityParameters", `${key} changed`);
  if (key === "SecurityProfile" || profile === 1 || profile === 2) {
    return tryParameters(turn, { configuration });
  }
  state.configuration = configuration; // nothing on the wire depends on it
}
