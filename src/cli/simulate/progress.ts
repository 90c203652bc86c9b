/**
 * A fleet on one line, which says how far it is: rewritten in place on a terminal, else anew every few seconds.
 */
import type { HostEvent } from "../../runtime/charge_point_host.ts";
import type { Clock } from "../../runtime/clock.ts";
import { countText } from "../table.ts";
import { plainText } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";
import type { View } from "./story.ts";
import type { Tally } from "./tally.ts";

const REWRITE_MS = 500;
const LINE_MS = 5_000;

/** Where logs go meanwhile: `write` keeps the live line at the bottom. */
export class FleetProgress implements View, Pick<TextOutput, "isTerminal" | "write"> {
  readonly #output: TextOutput;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #count: number;
  readonly #up = new Set<string>();
  readonly #accepted = new Set<string>();
  #lastFailure = "";
  #startedAtMs = 0;
  #live = "";
  #cancel: () => void = () => {};

  constructor(output: TextOutput, options: { clock: Clock; tally: Tally; count: number }) {
    this.#output = output;
    this.#clock = options.clock;
    this.#tally = options.tally;
    this.#count = options.count;
  }

  get isTerminal(): boolean {
    return this.#output.isTerminal;
  }

  start(): void {
    this.#startedAtMs = this.#clock.nowMs();
    this.#next();
  }

  /** Says it for the last time. */
  end(): void {
    this.#cancel();
    this.#say();
    this.#live = "";
    if (this.#output.isTerminal) this.#output.write("\n");
  }

  /** Text from elsewhere, above the live line. */
  write(text: string): void {
    if (this.#live === "") return this.#output.write(text);
    this.#output.write(`\r\x1b[K${text}${this.#live}`);
  }

  show(chargePoint: string, event: HostEvent): void {
    switch (event.kind) {
      case "linkUp":
        this.#up.add(chargePoint);
        return;
      case "linkDown":
        this.#up.delete(chargePoint);
        this.#lastFailure = plainText(event.failure.message);
        return;
      case "registration":
        if (event.status === "Accepted") this.#accepted.add(chargePoint);
        else this.#accepted.delete(chargePoint);
        return;
      case "storeFailed":
        this.write(`${chargePoint} is out of service: ${plainText(event.reason)}\n`);
        return;
      case "storeWorks":
        this.write(`${chargePoint} is in service again\n`);
        return;
      case "hostFailed":
        this.write(`${chargePoint} is out of service: ${String(event.error)}\n`);
        return;
      default:
        return;
    }
  }

  #next(): void {
    const inMs = this.#output.isTerminal ? REWRITE_MS : LINE_MS;
    this.#cancel = this.#clock.at(this.#clock.nowMs() + inMs, () => {
      this.#say();
      this.#next();
    });
  }

  #say(): void {
    const seconds = Math.round((this.#clock.nowMs() - this.#startedAtMs) / 1000);
    const tally = this.#tally;
    const parts = [
      `${countText(this.#up.size)} of ${countText(this.#count)} connected`,
      ...this.#accepted.size < this.#up.size ? [`${countText(this.#accepted.size)} accepted`] : [],
      `${countText(tally.runningCount)} charging`,
      `${countText(tally.transactionCount)} done`,
      `${countText(tally.messageCount)} messages`,
      `${countText(tally.failedCount)} failed`,
    ];
    const isTrouble = this.#up.size < this.#count && this.#lastFailure !== "";
    const text = `${String(seconds).padStart(4)} s  ${parts.join(", ")}${
      isTrouble ? ` (last: ${this.#lastFailure})` : ""
    }`;
    if (!this.#output.isTerminal) return this.#output.write(`${text}\n`);
    this.#live = `\r\x1b[K${text.slice(0, this.#output.columns() - 1)}`;
    this.#output.write(this.#live);
  }
}
