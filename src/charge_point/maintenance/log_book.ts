/**
 * The log that GetDiagnostics and GetLog upload: what happened, a line each, without secrets and idTags.
 *
 * Lines stand in simulated time, as the timestamps of payloads do. Heartbeats and samples are left out: they say nothing
 * about a failure and would push out what does.
 * Bound: `LOG_LINES_MAX`; beyond it the oldest lines go. An idle Charge Point has a handful.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { ChargePointEvent } from "../contract.ts";
import { type ChargePointState, simulatedNowMs, type Turn } from "../state.ts";

/** The most lines that are kept: some 15 kB of a busy Charge Point, of which a fleet has thousands. */
export const LOG_LINES_MAX = 150;

/** Lines that go at once when there are too many. */
const LOG_LINES_DROPPED = 30;

/** The longest line, without its timestamp. */
export const LOG_LINE_MAX_LENGTH = 240;

/** One line. */
export interface LogLine {
  readonly atSimulatedMs: number;
  readonly text: string;
}

/** Writes a line. */
export function note(turn: Turn, text: string): void {
  const { state } = turn;
  state.log ??= [];
  if (state.log.length >= LOG_LINES_MAX) state.log.splice(0, LOG_LINES_DROPPED);
  state.log.push({ atSimulatedMs: simulatedNowMs(turn), text: oneLine(text) });
}

/** Writes down what a turn led to. */
export function noteEvents(turn: Turn): void {
  for (const effect of turn.effects) {
    if (effect.kind !== "event") continue;
    const text = textOf(effect.event);
    if (text !== undefined) note(turn, text);
  }
}

/** The lines of a log within a range, both ends included. */
export function logLines(
  state: ChargePointState,
  { logType, fromMs, toMs }: {
    logType: "DiagnosticsLog" | "SecurityLog";
    fromMs: number;
    toMs: number;
  },
): readonly string[] {
  const entries: readonly LogLine[] = logType === "DiagnosticsLog" ? state.log ?? [] : securityLines(state);
  return entries.filter(({ atSimulatedMs }) => atSimulatedMs >= fromMs && atSimulatedMs <= toMs)
    .map(({ atSimulatedMs, text }) => `${dateTimeOf(atSimulatedMs)} ${text}`);
}

function securityLines({ maintenance: { securityLog } }: ChargePointState): readonly LogLine[] {
  return securityLog.map(({ atSimulatedMs, type, techInfo }) => ({
    atSimulatedMs,
    text: techInfo === undefined ? type : oneLine(`${type} ${techInfo}`),
  }));
}

/** What others wrote may have line breaks and worse in it. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is to go
  const flat = /[\x00-\x1f\x7f]/.test(text) ? text.replace(/[\x00-\x1f\x7f]+/g, " ") : text;
  return flat.length > LOG_LINE_MAX_LENGTH ? flat.slice(0, LOG_LINE_MAX_LENGTH) : flat;
}

/** Payloads stay out, but for statuses: secrets travel in some. */
function textOf(event: ChargePointEvent): string | undefined {
  switch (event.kind) {
    case "callSent":
      return NOT_LOGGED.has(event.action) ? undefined : `sent ${event.action}`;
    case "callFailed":
      return `${event.action} failed: ${event.reason}: ${event.detail}`;
    case "callReceived":
      return `received ${event.action}: ${answerOf(event.answer)}`;
    case "frameIgnored":
      return `ignored a frame: ${event.reason}`;
    case "deviation":
      return `${event.action} was repaired: ${event.rule} ${event.path}`;
    case "registration":
      return `registration ${event.status}, interval ${event.intervalSeconds} s`;
    case "status":
      return `connector ${event.connectorId} is ${event.status}, ${event.errorCode}`;
    case "authorization":
      return `an idTag is ${event.status}`;
    case "idTagIgnored":
      return `an idTag is ignored: ${event.reason}`;
    case "transactionStarted":
      return `transaction on connector ${event.connectorId} started at ${event.meterStartWh} Wh`;
    case "transactionConfirmed":
      return `transaction on connector ${event.connectorId} is ${event.transactionId}, ${event.status}`;
    case "transactionStopped":
      return `transaction on connector ${event.connectorId} stopped at ${event.meterStopWh} Wh: ${event.reason}`;
    case "messageLost":
      return `${event.action} is lost: ${event.reason}`;
    case "restarting":
      return `restarting, ${event.type}`;
    case "securityEvent":
      return event.techInfo === undefined
        ? `security event ${event.type}`
        : `security event ${event.type}: ${event.techInfo}`;
    case "firmware":
      return `firmware update: ${event.status}`;
    case "logUpload":
      return `upload of ${event.fileName}: ${event.status}`;
    case "certificateInUse":
      return "a new Charge Point certificate is in use";
    case "poweredOff":
      return "without power";
    case "started":
      return "started";
    case "cableLock":
      return `lock of connector ${event.connectorId}: ${event.outcome}`;
    case "reserved":
      return `reservation ${event.reservationId} of connector ${event.connectorId}`;
    case "reservationEnded":
      return `reservation ${event.reservationId} ended: ${event.why}`;
    case "dataTransferEnded":
      return `DataTransfer ${event.status}`;
    case "blinked":
    case "callAnswered":
    case "transactionFinished":
    case "metered":
      return undefined;
  }
}

const NOT_LOGGED: ReadonlySet<string> = new Set(["Heartbeat", "MeterValues"]);

function answerOf(answer: Extract<ChargePointEvent, { kind: "callReceived" }>["answer"]): string {
  if (answer.kind === "error") return answer.errorCode;
  const { status } = answer.payload as { status?: unknown };
  return typeof status === "string" ? status : "answered";
}
