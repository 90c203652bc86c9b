/**
 * Which security profile the options of `simulate` amount to, and what they say about passwords and certificates.
 */
import type { LinkSecurity } from "../../charge_point/job.ts";
import type { CentralSystemUrls } from "../../runtime/link_security.ts";
import { authorizationKeyOf, type PasswordOptions } from "../authorization_key.ts";
import { UsageError } from "../exit_code.ts";
import { certificatesIn, privateKeyIn } from "../pem_file.ts";

/** The options that security is made of. Secrets stand in them. */
export interface SecurityOptions extends PasswordOptions {
  /** Without the identity and without a `/` at its end. */
  readonly url: string;
  /** Where profiles 2 and 3 connect; without it the same URL with wss. */
  readonly tlsUrl?: string | undefined;
  /** Names of PEM files. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Reads the files and puts it all together.
 *
 * Errors: `UsageError` for options that contradict each other, `CommandError` for a file that will not do; none
 * of them tells a secret.
 */
export async function securityOf(
  options: SecurityOptions,
): Promise<{ urls: CentralSystemUrls; security: LinkSecurity }> {
  const securityProfile = securityProfileOf(options);
  const { url, tlsUrl, ca, cert, key } = options;
  const authorizationKey = authorizationKeyOf(options)?.toLowerCase();
  const roots = ca === undefined ? [] : await certificatesIn({ path: ca, option: "--ca" });
  return {
    urls: { plain: url, tls: tlsUrl ?? url.replace(/^ws:/, "wss:") },
    security: {
      securityProfile,
      ...(authorizationKey === undefined ? {} : { authorizationKey }),
      roots,
      ...(cert === undefined || key === undefined
        ? {}
        : { clientCertificate: await clientCertificateIn({ cert, key }) }),
    },
  };
}

/** The profile to begin with. Errors: `UsageError` says what to do about a contradiction. */
export function securityProfileOf(options: SecurityOptions): LinkSecurity["securityProfile"] {
  const { url, tlsUrl, ca, cert, key } = options;
  const hasPassword = authorizationKeyOf(options) !== undefined;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      cert === undefined
        ? "--key needs its certificate too: add --cert <file>"
        : "--cert needs its private key too: add --key <file>",
    );
  }
  const isTls = url.startsWith("wss:");
  if (tlsUrl !== undefined && !tlsUrl.startsWith("wss:")) {
    throw new UsageError("--tls-url is where TLS is spoken: let it begin with wss://");
  }
  if (tlsUrl !== undefined && isTls) {
    throw new UsageError(
      "the URL is a wss:// URL already: leave --tls-url out, or give the ws:// URL beside it",
    );
  }
  if (!isTls && tlsUrl === undefined && (ca !== undefined || cert !== undefined)) {
    throw new UsageError(
      `${ca === undefined ? "--cert" : "--ca"} is of no use without TLS: connect to wss://, ` +
        "or say with --tls-url where TLS is spoken",
    );
  }
  if (isTls && cert !== undefined && hasPassword) {
    throw new UsageError(
      "security profile 2 shows a password and profile 3 a client certificate: give --password or --cert, not both",
    );
  }
  if (isTls && cert !== undefined) return 3;
  if (isTls) return hasPassword ? 2 : 0;
  return hasPassword ? 1 : 0;
}

async function clientCertificateIn({ cert, key }: { cert: string; key: string }) {
  const chain = (await certificatesIn({ path: cert, option: "--cert" })).join("");
  return { chain, privateKey: await privateKeyIn({ path: key, option: "--key" }, { certificate: chain }) };
}
