/**
 * One end of a connection, without the connection: its own Calls, one in flight, matched with their answers.
 *
 * The other end's Calls need no state here: they are answered at once, whatever waits in this direction, so
 * Calls that cross cannot block each other.
 * Rules: a Call leaves only when the one before is answered or timed out (OCPP-J 1.6 §4.1.1); an answer that
 * nobody waits for is named late, duplicate or unknown, and never answered itself.
 */
import type { CallError, CallResult } from "../ocpp/frame.ts";
import { CallQueue, type OutgoingCall } from "./call_queue.ts";

/** How a Call ended. */
export type CallOutcome =
  | { readonly kind: "result"; readonly payload: unknown }
  | {
    readonly kind: "error";
    readonly errorCode: string;
    readonly errorDescription: string;
    readonly errorDetails: unknown;
  }
  | { readonly kind: "timeout" };

/** A Call of ours that is over. */
export interface SettledCall<Tag> {
  readonly kind: "settled";
  readonly call: OutgoingCall<Tag>;
  readonly outcome: CallOutcome;
  /** From sending to this outcome. */
  readonly latencyMs: number;
}

/** An answer that settles nothing: after the timeout, a second time, or never asked for. */
export interface StrayAnswer {
  readonly kind: "late" | "duplicate" | "unknown";
}

interface Past {
  readonly uniqueId: string;
  readonly stray: "late" | "duplicate";
}

/** How many settled uniqueIds are remembered, to tell a late or duplicate answer from an unknown one. */
export const REMEMBERED_CALLS_MAX = 8;

/** The Calls of one end of one connection. */
export class Peer<Tag> {
  readonly #queue: CallQueue<Tag>;
  #inFlight: OutgoingCall<Tag> | undefined;
  #sentAtMs = 0;
  #past: Past[] | undefined;

  constructor(options: { maxWaiting: number }) {
    this.#queue = new CallQueue(options.maxWaiting);
  }

  /** Calls that wait, the one in flight not counted. */
  get waiting(): number {
    return this.#queue.length;
  }

  get inFlight(): OutgoingCall<Tag> | undefined {
    return this.#inFlight;
  }

  /** Puts a Call in line; false when the queue is full. `sendNext` says when it may leave. */
  enqueue(call: OutgoingCall<Tag>): boolean {
    return this.#queue.push(call);
  }

  /** The next Call to put on the wire now, if the line is free and one waits; it is in flight from here on. */
  sendNext(nowMs: number): OutgoingCall<Tag> | undefined {
    if (this.#inFlight !== undefined) return undefined;
    const call = this.#queue.shift();
    if (call !== undefined) this.#send(call, nowMs);
    return call;
  }

  /** Sends a Call past the queue if the line is free. */
  sendNow(call: OutgoingCall<Tag>, nowMs: number): boolean {
    if (this.#inFlight !== undefined) return false;
    this.#send(call, nowMs);
    return true;
  }

  #send(call: OutgoingCall<Tag>, nowMs: number): void {
    this.#inFlight = call;
    this.#sentAtMs = nowMs;
  }

  /** Takes an answer: the Call that it settles, or why it settles none. */
  receive(answer: CallResult | CallError, nowMs: number): SettledCall<Tag> | StrayAnswer {
    const call = this.#inFlight;
    if (call === undefined || call.uniqueId !== answer.uniqueId) {
      const past = this.#past?.find(({ uniqueId }) => uniqueId === answer.uniqueId);
      return { kind: past?.stray ?? "unknown" };
    }
    const outcome: CallOutcome = answer.kind === "callResult"
      ? { kind: "result", payload: answer.payload }
      : {
        kind: "error",
        errorCode: answer.errorCode,
        errorDescription: answer.errorDescription,
        errorDetails: answer.errorDetails,
      };
    return this.#settle(call, outcome, nowMs);
  }

  /** When the Call in flight times out; `Infinity` while there is none. */
  deadlineMs(): number {
    return this.#inFlight === undefined ? Infinity : this.#sentAtMs + this.#inFlight.timeoutMs;
  }

  /** The Call whose time is over, if any; its answer counts as late from here on. */
  expire(nowMs: number): SettledCall<Tag> | undefined {
    const call = this.#inFlight;
    if (call === undefined || nowMs < this.deadlineMs()) return undefined;
    return this.#settle(call, { kind: "timeout" }, nowMs);
  }

  #settle(call: OutgoingCall<Tag>, outcome: CallOutcome, nowMs: number): SettledCall<Tag> {
    this.#inFlight = undefined;
    this.#past ??= [];
    if (this.#past.length >= REMEMBERED_CALLS_MAX) this.#past.shift();
    this.#past.push({
      uniqueId: call.uniqueId,
      stray: outcome.kind === "timeout" ? "late" : "duplicate",
    });
    return { kind: "settled", call, outcome, latencyMs: nowMs - this.#sentAtMs };
  }

  /** The connection is gone: gives back the Call that was in flight, whose fate nobody knows. */
  interrupt(): OutgoingCall<Tag> | undefined {
    const call = this.#inFlight;
    this.#inFlight = undefined;
    return call;
  }

  /** Empties the queue and returns what waited. */
  takeWaiting(): readonly OutgoingCall<Tag>[] {
    return this.#queue.takeAll();
  }
}
