/**
 * A run as a story: a line for each thing that happens, read at a glance, or a JSON object for each.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { HostEvent, UserInput } from "../../runtime/charge_point_host.ts";
import type { LinkFailure } from "../../runtime/transport.ts";
import { answerText, payloadText } from "../message_text.ts";
import { latencyText } from "../table.ts";
import type { Style, TextOutput } from "../terminal.ts";

/** Whoever shows what happens. */
export interface View {
  show(chargePoint: string, event: HostEvent, nowMs: number): void;
}

const ACTION_WIDTH = 22;
const PAYLOAD_WIDTH = 52;
const IGNORED_TEXT_MAX = 60;

/**
 * Lines for a person.
 *
 * Shape: time (UTC), identity if there are several, `→` to or `←` from the Central System, Action, the essence
 * of the Call, the essence of its answer, latency; `•` is what happens at the Charge Point itself.
 */
export class StoryView implements View {
  readonly #output: TextOutput;
  readonly #identityWidth: number;
  /** Calls under way, by uniqueId: a Call and its answer share a line. */
  readonly #payloads = new Map<string, unknown>();

  /** `identityWidth` 0: only one Charge Point, which needs no name. */
  constructor(output: TextOutput, { identityWidth }: { identityWidth: number }) {
    this.#output = output;
    this.#identityWidth = identityWidth;
  }

  show(chargePoint: string, event: HostEvent, nowMs: number): void {
    const text = this.#textOf(event);
    if (text === undefined) return;
    const { style } = this.#output;
    const name = this.#identityWidth === 0 ? "" : `${chargePoint.padEnd(this.#identityWidth)}  `;
    this.#output.write(`${style.dim(dateTimeOf(nowMs).slice(11, 23))}  ${name}${text}\n`);
  }

  #textOf(event: HostEvent): string | undefined {
    const { style } = this.#output;
    switch (event.kind) {
      case "callSent":
        this.#payloads.set(event.uniqueId, event.payload);
        return undefined;
      case "callAnswered": {
        const answer = answerText(event.action, event.payload);
        const call = this.#callText("→", event.action, this.#takePayload(event.uniqueId));
        return `${call} ${colourOf(answer, style)}  ${style.dim(latencyText(event.latencyMs))}`;
      }
      case "callFailed": {
        const call = this.#callText("→", event.action, this.#takePayload(event.uniqueId));
        return `${call} ${style.red(failureText(event))}  ${style.dim(latencyText(event.latencyMs))}`;
      }
      case "callReceived": {
        const { answer } = event;
        const call = this.#callText("←", event.action, event.payload);
        if (answer.kind === "result") {
          return `${call} ${colourOf(answerText(event.action, answer.payload), style)}`;
        }
        return `${call} ${style.red(`${answer.errorCode}: ${answer.errorDescription}`)}`;
      }
      case "frameIgnored":
        return style.red(
          `← ignored (${event.reason}): ${JSON.stringify(event.text.slice(0, IGNORED_TEXT_MAX))}`,
        );
      case "linkUp":
        return `• ${style.green("connected")}`;
      case "linkDown":
        return `• ${linkDownText(event, style)}`;
      case "acted":
        return `• ${actText(event.input)}`;
      case "authorization":
        return event.status === "NotAuthorizedOffline"
          ? `• ${style.yellow(`idTag ${event.idTag} is not accepted while offline`)}`
          : undefined;
      case "messageLost":
        return `• ${style.red(`${event.action} is lost: ${event.reason}`)}`;
      case "restarting":
        return `• ${style.yellow(`restarting (${event.type} reset)`)}`;
      case "hostFailed":
        return `• ${style.red(`out of service: ${errorText(event.error)}`)}`;
      default:
        return undefined;
    }
  }

  #takePayload(uniqueId: string): unknown {
    const payload = this.#payloads.get(uniqueId);
    this.#payloads.delete(uniqueId);
    return payload;
  }

  #callText(direction: "→" | "←", action: string, payload: unknown): string {
    const { style } = this.#output;
    const arrow = direction === "→" ? style.cyan("→") : style.yellow("←");
    const name = style.bold(action.padEnd(ACTION_WIDTH));
    return `${arrow} ${name} ${payloadText(action, payload).padEnd(PAYLOAD_WIDTH)}`;
  }
}

function colourOf(answer: string, style: Style): string {
  if (/\b(Invalid|Blocked|Expired|ConcurrentTx|Rejected|Not[A-Z]\w+|Unknown\w*|\w+Failed)\b/.test(answer)) {
    return style.red(answer);
  }
  return /\b(Pending|Scheduled|RebootRequired)\b/.test(answer) ? style.yellow(answer) : style.green(answer);
}

function failureText({ reason, detail }: Extract<HostEvent, { kind: "callFailed" }>): string {
  switch (reason) {
    case "timeout":
      return "no answer in time";
    case "linkDown":
      return "connection lost before the answer";
    case "invalidAnswer":
      return `invalid answer: ${detail}`;
    case "callError":
      return detail;
  }
}

function linkDownText(
  { failure, retryInMs }: Extract<HostEvent, { kind: "linkDown" }>,
  style: Style,
): string {
  const again = retryInMs === undefined || retryInMs === 0
    ? ""
    : `; trying again in ${(retryInMs / 1000).toFixed(1)} s`;
  if (wasWanted(failure)) return `disconnected${again}`;
  return style.yellow(`${failure.opened ? failure.message : `cannot connect: ${failure.message}`}${again}`);
}

function wasWanted({ opened, code }: LinkFailure): boolean {
  return opened && code === 1000;
}

function actText(input: UserInput): string {
  switch (input.kind) {
    case "plugIn":
      return `plug in, connector ${input.connectorId}`;
    case "unplug":
      return `unplug, connector ${input.connectorId}`;
    case "presentIdTag":
      return `show idTag ${input.idTag}${
        input.connectorId === undefined ? "" : ` for connector ${input.connectorId}`
      }`;
    case "evPause":
      return `EV pauses, connector ${input.connectorId}`;
    case "evResume":
      return `EV goes on, connector ${input.connectorId}`;
    case "fault":
      return `fault ${input.errorCode}, connector ${input.connectorId}`;
    case "clearFault":
      return `fault cleared, connector ${input.connectorId}`;
  }
}

/** One JSON object a line: `at`, `chargePoint`, `kind`, and what belongs to the kind. */
export class JsonView implements View {
  readonly #output: Pick<TextOutput, "write">;

  constructor(output: Pick<TextOutput, "write">) {
    this.#output = output;
  }

  show(chargePoint: string, event: HostEvent, nowMs: number): void {
    this.#output.write(
      `${JSON.stringify({ at: dateTimeOf(nowMs), chargePoint, ...withoutSecrets(event) })}\n`,
    );
  }
}

function withoutSecrets(event: HostEvent): Record<string, unknown> {
  if (event.kind === "hostFailed") return { kind: event.kind, error: errorText(event.error) };
  if (event.kind !== "callReceived" || event.action !== "ChangeConfiguration") return { ...event };
  const payload = event.payload as { key?: unknown } | null;
  const isSecret = typeof payload?.key === "string" && payload.key.toLowerCase() === "authorizationkey";
  return isSecret ? { ...event, payload: { ...payload, value: "[redacted]" } } : { ...event };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
