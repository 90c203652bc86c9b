/**
 * Carries out `ocpp serve`.
 */
import { getLogger } from "@logtape/logtape";
import { ListenError } from "../../adapters/listen_address.ts";
import { FileStoreError } from "../../runtime/file_store.ts";
import { StoreError } from "../../central_system/store.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { Listener } from "../../runtime/listener.ts";
import { isLoopback, newToken } from "../api_access.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { configureLogging } from "../logging.ts";
import { stopSignal } from "../signals.ts";
import { stderr, stdout } from "../terminal.ts";
import { VERSION } from "../version.ts";
import {
  type CentralSystemOptions,
  type RunningCentralSystem,
  startCentralSystem,
  startHardenedCentralSystem,
} from "./central_system.ts";
import type { ServeOptions } from "./command.ts";
import { FrameView } from "./frame_view.ts";
import { type TlsListening, tlsOf } from "./tls.ts";
import { LoggingObserver } from "./logging_observer.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Runs until Ctrl-C. Errors: `CommandError`. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  await configureLogging(options, stderr);
  const stop = stopSignal();
  const frameView = new FrameView(stdout, { json: options.json });
  const observer = new LoggingObserver(frameView);
  const { listening: tls, authority } = await tlsOf(options, Date.now());
  const madeToken = options.apiToken === undefined && !isLocal(options) ? newToken() : undefined;
  const running = await start(options, {
    apiToken: options.apiToken ?? madeToken,
    certificateAuthority: authority,
    observer,
  });
  const tlsListener = tls === undefined ? undefined : await listenWithTls(running, tls);
  const facts = {
    ...factsOf(options, running, tlsListener),
    ...(madeToken === undefined ? {} : { apiToken: madeToken }),
  };
  stdout.write(options.json ? `${JSON.stringify(facts)}\n` : banner(facts));
  if (!isLocal(options)) warnOfOpenness(options);
  await stop;
  if (!options.json) stdout.write("stopping: closing connections, writing down what was acknowledged\n");
  await running.stop();
  observer.end();
  return EXIT_CODE.done;
}

async function start(
  options: ServeOptions,
  parts: Pick<CentralSystemOptions, "apiToken" | "certificateAuthority" | "observer">,
): Promise<RunningCentralSystem> {
  const startIt = listenerOf(options) === "native" ? startCentralSystem : startHardenedCentralSystem;
  try {
    return await startIt({
      host: options.host,
      port: options.port,
      database: options.database,
      settings: {
        heartbeatIntervalSeconds: options.heartbeatInterval,
        bootStatus: options.bootStatus,
        bootIntervalSeconds: options.bootInterval,
        authorization: options.authorization,
      },
      admission: {
        registration: options.registration,
        validation: options.validation,
        allowOrigins: options.allowOrigin,
        callTimeoutMs: options.callTimeout * 1_000,
        securityProfile: options.securityProfile,
        ...(options.cpoName === undefined ? {} : { cpoName: options.cpoName }),
        maxFrameRate: maxFrameRateOf(options),
      },
      upkeep: {
        zombieGraceMs: options.zombieGrace * HOUR_MS,
        ...(options.keepMessages === 0 ? {} : { keepFramesMs: options.keepMessages * DAY_MS }),
        ...(options.keepMeterValues === 0 ? {} : { keepMeterValuesMs: options.keepMeterValues * DAY_MS }),
      },
      pingIntervalSeconds: options.pingInterval,
      trustedProxies: options.trustedProxy,
      files: options.files,
      fileBytesMax: options.maxFileSize * 1_048_576,
      publicUrl: options.publicUrl,
      ...parts,
      version: VERSION,
    });
  } catch (error) {
    throw commandErrorOf(error);
  }
}

async function listenWithTls(running: RunningCentralSystem, tls: TlsListening): Promise<Listener> {
  try {
    return await running.listenWithTls(tls);
  } catch (error) {
    await running.stop();
    throw commandErrorOf(error);
  }
}

function commandErrorOf(error: unknown): unknown {
  return error instanceof StoreError || error instanceof ListenError || error instanceof FileStoreError
    ? new CommandError(error.message, { cause: error.cause ?? error })
    : error;
}

/** What a program that starts this one needs to know; a token only if it was made here. */
interface ServeFacts {
  readonly at: string;
  readonly listening: string;
  readonly api: string;
  readonly listeningTls?: string;
  readonly apiTls?: string;
  readonly database: string;
  readonly listener: "native" | "hardened";
  readonly apiToken?: string;
}

/** A stranger may send what it likes: what bounds it is worth its memory wherever strangers reach. */
function listenerOf(options: ServeOptions): "native" | "hardened" {
  return options.listener ?? (isLocal(options) ? "native" : "hardened");
}

/** Whether nobody but this machine reaches it: behind a proxy are strangers, wherever the proxy runs. */
function isLocal({ host, trustedProxy }: ServeOptions): boolean {
  return isLoopback(host) && trustedProxy.length === 0;
}

/** A stranger's device is slowed beyond this; a load test on one's own machine is not. */
export const MAX_FRAME_RATE = 50;

/** Frames a second beyond which a Charge Point is slowed; 0: never. */
export function maxFrameRateOf({ maxFrameRate, host }: Pick<ServeOptions, "maxFrameRate" | "host">): number {
  return maxFrameRate ?? (isLoopback(host) ? 0 : MAX_FRAME_RATE);
}

function factsOf(
  options: ServeOptions,
  { listener }: RunningCentralSystem,
  tlsListener: Listener | undefined,
): ServeFacts {
  const { host, database } = options;
  const at = ({ port }: Listener) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    at: dateTimeOf(Date.now()),
    listening: `ws://${at(listener)}`,
    api: `http://${at(listener)}/`,
    ...(tlsListener === undefined
      ? {}
      : { listeningTls: `wss://${at(tlsListener)}`, apiTls: `https://${at(tlsListener)}/` }),
    database,
    listener: listenerOf(options),
  };
}

function banner({ listening, api, listeningTls, apiTls, database, apiToken }: ServeFacts): string {
  const { bold, dim } = stdout.style;
  const rows: [string, string][] = [
    ["Charge Points", `${listening}/<identity>`],
    ...(listeningTls === undefined ? [] : [["with TLS", `${listeningTls}/<identity>`] as [string, string]]),
    ["API", apiTls === undefined ? api : `${api} and ${apiTls}`],
    ["Database", database],
    ...(apiToken === undefined ? [] : [["API token", apiToken] as [string, string]]),
    ["Try", `ocpp simulate${listening.endsWith(":9000") ? "" : ` ${listening}`} --interval 5`],
  ];
  const lines = rows.map(([name, value]) => `  ${dim(name.padEnd(14))}${value}`);
  return `${bold(`ocpp ${VERSION}`)}: Central System for OCPP 1.6-J\n${lines.join("\n")}\n\n`;
}

function warnOfOpenness({ registration, authorization, securityProfile }: ServeOptions): void {
  const log = getLogger(["ocpp", "serve"]);
  if (registration === "open") {
    log.warning("registration is open: any Charge Point that connects is taken (--registration closed)");
  }
  if (authorization === "open") {
    log.warning("authorization is open: any idTag may charge (--authorization closed)");
  }
  if (securityProfile === 0) {
    log.warning(
      "security profile 0: Charge Points without a password are not asked for credentials (--security-profile 1)",
    );
  }
}
