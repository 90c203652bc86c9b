/**
 * Roots that the device trusts, its own certificate, and what is signed by others.
 *
 * Spec: Security §4, §5, InstallCertificate, GetInstalledCertificateIds, DeleteCertificate, CertificateSigned.
 */
import { createHash, verify, X509Certificate } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import type { Configuration } from "./configuration.ts";
import { partsOf } from "./der.ts";
import type { Handlers } from "./handler.ts";
import type { InstalledCertificate, Memory } from "./memory.ts";

type HashData = Req<"DeleteCertificate">["certificateHashData"];

const HASHES = { SHA256: "sha256", SHA384: "sha384", SHA512: "sha512" } as const;

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** What it has to do with. */
export interface CertificateEvents {
  sign(csr: string): Promise<Conf<"SignCertificate">>;
  onInvalid(): void;
  /** There is a new certificate of its own. */
  onRenewed(): void;
}

/** One device's. */
export class Certificates {
  readonly #memory: Memory;
  readonly #configuration: Configuration;
  readonly #serialNumber: string;
  readonly #events: CertificateEvents;
  #pending: CryptoKeyPair | undefined;

  constructor(
    options: {
      readonly memory: Memory;
      readonly configuration: Configuration;
      readonly serialNumber: string;
      readonly events: CertificateEvents;
    },
  ) {
    this.#memory = options.memory;
    this.#configuration = options.configuration;
    this.#serialNumber = options.serialNumber;
    this.#events = options.events;
  }

  roots(use: InstalledCertificate["use"]): readonly string[] {
    return this.#memory.certificates.filter((one) => one.use === use).map(({ certificate }) => certificate);
  }

  /** Makes a new pair of keys and asks for a certificate. Needs the operator's name. */
  async renew(): Promise<void> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ O: [this.#configuration.text("CpoName")] }, { CN: [this.#serialNumber] }],
      keys,
      signingAlgorithm: algorithm,
    });
    this.#pending = keys;
    await this.#events.sign(request.toString("pem")).catch(() => {});
  }

  get canRenew(): boolean {
    return this.#configuration.text("CpoName") !== "";
  }

  /** Whether a chain leads to a root of this use at this moment. */
  isTrusted(chain: string, use: InstalledCertificate["use"]): boolean {
    const links = linksOf(chain);
    if (links.length === 0) return false;
    const roots = this.roots(use).map((pem) => new X509Certificate(pem));
    return links.every((link, index) =>
      isValidNow(link) &&
      [links[index + 1], ...roots].some((issuer) =>
        issuer !== undefined && link.checkIssued(issuer) && link.verify(issuer.publicKey)
      )
    );
  }

  isSignedBy(chain: string, bytes: Uint8Array, signature: string): boolean {
    const [signer] = linksOf(chain);
    if (signer === undefined) return false;
    return verify("sha256", bytes, signer.publicKey, Uint8Array.fromBase64(signature));
  }

  readonly handlers: Handlers = {
    InstallCertificate: ({ certificateType: use, certificate }) => {
      const [root, ...others] = linksOf(certificate);
      const all = this.#memory.certificates;
      const isFull = all.length >= this.#configuration.number("CertificateStoreMaxLength");
      if (root === undefined || others.length > 0 || !isValidNow(root) || isFull) {
        return { conf: { status: "Rejected" } };
      }
      const kept = all.filter((one) => one.use !== use || one.certificate !== certificate);
      this.#memory.certificates = [...kept, { use, certificate }];
      return { conf: { status: "Accepted" } };
    },
    GetInstalledCertificateIds: ({ certificateType }) => {
      const hashData = this.roots(certificateType).map((pem) => hashDataOf(pem, "SHA256"));
      return hashData.length === 0
        ? { conf: { status: "NotFound" } }
        : { conf: { status: "Accepted", certificateHashData: hashData } };
    },
    DeleteCertificate: ({ certificateHashData }) => {
      const isMeant = ({ certificate }: InstalledCertificate) =>
        isSame(hashDataOf(certificate, certificateHashData.hashAlgorithm), certificateHashData);
      const kept = this.#memory.certificates.filter((one) => !isMeant(one));
      if (kept.length === this.#memory.certificates.length) return { conf: { status: "NotFound" } };
      const isNeeded = this.#memory.securityProfile >= 2 &&
        !kept.some(({ use }) => use === "CentralSystemRootCertificate");
      if (isNeeded) return { conf: { status: "Failed" } };
      this.#memory.certificates = kept;
      return { conf: { status: "Accepted" } };
    },
    CertificateSigned: async ({ certificateChain }) => {
      if (!await this.#take(certificateChain)) {
        return { conf: { status: "Rejected" }, afterwards: () => this.#events.onInvalid() };
      }
      return { conf: { status: "Accepted" }, afterwards: () => this.#events.onRenewed() };
    },
  };

  async #take(chain: string): Promise<boolean> {
    const pending = this.#pending;
    const [own] = linksOf(chain);
    if (pending === undefined || own === undefined) return false;
    const ours = new Uint8Array(await crypto.subtle.exportKey("spki", pending.publicKey));
    const theirs = new Uint8Array(own.publicKey.export({ type: "spki", format: "der" }));
    if (ours.toHex() !== theirs.toHex()) return false;
    if (!this.isTrusted(chain, "CentralSystemRootCertificate")) return false;
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", pending.privateKey);
    this.#memory.ownCertificate = { chain, privateKey: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
    this.#pending = undefined;
    return true;
  }
}

/** The certificates of a text; none where one cannot be read. */
function linksOf(chain: string): readonly X509Certificate[] {
  try {
    return (chain.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
  } catch {
    return [];
  }
}

function isValidNow({ validFrom, validTo }: X509Certificate): boolean {
  return Date.parse(validFrom) <= Date.now() && Date.now() < Date.parse(validTo);
}

/** Of a root, which is its own issuer. */
function hashDataOf(pem: string, hashAlgorithm: HashData["hashAlgorithm"]): HashData {
  const certificate = new X509Certificate(pem);
  const { issuerName, publicKeyBits } = partsOf(new Uint8Array(certificate.raw));
  const hash = (bytes: Uint8Array) => createHash(HASHES[hashAlgorithm]).update(bytes).digest("hex");
  return {
    hashAlgorithm,
    issuerNameHash: hash(issuerName),
    issuerKeyHash: hash(publicKeyBits),
    serialNumber: certificate.serialNumber.replace(/^0+/, ""),
  };
}

/** Hexadecimal texts compare without regard to case. */
function isSame(one: HashData, other: HashData): boolean {
  return (["issuerNameHash", "issuerKeyHash", "serialNumber"] as const).every((field) =>
    one[field].toLowerCase() === other[field].toLowerCase()
  );
}
