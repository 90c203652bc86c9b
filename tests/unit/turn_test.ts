import assert from "node:assert/strict";
import type { Decision, DecisionSettings, ReceivedCall } from "../../src/central_system/decision.ts";
import { callBody } from "../../src/central_system/call_body.ts";
import type { FactsNeeded, Write } from "../../src/central_system/store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import type { RecordChange } from "../../src/central_system/record_change.ts";
import { ChargePointCache } from "../../src/runtime/charge_point_cache.ts";
import { TURN_INPUTS_MAX, TurnLoop } from "../../src/runtime/turn.ts";
import { MemoryStore } from "../support/memory_store.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

const SETTINGS: DecisionSettings = {
  heartbeatIntervalSeconds: 300,
  bootStatus: "Accepted",
  bootIntervalSeconds: 60,
  authorization: "open",
  registration: "open",
  signsCertificates: false,
};

const BOOT = { chargePointVendor: "Vendor", chargePointModel: "Model" };
const TIMESTAMP = "2026-01-01T00:00:00Z";
const METER_VALUES = {
  connectorId: 1,
  meterValue: [{ timestamp: TIMESTAMP, sampledValue: [{ value: "1" }] }],
};
const STATUS = { connectorId: 1, errorCode: "NoError", status: "Available" };

/** A store that notes what it is asked, and whose commits can fail or be held. */
class WatchedStore extends MemoryStore {
  readonly loads: FactsNeeded[] = [];
  readonly commits: (readonly Write[])[] = [];
  error: Error | undefined;
  held: PromiseWithResolvers<void> | undefined;

  override load(needed: FactsNeeded) {
    this.loads.push(needed);
    return super.load(needed);
  }

  override commit(writes: readonly Write[]): void | Promise<void> {
    if (this.held === undefined) return this.#commitNow(writes);
    return this.held.promise.then(() => this.#commitNow(writes));
  }

  #commitNow(writes: readonly Write[]): void {
    if (this.error !== undefined) throw this.error;
    super.commit(writes);
    this.commits.push(writes);
  }
}

/** Turns whose steps a test takes one by one; `seen` is everything visible, in order. */
class Turns {
  readonly store = new WatchedStore();
  readonly cache = new ChargePointCache();
  readonly seen: string[] = [];
  readonly mistakes: string[] = [];
  readonly failures: unknown[] = [];
  readonly loop: TurnLoop;
  readonly #soon: (() => void)[] = [];
  #calls = 0;

  constructor() {
    this.loop = new TurnLoop({
      store: this.store,
      cache: this.cache,
      settings: SETTINGS,
      nowMs: () => NOW_MS,
      soon: (run) => this.#soon.push(run),
      onStoreFailure: (error) => {
        this.failures.push(error);
        this.seen.push("store failed");
      },
      onMistake: (call) => this.mistakes.push(call.uniqueId),
    });
  }

  /** How many turns are due. */
  get due(): number {
    return this.#soon.length;
  }

  call(action: string, payload: unknown, chargePoint = "CP1"): ReceivedCall {
    const call: ReceivedCall = {
      chargePoint,
      uniqueId: String(++this.#calls),
      body: callBody({ action, payload }, "strict"),
      receivedAtMs: NOW_MS,
      triggered: false,
      validation: "strict",
    };
    this.loop.addCall(call, { onDecided: (decided, decision) => this.seen.push(textOf(decided, decision)) });
    return call;
  }

  change(change: RecordChange): void {
    this.loop.addChange(change, (outcome) => this.seen.push(`${change.kind} ${outcome}`));
  }

  step(name: string): void {
    this.loop.addStep(() => this.seen.push(name));
  }

  /** Takes the turn that is due, and lets promises settle. */
  async turn(): Promise<void> {
    this.#soon.shift()?.();
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let ticks = 0; ticks < 5; ticks++) await undefined;
  }

  /** A Charge Point that has booted; nothing of it is left to see. */
  async boot(...identities: string[]): Promise<void> {
    for (const identity of identities) this.call("BootNotification", BOOT, identity);
    await this.turn();
    for (const list of [this.seen, this.store.loads, this.store.commits]) list.length = 0;
  }
}

function textOf({ chargePoint, body }: ReceivedCall, { answer }: Decision): string {
  return `${chargePoint} ${body.action} ${answer.kind === "error" ? answer.errorCode : answer.kind}`;
}

Deno.test("TurnLoop: what came within one turn is decided in order of arrival, with one load and one commit", async () => {
  const turns = new Turns();
  turns.call("BootNotification", BOOT);
  turns.step("an operator's Call");
  turns.call("StatusNotification", STATUS);
  turns.call("Heartbeat", {}, "CP2"); // not booted
  turns.call("Authorize", { idTag: "Tag1" });
  assert.deepEqual([turns.due, turns.seen], [1, []]);
  await turns.turn();
  assert.deepEqual(turns.seen, [
    "CP1 BootNotification result",
    "an operator's Call",
    "CP1 StatusNotification result", // it saw the boot of the same turn
    "CP2 Heartbeat SecurityError",
    "CP1 Authorize result",
  ]);
  assert.deepEqual([turns.store.loads.length, turns.store.commits.length], [1, 1]);
  assert.deepEqual(turns.store.commits[0]!.map(({ kind }) => kind), [
    "putChargePoint",
    "putConnector",
    "putIdTag",
  ]);
  assert.equal(turns.due, 0);
});

Deno.test("TurnLoop: Heartbeats of a known Charge Point read nothing and write nothing", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  turns.call("Heartbeat", {});
  await turns.turn();
  assert.deepEqual(turns.seen, ["CP1 Heartbeat result"]);
  assert.deepEqual([turns.store.loads, turns.store.commits], [[], []]);
});

Deno.test("TurnLoop: MeterValues of a known Charge Point read nothing", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  turns.call("MeterValues", METER_VALUES);
  await turns.turn();
  assert.deepEqual([turns.store.loads.length, turns.store.commits.length], [0, 1]);
});

Deno.test("TurnLoop: nothing is visible before the commit; what arrives meanwhile is the next turn", async () => {
  const turns = new Turns();
  await turns.boot("CP1", "CP2");
  turns.store.held = Promise.withResolvers();
  turns.call("StatusNotification", STATUS);
  turns.step("step");
  await turns.turn();
  turns.call("StatusNotification", STATUS, "CP2");
  turns.call("Authorize", { idTag: "Tag1" });
  await turns.settle();
  assert.deepEqual([turns.due, turns.seen, turns.store.commits], [0, [], []]);
  turns.store.held.resolve();
  turns.store.held = undefined;
  await turns.settle();
  assert.deepEqual(turns.seen, ["CP1 StatusNotification result", "step"]);
  await turns.turn();
  assert.deepEqual(turns.seen.slice(2), ["CP2 StatusNotification result", "CP1 Authorize result"]);
  assert.equal(turns.store.commits.length, 2);
});

Deno.test(`TurnLoop: a turn takes at most ${TURN_INPUTS_MAX} inputs, the rest follow in order`, async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  for (let number = 0; number < 2 * TURN_INPUTS_MAX + 1; number++) turns.step(String(number));
  const sizes: number[] = [];
  while (turns.due > 0) {
    const before = turns.seen.length;
    await turns.turn();
    sizes.push(turns.seen.length - before);
  }
  assert.deepEqual(sizes, [TURN_INPUTS_MAX, TURN_INPUTS_MAX, 1]);
  assert.deepEqual(turns.seen, Array.from(turns.seen, (_, index) => String(index)));
});

Deno.test("TurnLoop: a failing commit answers nobody, forgets what it touched, and lets the next turn try", async () => {
  const turns = new Turns();
  await turns.boot("CP1", "CP2");
  turns.store.error = new StoreError("disk full");
  turns.call("StatusNotification", STATUS);
  turns.call("Heartbeat", {});
  turns.step("step");
  await turns.turn();
  // A step finds its connection gone, hence after the failure was told.
  assert.deepEqual(turns.seen, ["store failed", "step"]);
  assert.deepEqual(turns.failures, [turns.store.error]);
  assert.deepEqual([...turns.cache.records.keys()], ["CP2"]);
  turns.store.error = undefined;
  turns.call("StatusNotification", STATUS);
  await turns.turn();
  assert.equal(turns.seen.at(-1), "CP1 StatusNotification result");
  assert.deepEqual([...turns.store.loads[0]!.chargePoints], ["CP1"]);
});

Deno.test("TurnLoop: a failing load is a failing turn as well", async () => {
  const turns = new Turns();
  turns.store.load = () => {
    throw new StoreError("cannot read");
  };
  turns.call("BootNotification", BOOT);
  await turns.turn();
  assert.deepEqual([turns.seen, turns.store.commits], [["store failed"], []]);
});

Deno.test("TurnLoop: a mistake of ours is answered InternalError, and the others of the turn go on", async () => {
  const turns = new Turns();
  await turns.boot("CP1", "CP2");
  // A record that cannot be: its list of readings is missing.
  turns.cache.put({ ...turns.cache.records.get("CP1")!, recentReadings: undefined as never });
  turns.call("Authorize", { idTag: "Tag1" }, "CP2");
  const broken = turns.call("MeterValues", METER_VALUES);
  turns.call("StatusNotification", STATUS, "CP2");
  await turns.turn();
  assert.deepEqual(turns.seen, [
    "CP2 Authorize result",
    "CP1 MeterValues InternalError",
    "CP2 StatusNotification result",
  ]);
  assert.deepEqual(turns.mistakes, [broken.uniqueId]);
  assert.deepEqual(turns.failures, []);
  assert.deepEqual(turns.store.commits[0]!.map(({ kind }) => kind), ["putIdTag", "putConnector"]);
});

Deno.test("TurnLoop: when a Charge Point was last seen is kept, unless it never said anything", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  turns.loop.addSeen("CP1", NOW_MS + 5);
  turns.loop.addSeen("CP9", NOW_MS + 5);
  await turns.turn();
  assert.equal(turns.store.chargePoint("CP1")!.lastSeenAtMs, NOW_MS + 5);
  assert.equal(turns.cache.records.get("CP1")!.lastSeenAtMs, NOW_MS + 5);
  assert.equal(turns.store.chargePoint("CP9"), undefined);
});

Deno.test("TurnLoop: one turn's transactionIds follow each other, and a repeat within it is one", async () => {
  const turns = new Turns();
  await turns.boot("CP1", "CP2");
  const start = { connectorId: 1, idTag: "Tag1", meterStart: 0, timestamp: TIMESTAMP };
  for (const chargePoint of ["CP1", "CP2", "CP1"]) turns.call("StartTransaction", start, chargePoint);
  await turns.turn();
  assert.deepEqual(
    turns.store.transactions.map(({ chargePoint, transactionId }) => [chargePoint, transactionId]),
    [["CP1", 1], ["CP2", 2]],
  );
});

Deno.test("TurnLoop: idle resolves when nothing is left, also what came meanwhile", async () => {
  const turns = new Turns();
  await turns.loop.idle();
  turns.step("1");
  let isIdle = false;
  const idle = turns.loop.idle().then(() => isIdle = true);
  turns.loop.addStep(() => turns.step("2"));
  await turns.turn();
  assert.equal(isIdle, false);
  await turns.turn();
  await idle;
  assert.deepEqual(turns.seen, ["1", "2"]);
});

Deno.test("a change has its place among the Calls: those before it do not see it, those after it do", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  const start = (connectorId: number) =>
    turns.call("StartTransaction", { connectorId, idTag: "Tag1", meterStart: 0, timestamp: TIMESTAMP });
  start(1);
  start(2);
  const entry = { blocked: false, maxActiveTransactions: 2 };
  turns.change({ kind: "putIdTag", idTag: "Tag1", entry });
  start(3);
  await turns.turn();
  assert.equal(turns.due, 0); // all in one turn
  assert.deepEqual(turns.store.transactions.map(({ startAnswer }) => startAnswer.idTagInfo.status), [
    "Accepted",
    "Accepted",
    "ConcurrentTx",
  ]);
  assert.equal(turns.seen[2], "putIdTag replaced"); // the first start had learned it
});

Deno.test("what a change deletes is gone for the rest of the turn, and from the cache", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  turns.call("Heartbeat", {});
  turns.change({ kind: "deleteChargePoint", identity: "CP1" });
  turns.call("Heartbeat", {});
  await turns.turn();
  assert.deepEqual(turns.seen, [
    "CP1 Heartbeat result",
    "deleteChargePoint deleted",
    "CP1 Heartbeat SecurityError",
  ]);
  assert.equal(turns.cache.records.has("CP1"), false);
  assert.equal(turns.store.chargePoint("CP1"), undefined);
});

Deno.test("a change that cannot be committed is told so, after the failure, and the cache forgets", async () => {
  const turns = new Turns();
  await turns.boot("CP1");
  turns.store.error = new StoreError("disk full");
  turns.change({ kind: "putChargePoint", identity: "CP1", entry: { registration: "Rejected" } });
  await turns.turn();
  assert.deepEqual(turns.seen, ["store failed", "putChargePoint storeFailed"]);
  assert.equal(turns.cache.records.has("CP1"), false);
  assert.equal(turns.store.chargePoint("CP1")!.registration, "Accepted");
});
