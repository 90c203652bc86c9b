/**
 * Carries out `ocpp demo`: both ends in one process, over a real socket.
 */
import { ListenError } from "../../adapters/listen_address.ts";
import { Client } from "../../adapters/client.ts";
import { webCryptography } from "../../adapters/cryptography.ts";
import { UrlFileTransfer } from "../../adapters/file_transfer.ts";
import { systemClock } from "../../adapters/system_clock.ts";
import { STANDARD } from "../../charge_point/description.ts";
import { JobRunner } from "../../runtime/job_runner.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { configureLogging } from "../logging.ts";
import { type CentralSystemOptions, startCentralSystem } from "../serve/central_system.ts";
import { FrameView } from "../serve/frame_view.ts";
import { LoggingObserver } from "../serve/logging_observer.ts";
import { stopSignal } from "../signals.ts";
import { NO_SECURITY } from "../../charge_point/job.ts";
import { Run } from "../simulate/run.ts";
import { StoryView } from "../simulate/story.ts";
import { summaryText } from "../simulate/summary.ts";
import { Tally } from "../simulate/tally.ts";
import { stderr, stdout, type TextOutput } from "../terminal.ts";
import { VERSION } from "../version.ts";
import type { DemoOptions } from "./command.ts";

const IDENTITIES = ["DEMO-1", "DEMO-2", "DEMO-3"] as const;

/** Plays the demo. Errors: `CommandError`. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  await configureLogging(options, stderr);
  const { bold, dim } = stdout.style;
  const stopped = stopSignal();
  const centralSystem = start(options.port);
  const { port } = centralSystem.listener;
  const api = `http://localhost:${port}`;
  stdout.write(
    `${bold("ocpp demo")}: a Central System on ws://localhost:${port}, its API on ${api}/, ` +
      `and three Charge Points\n${dim("→ to the Central System   ← from it   • at the Charge Point")}\n\n`,
  );

  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const tally = new Tally({ speed: 1 });
  const story = new StoryView(stdout, { identityWidth: IDENTITIES[0].length });
  const run = new Run({
    urls: { plain: `ws://localhost:${port}`, tls: `wss://localhost:${port}` },
    security: NO_SECURITY,
    identities: IDENTITIES,
    configuration: { MeterValueSampleInterval: String(options.interval) },
    durationSeconds: options.duration,
    cycles: 1,
    idle: false,
    idTag: "TAG001",
    speed: 1,
    connectTimeoutSeconds: 30,
    validation: "strict",
  }, {
    clock: systemClock,
    transport: new Client({ validation: "strict" }),
    jobs: new JobRunner({
      clock: systemClock,
      fileTransfer: new UrlFileTransfer({ roots: NO_SECURITY.roots }),
      cryptography: webCryptography,
    }),
    description: STANDARD,
    seed,
    newUniqueId: () => crypto.randomUUID(),
    observe: (chargePoint, event, nowMs) => {
      tally.observe(chargePoint, event, nowMs);
      story.show(chargePoint, event, nowMs);
    },
  });
  stopped.then(() => run.stop());
  const outcome = await run.play();
  stdout.write(summaryText(tally, { manyChargePoints: true }, stdout.style));
  if (outcome.kind === "done") {
    await showApi(api);
    if (options.stay || stdout.isTerminal) {
      stdout.write(
        `\nThe Central System goes on until Ctrl-C. Try in another terminal:\n${suggestions(port)}`,
      );
      await stopped;
    }
  }
  await run.close();
  await centralSystem.stop();
  if (outcome.kind !== "done") throw new CommandError(`cannot ${outcome.reason}`, { cause: outcome.cause });
  return EXIT_CODE.done;
}

function start(port: number): ReturnType<typeof startCentralSystem> {
  const options: CentralSystemOptions = {
    host: "localhost",
    port,
    database: ":memory:",
    settings: {
      heartbeatIntervalSeconds: 300,
      bootStatus: "Accepted",
      bootIntervalSeconds: 60,
      authorization: "open",
    },
    admission: {
      registration: "open",
      validation: "tolerant",
      allowOrigins: [],
      callTimeoutMs: 30_000,
      securityProfile: 0,
      maxFrameRate: 0,
    },
    pingIntervalSeconds: 60,
    apiToken: undefined,
    // The Charge Points tell the story; the Central System's side of it would be the same lines again.
    observer: new LoggingObserver(new FrameView(NOWHERE, { json: false })),
    version: VERSION,
  };
  try {
    return startCentralSystem(options);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    if (port === 0) throw new CommandError(error.message, { cause: error.cause });
    stderr.write(`${error.message.replace(/;.*/, "")}; taking another one\n`);
    return start(0);
  }
}

const NOWHERE: TextOutput = { ...stdout, isTerminal: false, write: () => {} };

/** The newest transaction and its readings, as the API has them. */
async function showApi(api: string): Promise<void> {
  const { bold, dim } = stdout.style;
  const get = async (path: string) => await (await fetch(`${api}${path}`)).json();
  const { items: [transaction] } = await get("/api/v1/transactions?limit=1");
  const path = `/api/v1/transactions/${transaction.transactionId}/meter-values`;
  const { items: readings } = await get(path);
  stdout.write(`\n${bold("What the API has")}\n${dim(`GET ${api}/api/v1/transactions`)}\n`);
  stdout.write(`  ${JSON.stringify(transaction)}\n${dim(`GET ${api}${path}`)}\n`);
  for (const { timestamp, sampledValue } of readings) {
    const values = sampledValue.map(({ value, unit }: { value: string; unit?: string }) =>
      `${value} ${unit ?? ""}`
    );
    stdout.write(`  ${timestamp}  ${values.join("  ")}\n`);
  }
}

function suggestions(port: number): string {
  const elsewhere = port === 9000 ? "" : ` ws://localhost:${port}`;
  const server = port === 9000 ? "" : ` --server http://localhost:${port}`;
  return [
    `  curl http://localhost:${port}/api/v1/charge-points`,
    `  ocpp call DEMO-1 GetConfiguration${server}`,
    `  ocpp simulate${elsewhere} --interval 5`,
    "",
  ].join("\n");
}
