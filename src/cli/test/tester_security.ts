/**
 * What the tester shows as a Charge Point, and whom it trusts: from the options, and made on the spot.
 */
import {
  certificateFacts,
  type CertificateTerms,
  makeBenchClient,
  makeBenchRoot,
} from "../../adapters/bench_certificates.ts";
import type { ShownCertificate, TesterClientOptions } from "../../adapters/tester_client.ts";
import { UsageError } from "../exit_code.ts";
import { certificatesIn, privateKeyIn } from "../pem_file.ts";
import type { SecurityProfile } from "./central_system_plan.ts";
import { authorizationKeyOf, type PasswordOptions } from "../authorization_key.ts";

/** The options. Secrets stand in them. */
export interface TesterSecurityOptions extends PasswordOptions {
  readonly url: string;
  readonly tlsUrl?: string | undefined;
  /** Names of PEM files. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly otherCert?: string | undefined;
  readonly otherKey?: string | undefined;
}

/** What comes of them. */
export interface TesterSecurity {
  readonly link: TesterClientOptions;
  /** Hexadecimal, where the tester was given a password. */
  readonly authorizationKey?: string;
  /** CN and O of the certificate that it shows as its own. */
  readonly own?: { readonly commonName: string; readonly organization: string };
}

/** How long a certificate holds that is made for one run. */
const HOLDS_MS = 24 * 3_600_000;

/** Reads the files and makes the rest. Errors: `UsageError`, `CommandError`; none of them tells a secret. */
export async function testerSecurity(options: TesterSecurityOptions): Promise<TesterSecurity> {
  const { url, tlsUrl, ca, cert, key, otherCert, otherKey } = options;
  const authorizationKey = authorizationKeyOf(options);
  const isTls = url.startsWith("wss:");
  if (tlsUrl !== undefined && (isTls || !tlsUrl.startsWith("wss:"))) {
    throw new UsageError("--tls-url is the wss:// URL beside a ws:// one");
  }
  const tls = isTls ? url : tlsUrl;
  const needsTls = Object.entries({ "--ca": ca, "--cert": cert, "--other-cert": otherCert })
    .find(([, value]) => value !== undefined);
  if (tls === undefined && needsTls !== undefined) {
    throw new UsageError(`${needsTls[0]} is of no use without TLS: say with --tls-url where that is spoken`);
  }
  const own = await shownCertificate({ cert, key, prefix: "--" });
  const another = await shownCertificate({ cert: otherCert, key: otherKey, prefix: "--other-" });
  const facts = own === undefined ? undefined : certificateFacts(own.chain);
  return {
    link: {
      urls: { ...(isTls ? {} : { plain: url }), ...(tls === undefined ? {} : { tls }) },
      roots: ca === undefined ? [] : await certificatesIn({ path: ca, option: "--ca" }),
      certificates: {
        ...(own === undefined ? {} : { own }),
        ...(another === undefined ? {} : { another }),
        ...(facts === undefined ? {} : { untrusted: await certificateOfNobody(facts) }),
      },
    },
    ...(authorizationKey === undefined ? {} : { authorizationKey }),
    ...(facts === undefined ? {} : { own: facts }),
  };
}

/** The security profiles that can be played with what was given. */
export function playableProfiles(
  { link: { urls, certificates } }: TesterSecurity,
  { hasPassword }: { readonly hasPassword: boolean },
): readonly SecurityProfile[] {
  const profiles: SecurityProfile[] = [];
  if (urls.plain !== undefined) profiles.push(0);
  if (urls.plain !== undefined && hasPassword) profiles.push(1);
  if (urls.tls !== undefined && hasPassword) profiles.push(2);
  if (urls.tls !== undefined && certificates.own !== undefined) profiles.push(3);
  return profiles;
}

/** What a security profile cannot be played without. */
export function missingFor(profile: SecurityProfile): string {
  return {
    0: "a ws:// URL",
    1: "a ws:// URL and a --password",
    2: "a --tls-url (or a wss:// URL) and a --password",
    3: "a --tls-url (or a wss:// URL), a --cert and its --key",
  }[profile];
}

async function shownCertificate(
  { cert, key, prefix }: {
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly prefix: string;
  },
): Promise<ShownCertificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) {
    throw new UsageError(`${prefix}key needs its certificate too: add ${prefix}cert <file>`);
  }
  if (key === undefined) {
    throw new UsageError(`${prefix}cert needs its private key too: add ${prefix}key <file>`);
  }
  const chain = (await certificatesIn({ path: cert, option: `${prefix}cert` })).join("");
  const privateKey = await privateKeyIn({ path: key, option: `${prefix}key` }, { certificate: chain });
  return { chain, privateKey };
}

/** One with the right names, by an authority that is gone as soon as it has signed. */
async function certificateOfNobody(
  { commonName, organization }: { readonly commonName: string; readonly organization: string },
): Promise<ShownCertificate> {
  const nowMs = Date.now();
  const terms: CertificateTerms = { organization, keyType: "EC", nowMs, notAfterMs: nowMs + HOLDS_MS };
  const root = await makeBenchRoot(terms);
  const { certificate, privateKey } = await makeBenchClient(root, commonName, terms);
  return { chain: certificate, privateKey };
}
