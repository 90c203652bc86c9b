/**
 * Every exchange as a line that is read at a glance, or as a JSON object.
 *
 * Lines cost more than messages: beyond a number a second they are counted instead of shown.
 */
import { redactedPayload, redactedText } from "../../ocpp/redaction.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { Exchange } from "../../runtime/server_connection.ts";
import { deviationMark } from "../deviation_text.ts";
import { actionText, answerText, payloadText, shortText } from "../message_text.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import { latencyText } from "../table.ts";
import type { TextOutput } from "../terminal.ts";
import { LineBudget } from "./line_budget.ts";

/** Lines shown in one second; the rest of it is one line with their number. */
export const LINES_PER_SECOND_MAX = 40;

const ACTION_WIDTH = 22;
/** A long Action takes of it, so that answers stand below each other. */
const PAYLOAD_WIDTH = 53;
const STRAY_TEXT_MAX = 80;

/** Shows exchanges. */
export class FrameView {
  readonly #output: TextOutput;
  readonly #json: boolean;
  readonly #budget = new LineBudget({
    perSecondMax: LINES_PER_SECOND_MAX,
    onWithheld: (count) => this.#reportHidden(count),
  });
  #identityWidth = 5;

  constructor(output: TextOutput, { json }: { json: boolean }) {
    this.#output = output;
    this.#json = json;
  }

  /** One exchange that is over. */
  show(exchange: Exchange): void {
    if (!this.#mayShow(exchange.receivedAtMs)) return;
    this.#output.write(this.#json ? exchangeLine(exchange) : this.#line(exchange));
  }

  /** Something about the connection of a Charge Point; `event` says the same to programs. */
  note(chargePoint: string, text: string, event: Readonly<Record<string, unknown>> = {}): void {
    const nowMs = Date.now();
    if (!this.#mayShow(nowMs)) return;
    const line = this.#json
      ? jsonLine({ at: dateTimeOf(nowMs), chargePoint, ...event, note: text })
      : `${this.#output.style.dim(`${timeText(nowMs)}  ${this.#name(chargePoint)}  · ${plainText(text)}`)}\n`;
    this.#output.write(line);
  }

  /** Says what was not shown, at the end. */
  end(): void {
    this.#budget.end();
  }

  /** Machines read every line, people those that they can. */
  #mayShow(atMs: number): boolean {
    return this.#json || this.#budget.take(atMs);
  }

  #reportHidden(count: number): void {
    const text = `… and ${count} more in that second (all of them are in the messages of the API)`;
    this.#output.write(`${this.#output.style.dim(text)}\n`);
  }

  #name(chargePoint: string): string {
    this.#identityWidth = Math.max(this.#identityWidth, Math.min(chargePoint.length, 20));
    return plainText(chargePoint).padEnd(this.#identityWidth);
  }

  #line(exchange: Exchange): string {
    const { style } = this.#output;
    const { direction, action, payload, latencyMs, deviations = [] } = exchange;
    const arrow = direction === "in" ? style.cyan("→") : style.yellow("←");
    const head = `${style.dim(timeText(exchange.receivedAtMs))}  ${this.#name(exchange.chargePoint)}`;
    if (exchange.outcome === "ignored") {
      const why = style.red(`ignored: ${String(exchange.answerPayload)}`);
      const text = style.dim(shortText(redactedText("", String(payload)), STRAY_TEXT_MAX));
      return `${head}  ${arrow} ${why}  ${text}${deliberateMark(exchange, style)}\n`;
    }
    const name = (action === "" ? "(malformed)" : actionText(action)).padEnd(ACTION_WIDTH);
    const width = PAYLOAD_WIDTH + ACTION_WIDTH - name.length;
    const latency = latencyMs === undefined ? "" : style.dim(`  ${latencyText(latencyMs)}`);
    return `${head}  ${arrow} ${style.bold(name)} ${payloadText(action, payload).padEnd(width)} ${
      answered(exchange, style)
    }${latency}${style.yellow(deviationMark(deviations))}${deliberateMark(exchange, style)}\n`;
  }
}

function deliberateMark({ deliberate }: Exchange, style: TextOutput["style"]): string {
  return deliberate === undefined ? "" : style.yellow(`  (deliberate: ${shortText(deliberate)})`);
}

function answered(exchange: Exchange, style: TextOutput["style"]): string {
  const { action, outcome, answerPayload, deliberate } = exchange;
  switch (outcome) {
    case "result": {
      const text = answerText(action, answerPayload);
      return /\b(Accepted|Unlocked|ok)\b/.test(text) ? style.green(text) : style.yellow(text);
    }
    case "error": {
      const { errorCode, errorDescription } = answerPayload as {
        errorCode: string;
        errorDescription: string;
      };
      return style.red(shortText(errorDescription === "" ? errorCode : `${errorCode}: ${errorDescription}`));
    }
    case "timeout":
      return style.red("no answer in time");
    default:
      return style.red(deliberate === undefined ? "connection lost before an answer" : "no answer");
  }
}

function exchangeLine(exchange: Exchange): string {
  const { receivedAtMs, action, payload, answerPayload, request: _request, answer: _answer, ...rest } =
    exchange;
  return jsonLine({
    at: dateTimeOf(receivedAtMs),
    ...rest,
    action,
    payload: redactedPayload(action, payload),
    answer: redactedPayload(action, answerPayload),
  });
}

function timeText(atMs: number): string {
  return dateTimeOf(atMs).slice(11, 23);
}
