/**
 * What happened in a Central System, counted: plain numbers, read at scrape.
 *
 * Labels come from closed sets only: what a peer invents (an unknown Action, another error code, a close code) is
 * counted under one name, so that nobody can fill memory with them.
 */
import type { CentralSystemEvent, ReceivedCall } from "../central_system/decision.ts";
import type { FrameOutcome } from "../central_system/store.ts";
import { isAction } from "../ocpp/action.ts";
import { callErrorCodeOf } from "../ocpp/call_error.ts";
import type { CentralSystemObserver, Refusal } from "./central_system_observer.ts";
import { Histogram } from "./histogram.ts";
import type { RowsRemoved } from "./retention.ts";
import type { Exchange } from "./server_connection.ts";

/** Counts by one label. */
export class LabelledCounter {
  readonly #counts = new Map<string, number>();

  add(label: string): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
  }

  rows(): Iterable<readonly [label: string, count: number]> {
    return this.#counts;
  }
}

/** Exchanges of one Action in one direction. */
export class ActionFigures {
  readonly outcomes: Record<FrameOutcome, number> = { result: 0, error: 0, timeout: 0, lost: 0, ignored: 0 };
  /** From a Call to its answer; only of those that were answered. */
  readonly latency: Histogram;

  constructor(boundsMs: readonly number[]) {
    this.latency = new Histogram(boundsMs);
  }
}

/** Ours are a matter of milliseconds. */
const OWN_BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** A Charge Point's go over mobile networks, and some of them reboot before they answer. */
const THEIR_BOUNDS_MS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** Counts everything and hands it on to another observer. */
export class CountingObserver implements CentralSystemObserver {
  /** Charge Points' Calls by Action: how long we take to answer, the commit included. */
  readonly in = new Map<string, ActionFigures>();
  /** Our own Calls by Action: how long Charge Points take. */
  readonly out = new Map<string, ActionFigures>();
  readonly callErrors = { in: new LabelledCounter(), out: new LabelledCounter() };
  /** `new`, or `replacing` an older connection. */
  readonly connects = new LabelledCounter();
  /** By close code, or class of codes. */
  readonly disconnects = new LabelledCounter();
  readonly deviations = new LabelledCounter();
  /** By kind of reason, or HTTP status where it has none. */
  readonly refusedUpgrades = new LabelledCounter();
  transactionsStarted = 0;
  /** By who closed them. */
  readonly transactionsStopped = new LabelledCounter();
  storeFailures = 0;
  mistakeCount = 0;
  readonly #next: CentralSystemObserver;

  constructor(next: CentralSystemObserver) {
    this.#next = next;
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    this.connects.add(event.replaced ? "replacing" : "new");
    this.#next.connected(event);
  }

  disconnected(event: { chargePoint: string; code: number; reason: string }): void {
    this.disconnects.add(closeCodeClass(event.code));
    this.#next.disconnected(event);
  }

  refused(refusal: Refusal): void {
    this.refusedUpgrades.add(refusal.reasonKind ?? String(refusal.status));
    this.#next.refused(refusal);
  }

  exchanged(exchange: Exchange): void {
    const { direction, action, outcome, latencyMs } = exchange;
    const figures = this[direction].get(action) ?? this.#figuresOf(direction, action);
    figures.outcomes[outcome] += 1;
    if (latencyMs !== undefined && outcome !== "timeout") figures.latency.observe(latencyMs);
    if (outcome === "error") this.callErrors[direction].add(errorCodeOf(exchange));
    this.#next.exchanged(exchange);
  }

  #figuresOf(direction: "in" | "out", action: string): ActionFigures {
    const name = isAction(action) ? action : UNKNOWN_ACTION;
    let figures = this[direction].get(name);
    if (figures === undefined) {
      figures = new ActionFigures(direction === "in" ? OWN_BOUNDS_MS : THEIR_BOUNDS_MS);
      this[direction].set(name, figures);
    }
    return figures;
  }

  decided(event: CentralSystemEvent): void {
    switch (event.kind) {
      case "deviation":
        this.deviations.add(event.rule);
        break;
      case "transactionStarted":
        this.transactionsStarted += 1;
        break;
      case "transactionStopped":
        this.transactionsStopped.add(event.closedBy);
    }
    this.#next.decided(event);
  }

  storeFailed(error: unknown): void {
    this.storeFailures += 1;
    this.#next.storeFailed(error);
  }

  storeResumed(event: { downMs: number }): void {
    this.#next.storeResumed(event);
  }

  rowsRemoved(removed: RowsRemoved): void {
    this.#next.rowsRemoved(removed);
  }

  mistaken(call: ReceivedCall, error: unknown): void {
    this.mistakeCount += 1;
    this.#next.mistaken(call, error);
  }
}

/** Where Actions are counted that OCPP 1.6 does not know, and texts that were no frame. */
const UNKNOWN_ACTION = "unknown";

function errorCodeOf({ answerPayload }: Exchange): string {
  const code = (answerPayload as { errorCode?: unknown } | undefined)?.errorCode;
  return callErrorCodeOf(typeof code === "string" ? code : "");
}

/** Codes that say something here; a peer may send any. */
const TOLD_CLOSE_CODES: ReadonlySet<number> = new Set([
  ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013],
]);

/** Spec: RFC 6455 §7.4.2 for the classes. */
function closeCodeClass(code: number): string {
  if (TOLD_CLOSE_CODES.has(code)) return String(code);
  return code >= 3_000 && code < 5_000 ? `${Math.floor(code / 1_000)}xxx` : "other";
}
