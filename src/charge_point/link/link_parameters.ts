/**
 * How the link is secured, from the configuration and the certificates; and trying new parameters.
 *
 * Rules: new parameters close the link and open it with them. `LINK_ATTEMPTS_MAX` failed attempts that may be owed to
 * them bring the old ones back; an open link makes the new ones stay. A root certificate that waits for its successor to prove itself
 * is offered to the link only once the attempts without it have failed.
 * Spec: Security §2.3 (upgrade), §4 (AuthorizationKey, AdditionalRootCertificateCheck).
 */
import { integer } from "../configuration/configuration.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { LinkDownCause } from "../contract.ts";
import { hasProfile } from "../description.ts";
import { type LinkSecurity, NO_SECURITY } from "../job.ts";
import { linkDown } from "./link.ts";
import { securityEvent, type SecurityEventType } from "../security/security_event.ts";
import type { LinkTrial, OwnCertificate } from "../security/security_state.ts";
import { type ChargePointState, NONE, type Turn } from "../state.ts";

/** Attempts in a row that fail before the old parameters come back. */
export const LINK_ATTEMPTS_MAX = 3;

/** How the next link is to be secured. */
export function linkSecurityOf({ options, configuration, security }: ChargePointState): LinkSecurity {
  if (!hasProfile(options.description, "Security")) return options.security ?? NO_SECURITY;
  const { roots, ownCertificate, trial } = security;
  const { AuthorizationKey: authorizationKey } = configuration;
  if (authorizationKey === undefined && roots.length === 0 && ownCertificate === undefined) {
    if (integer(configuration, "SecurityProfile") === 0) return NO_SECURITY; // one for a fleet
  }
  return {
    securityProfile: profileOf(configuration),
    ...(authorizationKey === undefined ? {} : { authorizationKey }),
    roots: roots.filter(({ use, isFallback }) =>
      use === "CentralSystemRootCertificate" && !(isFallback && trial !== undefined)
    ).map(({ pem }) => pem),
    ...(ownCertificate === undefined
      ? {}
      : { clientCertificate: { chain: ownCertificate.chain, privateKey: ownCertificate.privateKey } }),
  };
}

function profileOf(configuration: Configuration): LinkSecurity["securityProfile"] {
  const profile = integer(configuration, "SecurityProfile");
  return profile === 1 || profile === 2 || profile === 3 ? profile : 0;
}

/** Opens the link, or tells how it is secured from the next attempt on. */
export function openLink(turn: Turn): void {
  turn.effects.push({ kind: "openLink", security: linkSecurityOf(turn.state) });
}

/** Something that only the next link is to know has changed. */
export function openLinkAnew(turn: Turn): void {
  if (isLinkWanted(turn.state)) openLink(turn);
}

function isLinkWanted({ isPowered, restart }: ChargePointState): boolean {
  return isPowered && restart?.phase !== "off";
}

/** What may change at once. */
export interface NewParameters {
  readonly configuration?: Configuration;
  readonly ownCertificate?: OwnCertificate;
}

/** Takes new parameters and opens the link with them. */
export function tryParameters(turn: Turn, { configuration, ownCertificate }: NewParameters): void {
  const { state } = turn;
  const trial = { ...newTrial(state), isClosing: state.isLinkUp };
  state.configuration = configuration ?? state.configuration;
  state.security = {
    ...state.security,
    trial,
    ownCertificate: ownCertificate ?? state.security.ownCertificate,
  };
  reconnect(turn);
}

/** The next link is to do without the root certificate that has been replaced. */
export function tryNewRoot({ state }: Turn): void {
  state.security = { ...state.security, trial: newTrial(state) };
}

/** Where an earlier change has not proved itself, what came before it is what is known to work. */
function newTrial({ configuration, security }: ChargePointState): LinkTrial {
  return {
    securityProfile: configuration.SecurityProfile,
    authorizationKey: configuration.AuthorizationKey,
    ownCertificate: security.ownCertificate,
    ...security.trial,
    failures: 0,
    isClosing: false,
  };
}

function reconnect(turn: Turn): void {
  if (!isLinkWanted(turn.state)) return;
  linkDown(turn);
  turn.effects.push({ kind: "closeLink", reason: "security parameters changed" });
  openLink(turn);
}

/** A link came about. */
export function linkProven({ state }: Turn): void {
  const { security } = state;
  const { securityProfile, roots: rootsInUse } = linkSecurityOf(state);
  if (security.trial === undefined && security.lastCause === undefined && securityProfile < 2) return;
  const isNewRootProven = security.trial !== undefined && securityProfile >= 2;
  state.security = {
    ...security,
    roots: isNewRootProven ? security.roots.filter(({ isFallback }) => !isFallback) : security.roots,
    trial: undefined,
    lastCause: undefined,
    rootsInUse: securityProfile >= 2 ? rootsInUse : NONE,
  };
}

/** There is no link, for a reason that may concern security. */
export function linkNotHad(turn: Turn, cause: LinkDownCause | undefined): void {
  const { state } = turn;
  const { trial, lastCause } = state.security;
  // The link that we closed ourselves is no failed attempt.
  if (trial?.isClosing === true && (cause === undefined || cause === "other")) {
    state.security = { ...state.security, trial: { ...trial, isClosing: false } };
    return;
  }
  if (cause !== undefined && cause !== lastCause) {
    state.security = { ...state.security, lastCause: cause };
    const type = eventOf(state, cause);
    if (type !== undefined) securityEvent(turn, type, `no link under security profile ${profileText(state)}`);
  }
  if (trial === undefined || !speaksAgainst(state, trial, cause)) return;
  const failures = trial.failures + 1;
  state.security = { ...state.security, trial: { ...trial, failures, isClosing: false } };
  if (failures >= LINK_ATTEMPTS_MAX) fallBack(turn, trial);
}

/**
 * Whether a failure may be owed to what is being tried. The Central System has given up an old password with its
 * answer: an outage is no reason to go back to it. An old profile it takes until the new one has brought a link.
 */
function speaksAgainst(
  { configuration, security }: ChargePointState,
  trial: LinkTrial,
  cause: LinkDownCause | undefined,
): boolean {
  if (trial.securityProfile !== configuration.SecurityProfile) return true;
  if (cause === "unauthorized" || cause === "tls") return true;
  return cause === "invalidCertificate" && security.roots.some(({ isFallback }) => isFallback);
}

function profileText({ configuration }: ChargePointState): string {
  return configuration.SecurityProfile ?? "0";
}

/** A TLS that fails under profile 3 mostly fails for our certificate, else for what is spoken. */
function eventOf(state: ChargePointState, cause: LinkDownCause): SecurityEventType | undefined {
  switch (cause) {
    case "invalidCertificate":
      return "InvalidCentralSystemCertificate";
    case "unauthorized":
      return "FailedToAuthenticateAtCentralSystem";
    case "tls":
      return profileOf(state.configuration) === 3
        ? "FailedToAuthenticateAtCentralSystem"
        : "InvalidTLSVersion";
    case "other":
      return undefined;
  }
}

function fallBack(turn: Turn, { securityProfile, authorizationKey, ownCertificate }: LinkTrial): void {
  const { state } = turn;
  const { SecurityProfile: _profile, AuthorizationKey: _key, ...others } = state.configuration;
  state.configuration = {
    ...others,
    ...(securityProfile === undefined ? {} : { SecurityProfile: securityProfile }),
    ...(authorizationKey === undefined ? {} : { AuthorizationKey: authorizationKey }),
  };
  state.security = { ...state.security, trial: undefined, ownCertificate };
  securityEvent(turn, "ReconfigurationOfSecurityParameters", "back to the parameters that had worked");
  openLinkAnew(turn);
}
