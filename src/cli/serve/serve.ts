/**
 * Carries out `ocpp serve`.
 */
import { getLogger } from "@logtape/logtape";
import { ListenError } from "../../adapters/native_listener.ts";
import { StoreError } from "../../central_system/store.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { configureLogging } from "../logging.ts";
import { stopSignal } from "../signals.ts";
import { stderr, stdout } from "../terminal.ts";
import { VERSION } from "../version.ts";
import { type RunningCentralSystem, startCentralSystem } from "./central_system.ts";
import type { ServeOptions } from "./command.ts";
import { FrameView } from "./frame_view.ts";
import { LoggingObserver } from "./logging_observer.ts";

/** Runs until Ctrl-C. Errors: `CommandError`. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  await configureLogging(options, stderr);
  const stop = stopSignal();
  const frameView = new FrameView(stdout, { json: options.json });
  const isLoopback = LOOPBACK.has(options.host);
  const token = options.apiToken ?? (isLoopback ? undefined : newToken());
  const running = start(options, token, new LoggingObserver(frameView));
  if (!options.json) stdout.write(banner(options, running, token));
  if (!isLoopback) warnOfOpenness(options);
  await stop;
  if (!options.json) stdout.write("stopping: closing connections, writing down what was acknowledged\n");
  await running.stop();
  frameView.end();
  return EXIT_CODE.done;
}

function start(
  options: ServeOptions,
  apiToken: string | undefined,
  observer: LoggingObserver,
): RunningCentralSystem {
  try {
    return startCentralSystem({
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
      },
      pingIntervalSeconds: options.pingInterval,
      apiToken,
      observer,
      version: VERSION,
    });
  } catch (error) {
    if (error instanceof StoreError || error instanceof ListenError) {
      throw new CommandError(error.message, { cause: error.cause ?? error });
    }
    throw error;
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function banner(
  options: ServeOptions,
  { listener }: RunningCentralSystem,
  token: string | undefined,
): string {
  const { bold, dim } = stdout.style;
  const where = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${listener.port}`;
  const rows: [string, string][] = [
    ["Charge Points", `ws://${where}/<identity>`],
    ["API", `http://${where}/`],
    ["Database", options.database],
    ...(token === undefined ? [] : [["API token", token] as [string, string]]),
    ["Try", `ocpp simulate${listener.port === 9000 ? "" : ` ws://${where}`} --interval 5`],
  ];
  const lines = rows.map(([name, value]) => `  ${dim(name.padEnd(14))}${value}`);
  return `${bold(`ocpp ${VERSION}`)}: Central System for OCPP 1.6-J\n${lines.join("\n")}\n\n`;
}

function warnOfOpenness({ registration, authorization }: ServeOptions): void {
  const log = getLogger(["ocpp", "serve"]);
  if (registration === "open") {
    log.warning("registration is open: any Charge Point that connects is taken (--registration closed)");
  }
  if (authorization === "open") {
    log.warning("authorization is open: any idTag may charge (--authorization closed)");
  }
  log.warning("security profile 0: Charge Points are not asked for credentials and nothing is encrypted");
}
