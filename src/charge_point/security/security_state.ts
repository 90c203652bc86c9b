/**
 * What a Charge Point remembers of certificates, keys and of how far its Central System knows the security extension.
 *
 * Plain immutable data with secrets in it: nothing of it belongs into an event, a view or a log. The profile and the
 * AuthorizationKey themselves are configuration keys.
 */
import type { CertificateUse } from "../../ocpp/messages/security.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { CertificateInfo, LinkSecurity } from "../job.ts";
import type { LinkDownCause } from "../contract.ts";

/** Everything of this kind; it outlives a restart, but for what is marked. */
export interface SecurityState {
  /** Whether the Central System has sent a Call of the security extension. */
  readonly isExtensionKnown: boolean;
  /** Whether it has refused a message of the extension; forgotten by a restart. */
  readonly isExtensionRefused: boolean;
  readonly roots: readonly RootCertificate[];
  /** The newest that is valid. */
  readonly ownCertificate: OwnCertificate | undefined;
  /** One whose time has not come. */
  readonly nextCertificate: OwnCertificate | undefined;
  /** The private key of the certificate that was asked for, once there is one. PKCS#8 PEM. */
  readonly signingRequest: { readonly privateKey: string | undefined } | undefined;
  readonly trial: LinkTrial | undefined;
  /** The roots that the present link was opened with. */
  readonly rootsInUse: readonly string[];
  /** Why the link could not be had the last time, to tell a series of failures once. */
  readonly lastCause: LinkDownCause | undefined;
}

/** An installed root certificate. */
export interface RootCertificate {
  readonly use: CertificateUse;
  readonly pem: string;
  /** `undefined` until somebody has read it. */
  readonly id: CertificateId | undefined;
  /** Kept until a connection under its successor was had. Spec: Security, AdditionalRootCertificateCheck. */
  readonly isFallback: boolean;
}

/** What names a certificate. */
export type CertificateId = Pick<CertificateInfo, "hashes" | "serialNumber">;

/** A Charge Point certificate with its key. */
export interface OwnCertificate {
  readonly chain: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** `undefined` until somebody has read it. */
  readonly notAfterMs: number | undefined;
  readonly notBeforeMs: number;
  /** Whether its renewal was asked for. */
  readonly isRenewalAsked: boolean;
}

/** New parameters of the link that have not brought one yet. */
export interface LinkTrial {
  readonly securityProfile: string | undefined;
  readonly authorizationKey: string | undefined;
  readonly ownCertificate: OwnCertificate | undefined;
  /** Attempts that failed so far. */
  readonly failures: number;
  /** Whether the end of the old link is still to be expected. */
  readonly isClosing: boolean;
}

const INITIAL: SecurityState = {
  isExtensionKnown: false,
  isExtensionRefused: false,
  roots: [],
  ownCertificate: undefined,
  nextCertificate: undefined,
  signingRequest: undefined,
  trial: undefined,
  rootsInUse: [],
  lastCause: undefined,
};

/** By what a Charge Point is delivered with, shared by a fleet. */
const DELIVERED = new WeakMap<LinkSecurity, SecurityState>();

/** Of a Charge Point that has just been built; the same object for the same `delivered`. */
export function initialSecurity(delivered: LinkSecurity | undefined): SecurityState {
  if (delivered === undefined) return INITIAL;
  const known = DELIVERED.get(delivered);
  if (known !== undefined) return known;
  const { roots, clientCertificate } = delivered;
  const initial: SecurityState = {
    ...INITIAL,
    roots: roots.map((pem) => ({
      use: "CentralSystemRootCertificate",
      pem,
      id: undefined,
      isFallback: false,
    })),
    ownCertificate: clientCertificate === undefined ? undefined : {
      ...clientCertificate,
      notAfterMs: undefined,
      notBeforeMs: 0,
      isRenewalAsked: false,
    },
  };
  DELIVERED.set(delivered, initial);
  return initial;
}

/** The configuration with profile and AuthorizationKey as delivered, where the Charge Point has such keys. */
export function withDelivered(
  configuration: Configuration,
  delivered: LinkSecurity | undefined,
): Configuration {
  if (delivered === undefined || configuration.SecurityProfile === undefined) return configuration;
  const { securityProfile, authorizationKey } = delivered;
  if (securityProfile === 0 && authorizationKey === undefined) return configuration;
  return {
    ...configuration,
    SecurityProfile: String(securityProfile),
    ...(authorizationKey === undefined ? {} : { AuthorizationKey: authorizationKey }),
  };
}
