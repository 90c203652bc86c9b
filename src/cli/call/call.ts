/**
 * Carries out `ocpp call`: one Call to one Charge Point through the API of a running `ocpp serve`.
 *
 * A payload is checked here, before anything is asked of anybody, by the very check that the API makes.
 */
import { commandFaults } from "../../central_system/commands.ts";
import { type Action, isAction, maySend } from "../../ocpp/action.ts";
import { pathText } from "../../ocpp/call_error.ts";
import { fieldsOfReq } from "../../ocpp/field.ts";
import { MessageTrigger } from "../../ocpp/messages/remote_trigger.ts";
import { redactedPayload } from "../../ocpp/redaction.ts";
import { CommandError, EXIT_CODE, type ExitCode, UsageError } from "../exit_code.ts";
import { answerText, payloadText, shortText } from "../message_text.ts";
import { guessText } from "../nearest.ts";
import { jsonLine, plainText, plainValue } from "../plain_text.ts";
import { latencyText } from "../table.ts";
import type { TextOutput } from "../terminal.ts";
import { CALL_ACTIONS } from "./action_guide.ts";
import { Api, type ApiOptions, type ApiReply, detailOf } from "./api.ts";
import { printFields, printList } from "./fields_text.ts";
import { payloadLines, statusText } from "./outcome_text.ts";
import { type ApiTransaction, assertWaitable, prepareWait } from "./transaction_wait.ts";
import { payloadOf, type PayloadSources } from "./payload.ts";

/** What a run of `call` was asked for. */
export interface CallOptions extends ApiOptions {
  readonly identity?: string | undefined;
  readonly action?: string | undefined;
  /** What stands after the Action. */
  readonly payload: readonly string[];
  /** Seconds; else what `serve` was told. */
  readonly timeout?: number | undefined;
  readonly validate: boolean;
  /** The status that the answer must have. */
  readonly expect?: string | undefined;
  /** For the transaction that the Call starts or stops. */
  readonly wait: boolean;
  /** Seconds. */
  readonly waitTimeout: number;
  readonly json: boolean;
  readonly list: boolean;
  /** The Action whose fields are wanted. */
  readonly fields?: string | undefined;
}

/** What the command sees of the world besides the network. */
export interface CallWorld extends PayloadSources {
  readonly stdout: TextOutput;
}

/** `serve` itself waits at most as long for a Charge Point. */
const CALL_TIMEOUT_MAX_SECONDS = 600;

/** What the way to `serve` and back may add. */
const MARGIN_SECONDS = 10;

/** Errors: `UsageError` before anything is sent, `CommandError` where there is no answer. */
export async function call(options: CallOptions, world: CallWorld): Promise<ExitCode> {
  if (options.list) return done(printList(world.stdout, options));
  if (options.fields !== undefined) {
    return done(printFields(world.stdout, actionNamed(options.fields), options));
  }
  const { identity, action: name } = options;
  if (identity === undefined || name === undefined) throw new UsageError(whatIsMissing(identity));
  const action = actionNamed(name);
  const payload = await payloadOf(options.payload, fieldsOfReq(action), world);
  assertFits(action, payload, options);
  if (options.wait) assertWaitable(action);
  const api = new Api(options);
  const wait = options.wait ? await prepareWait(api, { identity, action, payload }) : undefined;
  const path = `/api/v1/charge-points/${encodeURIComponent(identity)}/calls`;
  const { timeout: timeoutSeconds, validate } = options;
  const waitMaxMs = ((timeoutSeconds ?? CALL_TIMEOUT_MAX_SECONDS) + MARGIN_SECONDS) * 1_000;
  const sentAtMs = performance.now();
  const reply = await api.post(path, { action, payload, timeoutSeconds, validate }, waitMaxMs);
  const latencyMs = Math.round(performance.now() - sentAtMs);
  const exchange: Exchange = { identity, action, payload, latencyMs };
  if (reply.status !== 200) throw await noAnswer(api, reply, exchange, options, world);
  print(reply.body, exchange, options, world.stdout);
  const { expect = wait === undefined ? undefined : "Accepted" } = options;
  assertExpected(reply.body, exchange, expect);
  if (wait !== undefined && statusOf(reply.body) === "Accepted") {
    printTransaction(await wait(options.waitTimeout * 1_000), exchange, options, world.stdout);
  }
  return EXIT_CODE.done;
}

/** One Call, as it was sent. */
interface Exchange {
  readonly identity: string;
  readonly action: Action;
  readonly payload: unknown;
  readonly latencyMs: number;
}

function done(_: void): ExitCode {
  return EXIT_CODE.done;
}

function whatIsMissing(identity: string | undefined): string {
  if (identity === undefined) {
    return 'give a Charge Point and an Action, e.g. "ocpp call CP001 Reset type=Soft"; "ocpp call --list" names them';
  }
  return isAction(identity)
    ? `which Charge Point is ${identity} for? "ocpp call <identity> ${identity}"; its fields: "ocpp call ${identity} --help"`
    : `what shall ${plainText(identity)} be called with? "ocpp call --list" names the Actions`;
}

/** Errors: `UsageError` for what is no Action that a Central System sends. */
function actionNamed(name: string): Action {
  if (!isAction(name)) {
    const guess = guessText(name, CALL_ACTIONS);
    throw new UsageError(`${shortText(name)} is no Action${guess || '; "ocpp call --list" names all'}`);
  }
  if (maySend("centralSystem", name)) return name;
  throw new UsageError(
    MessageTrigger.options.some((one) => one === name)
      ? `${name} is sent by Charge Points; to have one sent: TriggerMessage requestedMessage=${name}`
      : `${name} is sent by Charge Points alone; "ocpp call --list" names what a Central System sends`,
  );
}

/** Errors: `UsageError` with the path of each fault. */
function assertFits(action: Action, payload: unknown, { validate }: { validate: boolean }): void {
  const faults = commandFaults({ action, payload, validate, timeoutMs: 0 });
  if (faults.length === 0) return;
  const texts = faults.slice(0, FAULTS_MAX).map(({ path, message }) => `${pathText(path)} ${message}`);
  if (faults.length > FAULTS_MAX) texts.push(`and ${faults.length - FAULTS_MAX} more`);
  throw new UsageError(
    `nothing was sent, ${action} does not fit: ${
      plainText(texts.join("; "))
    }; see "ocpp call ${action} --help"`,
  );
}

/** More faults than these do not help anybody in one line. */
const FAULTS_MAX = 5;

/** The failure that a problem of the API is, with what to do about it. */
async function noAnswer(
  api: Api,
  reply: ApiReply,
  { identity, action }: Exchange,
  { json }: CallOptions,
  { stdout }: CallWorld,
): Promise<CommandError> {
  const reason = typeof reply.body["reason"] === "string" ? reply.body["reason"] : "problem";
  const detail = detailOf(reply);
  if (json) stdout.write(jsonLine({ chargePoint: identity, action, outcome: reason, detail }));
  const advice = ADVICE[reason] ??
    (HAS_OTHERS.has(reason) ? await otherChargePoints(api, identity) : undefined);
  return new CommandError(`cannot finish ${action}: ${detail}${advice === undefined ? "" : `; ${advice}`}`);
}

const ADVICE: Readonly<Record<string, string>> = {
  notBooted: "wait for its BootNotification, or restart it",
  pending: "it may have other Calls meanwhile; it is let in when its registration is Accepted",
  rejected: "it is let in when its registration is Accepted",
  queueFull: "try again when they are answered",
  connectionLost: "whether it obeyed is not known; look at its status before you try again",
  connectionReplaced: "whether it obeyed is not known; look at its status before you try again",
  timeout: "whether it obeyed is not known; --timeout waits longer",
  storeFailed: "see the log of `ocpp serve`",
};

const HAS_OTHERS: ReadonlySet<string> = new Set(["unknownChargePoint", "notConnected"]);

const NAMED_MAX = 5;

/** The identity that was perhaps meant, or who is connected. */
async function otherChargePoints(api: Api, identity: string): Promise<string | undefined> {
  const { status, body } = await api.get("/api/v1/charge-points?limit=1000");
  if (status !== 200 || !Array.isArray(body["items"])) return undefined;
  const connected = (body["items"] as { identity: string; connected: boolean }[])
    .filter((one) => one.connected && one.identity !== identity).map((one) => one.identity);
  if (connected.length === 0) return "no other one is connected either";
  const guess = guessText(identity, connected).replace(/^, /, "");
  if (guess !== "") return plainText(guess);
  const named = connected.slice(0, NAMED_MAX).join(", ");
  const more = connected.length > NAMED_MAX ? ` and ${connected.length - NAMED_MAX} more` : "";
  return plainText(`connected: ${named}${more}`);
}

function statusOf({ payload }: ApiReply["body"]): string | undefined {
  const status = (payload as { status?: unknown } | null | undefined)?.status;
  return typeof status === "string" ? status : undefined;
}

function print(body: ApiReply["body"], exchange: Exchange, { json }: CallOptions, out: TextOutput): void {
  const { identity, action, latencyMs } = exchange;
  const payload = redactedPayload(action, body["payload"]);
  if (json) {
    const shown = body["payload"] === undefined ? body : { ...body, payload };
    out.write(jsonLine({ chargePoint: identity, action, ...shown, latencyMs }));
    return;
  }
  const { style } = out;
  const asked = payloadText(action, redactedPayload(action, exchange.payload));
  out.write(`${style.dim("→")} ${plainText(identity)}  ${style.bold(action)}  ${asked}`.trimEnd() + "\n");
  out.write(
    `${style.dim("←")} ${headline(body, payload, exchange, style)}  ${style.dim(latencyText(latencyMs))}\n`,
  );
  const below = body["outcome"] === "error" ? body["errorDetails"] : payload;
  for (const line of payloadLines(below, style)) out.write(`${line}\n`);
  if (typeof body["uploadId"] === "string") {
    out.write(
      `  ${style.dim(`once it is uploaded: GET /api/v1/files/${plainText(body["uploadId"])}/content`)}\n`,
    );
  }
  for (const { path, message } of faultsOf(body)) {
    out.write(`  ${style.red(plainText(`${path} ${message}`))}\n`);
  }
  for (const { rule, path, detail } of deviationsOf(body)) {
    out.write(`  ${style.yellow(plainText(`repaired: ${rule} at ${path}, ${plainValue(detail)}`))}\n`);
  }
}

function headline(
  body: ApiReply["body"],
  payload: unknown,
  { action }: Exchange,
  style: TextOutput["style"],
): string {
  switch (body["outcome"]) {
    case "error": {
      const description = plainValue(body["errorDescription"]);
      return `${style.red(`CALLERROR ${plainValue(body["errorCode"])}`)}${
        description === "" ? "" : `  ${description}`
      }`;
    }
    case "invalid":
      return style.red("an answer that breaks its schema");
    default: {
      const status = statusOf(body);
      return status === undefined ? style.green(answerText(action, payload)) : statusText(status, style);
    }
  }
}

function printTransaction(
  transaction: ApiTransaction,
  { identity }: Exchange,
  { json }: CallOptions,
  out: TextOutput,
): void {
  if (json) return out.write(jsonLine({ chargePoint: identity, transaction }));
  const { transactionId, connectorId, idTag, idTagStatus, active, energyWh, stopReason } = transaction;
  const { bold, dim } = out.style;
  const words = active
    ? [
      `began at ${transaction.startedAt}`,
      `${transaction.meterStart} Wh`,
      statusText(idTagStatus, out.style),
    ]
    : [
      `stopped at ${transaction.stoppedAt}`,
      energyWh === undefined ? "" : `${energyWh} Wh charged`,
      stopReason ?? "",
    ];
  const who = `connector ${connectorId}  ${plainText(idTag)}`;
  const line = [bold(`transaction ${transactionId}`), who, ...words].filter((word) => word !== "").join("  ");
  out.write(`${dim("•")} ${line}\n`);
}

type Fault = { readonly path: string; readonly message: string };
type Deviation = { readonly rule: string; readonly path: string; readonly detail: unknown };

function faultsOf({ faults }: ApiReply["body"]): readonly Fault[] {
  return Array.isArray(faults) ? faults : [];
}

function deviationsOf({ deviations }: ApiReply["body"]): readonly Deviation[] {
  return Array.isArray(deviations) ? deviations : [];
}

/** A refusal is a result, unless another answer is expected. Errors: `CommandError`. */
function assertExpected(
  body: ApiReply["body"],
  { identity, action }: Exchange,
  expect: string | undefined,
): void {
  if (body["outcome"] === "error") {
    throw new CommandError(
      `${identity} refused ${action} with the CALLERROR ${plainValue(body["errorCode"])}`,
    );
  }
  if (body["outcome"] !== "result") {
    throw new CommandError(`${identity} answered ${action} with what breaks its schema`);
  }
  const status = statusOf(body);
  if (expect === undefined || status === expect) return;
  throw new ExpectationError(`expected ${expect}, but ${identity} answered ${status ?? "without a status"}`);
}

/** The answer is another one than `--expect` or `--wait` needs. */
class ExpectationError extends CommandError {
  override readonly name = "ExpectationError";
  override readonly exitCode = EXIT_CODE.didNotHold;
}
