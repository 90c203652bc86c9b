/**
 * One turn of the Central System: facts, decisions, one commit, then everything visible, in order of arrival.
 *
 * Rules:
 * - Never two turns at once; what arrives during a commit waits for the next one: that is the group commit,
 *   without any timer.
 * - Nothing that depends on a write is visible before the write is committed: answers, events, Calls.
 * - When the store cannot commit, nothing of the turn becomes visible, not even a CALLERROR: that would use up
 *   the Charge Point's attempts and make it discard the transaction.
 */
import { callErrorFor } from "../ocpp/call_error.ts";
import { applyWrites } from "../central_system/apply_writes.ts";
import { decide } from "../central_system/decide.ts";
import type {
  CentralSystemEvent,
  Decision,
  DecisionContext,
  DecisionSettings,
  ReceivedCall,
} from "../central_system/decision.ts";
import {
  decideRecordChange,
  type RecordChange,
  type RecordChangeDecision,
  type RecordChangeOutcome,
} from "../central_system/record_change.ts";
import { FactsCollector, noFacts } from "../central_system/facts.ts";
import { decideOwnCall, type OwnCall, type OwnCallDecision } from "../central_system/own_call.ts";
import type { Facts, Store, Write } from "../central_system/store.ts";
import type { ChargePointCache } from "./charge_point_cache.ts";

/** How many inputs one turn takes at most; the rest follow in the next. */
export const TURN_INPUTS_MAX = 1_000;

/** Where the decision about a Call goes once it is committed. */
export interface CallSender {
  onDecided(call: ReceivedCall, decision: Decision): void;
}

/** Who is told what came of a change, with what is worth telling. */
export type ChangeListener = (
  outcome: RecordChangeOutcome | "storeFailed",
  events: readonly CentralSystemEvent[],
) => void;

type TurnInput =
  | { readonly kind: "call"; readonly call: ReceivedCall; readonly sender: CallSender }
  | { readonly kind: "seen"; readonly chargePoint: string; readonly lastSeenAtMs: number }
  | {
    readonly kind: "change";
    readonly change: RecordChange;
    readonly onDone: ChangeListener;
  }
  | {
    readonly kind: "ownCall";
    readonly call: OwnCall;
    readonly onDone: (decision: OwnCallDecision | "storeFailed") => void;
  }
  | { readonly kind: "step"; readonly run: () => void };

/** What was decided about an input that something is decided about. */
type InputDecision = Decision | RecordChangeDecision | OwnCallDecision;

/** What the turns need from outside. */
export interface TurnDependencies {
  readonly store: Store;
  readonly cache: ChargePointCache;
  readonly settings: DecisionSettings;
  readonly nowMs: () => number;
  /** Runs something after the input that is already here, e.g. `setImmediate`. */
  readonly soon: (run: () => void) => void;
  /** The store failed; the inputs of the turn are gone without a trace. */
  readonly onStoreFailure: (error: unknown) => void;
  /** Deciding a Call threw: a mistake of ours, to be logged; the Call is answered with InternalError. */
  readonly onMistake: (call: ReceivedCall, error: unknown) => void;
}

/** Takes inputs and works through them turn by turn. */
export class TurnLoop {
  readonly #dependencies: TurnDependencies;
  #waiting: TurnInput[] = [];
  #isDue = false;
  #idle: (() => void)[] = [];

  constructor(dependencies: TurnDependencies) {
    this.#dependencies = dependencies;
  }

  /** A Call of a Charge Point. */
  addCall(call: ReceivedCall, sender: CallSender): void {
    this.#add({ kind: "call", call, sender });
  }

  /** A Charge Point has left: when it was last heard of is kept. */
  addSeen(chargePoint: string, lastSeenAtMs: number): void {
    this.#add({ kind: "seen", chargePoint, lastSeenAtMs });
  }

  /** An operator's change of a record; `onDone` is told once it is committed, or that it is not. */
  addChange(change: RecordChange, onDone: ChangeListener): void {
    this.#add({ kind: "change", change, onDone });
  }

  /** One of our own Calls, before it leaves or once it is over; `onDone` is told what was committed about it. */
  addOwnCall(call: OwnCall, onDone: (decision: OwnCallDecision | "storeFailed") => void): void {
    this.#add({ kind: "ownCall", call, onDone });
  }

  /** Something that has to happen in its place among the inputs, e.g. an operator's Call. */
  addStep(run: () => void): void {
    this.#add({ kind: "step", run });
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    if (!this.#isDue) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #add(input: TurnInput): void {
    this.#waiting.push(input);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#dependencies.soon(() => void this.#run());
  }

  async #run(): Promise<void> {
    const inputs = this.#waiting.length <= TURN_INPUTS_MAX
      ? this.#waiting.splice(0)
      : this.#waiting.splice(0, TURN_INPUTS_MAX);
    try {
      await this.#turn(inputs);
    } finally {
      if (this.#waiting.length > 0) {
        this.#dependencies.soon(() => void this.#run());
      } else {
        this.#isDue = false;
        for (const resolve of this.#idle.splice(0)) resolve();
      }
    }
  }

  async #turn(inputs: readonly TurnInput[]): Promise<void> {
    const { store, cache, onStoreFailure } = this.#dependencies;
    let facts: Facts;
    let decisions: InputDecision[];
    try {
      const needed = this.#needed(inputs);
      const loaded = needed === undefined ? noFacts() : store.load(needed);
      facts = loaded instanceof Promise ? await loaded : loaded;
      const writes: Write[] = [];
      decisions = this.#decide(inputs, facts, writes);
      if (writes.length > 0) {
        const committed = store.commit(writes);
        if (committed instanceof Promise) await committed;
      }
    } catch (error) {
      for (const input of inputs) {
        const identity = chargePointOf(input);
        if (identity !== undefined) cache.forget(identity);
      }
      onStoreFailure(error);
      for (const input of inputs) {
        if (input.kind === "step") input.run(); // it finds its connection gone
        if (input.kind === "change") input.onDone("storeFailed", []);
        if (input.kind === "ownCall") input.onDone("storeFailed");
      }
      return;
    }
    for (const input of inputs) {
      const deleted = input.kind === "change" ? chargePointOf(input) : undefined;
      if (deleted !== undefined && !facts.chargePoints.has(deleted)) cache.forget(deleted);
    }
    const passing = this.#passing(inputs);
    for (const record of facts.chargePoints.values()) {
      if (!passing.has(record.identity)) cache.put(record);
    }
    this.#deliver(inputs, decisions);
  }

  /** Who is not here and was only read to close a transaction: the cache would never let go of it. */
  #passing(inputs: readonly TurnInput[]): ReadonlySet<string> {
    const passing = new Set<string>();
    for (const input of inputs) {
      if (input.kind === "change" && "transactionId" in input.change) passing.add(input.change.chargePoint);
    }
    if (passing.size === 0) return passing;
    for (const input of inputs) {
      if (input.kind === "call") passing.delete(input.call.chargePoint);
    }
    for (const identity of passing) {
      if (this.#dependencies.cache.records.has(identity)) passing.delete(identity);
    }
    return passing;
  }

  #needed(inputs: readonly TurnInput[]): ReturnType<FactsCollector["needed"]> {
    const collector = new FactsCollector();
    const known = this.#dependencies.cache.records;
    for (const input of inputs) {
      if (input.kind === "call") collector.add(input.call, known);
      else if (input.kind === "seen") collector.addChargePoint(input.chargePoint, known);
      else if (input.kind === "change") collector.addChange(input.change, known);
      else if (input.kind === "ownCall") collector.addOwnCall(input.call, known);
    }
    return collector.needed();
  }

  /** Decides in order of arrival, each decision seeing the writes of those before it. */
  #decide(inputs: readonly TurnInput[], facts: Facts, writes: Write[]): InputDecision[] {
    const { cache, settings, nowMs } = this.#dependencies;
    const context = { facts, settings, nowMs: nowMs() };
    // All of them before anything is decided: what is deleted in this turn does not come back from the cache.
    for (const input of inputs) {
      const identity = chargePointOf(input);
      if (identity === undefined || facts.chargePoints.has(identity)) continue;
      const known = cache.records.get(identity);
      if (known !== undefined) facts.chargePoints.set(identity, known);
    }
    const decisions: InputDecision[] = [];
    for (const input of inputs) {
      switch (input.kind) {
        case "step":
          break;
        case "seen":
          if (!facts.chargePoints.has(input.chargePoint)) break; // it never sent a Call that was processed
          applyWrites(facts, [input]);
          writes.push(input);
          break;
        case "change": {
          const decision = decideRecordChange(input.change, context);
          applyWrites(facts, decision.writes);
          writes.push(...decision.writes);
          decisions.push(decision);
          break;
        }
        case "ownCall": {
          const decision = decideOwnCall(input.call, context);
          applyWrites(facts, decision.writes);
          writes.push(...decision.writes);
          decisions.push(decision);
          break;
        }
        case "call":
          decisions.push(this.#decideOne(input.call, context, writes));
      }
    }
    return decisions;
  }

  #decideOne(call: ReceivedCall, context: DecisionContext, writes: Write[]): Decision {
    try {
      const decision = decide(call, context);
      if (decision.writes.length > 0) {
        applyWrites(context.facts, decision.writes);
        writes.push(...decision.writes);
      }
      return decision;
    } catch (error) {
      // A mistake of our own must not take the other Charge Points' Calls with it.
      this.#dependencies.onMistake(call, error);
      return { answer: { kind: "error", ...callErrorFor({ kind: "internal" }) }, writes: [], events: [] };
    }
  }

  #deliver(inputs: readonly TurnInput[], decisions: readonly InputDecision[]): void {
    let next = 0;
    for (const input of inputs) {
      if (input.kind === "call") input.sender.onDecided(input.call, decisions[next++] as Decision);
      else if (input.kind === "change") {
        const { outcome, events = [] } = decisions[next++] as RecordChangeDecision;
        input.onDone(outcome, events);
      } else if (input.kind === "ownCall") input.onDone(decisions[next++] as OwnCallDecision);
      else if (input.kind === "step") input.run();
    }
  }
}

/** The Charge Point whose record an input is about, if it is about one. */
function chargePointOf(input: TurnInput): string | undefined {
  switch (input.kind) {
    case "call":
    case "ownCall":
      return input.call.chargePoint;
    case "seen":
      return input.chargePoint;
    case "change":
      if ("identity" in input.change) return input.change.identity;
      return "chargePoint" in input.change ? input.change.chargePoint : undefined;
    case "step":
      return undefined;
  }
}
