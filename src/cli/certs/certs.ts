/**
 * Carries out `ocpp certs`.
 */
import { addressIn } from "../../adapters/address_range.ts";
import {
  certificateFacts,
  type CertificateTerms,
  type KeyedCertificate,
  makeBenchClient,
  makeBenchRoot,
  makeBenchServer,
} from "../../adapters/bench_certificates.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";
import { type CertificateFiles, filesOf, readFiles, writeFiles } from "./certificate_files.ts";
import type { CertsOptions } from "./command.ts";

const DAY_MS = 24 * 3_600_000;

/** How long the root holds: as long as a test bench may last. */
const ROOT_DAYS = 3_650;

const DEFAULT_HOSTS = ["localhost", "127.0.0.1", "::1"];
const DEFAULT_SERIALS = ["CP001"];
const DEFAULT_CPO_NAME = "Test CPO";

/** Where the printed command lines have TLS listen. */
const TLS_PORT = 9443;

/** A certificate that is there now. */
interface Kept {
  readonly role: "root" | "server" | "client";
  readonly files: CertificateFiles;
  readonly keyed: KeyedCertificate;
  /** Made by this run. */
  readonly isNew: boolean;
}

/** Makes what is missing and says how to use it. Errors: `CommandError`. */
export async function makeCertificates(options: CertsOptions, out: TextOutput): Promise<ExitCode> {
  const nowMs = Date.now();
  const { dir, keyType: type, days } = options;
  createFolder(dir);
  const keyType = type === "rsa" ? "RSA" : "EC";
  const common = { keyType, nowMs } as const;
  const root = await keep("root", filesOf(dir, "root"), { nowMs, isAuthority: true }, () =>
    makeBenchRoot({
      ...common,
      organization: options.cpoName ?? DEFAULT_CPO_NAME,
      notAfterMs: nowMs + ROOT_DAYS * DAY_MS,
    }));
  const { organization } = certificateFacts(root.keyed.certificate);
  if (options.cpoName !== undefined && options.cpoName !== organization) {
    throw new CommandError(
      `the root in ${dir} is that of ${
        JSON.stringify(organization)
      }: leave --cpo-name out, or choose another --dir`,
    );
  }
  const terms: CertificateTerms = { ...common, organization, notAfterMs: nowMs + days * DAY_MS };
  const server = await keep(
    "server",
    filesOf(dir, "server"),
    { nowMs },
    () => makeBenchServer(root.keyed, hostsOf(options.host ?? DEFAULT_HOSTS), terms),
  );
  const clients: Kept[] = [];
  for (const serial of new Set(options.serial ?? DEFAULT_SERIALS)) {
    const files = filesOf(dir, `client-${serial}`);
    const client = await keep("client", files, { nowMs }, () => makeBenchClient(root.keyed, serial, terms));
    const { commonName } = certificateFacts(client.keyed.certificate);
    if (commonName !== serial) {
      // Two serial numbers that differ in case only are one file to some file systems.
      throw new CommandError(`${files.certificate} is the certificate of ${commonName}, not of ${serial}`);
    }
    clients.push(client);
  }
  tell({ root, server, clients, organization }, options, out);
  return EXIT_CODE.done;
}

function createFolder(dir: string): void {
  try {
    Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new CommandError(`cannot make the folder ${dir}: ${(cause as Error).message}`, { cause });
  }
}

async function keep(
  role: Kept["role"],
  files: CertificateFiles,
  how: Parameters<typeof readFiles>[1],
  make: () => Promise<KeyedCertificate>,
): Promise<Kept> {
  const there = await readFiles(files, how);
  if (there !== undefined) return { role, files, keyed: there, isNew: false };
  const keyed = await make();
  writeFiles(files, keyed);
  return { role, files, keyed, isNew: true };
}

function hostsOf(hosts: readonly string[]) {
  const addresses = hosts.flatMap((host) => addressIn(host) ?? []);
  const dnsNames = hosts.filter((host) => addressIn(host) === undefined);
  return { dnsNames, addresses, commonName: hosts[0]! };
}

// --- what is told --------------------------------------------------------------------------------------------

interface Made {
  readonly root: Kept;
  readonly server: Kept;
  readonly clients: readonly Kept[];
  readonly organization: string;
}

function tell(made: Made, { dir, json, host }: CertsOptions, out: TextOutput): void {
  const { root, server, clients } = made;
  const serve = serveLine(made);
  const simulations = clients.map((client) => simulateLine(made, client, host?.[0] ?? DEFAULT_HOSTS[0]!));
  if (json) {
    const certificates = [root, server, ...clients].map(({ role, files, keyed, isNew }) => {
      const { notAfterMs, ...facts } = certificateFacts(keyed.certificate);
      return { role, ...files, ...facts, notAfter: dateTimeOf(notAfterMs), isNew };
    });
    out.write(jsonLine({ dir, certificates, serve, simulate: simulations }));
    return;
  }
  const { bold, dim, green } = out.style;
  for (const { role, files, keyed, isNew } of [root, server, ...clients]) {
    const { commonName, organization, notAfterMs } = certificateFacts(keyed.certificate);
    const state = isNew ? green("made ") : dim("there");
    const subject = `CN=${commonName}, O=${organization}`;
    const until = dim(`until ${dateTimeOf(notAfterMs).slice(0, 10)}`);
    out.write(
      `${state}  ${role.padEnd(6)}  ${plainText(files.certificate)} and .key  ${
        plainText(subject)
      }  ${until}\n`,
    );
  }
  const isHostIgnored = host !== undefined && !server.isNew;
  if (isHostIgnored) out.write("the server's certificate was there: --host changed nothing in it\n");
  out.write(`\n${bold("Central System")}\n  ${serve}\n`);
  out.write(
    `${bold("Charge Points")} (security profile 3; for profile 2 --password instead of --cert and --key)\n`,
  );
  for (const line of simulations) out.write(`  ${line}\n`);
}

/** As it is typed into a shell. */
function serveLine({ root, server, organization }: Made): string {
  return commandLine(["ocpp", "serve"], [
    ["--tls-port", String(TLS_PORT)],
    ["--tls-cert", server.files.certificate],
    ["--tls-key", server.files.privateKey],
    ["--client-ca", root.files.certificate],
    ["--client-ca-key", root.files.privateKey],
    ["--cpo-name", organization],
  ]);
}

function simulateLine({ root, organization }: Made, { files, keyed }: Kept, host: string): string {
  const { commonName } = certificateFacts(keyed.certificate);
  const url = `wss://${host.includes(":") ? `[${host}]` : host}:${TLS_PORT}`;
  return commandLine(["ocpp", "simulate", url], [
    ["--id", commonName],
    ["--ca", root.files.certificate],
    ["--cert", files.certificate],
    ["--key", files.privateKey],
    ["--set", `CpoName=${organization}`],
  ]);
}

function commandLine(
  command: readonly string[],
  options: readonly (readonly [name: string, value: string])[],
): string {
  return [...command, ...options.flat()].map(shellWord).join(" ");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
