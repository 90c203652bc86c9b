/**
 * Certificates and keys as they are stored: secrets stand in this section, as in `configuration`.
 */
import { CertificateUse } from "../../ocpp/messages/security.ts";
import type { OwnForm } from "./durable.ts";
import {
  type CertificateId,
  initialSecurity,
  type LinkTrial,
  type OwnCertificate,
  type RootCertificate,
  type SecurityState,
} from "../security/security_state.ts";
import {
  type ReadStored,
  storedAmount,
  storedBoolean,
  storedFields,
  storedList,
  storedNumber,
  storedOneOf,
  storedOptional,
  storedText,
} from "./stored_value.ts";

const readHashes = storedFields<CertificateId["hashes"]["SHA256"]>({
  issuerNameHash: storedText,
  issuerKeyHash: storedText,
});

const readRoot = storedFields<RootCertificate>({
  use: storedOneOf(CertificateUse.options),
  pem: storedText,
  id: storedOptional(storedFields<CertificateId>({
    hashes: storedFields<CertificateId["hashes"]>({
      SHA256: readHashes,
      SHA384: readHashes,
      SHA512: readHashes,
    }),
    serialNumber: storedText,
  })),
  isFallback: storedBoolean,
});

const readOwnCertificate = storedFields<OwnCertificate>({
  chain: storedText,
  privateKey: storedText,
  notAfterMs: storedOptional(storedNumber),
  notBeforeMs: storedNumber,
  isRenewalAsked: storedBoolean,
});

type Stored = Omit<SecurityState, "isExtensionRefused" | "rootsInUse" | "lastCause">;

const readSecurity: ReadStored<Stored> = storedFields<Stored>({
  isExtensionKnown: storedBoolean,
  roots: storedList(readRoot),
  ownCertificate: storedOptional(readOwnCertificate),
  nextCertificate: storedOptional(readOwnCertificate),
  signingRequest: storedOptional(storedFields<{ privateKey: string | undefined }>({
    privateKey: storedOptional(storedText),
  })),
  trial: storedOptional(storedFields<LinkTrial>({
    securityProfile: storedOptional(storedText),
    authorizationKey: storedOptional(storedText),
    ownCertificate: storedOptional(readOwnCertificate),
    failures: storedAmount,
    isClosing: storedBoolean,
  })),
});

/** By the state, so that what has not changed is the same object. */
const STORED = new WeakMap<SecurityState, Stored>();

/** The section `security`; what is as it was delivered is not stored. */
export const SECURITY_FORM: OwnForm = {
  save: ({ security, options }) => {
    if (security === initialSecurity(options.security)) return {};
    let stored = STORED.get(security);
    if (stored === undefined) {
      const { isExtensionRefused: _refused, rootsInUse: _roots, lastCause: _cause, ...rest } = security;
      stored = rest;
      STORED.set(security, stored);
    }
    return { security: stored };
  },
  restore: (state, { security }) => {
    if (security === undefined) return;
    const { signingRequest, trial, ...stored } = readSecurity(security, "security");
    state.security = {
      ...state.security,
      ...stored,
      ownCertificate: stored.ownCertificate,
      nextCertificate: stored.nextCertificate,
      // A request that was not made yet is forgotten.
      signingRequest: signingRequest?.privateKey === undefined ? undefined : signingRequest,
      trial: trial === undefined ? undefined : { ...trial, isClosing: false },
    };
  },
};
