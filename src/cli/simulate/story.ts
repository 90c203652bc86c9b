/**
 * A run as a story: a line for each thing that happens, read at a glance, or a JSON object for each.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { HostEvent, UserInput } from "../../runtime/charge_point_host.ts";
import { publicEvent } from "../../runtime/public_event.ts";
import type { LinkFailure } from "../../runtime/transport.ts";
import { deviationMark } from "../deviation_text.ts";
import { actionText, answerText, payloadText, shortText } from "../message_text.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import { latencyText } from "../table.ts";
import type { Style, TextOutput } from "../terminal.ts";

/** Whoever shows what happens. */
export interface View {
  show(chargePoint: string, event: HostEvent, nowMs: number): void;
}

const RESTARTS: Readonly<Record<Extract<HostEvent, { kind: "restarting" }>["type"], string>> = {
  Soft: "Soft reset",
  Hard: "Hard reset",
  Watchdog: "watchdog",
  FactoryReset: "reset to factory state",
};

const ACTION_WIDTH = 22;
/** A long Action takes of it, so that answers stand below each other. */
const PAYLOAD_WIDTH = 53;
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
  /** Of the message that is told next. */
  #deviations: Extract<HostEvent, { kind: "deviation" }>[] = [];

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
      case "deviation":
        this.#deviations.push(event);
        return undefined;
      case "callAnswered": {
        const answer = answerText(event.action, event.payload);
        const call = this.#callText("→", event.action, this.#takePayload(event.uniqueId));
        return `${call} ${colourOf(answer, style)}  ${
          style.dim(latencyText(event.latencyMs))
        }${this.#mark()}`;
      }
      case "callFailed": {
        const call = this.#callText("→", event.action, this.#takePayload(event.uniqueId));
        return `${call} ${style.red(shortText(failureText(event)))}  ${
          style.dim(latencyText(event.latencyMs))
        }`;
      }
      case "callReceived": {
        const { answer } = event;
        const call = this.#callText("←", event.action, event.payload);
        if (answer.kind === "result") {
          return `${call} ${colourOf(answerText(event.action, answer.payload), style)}${this.#mark()}`;
        }
        return `${call} ${
          style.red(shortText(`${answer.errorCode}: ${answer.errorDescription}`))
        }${this.#mark()}`;
      }
      case "frameIgnored":
        return style.red(
          `← ignored (${event.reason}): ${shortText(JSON.stringify(event.text), IGNORED_TEXT_MAX)}`,
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
        return `• ${style.yellow(`restarting (${RESTARTS[event.type]})`)}`;
      case "poweredOff":
        return `• ${style.yellow("down: without power until it comes back")}`;
      case "firmware":
        return event.detail === "" ? undefined : `• ${style.red(`firmware: ${shortText(event.detail)}`)}`;
      case "logUpload":
        return event.status === "Uploading" || event.status === "Uploaded"
          ? undefined
          : `• ${style.red(`${event.fileName}: ${shortText(event.detail)}`)}`;
      case "certificateInUse":
        return `• ${style.green("a new Charge Point certificate is in use")}`;
      case "transactionResumed":
        return `• ${style.yellow(`transaction ${event.transactionId ?? ""} of ${event.idTag} goes on`)}`;
      case "storeFailed":
        return `• ${
          style.red(`out of service: ${event.reason}; tried again every ${event.retryInMs / 1000} s`)
        }`;
      case "storeWorks":
        return `• ${style.green("in service again: its state can be stored")}`;
      case "hostFailed":
        return `• ${style.red(`out of service: ${errorText(event.error)}`)}`;
      default:
        return undefined;
    }
  }

  #mark(): string {
    const deviations = this.#deviations;
    this.#deviations = [];
    return this.#output.style.yellow(deviationMark(deviations));
  }

  #takePayload(uniqueId: string): unknown {
    const payload = this.#payloads.get(uniqueId);
    this.#payloads.delete(uniqueId);
    return payload;
  }

  #callText(direction: "→" | "←", action: string, payload: unknown): string {
    const { style } = this.#output;
    const arrow = direction === "→" ? style.cyan("→") : style.yellow("←");
    const name = actionText(action).padEnd(ACTION_WIDTH);
    const width = PAYLOAD_WIDTH + ACTION_WIDTH - name.length;
    return `${arrow} ${style.bold(name)} ${payloadText(action, payload).padEnd(width)}`;
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
  const message = plainText(failure.message);
  return style.yellow(`${failure.opened ? message : `cannot connect: ${message}`}${again}`);
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
    case "gridLimit":
      return `the grid gives ${gridLimitText(input)}`;
    case "powerOff":
      return "power off";
    case "emergencyStop":
      return "emergency button pressed";
    case "jamLock":
      return input.jam === "none"
        ? `lock works again, connector ${input.connectorId}`
        : `lock jams at ${input.jam}ing, connector ${input.connectorId}`;
    case "watchdog":
      return "the watchdog restarts the Charge Point";
    case "orderFailure":
      return `the next ${input.failure} is to fail`;
    case "securityEvent":
      return `security event ${input.type}`;
    case "renewCertificate":
      return "a new Charge Point certificate is wanted";
    case "sendDataTransfer":
      return `DataTransfer for ${input.vendorId}`;
    case "setConfiguration":
      return `set ${input.key}`; // the value may be a secret
    case "factoryReset":
      return "back to the factory's settings";
  }
}

function gridLimitText({ maxCurrentA, maxPowerW }: { maxCurrentA?: number; maxPowerW?: number }): string {
  const limits = [
    ...(maxCurrentA === undefined ? [] : [`${maxCurrentA} A`]),
    ...(maxPowerW === undefined ? [] : [`${maxPowerW} W`]),
  ];
  return limits.length === 0 ? "what is wanted" : `at most ${limits.join(" and ")}`;
}

/** One JSON object a line: `at`, `chargePoint`, `kind`, and what belongs to the kind. */
export class JsonView implements View {
  readonly #output: Pick<TextOutput, "write">;

  constructor(output: Pick<TextOutput, "write">) {
    this.#output = output;
  }

  show(chargePoint: string, event: HostEvent, nowMs: number): void {
    this.#output.write(jsonLine({ at: dateTimeOf(nowMs), chargePoint, ...publicEvent(event) }));
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
