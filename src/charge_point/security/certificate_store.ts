/**
 * Root certificates: InstallCertificate, DeleteCertificate, GetInstalledCertificateIds.
 *
 * Rules: at most CertificateStoreMaxLength, all uses together; the same one again takes no place. A Central System root
 * that the present link was opened with cannot be deleted; the Charge Point's own certificate is not among them. With
 * AdditionalRootCertificateCheck there is one Central System root: the next must be signed by it, and the old one stays
 * behind as a fall-back until a link came about under the new one.
 * Spec: Security §4, InstallCertificate, DeleteCertificate, GetInstalledCertificateIds.
 */
import type { CertificateHashData } from "../../ocpp/messages/security.ts";
import type { Req } from "../../ocpp/registry.ts";
import { integer, isOn } from "../configuration/configuration.ts";
import type { Handled } from "../handler.ts";
import type { JobResult } from "../job.ts";
import { linkSecurityOf, openLinkAnew, tryNewRoot } from "../link/link_parameters.ts";
import { securityEvent } from "./security_event.ts";
import type { CertificateId, RootCertificate } from "./security_state.ts";
import type { ChargePointState, Turn } from "../state.ts";

type ReadResult = Extract<JobResult, { kind: "readCertificate" }>;

/** The hash that certificates are listed with. */
const HASH_ALGORITHM = "SHA256";

export function installCertificate(
  { state, nowMs }: Turn,
  req: Req<"InstallCertificate">,
): Handled<"InstallCertificate"> {
  const signers = req.certificateType === "CentralSystemRootCertificate" && isChecked(state)
    ? state.security.roots.filter(isCurrentCentralSystemRoot).map(({ pem }) => pem)
    : [];
  return {
    job: {
      kind: "readCertificate",
      chain: req.certificate,
      atMs: nowMs,
      ...(signers.length === 0 ? {} : { roots: signers }),
    },
    purpose: { kind: "installCertificate", req },
  };
}

/** The certificate was read. */
export function certificateRead(
  { state }: Turn,
  { certificateType: use, certificate: pem }: Req<"InstallCertificate">,
  { certificate, refusal }: ReadResult,
): Handled<"InstallCertificate"> {
  if (refusal !== undefined || certificate?.isCertificateAuthority !== true) return REJECTED;
  const id: CertificateId = { hashes: certificate.hashes, serialNumber: certificate.serialNumber };
  const { roots } = state.security;
  const kept = roots.filter((root) => root.use !== use || (root.pem !== pem && !isSame(root.id, id)));
  const isKnown = kept.length < roots.length;
  const isSuccessor = use === "CentralSystemRootCertificate" && isChecked(state) && !isKnown;
  const others = isSuccessor ? demoted(kept) : kept;
  const limit = integer(state.configuration, "CertificateStoreMaxLength");
  if (others.filter(({ isFallback }) => !isFallback).length >= limit) return REJECTED;
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      if (isSuccessor) tryNewRoot(turn);
      setRoots(turn, [...others, { use, pem, id, isFallback: false }]);
      if (!isKnown) securityEvent(turn, "ReconfigurationOfSecurityParameters", `${use} installed`);
    },
  };
}

const REJECTED: Handled<"InstallCertificate"> = { conf: { status: "Rejected" } };

function isChecked({ configuration }: ChargePointState): boolean {
  return isOn(configuration, "AdditionalRootCertificateCheck");
}

function isCurrentCentralSystemRoot({ use, isFallback }: RootCertificate): boolean {
  return use === "CentralSystemRootCertificate" && !isFallback;
}

/** The one Central System root becomes the fall-back, in the place of an older one. */
function demoted(roots: readonly RootCertificate[]): readonly RootCertificate[] {
  return roots.filter(({ isFallback }) => !isFallback).map((root) =>
    root.use === "CentralSystemRootCertificate" ? { ...root, isFallback: true } : root
  );
}

export function getInstalledCertificateIds(
  { state, nowMs }: Turn,
  { certificateType }: Req<"GetInstalledCertificateIds">,
): Handled<"GetInstalledCertificateIds"> {
  const roots = state.security.roots.filter(({ use }) => use === certificateType);
  const unread = firstUnread(roots);
  if (unread !== undefined) return readFirst(unread, nowMs);
  const certificateHashData = roots.flatMap(({ id }) => id === undefined ? [] : [hashDataOf(id)]);
  if (certificateHashData.length === 0) return { conf: { status: "NotFound" } };
  return { conf: { status: "Accepted", certificateHashData } };
}

function hashDataOf({ hashes, serialNumber }: CertificateId): CertificateHashData {
  return { hashAlgorithm: HASH_ALGORITHM, ...hashes[HASH_ALGORITHM], serialNumber };
}

export function deleteCertificate(
  { state, nowMs }: Turn,
  { certificateHashData }: Req<"DeleteCertificate">,
): Handled<"DeleteCertificate"> {
  const { roots, rootsInUse } = state.security;
  const unread = firstUnread(roots);
  if (unread !== undefined) return readFirst(unread, nowMs);
  const meant = roots.find(({ id }) => id !== undefined && isNamed(id, certificateHashData));
  if (meant === undefined) return { conf: { status: "NotFound" } };
  if (meant.use === "CentralSystemRootCertificate" && rootsInUse.includes(meant.pem)) {
    return { conf: { status: "Failed" } };
  }
  return {
    conf: { status: "Accepted" },
    consequence: (turn) => {
      setRoots(turn, turn.state.security.roots.filter((root) => root !== meant));
      securityEvent(turn, "ReconfigurationOfSecurityParameters", `${meant.use} deleted`);
    },
  };
}

/** Roots that came with the Charge Point are read when they are first asked about. */
function firstUnread(roots: readonly RootCertificate[]): RootCertificate | undefined {
  return roots.find(({ id }) => id === undefined);
}

function readFirst(
  { pem }: RootCertificate,
  atMs: number,
): Extract<Handled<"DeleteCertificate">, { job: unknown }> {
  return { job: { kind: "readCertificate", chain: pem, atMs }, purpose: { kind: "readRoot", pem } };
}

/** A delivered root was read; one that cannot be is none. */
export function rootRead(turn: Turn, pem: string, { certificate }: ReadResult): void {
  const { roots } = turn.state.security;
  setRoots(
    turn,
    roots.flatMap((root) => {
      if (root.pem !== pem || root.id !== undefined) return [root];
      if (certificate === undefined) return [];
      const { hashes, serialNumber } = certificate;
      return [{ ...root, id: { hashes, serialNumber } }];
    }),
  );
}

function isSame(one: CertificateId | undefined, other: CertificateId): boolean {
  return one !== undefined && isNamed(one, hashDataOf(other));
}

/** Hexadecimal digits come in any case, serial numbers with zeros before them. */
function isNamed(id: CertificateId, data: CertificateHashData): boolean {
  const { issuerNameHash, issuerKeyHash } = id.hashes[data.hashAlgorithm];
  return issuerNameHash === data.issuerNameHash.toLowerCase() &&
    issuerKeyHash === data.issuerKeyHash.toLowerCase() &&
    digits(id.serialNumber) === digits(data.serialNumber);
}

function digits(serialNumber: string): string {
  return serialNumber.toLowerCase().replace(/^0+/, "");
}

/** The next link is to know. */
function setRoots(turn: Turn, roots: readonly RootCertificate[]): void {
  const { state } = turn;
  const before = linkSecurityOf(state).roots;
  state.security = { ...state.security, roots };
  const after = linkSecurityOf(state).roots;
  const isChanged = before.length !== after.length || before.some((pem, index) => pem !== after[index]);
  if (isChanged) openLinkAnew(turn);
}
