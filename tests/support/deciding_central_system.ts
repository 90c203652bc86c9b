/**
 * A Central System without runtime and network: each Call is checked, decided on the facts it needs, and written
 * to the test store before the next one.
 */
import assert from "node:assert/strict";
import { callBody } from "../../src/central_system/call_body.ts";
import { decide } from "../../src/central_system/decide.ts";
import type {
  CentralSystemEvent,
  Decision,
  DecisionSettings,
  ReceivedCall,
} from "../../src/central_system/decision.ts";
import { FactsCollector, noFacts } from "../../src/central_system/facts.ts";
import {
  decideRecordChange,
  type RecordChange,
  type RecordChangeDecision,
} from "../../src/central_system/record_change.ts";
import type { CommandOutcome } from "../../src/central_system/commands.ts";
import { decideOwnCall, type OwnCallDecision, ownRequest } from "../../src/central_system/own_call.ts";
import type { IdTagRecord } from "../../src/central_system/store.ts";
import type { Action } from "../../src/ocpp/action.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import type { RegistrationStatus } from "../../src/ocpp/types.ts";
import { MemoryStore } from "./memory_store.ts";
import { assertOfficialPayload } from "./official_frames.ts";

/** When it begins. */
export const DECIDING_BEGINS_AT_MS = Date.UTC(2026, 0, 1, 12);

/** How a Call comes; what is left out is ordinary. */
export interface Arrival {
  readonly chargePoint?: string;
  /** Without one every Call has its own. */
  readonly uniqueId?: string;
  readonly triggered?: boolean;
  readonly connectedAtMs?: number;
  readonly validation?: ReceivedCall["validation"];
  /** Why the payload is none of the official schemas. */
  readonly broken?: string;
}

/** Decides Call after Call. */
export class DecidingCentralSystem {
  readonly store: MemoryStore;
  readonly settings: DecisionSettings;
  nowMs = DECIDING_BEGINS_AT_MS;
  #calls = 0;

  constructor(settings: Partial<DecisionSettings> = {}, { firstTransactionId = 100 } = {}) {
    this.store = new MemoryStore({ firstTransactionId });
    this.settings = {
      heartbeatIntervalSeconds: 300,
      bootStatus: "Accepted",
      bootIntervalSeconds: 60,
      authorization: "open",
      registration: "open",
      signsCertificates: false,
      ...settings,
    };
  }

  /** The decision about a Call, whose writes are in the store by then; its answer is official in any case. */
  call(action: string, payload: unknown, { broken, ...arrival }: Arrival = {}): Decision {
    if (broken === undefined) assertOfficialPayload(action, "req", payload);
    const call: ReceivedCall = {
      chargePoint: "CP1",
      uniqueId: `id-${++this.#calls}`,
      body: callBody({ action, payload }, arrival.validation ?? "strict"),
      receivedAtMs: this.nowMs,
      triggered: false,
      validation: "strict",
      ...arrival,
    };
    const collector = new FactsCollector();
    collector.add(call, new Map());
    const needed = collector.needed();
    const facts = needed === undefined ? noFacts() : this.store.load(needed);
    const decision = decide(call, { facts, settings: this.settings, nowMs: this.nowMs });
    this.store.commit(decision.writes);
    const { answer } = decision;
    if (answer.kind === "result") assertOfficialPayload(action, "conf", answer.payload);
    return decision;
  }

  /** What an operator changes; its writes are in the store by then. */
  change(change: RecordChange): RecordChangeDecision {
    const collector = new FactsCollector();
    collector.addChange(change, new Map());
    const facts = this.store.load(collector.needed()!);
    const decision = decideRecordChange(change, { facts, settings: this.settings, nowMs: this.nowMs });
    this.store.commit(decision.writes);
    return decision;
  }

  /** One of our own Calls before it leaves, or once it is over; its writes are in the store by then. */
  ownCall(
    action: Action,
    payload: unknown,
    { outcome, chargePoint = "CP1", isListOnItsWay = false }: {
      outcome?: CommandOutcome;
      chargePoint?: string;
      isListOnItsWay?: boolean;
    } = {},
  ): OwnCallDecision {
    const request = ownRequest(action, payload);
    assert.ok(request !== undefined, `${action} leaves nothing behind`);
    const about = { chargePoint, request, atMs: this.nowMs, isListOnItsWay };
    const call = outcome === undefined ? about : { ...about, outcome };
    const collector = new FactsCollector();
    collector.addOwnCall(call, new Map());
    const facts = this.store.load(collector.needed()!);
    const decision = decideOwnCall(call, { facts, settings: this.settings, nowMs: this.nowMs });
    this.store.commit(decision.writes);
    return decision;
  }

  /** The payload of the CallResult; fails for a CALLERROR. */
  result<A extends Action>(action: A, payload: Req<A>, arrival?: Arrival): Conf<A> {
    const { answer } = this.call(action, payload, arrival);
    assert.ok(answer.kind === "result", JSON.stringify(answer));
    return answer.payload as Conf<A>;
  }

  /** The code of the CALLERROR, or `result`. */
  outcome(action: string, payload: unknown, arrival?: Arrival): string {
    const { answer } = this.call(action, payload, arrival);
    return answer.kind === "error" ? answer.errorCode : answer.kind;
  }

  /** The events that a Call leads to. */
  events(action: string, payload: unknown, arrival?: Arrival): readonly CentralSystemEvent[] {
    return this.call(action, payload, arrival).events;
  }

  /** The rules that a Call deviates from. */
  deviations(action: string, payload: unknown, arrival?: Arrival): string[] {
    return this.events(action, payload, arrival).flatMap((event) =>
      event.kind === "deviation" ? [event.rule] : []
    );
  }

  boot(arrival?: Arrival): Conf<"BootNotification"> {
    return this.result(
      "BootNotification",
      { chargePointVendor: "Vendor", chargePointModel: "Model" },
      arrival,
    );
  }

  /** What an operator decides about a Charge Point that is known. */
  register(registration: RegistrationStatus, chargePoint = "CP1"): void {
    const record = this.store.chargePoint(chargePoint);
    assert.ok(record !== undefined);
    this.store.commit([{ kind: "putChargePoint", record: { ...record, registration } }]);
  }

  /** An idTag that an operator has entered. */
  addIdTag(idTag: string, record: Partial<IdTagRecord> = {}): void {
    const key = idTag.toLowerCase();
    const entered: IdTagRecord = { key, idTag, blocked: false, source: "entered", ...record };
    this.store.commit([{ kind: "putIdTag", record: entered }]);
  }
}
