/**
 * What always holds of a Charge Point, whatever happens to it; looked at after every input.
 *
 * Errors: `AssertionError` at the first effect that breaks a rule.
 */
import assert from "node:assert/strict";
import type { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { mayFollow } from "../../src/ocpp/status_transition.ts";
import type { ChargePointEffect, ChargePointEvent } from "../../src/charge_point/contract.ts";
import { atMsOf } from "../../src/ocpp/date_time.ts";
import { fieldFaults } from "../../src/ocpp/field_rule.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { isAction } from "../../src/ocpp/action.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import type { ChargePointStatus } from "../../src/ocpp/types.ts";
import { OfficialFrames } from "./official_frames.ts";

const TRANSACTION_RELATED: ReadonlySet<string> = new Set(["StartTransaction", "StopTransaction"]);

/** Watches one Charge Point from its first input on. */
export class ChargePointChecker {
  readonly #chargePoint: ChargePoint;
  readonly #frames = new OfficialFrames();
  readonly #statuses = new Map<number, ChargePointStatus>();
  readonly #registersWh = new Map<number, number>();
  /** Transaction-related messages by uniqueId with their text, in the order of their first transmission. */
  readonly #messages = new Map<string, string>();
  #latestMessageId: string | undefined;
  #latestMessageAtMs = -Infinity;
  readonly #stopped = new Set<number>();
  /** The transactionIds that the Central System has given; -1 stands for one that it never gave. */
  readonly #transactionIds = new Set([-1]);
  #inFlight: { uniqueId: string; sentAtMs: number } | undefined;
  #isLinkUp = false;

  constructor(chargePoint: ChargePoint) {
    this.#chargePoint = chargePoint;
  }

  /** What the test did to the link; called before the input is handled. */
  link(isUp: boolean): void {
    this.#isLinkUp = isUp;
    this.#inFlight = undefined;
  }

  /** What the Central System sent, broken or not: what it asked for is needed to judge the answers. */
  received(text: string): void {
    this.#frames.letPass("centralSystem", text);
  }

  /** Looks at what an input led to. */
  check(effects: readonly ChargePointEffect[], nowMs: number): void {
    for (const effect of effects) {
      if (effect.kind === "send") this.#sent(effect.text, nowMs);
      if (effect.kind === "event") this.#happened(effect.event);
      if (effect.kind === "closeLink") this.link(false);
    }
    for (const { connectorId, registerWh } of this.#chargePoint.connectors) {
      const before = this.#registersWh.get(connectorId) ?? 0;
      assert.ok(registerWh >= before, `the meter of connector ${connectorId} ran back to ${registerWh}`);
      this.#registersWh.set(connectorId, registerWh);
    }
  }

  #happened(event: ChargePointEvent): void {
    if (event.kind === "callAnswered" || event.kind === "callFailed") {
      if (this.#inFlight?.uniqueId === event.uniqueId) this.#inFlight = undefined;
    }
    if (event.kind === "transactionConfirmed") this.#transactionIds.add(event.transactionId);
    if (event.kind === "started") this.#statuses.clear(); // design §6: the table holds except across a boot
    if (event.kind !== "status" || event.connectorId === 0) return;
    const to = event.status;
    const from = this.#statuses.get(event.connectorId) ?? to;
    assert.ok(from === to || mayFollow({ from, to }), `${from} → ${to} is not in §4.9`);
    this.#statuses.set(event.connectorId, to);
  }

  #sent(text: string, nowMs: number): void {
    assert.ok(this.#isLinkUp, `sent without a link: ${text}`);
    this.#frames.assertOfficial("chargePoint", text);
    const parsed = parseFrame(text);
    assert.ok(parsed.ok, `no frame: ${text}`);
    const { frame } = parsed;
    if (frame.kind !== "call") return;
    assert.ok(isAction(frame.action), text);
    assert.deepEqual(fieldFaults(frame.action, frame.payload as Req<typeof frame.action>), [], text);
    assert.equal(this.#inFlight, undefined, `a second Call in flight: ${text}`);
    this.#inFlight = { uniqueId: frame.uniqueId, sentAtMs: nowMs };
    const { transactionId = -1 } = frame.payload as { transactionId?: number };
    assert.ok(this.#transactionIds.has(transactionId), `nobody gave the transactionId of ${text}`);
    if (TRANSACTION_RELATED.has(frame.action) || isOfTransaction(frame)) {
      this.#messageSent(frame.uniqueId, text, atMsOf(timestampOf(frame.payload)));
    }
    if (frame.action === "StopTransaction") this.#stopSent(frame.uniqueId, transactionId);
  }

  #messageSent(uniqueId: string, text: string, atMs: number): void {
    const before = this.#messages.get(uniqueId);
    if (before !== undefined) {
      assert.equal(text, before, "a repeat differs from the first transmission");
      assert.equal(uniqueId, this.#latestMessageId, `repeated out of order: ${text}`);
    }
    assert.ok(atMs >= this.#latestMessageAtMs, `out of order in time: ${text}`);
    this.#latestMessageAtMs = atMs;
    this.#messages.set(uniqueId, text);
    this.#latestMessageId = uniqueId;
  }

  readonly #stops = new Map<string, number>();

  #stopSent(uniqueId: string, transactionId: number): void {
    if (this.#stops.has(uniqueId)) return; // a repeat
    this.#stops.set(uniqueId, transactionId);
    if (transactionId === -1) return;
    assert.ok(!this.#stopped.has(transactionId), `transaction ${transactionId} is stopped twice`);
    this.#stopped.add(transactionId);
  }
}

function timestampOf(payload: unknown): string {
  const { timestamp, meterValue } = payload as { timestamp?: string; meterValue?: { timestamp: string }[] };
  return timestamp ?? meterValue?.[0]?.timestamp ?? "";
}

/** Whether these MeterValues are a sample of a transaction rather than an answer to TriggerMessage. */
function isOfTransaction({ action, payload }: { action: string; payload: unknown }): boolean {
  if (action !== "MeterValues") return false;
  const { meterValue } = payload as { meterValue: { sampledValue: { context?: string }[] }[] };
  return meterValue[0]?.sampledValue[0]?.context === "Sample.Periodic";
}
