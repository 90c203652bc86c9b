/**
 * An authority of one's own, from its certificate and key: signs certificates for TLS clients, after a look at what is
 * asked for.
 *
 * Nothing of a request gets into a certificate but its key and two names that were checked.
 * Spec: Security §2.6, §4 (key sizes, SHA-256, CN and O), SignCertificate; RFC 2986 (PKCS#10).
 */
import { X509Certificate } from "node:crypto";
import { sameCiString } from "../ocpp/types.ts";
import type { CertificateAuthority, SigningOrder, SigningOutcome } from "../runtime/certificate_authority.ts";
import { type CertificateIssuer, issueCertificate } from "./certificate_issuing.ts";
import { readSigningRequest, type RequestedNames } from "./certificate_request.ts";
import { signingKeyOf } from "./key_pair.ts";

/** How long a certificate holds, unless the authority ends before. */
const CERTIFICATE_DAYS = 365;

/** How long before now it begins: a Charge Point whose clock is slow would refuse it. */
const BEGUN_BEFORE_MS = 24 * 3_600_000;

/** PEM texts. */
export interface AuthorityFiles {
  readonly certificate: string;
  readonly privateKey: string;
  /** Those that lead from it to the root may be among them. */
  readonly certificates: readonly string[];
}

/** Errors: throws `RangeError` for a key of a kind that cannot sign certificates here. */
export async function openCertificateAuthority(files: AuthorityFiles): Promise<CertificateAuthority> {
  const { certificate, privateKey } = files;
  const issuer = { certificate, key: await signingKeyOf(privateKey, certificate) };
  const above = subAuthorities(files);
  const endMs = Date.parse(new X509Certificate(certificate).validTo);
  return { sign: (order) => sign(order, { issuer, above, endMs }) };
}

interface Authority {
  readonly issuer: CertificateIssuer;
  readonly above: readonly string[];
  readonly endMs: number;
}

async function sign(order: SigningOrder, { issuer, above, endMs }: Authority): Promise<SigningOutcome> {
  const read = await readSigningRequest(order.csr);
  if (!read.ok) return read;
  const { request, names } = read;
  const reason = faultOf(names, order);
  if (reason !== undefined) return { ok: false, reason };
  if (order.nowMs >= endMs) return { ok: false, reason: "the client CA has expired" };
  const [commonName = ""] = names.commonNames;
  const [organization] = names.organizations;
  try {
    const certificate = await issueCertificate({
      commonName,
      ...(organization === undefined ? {} : { organization }),
      publicKey: request.publicKey,
      use: { kind: "client" },
      notBeforeMs: order.nowMs - BEGUN_BEFORE_MS,
      notAfterMs: Math.min(order.nowMs + CERTIFICATE_DAYS * 24 * 3_600_000, endMs),
    }, issuer);
    const { serialNumber } = new X509Certificate(certificate);
    return {
      ok: true,
      certificateChain: [certificate, ...above].join(""),
      serialNumber: serialNumber.toLowerCase(),
    };
  } catch (error) {
    return { ok: false, reason: `the certificate cannot be made: ${(error as Error).message}` };
  }
}

function faultOf(
  { commonNames, organizations }: RequestedNames,
  { commonName, organization }: SigningOrder,
): string | undefined {
  if (commonNames.length !== 1 || organizations.length > 1) {
    return "the CSR has not exactly one CN and at most one O";
  }
  const [name = ""] = commonNames;
  if (!sameCiString(name, commonName)) {
    return `the CSR is for ${JSON.stringify(name)}, and the certificate serial number is ${
      JSON.stringify(commonName)
    }`;
  }
  if (organization !== undefined && organizations[0] !== organization) {
    return `the CSR is of ${JSON.stringify(organizations[0] ?? "")}, not of ${JSON.stringify(organization)}`;
  }
  return undefined;
}

/** The authority's own certificate and those above it, up to the root, which everybody has to have already. */
export function subAuthorities({ certificate, certificates }: AuthorityFiles): readonly string[] {
  const above: string[] = [];
  let current: string | undefined = certificate;
  while (current !== undefined && !isRoot(current) && !above.includes(current)) {
    above.push(current);
    const below: X509Certificate = new X509Certificate(current);
    current = certificates.find((one) => below.checkIssued(new X509Certificate(one)));
  }
  return above;
}

/** Whether a certificate (PEM) names itself as its issuer. */
export function isRoot(certificate: string): boolean {
  const { subject, issuer } = new X509Certificate(certificate);
  return subject === issuer;
}
