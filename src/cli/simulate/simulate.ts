/**
 * Carries out `ocpp simulate`: puts a run together, shows it, and says how it ended.
 */
import { getLogger } from "@logtape/logtape";
import { Client } from "../../adapters/client.ts";
import { webCryptography } from "../../adapters/cryptography.ts";
import { UrlFileTransfer } from "../../adapters/file_transfer.ts";
import { systemClock } from "../../adapters/system_clock.ts";
import type { LinkSecurity } from "../../charge_point/job.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { JobRunner } from "../../runtime/job_runner.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { configureLogging } from "../logging.ts";
import { jsonLine } from "../plain_text.ts";
import { stopSignal } from "../signals.ts";
import { amountText } from "../table.ts";
import { stderr, stdout } from "../terminal.ts";
import type { SimulateOptions } from "./command.ts";
import { Control } from "./control.ts";
import { describeChargePoint } from "./describe.ts";
import { KEY_LEGEND, Keys, readKeys } from "./keys.ts";
import { FleetProgress } from "./progress.ts";
import { Run, type RunOutcome } from "./run.ts";
import { securityOf } from "./security.ts";
import { ofState, openState, restoredOf, restoredText, setAsideTexts } from "./state.ts";
import { JsonView, StoryView, type View } from "./story.ts";
import { summaryObject, summaryText } from "./summary.ts";
import { Tally } from "./tally.ts";

const logger = getLogger(["ocpp", "simulate"]);

/** More Charge Points than this are shown as a whole, not frame by frame. */
export const STORY_CHARGE_POINTS_MAX = 5;

/** Plays the run. Errors: `UsageError` for options that do not fit; `CommandError` when it did not succeed. */
export async function simulate(options: SimulateOptions): Promise<ExitCode> {
  const { description, ...described } = await describeChargePoint(options);
  const { urls, security } = await securityOf(options);
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
  const tally = new Tally({ speed: options.speed });
  const count = options.identities.length;
  const progress = count > STORY_CHARGE_POINTS_MAX
    ? new FleetProgress(stderr, { clock: systemClock, tally, count })
    : undefined;
  await configureLogging(options, progress ?? stderr);
  if (options.speed !== 1) {
    logger.warn(
      `--speed ${options.speed}: timestamps run ahead of real time; heartbeats, timeouts and retries do not`,
    );
  }
  const views: View[] = progress === undefined ? [] : [progress];
  if (options.json) views.push(new JsonView(stdout));
  else if (progress === undefined) {
    views.push(new StoryView(stdout, { identityWidth: identityWidth(options) }));
  }

  const { controlPort } = options;
  const control = controlPort === undefined ? undefined : new Control({ ...options, controlPort });
  const state = options.state === undefined ? undefined : await openState(options.state);
  if (state?.warning !== undefined) warn(state.warning);
  const stays = control !== undefined;
  const run = ofState(() =>
    new Run({ ...options, ...described, urls, security, stays }, {
      ...(state === undefined ? {} : { store: state.store }),
      clock: systemClock,
      transport: new Client({ validation: options.validation }),
      jobs: new JobRunner({
        clock: systemClock,
        fileTransfer: new UrlFileTransfer({ roots: security.roots }),
        cryptography: webCryptography,
      }),
      description,
      seed,
      newUniqueId: () => crypto.randomUUID(),
      observe(chargePoint, event, nowMs) {
        tally.observe(chargePoint, event, nowMs);
        for (const view of views) view.show(chargePoint, event, nowMs);
        control?.observe(chargePoint, event, nowMs);
      },
    })
  );
  for (const text of setAsideTexts(run.simulation)) warn(text);

  const { configuration } = described;
  const api = control?.open(run.simulation, { description, configuration, urls, security });
  const { securityProfile } = security;
  sayWhatBegins(options, { seed, securityProfile, controlUrl: api?.url, controlToken: control?.madeToken });
  sayWhatCameBack(options, run);
  stopSignal().then(() => {
    stderr.write("\nstopping: sessions are brought to an end; Ctrl-C again ends at once\n");
    run.stop();
  });
  const giveBackKeys = options.keys
    ? operateByKeys(run, { idTag: options.idTag, connectors: description.connectors })
    : () => {};
  progress?.start();
  const outcome = await run.play();
  progress?.end();
  giveBackKeys();
  await api?.close();
  await run.close();
  state?.store.close();
  sayWhatCameOfIt(options, outcome, tally);
  return exitCodeOf(outcome);
}

/** 0 where there is only one, which needs no name; others may come by the API. */
function identityWidth({ identities, controlPort }: SimulateOptions): number {
  if (identities.length === 1 && controlPort === undefined) return 0;
  return Math.max(...identities.map(({ length }) => length));
}

function sayWhatBegins(
  options: SimulateOptions,
  { seed, securityProfile, controlUrl, controlToken }: {
    seed: number;
    securityProfile: LinkSecurity["securityProfile"];
    controlUrl: string | undefined;
    controlToken: string | undefined;
  },
): void {
  const [first] = options.identities;
  const last = options.identities.at(-1);
  if (options.json) {
    const { url, identities, cycles, durationSeconds, speed } = options;
    const chargePoints = identities.length;
    writeJson({
      kind: "began",
      ...{ url, securityProfile, chargePoints, seed, cycles, durationSeconds, speed },
      ...(controlUrl === undefined ? {} : { controlUrl }),
      ...(controlToken === undefined ? {} : { controlToken }),
    });
    return;
  }
  const { bold, dim } = stdout.style;
  const who = first === last ? `Charge Point ${first}` : `Charge Points ${first} to ${last}`;
  const secured = securityProfile === 0 ? "" : `security profile ${securityProfile}, `;
  stdout.write(`${bold(who)} at ${bold(options.url)}  ${dim(`${secured}seed ${seed}`)}\n`);
  if (controlUrl !== undefined) stdout.write(`API ${bold(controlUrl)}\n`);
  if (controlToken !== undefined) stdout.write(`API token ${controlToken}\n`);
}

/** A text of its own, in which braces mean nothing. */
function warn(text: string): void {
  logger.warn(text.replaceAll("{", "{{").replaceAll("}", "}}"));
}

function sayWhatCameBack({ state = "", json }: SimulateOptions, { simulation }: Run): void {
  const restored = restoredOf(simulation);
  if (restored === undefined) return;
  if (json) writeJson({ kind: "restored", ...restored });
  else stdout.write(`${stdout.style.dim(restoredText(restored, state))}\n`);
}

function operateByKeys(run: Run, options: { idTag: string; connectors: number }): () => void {
  const hosts = () => [...run.simulation.chargePoints()].map(({ host }) => host);
  const keys = new Keys({
    input: (input) => run.inputAll(input),
    get isLinkCut() {
      return hosts().some(({ isCut }) => isCut);
    },
    cutLink: () => hosts().forEach((host) => host.cutLink()),
    restoreLink: () => hosts().forEach((host) => host.restoreLink()),
    quit: () => run.stop(),
  }, options);
  stderr.write(`${stderr.style.dim(`keys: ${KEY_LEGEND}`)}\n`);
  return readKeys((key) => keys.press(key));
}

function sayWhatCameOfIt(options: SimulateOptions, outcome: RunOutcome, tally: Tally): void {
  if (options.json) {
    writeJson({
      kind: "summary",
      outcome: outcome.kind,
      ...(outcome.kind === "done" ? {} : { reason: outcome.reason }),
      ...summaryObject(tally),
    });
    return;
  }
  if (tally.messageCount === 0) return; // nothing to add up
  const { style } = stdout;
  stdout.write(summaryText(tally, { manyChargePoints: options.identities.length > 1 }, style));
  if (outcome.kind === "done") {
    const sessions = amountText(tally.transactionCount, "charging session");
    stdout.write(`\n${style.green("done")}: ${sessions}\n`);
  } else stdout.write("\n");
}

function exitCodeOf(outcome: RunOutcome): ExitCode {
  if (outcome.kind === "done") return EXIT_CODE.done;
  const advice = outcome.kind === "refused" ? "; show another idTag with --id-tag, or accept this one" : "";
  throw new CommandError(`cannot ${outcome.reason}${advice}`, { cause: outcome.cause });
}

function writeJson(value: Record<string, unknown>): void {
  stdout.write(jsonLine({ at: dateTimeOf(systemClock.nowMs()), ...value }));
}
