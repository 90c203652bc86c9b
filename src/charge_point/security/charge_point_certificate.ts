/**
 * The Charge Point's own certificate: SignCertificate, CertificateSigned, its renewal and when it comes into use.
 *
 * Rules: a request needs CpoName, makes a new key, and is made once: without an answer the Charge Point does not ask
 * again by itself. A certificate that will not do is dropped with an event; the key stays for a better one. What is
 * signed is used from its notBefore on; under profile 3 the link is opened anew with it, and with the old one should that
 * fail. Within a month of its end a certificate is renewed, once.
 * Spec: Security §4 (SignCertificate, CertificateSigned), §10 of our sheet; CN is the serial number.
 */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { integer, textOf } from "../configuration/configuration.ts";
import { hasProfile } from "../description.ts";
import type { Handled } from "../handler.ts";
import { startJob } from "../job_ledger.ts";
import type { Job, JobResult } from "../job.ts";
import { linkSecurityOf, tryParameters } from "../link/link_parameters.ts";
import { enqueue } from "../link/outbox.ts";
import { securityEvent } from "./security_event.ts";
import type { OwnCertificate } from "./security_state.ts";
import { type ChargePointState, emit, isOnline, type Turn } from "../state.ts";

/** How long before its end a certificate is renewed. Units: ms. */
export const RENEWAL_BEFORE_END_MS = 30 * 24 * 3_600_000;

type ReadResult = Extract<JobResult, { kind: "readCertificate" }>;

/** Whether a certificate can be asked for: without CpoName there is no subject. */
export function mayRequestCertificate({ configuration, options }: ChargePointState): boolean {
  return hasProfile(options.description, "Security") && textOf(configuration, "CpoName") !== "";
}

/** Asks for a new certificate; one that was asked for before and did not come is not waited for any more. */
export function requestCertificate(turn: Turn): void {
  const { state } = turn;
  const { options, configuration, security } = state;
  const isBeingMade = state.maintenance.jobs.some(({ purpose }) => purpose.kind === "signingRequest");
  if (!mayRequestCertificate(state) || isBeingMade) return;
  state.security = { ...security, signingRequest: { privateKey: undefined } };
  startJob(turn, {
    kind: "createSigningRequest",
    commonName: options.serialNumber ?? options.identity,
    organization: textOf(configuration, "CpoName"),
    keyType: "EC",
  }, { kind: "signingRequest" });
}

/** Key and request are made, or not. */
export function signingRequestMade(
  turn: Turn,
  { request }: Extract<JobResult, { kind: "createSigningRequest" }>,
): void {
  const { state } = turn;
  const isSent = request !== undefined && enqueue(turn, {
    action: "SignCertificate",
    payload: { csr: request.csr },
    purpose: { kind: "signCertificate" },
    beforeAccepted: true,
  });
  const signingRequest = isSent ? { privateKey: request.privateKey } : undefined;
  state.security = { ...state.security, signingRequest };
}

/** The Central System has the request, or refused it. */
export function signingRequestAnswered(turn: Turn, { status }: Conf<"SignCertificate">): void {
  if (status === "Rejected") dropSigningRequest(turn);
}

/** The request is not under way any more. */
export function dropSigningRequest({ state }: Turn): void {
  state.security = { ...state.security, signingRequest: undefined };
}

export function certificateSigned(turn: Turn, req: Req<"CertificateSigned">): Handled<"CertificateSigned"> {
  const { state, nowMs } = turn;
  const { configuration, security } = state;
  const isTooLong = req.certificateChain.length > integer(configuration, "CertificateSignedMaxChainSize");
  const hasKey = security.signingRequest?.privateKey !== undefined;
  if (isTooLong || !hasKey) return refuse(isTooLong ? "the chain is too long" : "none was asked for");
  return check(state, req, nowMs);
}

function check(
  state: ChargePointState,
  req: Req<"CertificateSigned">,
  atMs: number,
): Handled<"CertificateSigned"> {
  const privateKey = state.security.signingRequest?.privateKey;
  if (privateKey === undefined) return refuse("none was asked for");
  const { roots } = linkSecurityOf(state);
  const job: Job = {
    kind: "readCertificate",
    chain: req.certificateChain,
    privateKey,
    atMs,
    // One hierarchy for both ends; where none is installed there is nothing to check against.
    ...(roots.length === 0 ? {} : { roots }),
  };
  return { job, purpose: { kind: "certificateSigned", req, atMs } };
}

/** The certificate was read. */
export function signedCertificateRead(
  { state, nowMs }: Turn,
  { req, atMs }: { req: Req<"CertificateSigned">; atMs: number },
  { certificate, refusal, reason }: ReadResult,
): Handled<"CertificateSigned"> {
  const isEarly = refusal === "notYetValid" && certificate !== undefined && certificate.notBeforeMs > atMs;
  // Everything else is checked as of the moment from which it is to be used.
  if (isEarly) return check(state, req, certificate.notBeforeMs);
  const privateKey = state.security.signingRequest?.privateKey;
  if (refusal !== undefined || certificate === undefined) return refuse(`${refusal}: ${reason}`);
  if (privateKey === undefined) return refuse("none was asked for");
  const { notBeforeMs, notAfterMs } = certificate;
  const next: OwnCertificate = {
    chain: req.certificateChain,
    privateKey,
    notBeforeMs,
    notAfterMs,
    isRenewalAsked: false,
  };
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      turn.state.security = {
        ...turn.state.security,
        signingRequest: undefined,
        nextCertificate: notBeforeMs > nowMs ? next : undefined,
      };
      securityEvent(turn, "ReconfigurationOfSecurityParameters", "Charge Point certificate signed");
      if (notBeforeMs <= nowMs) useCertificate(turn, next);
    },
  };
}

function refuse(reason: string): Handled<"CertificateSigned"> {
  return {
    conf: { status: "Rejected" },
    consequence: (turn) => securityEvent(turn, "InvalidChargePointCertificate", reason),
  };
}

function useCertificate(turn: Turn, ownCertificate: OwnCertificate): void {
  const { state } = turn;
  emit(turn, { kind: "certificateInUse", notAfterMs: ownCertificate.notAfterMs });
  if (linkSecurityOf(state).securityProfile === 3) return tryParameters(turn, { ownCertificate });
  state.security = { ...state.security, ownCertificate };
}

/** Does what is due about certificates. */
export function certificateIfDue(turn: Turn): void {
  const { state, nowMs } = turn;
  const { nextCertificate, ownCertificate } = state.security;
  if (nextCertificate !== undefined && nowMs >= nextCertificate.notBeforeMs) {
    state.security = { ...state.security, nextCertificate: undefined };
    useCertificate(turn, nextCertificate);
  }
  if (ownCertificate === undefined || nowMs < renewalDeadlineMs(state)) return;
  if (ownCertificate.notAfterMs === undefined) return readOwnCertificate(turn, ownCertificate);
  state.security = { ...state.security, ownCertificate: { ...ownCertificate, isRenewalAsked: true } };
  requestCertificate(turn);
}

/** When something is due about certificates. */
export function certificateDeadlineMs(state: ChargePointState): number {
  if (!state.isPowered) return Infinity;
  return Math.min(state.security.nextCertificate?.notBeforeMs ?? Infinity, renewalDeadlineMs(state));
}

function renewalDeadlineMs(state: ChargePointState): number {
  const { ownCertificate, signingRequest } = state.security;
  if (ownCertificate === undefined || ownCertificate.isRenewalAsked || signingRequest !== undefined) {
    return Infinity;
  }
  if (!isOnline(state) || !mayRequestCertificate(state)) return Infinity;
  if (ownCertificate.notAfterMs !== undefined) return ownCertificate.notAfterMs - RENEWAL_BEFORE_END_MS;
  return state.maintenance.jobs.some(({ purpose }) => purpose.kind === "ownCertificate") ? Infinity : 0;
}

function readOwnCertificate(turn: Turn, { chain }: OwnCertificate): void {
  startJob(turn, { kind: "readCertificate", chain, atMs: turn.nowMs }, { kind: "ownCertificate" });
}

/** The certificate that the Charge Point was delivered with was read; one that cannot be is never renewed. */
export function ownCertificateRead({ state }: Turn, { certificate }: ReadResult): void {
  const { ownCertificate } = state.security;
  if (ownCertificate === undefined || ownCertificate.notAfterMs !== undefined) return;
  const notAfterMs = certificate?.notAfterMs ?? Number.MAX_SAFE_INTEGER;
  state.security = { ...state.security, ownCertificate: { ...ownCertificate, notAfterMs } };
}
