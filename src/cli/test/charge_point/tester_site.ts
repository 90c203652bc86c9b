/**
 * Everything that the tester opens before a Charge Point comes: the plain listener, its certificates, the bench.
 */
import { addressIn } from "../../../adapters/address_range.ts";
import type { AuthorityFiles } from "../../../adapters/certificate_authority.ts";
import { listenHardened } from "../../../adapters/hardened_listener.ts";
import { ListenError } from "../../../adapters/listen_address.ts";
import { systemClock } from "../../../adapters/system_clock.ts";
import { HttpTestBench } from "../../../adapters/test_bench/http_test_bench.ts";
import { TesterCertificates } from "../../../adapters/tester_certificates.ts";
import { TesterEntrance } from "../../../runtime/tester_entrance.ts";
import { authoritiesIn, ownCertificate } from "../../authority_file.ts";
import { CommandError, UsageError } from "../../exit_code.ts";
import { plainText } from "../../plain_text.ts";
import type { TextOutput } from "../../terminal.ts";
import type { ChargePointTestOptions } from "./command.ts";

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

/** Listening there is listening everywhere, which is no place to go to. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Opens it. Errors: `CommandError` for a port or a file that cannot be had, `UsageError`. */
export async function openTesterSite(
  options: Pick<ChargePointTestOptions, "host" | "port" | "publicHost" | "ca" | "caKey">,
  stderr: TextOutput,
): Promise<TesterSite> {
  const { host: listenHost, port, publicHost } = options;
  if (publicHost === undefined && EVERYWHERE.has(listenHost)) {
    throw new UsageError(`--host ${listenHost} is everywhere: say with --public-host how it is reached`);
  }
  const host = publicHost ?? listenHost;
  const centralSystem = await authorityOf(options);
  const entrance = new TesterEntrance(({ remoteAddress, why }) =>
    stderr.write(`ocpp: refused a connection from ${plainText(remoteAddress)}: ${plainText(why)}\n`)
  );
  try {
    const listener = await listenHardened(
      { hostname: listenHost, port, pingIntervalSeconds: 0 },
      entrance.handlers,
    );
    try {
      const bench = await HttpTestBench.open({
        ...(centralSystem === undefined ? {} : { authorities: { centralSystem } }),
        address: { hostname: listenHost === "localhost" ? "127.0.0.1" : listenHost, port: 0 },
        advertisedHost: host === "localhost" ? "127.0.0.1" : host,
      });
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
      await listener.close();
      throw error;
    }
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

async function authorityOf(
  { ca, caKey }: Pick<ChargePointTestOptions, "ca" | "caKey">,
): Promise<AuthorityFiles | undefined> {
  if (ca === undefined && caKey === undefined) return undefined;
  if (ca === undefined) throw new UsageError("--ca-key needs its certificate too: add --ca <file>");
  if (caKey === undefined) throw new UsageError("--ca needs its private key too: add --ca-key <file>");
  const certificates = await authoritiesIn({ path: ca, option: "--ca" }, systemClock.nowMs());
  const [certificate, privateKey] = await ownCertificate({ path: caKey, option: "--ca-key" }, certificates);
  return { certificate, privateKey, certificates };
}
