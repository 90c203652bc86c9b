/**
 * Everything that the tester opens before a Charge Point comes: the plain listener, its certificates, the bench.
 */
import { addressIn } from "../../../adapters/address_range.ts";
import { listenHardened } from "../../../adapters/hardened_listener.ts";
import { ListenError } from "../../../adapters/listen_address.ts";
import { systemClock } from "../../../adapters/system_clock.ts";
import type { HttpTestBench } from "../../../adapters/test_bench/http_test_bench.ts";
import { TesterCertificates } from "../../../adapters/tester_certificates.ts";
import { DEFAULT_SETUP } from "../../../conformance/session.ts";
import { TesterEntrance } from "../../../runtime/tester_entrance.ts";
import { CommandError } from "../../exit_code.ts";
import { plainText } from "../../plain_text.ts";
import type { TextOutput } from "../../terminal.ts";
import { type BenchOptions, openBench } from "../bench_options.ts";

/** That the tester gives away; not 1, which much could be mistaken for. */
export const FIRST_TRANSACTION_ID = 1_001;

/** What is open. */
export interface TesterSite {
  readonly entrance: TesterEntrance;
  readonly certificates: TesterCertificates;
  readonly bench: HttpTestBench;
  /** By which name Charge Points reach this machine. */
  readonly host: string;
  /** Where they connect without TLS, without an identity. */
  readonly url: string;
  close(): Promise<void>;
}

/** What of the options says how. Those of the bench are names of files but for port and scheme. */
export interface SiteOptions extends Omit<BenchOptions, "host" | "port" | "advertisedHost" | "organization"> {
  readonly host: string;
  readonly port: number;
  readonly publicHost?: string | undefined;
  readonly benchPort: number;
}

/** Opens it. Errors: `CommandError` for a port or a file that cannot be had, `UsageError`. */
export async function openTesterSite(
  options: SiteOptions,
  stderr: TextOutput,
): Promise<TesterSite> {
  const { host: listenHost, port, publicHost } = options;
  const host = publicHost ?? listenHost;
  const bench = await openBench({
    ca: options.ca,
    caKey: options.caKey,
    manufacturerCa: options.manufacturerCa,
    manufacturerCaKey: options.manufacturerCaKey,
    firmware: options.firmware,
    firmwareVersion: options.firmwareVersion,
    signatureScheme: options.signatureScheme,
    // It listens on one address; `localhost` may be two.
    host: listenHost === "localhost" ? "127.0.0.1" : listenHost,
    port: options.benchPort,
    advertisedHost: host === "localhost" ? "127.0.0.1" : host,
    organization: DEFAULT_SETUP.cpoName,
  });
  const entrance = new TesterEntrance(({ remoteAddress, why }) =>
    stderr.write(`ocpp: refused a connection from ${plainText(remoteAddress)}: ${plainText(why)}\n`)
  );
  try {
    const listener = await listening(
      listenHardened({ hostname: listenHost, port, pingIntervalSeconds: 0 }, entrance.handlers),
    );
    return {
      ...{ entrance, bench, host },
      certificates: new TesterCertificates(bench.certificates.authorities.centralSystem, {
        hosts: hostsOf(host),
        nowMs: systemClock.nowMs(),
      }),
      url: `ws://${urlHost(host)}:${listener.port}`,
      close: async () => {
        await listener.close();
        await bench.close();
      },
    };
  } catch (error) {
    await bench.close();
    throw error;
  }
}

/** A listener that begins. Errors: `CommandError` where it cannot. */
export async function listening<Listener>(begun: Promise<Listener>): Promise<Listener> {
  try {
    return await begun;
  } catch (error) {
    if (error instanceof ListenError) throw new CommandError(error.message, { cause: error.cause ?? error });
    throw error;
  }
}

/** As it stands in a URL. */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function hostsOf(host: string) {
  const isAddress = addressIn(host) !== undefined;
  return {
    dnsNames: ["localhost", ...(isAddress || host === "localhost" ? [] : [host])],
    addresses: isAddress ? [host] : [],
  };
}
