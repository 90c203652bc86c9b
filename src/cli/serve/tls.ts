/**
 * What the options of `serve` say about TLS, with the files that they name.
 */
import { validityFault } from "../../adapters/pem.ts";
import type { CertificateAuthority } from "../../runtime/certificate_authority.ts";
import type { TlsOptions } from "../../adapters/tls_server.ts";
import { authoritiesIn, ownCertificate } from "../authority_file.ts";
import { UsageError } from "../exit_code.ts";
import { cannotUse, certificatesIn, type NamedFile, privateKeyIn } from "../pem_file.ts";

/** The options. All but the port name PEM files. */
export interface TlsFileOptions {
  readonly port: number;
  readonly tlsPort?: number | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly clientCa?: string | undefined;
  readonly clientCaKey?: string | undefined;
}

/** Where TLS is listened on, and with what. */
export interface TlsListening {
  readonly port: number;
  readonly options: TlsOptions;
}

/**
 * Reads the files.
 *
 * Errors: `UsageError` for options that do not go together, `CommandError` for a file that will not do.
 */
export async function tlsOf(
  options: TlsFileOptions,
  nowMs: number,
): Promise<{ readonly listening?: TlsListening; readonly authority?: CertificateAuthority }> {
  checkTogether(options);
  const { tlsPort, tlsCert, tlsKey, clientCa, clientCaKey } = options;
  const clientRoots = clientCa === undefined
    ? []
    : await authoritiesIn({ path: clientCa, option: "--client-ca" }, nowMs);
  const authority = clientCaKey === undefined
    ? undefined
    : await authorityIn({ path: clientCaKey, option: "--client-ca-key" }, clientRoots);
  if (tlsPort === undefined || tlsCert === undefined || tlsKey === undefined) {
    return authority === undefined ? {} : { authority };
  }
  const file = { path: tlsCert, option: "--tls-cert" };
  const chain = await certificatesIn(file);
  const [certificate = ""] = chain;
  const why = validityFault(certificate, nowMs);
  if (why !== undefined) throw cannotUse(file, why);
  const privateKey = await privateKeyIn({ path: tlsKey, option: "--tls-key" }, { certificate });
  return {
    listening: { port: tlsPort, options: { certificateChain: chain.join(""), privateKey, clientRoots } },
    ...(authority === undefined ? {} : { authority }),
  };
}

function checkTogether({ port, tlsPort, tlsCert, tlsKey, clientCa, clientCaKey }: TlsFileOptions): void {
  const given = Object.entries({ "--tls-port": tlsPort, "--tls-cert": tlsCert, "--tls-key": tlsKey });
  const missing = given.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0 && missing.length < given.length) {
    const there = given.map(([name]) => name).filter((name) => !missing.includes(name));
    throw new UsageError(`${there.join(" and ")} alone is no TLS: add ${missing.join(" and ")}`);
  }
  if (tlsPort !== undefined && tlsPort !== 0 && tlsPort === port) {
    throw new UsageError(
      `--port and --tls-port are both ${port}: TLS listens beside the plain port, on one of its own`,
    );
  }
  if (clientCaKey !== undefined && clientCa === undefined) {
    throw new UsageError("--client-ca-key needs its certificate too: add --client-ca <file>");
  }
  if (clientCa !== undefined && tlsPort === undefined && clientCaKey === undefined) {
    throw new UsageError(
      "--client-ca is of no use without TLS: add --tls-port, or --client-ca-key to sign certificates with",
    );
  }
}

/** The one whose key it is: the file of authorities may hold several. */
async function authorityIn(
  file: NamedFile,
  certificates: readonly string[],
): Promise<CertificateAuthority> {
  const [certificate, privateKey] = await ownCertificate(file, certificates);
  const { openCertificateAuthority } = await import("../../adapters/certificate_authority.ts");
  try {
    return await openCertificateAuthority({ certificate, privateKey, certificates });
  } catch (error) {
    if (error instanceof RangeError) throw cannotUse(file, error.message);
    throw error;
  }
}
