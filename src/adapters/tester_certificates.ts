/**
 * The certificates of a tester that plays the Central System: its own for TLS, in order or spoilt on purpose, and those
 * of Charge Points that trust it. All below one authority.
 *
 * Spec: Security §2.5, §2.6, §4.
 */
import { type AuthorityFiles, isRoot, subAuthorities } from "./certificate_authority.ts";
import {
  certificateFacts,
  type CertificateTerms,
  type KeyedCertificate,
  makeBenchClient,
  makeBenchRoot,
  makeBenchServer,
} from "./bench_certificates.ts";

/** What is wrong with a server certificate; absent: nothing. */
export type ServerFlaw = "untrusted" | "wrongHost" | "expired" | undefined;

/** A certificate with what is above it, and its key. PEM. */
export interface ShownCertificate {
  readonly certificateChain: string;
  readonly privateKey: string;
}

const DAY_MS = 24 * 3_600_000;

/** How long certificates hold; within a month of its end a Charge Point would want another one. Security, SignCertificate. */
const VALID_DAYS = 90;

/** A host that is none of the tester's. Spec: RFC 6761 §6.2. */
const ELSEWHERE = "elsewhere.test";

/** Where Charge Points find the tester. */
export interface TesterHosts {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/** Makes certificates, each once. */
export class TesterCertificates {
  /** The highest authority that is known, PEM: what a Charge Point has to trust. */
  readonly root: string;
  /** The O of everything that it makes: the operator. */
  readonly organization: string;
  readonly #authority: KeyedCertificate;
  /** Sub-CAs that lead to it. */
  readonly #above: string;
  readonly #hosts: TesterHosts;
  readonly #terms: CertificateTerms;
  readonly #servers = new Map<ServerFlaw, Promise<ShownCertificate>>();
  readonly #clients = new Map<string, Promise<{ readonly chain: string; readonly privateKey: string }>>();

  /** Units: `nowMs` since 1970. */
  constructor(
    authority: AuthorityFiles,
    { hosts, nowMs }: { readonly hosts: TesterHosts; readonly nowMs: number },
  ) {
    this.#authority = authority;
    this.#above = subAuthorities(authority).join("");
    this.root = authority.certificates.find(isRoot) ?? authority.certificate;
    this.#hosts = hosts;
    const { organization } = certificateFacts(authority.certificate);
    this.organization = organization;
    this.#terms = { organization, keyType: "EC", nowMs, notAfterMs: nowMs + VALID_DAYS * DAY_MS };
  }

  /** What a listener shows. */
  server(flaw: ServerFlaw): Promise<ShownCertificate> {
    return once(this.#servers, flaw, () => this.#makeServer(flaw));
  }

  /** What a Charge Point of this serial number shows. */
  client(serialNumber: string): Promise<{ readonly chain: string; readonly privateKey: string }> {
    return once(this.#clients, serialNumber, async () => {
      const made = await makeBenchClient(this.#authority, serialNumber, this.#terms);
      return { chain: made.certificate + this.#above, privateKey: made.privateKey };
    });
  }

  async #makeServer(flaw: ServerFlaw): Promise<ShownCertificate> {
    const { nowMs } = this.#terms;
    const authority = flaw === "untrusted" ? await makeBenchRoot(this.#terms) : this.#authority;
    const hosts = flaw === "wrongHost" ? { dnsNames: [ELSEWHERE], addresses: [] } : this.#hosts;
    const terms = flaw === "expired"
      ? { ...this.#terms, nowMs: nowMs - 2 * DAY_MS, notAfterMs: nowMs - DAY_MS }
      : this.#terms;
    const commonName = hosts.dnsNames[0] ?? hosts.addresses[0] ?? ELSEWHERE;
    const made = await makeBenchServer(authority, { ...hosts, commonName }, terms);
    const above = flaw === "untrusted" ? "" : this.#above;
    return { certificateChain: made.certificate + above, privateKey: made.privateKey };
  }
}

function once<K, V>(made: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const there = made.get(key);
  if (there !== undefined) return there;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}
