/**
 * What happened in a Central System, counted: plain numbers, read at scrape.
 *
 * Labels come from closed sets only: what a peer invents (an unknown Action, another error code) is counted under
 * one name, so that nobody can fill memory with them.
 */
import type { CentralSystemEvent, ReceivedCall } from "../central_system/decision.ts";
import { isAction } from "../ocpp/action.ts";
import { callErrorCodeOf } from "../ocpp/call_error.ts";
import type { CentralSystemObserver, Refusal } from "./central_system_observer.ts";
import type { Exchange } from "./server_connection.ts";

/** Counts by their labels, joined with a tab. */
export class LabelledCounter {
  readonly #counts = new Map<string, number>();

  add(...labels: readonly string[]): void {
    const key = labels.join("\t");
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Labels and count, one row each. */
  *rows(): Iterable<readonly [labels: readonly string[], count: number]> {
    for (const [key, count] of this.#counts) yield [key.split("\t"), count];
  }
}

/** Counts everything and hands it on to another observer. */
export class CountingObserver implements CentralSystemObserver {
  /** By direction (`in`: from a Charge Point), Action and outcome. */
  readonly messages = new LabelledCounter();
  /** By direction of the Call and error code. */
  readonly callErrors = new LabelledCounter();
  readonly deviations = new LabelledCounter();
  /** By HTTP status. */
  readonly refusedUpgrades = new LabelledCounter();
  /** `started`, or `stopped` by whom. */
  readonly transactions = new LabelledCounter();
  readonly storeFailures = new LabelledCounter();
  readonly #next: CentralSystemObserver;

  constructor(next: CentralSystemObserver) {
    this.#next = next;
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    this.#next.connected(event);
  }

  disconnected(event: { chargePoint: string; code: number; reason: string }): void {
    this.#next.disconnected(event);
  }

  refused(refusal: Refusal): void {
    this.refusedUpgrades.add(String(refusal.status));
    this.#next.refused(refusal);
  }

  exchanged(exchange: Exchange): void {
    const { direction, action, outcome } = exchange;
    this.messages.add(direction, isAction(action) ? action : UNKNOWN_ACTION, outcome);
    if (outcome === "error") this.callErrors.add(direction, errorCodeOf(exchange));
    this.#next.exchanged(exchange);
  }

  decided(event: CentralSystemEvent): void {
    if (event.kind === "deviation") this.deviations.add(event.rule);
    if (event.kind === "transactionStarted") this.transactions.add("started");
    if (event.kind === "transactionStopped") this.transactions.add(`stopped by ${event.closedBy}`);
    this.#next.decided(event);
  }

  storeFailed(error: unknown): void {
    this.storeFailures.add();
    this.#next.storeFailed(error);
  }

  storeResumed(event: { downMs: number }): void {
    this.#next.storeResumed(event);
  }

  mistaken(call: ReceivedCall, error: unknown): void {
    this.#next.mistaken(call, error);
  }
}

/** Where Actions are counted that OCPP 1.6 does not know, and texts that were no frame. */
const UNKNOWN_ACTION = "unknown";

function errorCodeOf({ answerPayload }: Exchange): string {
  const code = (answerPayload as { errorCode?: unknown } | undefined)?.errorCode;
  return callErrorCodeOf(typeof code === "string" ? code : "");
}
