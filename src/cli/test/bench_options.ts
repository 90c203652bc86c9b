/**
 * The bench of `ocpp test`, from what the command line says of it.
 *
 * A Charge Point trusts the authorities of its operator and of its manufacturer. One that cannot be given others is
 * tested with those: their certificates and keys come in PEM files.
 */
import type { AuthorityFiles } from "../../adapters/certificate_authority.ts";
import { ListenError } from "../../adapters/listen_address.ts";
import type { BenchAuthorities } from "../../adapters/test_bench/certificates.ts";
import type { FirmwareImage } from "../../adapters/test_bench/firmware.ts";
import type { FirmwareSignatureScheme } from "../../adapters/test_bench/firmware_signature.ts";
import { HttpTestBench } from "../../adapters/test_bench/http_test_bench.ts";
import { authoritiesIn, ownCertificate } from "../authority_file.ts";
import { CommandError, UsageError } from "../exit_code.ts";
import { cannotUse } from "../pem_file.ts";
import { whyUnreadable } from "../unreadable.ts";

/** What may be said. All but the names of hosts, the port and the scheme are paths of files. */
export interface BenchOptions {
  /** The address that files are at; absent: for this machine only. */
  readonly host?: string | undefined;
  /** Absent: any. */
  readonly port?: number | undefined;
  /** By which name systems under test reach this machine. */
  readonly advertisedHost?: string | undefined;
  /** The authority that the Charge Point trusts for its own certificate and the Central System's. */
  readonly ca?: string | undefined;
  readonly caKey?: string | undefined;
  /** The authority that stands above whoever signs firmware. */
  readonly manufacturerCa?: string | undefined;
  readonly manufacturerCaKey?: string | undefined;
  /** A firmware file that the Charge Point can install. */
  readonly firmware?: string | undefined;
  /** What it tells in BootNotification afterwards. */
  readonly firmwareVersion?: string | undefined;
  readonly signatureScheme?: FirmwareSignatureScheme | undefined;
  /** The operator in certificates that are made. */
  readonly organization?: string | undefined;
}

/** What the options are called, for what is said of them. */
export interface BenchOptionNames {
  readonly host: string;
  readonly port: string;
  readonly advertisedHost: string;
  readonly ca: string;
  readonly caKey: string;
  readonly manufacturerCa: string;
  readonly manufacturerCaKey: string;
  readonly firmware: string;
  readonly firmwareVersion: string;
}

/** The names that they have unless a command says otherwise. */
export const BENCH_OPTION_NAMES: BenchOptionNames = {
  host: "--host",
  port: "--bench-port",
  advertisedHost: "--public-host",
  ca: "--ca",
  caKey: "--ca-key",
  manufacturerCa: "--manufacturer-ca",
  manufacturerCaKey: "--manufacturer-ca-key",
  firmware: "--firmware",
  firmwareVersion: "--firmware-version",
};

/** Listening there is listening everywhere, which is no place to go to. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Reads the files, makes what is missing and listens.
 *
 * Errors: `UsageError` for options that do not go together, `CommandError` for a file or an address that will not do.
 */
export async function openBench(
  options: BenchOptions,
  names: BenchOptionNames = BENCH_OPTION_NAMES,
): Promise<HttpTestBench> {
  const { host = "127.0.0.1", port = 0, advertisedHost = host, signatureScheme, organization } = options;
  if (EVERYWHERE.has(advertisedHost)) {
    throw new UsageError(
      `${names.host} ${host} is everywhere: say with ${names.advertisedHost} how it is reached`,
    );
  }
  const centralSystem = await authorityOf(
    { certificate: options.ca, key: options.caKey },
    { certificate: names.ca, key: names.caKey },
  );
  const manufacturer = await authorityOf(
    { certificate: options.manufacturerCa, key: options.manufacturerCaKey },
    { certificate: names.manufacturerCa, key: names.manufacturerCaKey },
  );
  const authorities: Partial<BenchAuthorities> = {
    ...(centralSystem === undefined ? {} : { centralSystem }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
  };
  const image = await imageOf(options, names);
  try {
    return await HttpTestBench.open({
      address: { hostname: host, port, optionNames: { host: names.host, port: names.port } },
      advertisedHost,
      authorities,
      signatureScheme,
      organization,
      image,
    });
  } catch (error) {
    if (error instanceof ListenError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

interface Pair {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

async function authorityOf(
  paths: Pair,
  names: { readonly certificate: string; readonly key: string },
): Promise<AuthorityFiles | undefined> {
  if (paths.certificate === undefined && paths.key === undefined) return undefined;
  if (paths.certificate === undefined) throw new UsageError(`${names.key} needs ${names.certificate} too`);
  if (paths.key === undefined) throw new UsageError(`${names.certificate} needs ${names.key} too`);
  const file = { path: paths.certificate, option: names.certificate };
  const keyFile = { path: paths.key, option: names.key };
  const certificates = await authoritiesIn(file, Date.now());
  const [certificate, privateKey] = await ownCertificate(keyFile, certificates);
  const { signingKeyOf } = await import("../../adapters/key_pair.ts");
  try {
    await signingKeyOf(privateKey, certificate);
  } catch (error) {
    if (error instanceof RangeError) throw cannotUse(keyFile, error.message);
    throw error;
  }
  return { certificate, privateKey, certificates };
}

async function imageOf(
  { firmware: path, firmwareVersion: version }: BenchOptions,
  names: BenchOptionNames,
): Promise<FirmwareImage | undefined> {
  if (path === undefined) {
    if (version === undefined) return undefined;
    throw new UsageError(`${names.firmwareVersion} needs ${names.firmware} too: whose version is it?`);
  }
  try {
    const bytes = await Deno.readFile(path);
    return { fileName: path.split(/[\\/]/).at(-1)!, bytes, version };
  } catch (cause) {
    throw new CommandError(`cannot read ${path} (${names.firmware}): ${whyUnreadable(cause)}`, { cause });
  }
}
