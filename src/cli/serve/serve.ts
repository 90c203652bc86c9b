/**
 * Carries out `ocpp serve`.
 */
import { getLogger } from "@logtape/logtape";
import { ListenError } from "../../adapters/listen_address.ts";
import { FileStoreError } from "../../runtime/file_store.ts";
import { StoreError } from "../../central_system/store.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { isLoopback, newToken } from "../api_access.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { configureLogging } from "../logging.ts";
import { stopSignal } from "../signals.ts";
import { stderr, stdout } from "../terminal.ts";
import { VERSION } from "../version.ts";
import {
  type RunningCentralSystem,
  startCentralSystem,
  startHardenedCentralSystem,
} from "./central_system.ts";
import type { ServeOptions } from "./command.ts";
import { FrameView } from "./frame_view.ts";
import { LoggingObserver } from "./logging_observer.ts";

/** Runs until Ctrl-C. Errors: `CommandError`. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  await configureLogging(options, stderr);
  const stop = stopSignal();
  const frameView = new FrameView(stdout, { json: options.json });
  const observer = new LoggingObserver(frameView);
  const isLocal = isLoopback(options.host);
  const madeToken = options.apiToken === undefined && !isLocal ? newToken() : undefined;
  const running = await start(options, options.apiToken ?? madeToken, observer);
  const facts = { ...factsOf(options, running), ...(madeToken === undefined ? {} : { apiToken: madeToken }) };
  stdout.write(options.json ? `${JSON.stringify(facts)}\n` : banner(facts));
  if (!isLocal) warnOfOpenness(options);
  await stop;
  if (!options.json) stdout.write("stopping: closing connections, writing down what was acknowledged\n");
  await running.stop();
  observer.end();
  return EXIT_CODE.done;
}

async function start(
  options: ServeOptions,
  apiToken: string | undefined,
  observer: LoggingObserver,
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
      },
      pingIntervalSeconds: options.pingInterval,
      apiToken,
      files: options.files,
      fileBytesMax: options.maxFileSize * 1_048_576,
      publicUrl: options.publicUrl,
      observer,
      version: VERSION,
    });
  } catch (error) {
    if (error instanceof StoreError || error instanceof ListenError || error instanceof FileStoreError) {
      throw new CommandError(error.message, { cause: error.cause ?? error });
    }
    throw error;
  }
}

/** What a program that starts this one needs to know; a token only if it was made here. */
interface ServeFacts {
  readonly at: string;
  readonly listening: string;
  readonly api: string;
  readonly database: string;
  readonly listener: "native" | "hardened";
  readonly apiToken?: string;
}

/** A stranger may send what it likes: what bounds it is worth its memory wherever strangers reach. */
function listenerOf({ listener, host }: ServeOptions): "native" | "hardened" {
  return listener ?? (isLoopback(host) ? "native" : "hardened");
}

function factsOf(options: ServeOptions, { listener }: RunningCentralSystem): ServeFacts {
  const { host, database } = options;
  const where = `${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
  return {
    at: dateTimeOf(Date.now()),
    listening: `ws://${where}`,
    api: `http://${where}/`,
    database,
    listener: listenerOf(options),
  };
}

function banner({ listening, api, database, apiToken }: ServeFacts): string {
  const { bold, dim } = stdout.style;
  const rows: [string, string][] = [
    ["Charge Points", `${listening}/<identity>`],
    ["API", api],
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
