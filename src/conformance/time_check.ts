/**
 * Whether what a Charge Point under test says of time can be true: its clock is ours since BootNotification or Heartbeat
 * told it. Spec: OCPP 1.6 §4.2, §4.6, §6 (`timestamp` of each message).
 *
 * Rules: nothing lies in the future. What began in this case lies in this case; what may be left of an earlier one, or
 * is told again after a boot or a time offline, lies not before there was a clock that somebody had set.
 */
import type { Action } from "../ocpp/action.ts";
import { atMsOf, dateTimeOf } from "../ocpp/date_time.ts";
import type { MeterValue } from "../ocpp/meter_value.ts";
import type { Req } from "../ocpp/registry.ts";
import type { Session } from "./session.ts";

/** How far two clocks may be apart, the time that a message takes included. */
const TOLERANCE_MS = 60_000;

/** When OCPP 1.6 was published: what is older is of a clock that nobody has set. */
const NOTHING_BEFORE_MS = Date.UTC(2015, 9, 8);

/** What of time a Call tells: since when each of it can be. */
interface Told {
  readonly what: string;
  readonly timestamp: string;
  readonly sinceMs: number;
}

/** Of one run. */
export class TimeCheck {
  readonly #session: Session;
  #beganAtMs = NOTHING_BEFORE_MS;
  #firstTransactionId = 1;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The case begins; before that, and without it, everything may be left of an earlier time. */
  begin(nowMs: number): void {
    this.#beganAtMs = nowMs;
    this.#firstTransactionId = this.#session.lastTransactionId + 1;
  }

  /** What cannot be true of a Call's times, if anything; before the Call is answered. */
  fault(
    action: Action,
    payload: unknown,
    nowMs: number,
  ): { readonly expected: string; readonly came: string } | undefined {
    for (const { what, timestamp, sinceMs } of this.#told(action, payload)) {
      const atMs = atMsOf(timestamp);
      if (atMs >= sinceMs - TOLERANCE_MS && atMs <= nowMs + TOLERANCE_MS) continue;
      const bound = atMs > nowMs
        ? `no later than now, ${dateTimeOf(nowMs)}`
        : `no earlier than ${dateTimeOf(sinceMs)}`;
      return { expected: `${what} of ${action} to be ${bound}`, came: timestamp };
    }
    return undefined;
  }

  #told(action: Action, payload: unknown): readonly Told[] {
    switch (action) {
      case "StartTransaction": {
        const { timestamp } = payload as Req<"StartTransaction">;
        return [{ what: "the timestamp", timestamp, sinceMs: this.#undisturbedSinceMs }];
      }
      case "StopTransaction": {
        const { timestamp, transactionId, transactionData = [] } = payload as Req<"StopTransaction">;
        const sinceMs = this.#sinceMs(transactionId);
        return [{ what: "the timestamp", timestamp, sinceMs }, ...readingsTold(transactionData, sinceMs)];
      }
      case "MeterValues": {
        const { transactionId, meterValue } = payload as Req<"MeterValues">;
        return readingsTold(
          meterValue,
          transactionId === undefined ? this.#undisturbedSinceMs : this.#sinceMs(transactionId),
        );
      }
      case "StatusNotification": {
        const { connectorId, status, timestamp } = payload as Req<"StatusNotification">;
        if (timestamp === undefined) return [];
        const before = this.#session.statuses.get(connectorId);
        const isNews = before !== undefined && before !== status;
        const sinceMs = isNews ? this.#undisturbedSinceMs : NOTHING_BEFORE_MS;
        return [{ what: "the timestamp", timestamp, sinceMs }];
      }
      case "SecurityEventNotification": {
        const { timestamp } = payload as Req<"SecurityEventNotification">;
        return [{ what: "the timestamp", timestamp, sinceMs: NOTHING_BEFORE_MS }];
      }
      default:
        return [];
    }
  }

  /** A case that went wrong may have left something that comes in this one. */
  get #undisturbedSinceMs(): number {
    return this.#session.isDisturbed ? NOTHING_BEFORE_MS : this.#beganAtMs;
  }

  /** Of a transaction, which this case has seen begin or not: a Central System before us may have given any number. */
  #sinceMs(transactionId: number): number {
    const hasSeen = transactionId >= this.#firstTransactionId &&
      transactionId <= this.#session.lastTransactionId;
    return hasSeen ? this.#beganAtMs : NOTHING_BEFORE_MS;
  }
}

function readingsTold(readings: readonly MeterValue[], sinceMs: number): readonly Told[] {
  return readings.map(({ timestamp }) => ({ what: "the timestamp of a reading", timestamp, sinceMs }));
}
