/**
 * What came of a run, in numbers: transactions, and messages by Action.
 */
import { isAction } from "../../ocpp/action.ts";
import type { HostEvent } from "../../runtime/charge_point_host.ts";

/** A transaction that is over. Units: energy in Wh; the duration is simulated time. */
export interface FinishedTransaction {
  readonly chargePoint: string;
  /** `undefined` while the Central System has not given one. */
  transactionId: number | undefined;
  readonly connectorId: number;
  readonly idTag: string;
  /** `undefined` if it began before this run. */
  readonly durationMs: number | undefined;
  readonly energyWh: number;
  readonly reason: string;
}

/** The Calls of one Action, in one direction. */
export interface ActionTally {
  readonly action: string;
  /** `sent` by the Charge Points, or `received` from the Central System. */
  readonly direction: "sent" | "received";
  readonly count: number;
  readonly answered: number;
  readonly failed: number;
  readonly latencyMsP50: number | undefined;
  readonly latencyMsMax: number | undefined;
}

/** How often the Central System broke a rule in the messages of one Action. */
export interface DeviationTally {
  readonly rule: string;
  readonly action: string;
  readonly count: number;
  /** The first of them: where it was and what was made of it. */
  readonly path: string;
  readonly detail: string;
}

/** Transactions kept one by one; further ones are only counted. */
export const TRANSACTIONS_KEPT_MAX = 1_000;

/** Where Actions are counted that OCPP 1.6 does not know: invented names must not fill memory. */
const UNKNOWN_ACTION = "(unknown)";

interface Counts {
  count: number;
  answered: number;
  failed: number;
  /** How often each latency came; whole milliseconds, bounded by the timeout of Calls. */
  readonly latencies: Map<number, number>;
}

interface Running {
  readonly startedAtMs: number;
  readonly idTag: string;
}

/** Counts as it goes; memory does not grow with the length of the run. */
export class Tally {
  readonly #speed: number;
  readonly #sent = new Map<string, Counts>();
  readonly #received = new Map<string, Counts>();
  readonly #running = new Map<string, Running>();
  readonly #kept: FinishedTransaction[] = [];
  readonly #deviations = new Map<string, DeviationTally>();
  #transactions = 0;
  #energyWh = 0;
  #messages = 0;
  #failed = 0;

  constructor({ speed }: { speed: number }) {
    this.#speed = speed;
  }

  get transactions(): readonly FinishedTransaction[] {
    return this.#kept;
  }
  /** All of them, kept or not. */
  get transactionCount(): number {
    return this.#transactions;
  }
  get runningCount(): number {
    return this.#running.size;
  }
  get energyWh(): number {
    return this.#energyWh;
  }
  /** Calls both ways. */
  get messageCount(): number {
    return this.#messages;
  }
  get failedCount(): number {
    return this.#failed;
  }

  observe(chargePoint: string, event: HostEvent, nowMs: number): void {
    switch (event.kind) {
      case "callSent":
        this.#messages++;
        countsOf(this.#sent, event.action).count++;
        return;
      case "callAnswered": {
        const counts = countsOf(this.#sent, event.action);
        const latencyMs = Math.round(event.latencyMs);
        counts.answered++;
        counts.latencies.set(latencyMs, (counts.latencies.get(latencyMs) ?? 0) + 1);
        return;
      }
      case "callFailed":
        this.#failed++;
        countsOf(this.#sent, event.action).failed++;
        return;
      case "callReceived": {
        this.#messages++;
        const counts = countsOf(this.#received, isAction(event.action) ? event.action : UNKNOWN_ACTION);
        counts.count++;
        if (event.answer.kind === "result") counts.answered++;
        else counts.failed++;
        return;
      }
      case "deviation": {
        const key = `${event.rule} ${event.action}`;
        const { rule, action, path, detail } = this.#deviations.get(key) ?? event;
        const count = (this.#deviations.get(key)?.count ?? 0) + 1;
        this.#deviations.set(key, { rule, action, count, path, detail });
        return;
      }
      case "transactionStarted":
        this.#running.set(`${chargePoint}/${event.connectorId}`, { startedAtMs: nowMs, idTag: event.idTag });
        return;
      case "transactionStopped":
        return this.#stopped(chargePoint, event, nowMs);
      case "transactionConfirmed": {
        // The answer to a StartTransaction may come after the transaction is over.
        const late = this.#kept.find((one) =>
          one.chargePoint === chargePoint && one.connectorId === event.connectorId &&
          one.transactionId === undefined
        );
        if (late !== undefined) late.transactionId = event.transactionId;
        return;
      }
      default:
        return;
    }
  }

  /** By Action, in the order of their first message; what the Central System sent comes last. */
  actions(): readonly ActionTally[] {
    const rows = (all: Map<string, Counts>, direction: "sent" | "received") =>
      [...all].map(([action, { count, answered, failed, latencies }]) => ({
        action,
        direction,
        count,
        answered,
        failed,
        latencyMsP50: median(latencies),
        latencyMsMax: latencies.size === 0 ? undefined : Math.max(...latencies.keys()),
      }));
    return [...rows(this.#sent, "sent"), ...rows(this.#received, "received")];
  }

  /** What the Central System did wrong and was forgiven, by rule and Action. */
  deviations(): readonly DeviationTally[] {
    return [...this.#deviations.values()];
  }

  #stopped(
    chargePoint: string,
    event: Extract<HostEvent, { kind: "transactionStopped" }>,
    nowMs: number,
  ): void {
    const place = `${chargePoint}/${event.connectorId}`;
    const running = this.#running.get(place);
    this.#running.delete(place);
    const energyWh = event.meterStopWh - event.meterStartWh;
    this.#transactions++;
    this.#energyWh += energyWh;
    if (this.#kept.length >= TRANSACTIONS_KEPT_MAX) return;
    this.#kept.push({
      chargePoint,
      transactionId: event.transactionId,
      connectorId: event.connectorId,
      idTag: running?.idTag ?? "",
      durationMs: running === undefined ? undefined : (nowMs - running.startedAtMs) * this.#speed,
      energyWh,
      reason: event.reason,
    });
  }
}

function countsOf(all: Map<string, Counts>, action: string): Counts {
  const known = all.get(action);
  if (known !== undefined) return known;
  const counts: Counts = { count: 0, answered: 0, failed: 0, latencies: new Map() };
  all.set(action, counts);
  return counts;
}

/** Of values with how often each came; of an even number the lower of the two in the middle. */
function median(values: ReadonlyMap<number, number>): number | undefined {
  let rest = 0;
  for (const count of values.values()) rest += count;
  if (rest === 0) return undefined;
  rest = Math.ceil(rest / 2);
  for (const [value, count] of [...values].sort(([one], [other]) => one - other)) {
    rest -= count;
    if (rest <= 0) return value;
  }
  return undefined;
}
