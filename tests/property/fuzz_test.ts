/**
 * Random and mutated frames against both roles: nothing throws, whatever is sent is valid, nothing grows without
 * bound, and others are served meanwhile.
 *
 * A failure names its seed and the number of the frame; a row in `SEEDS` replays it.
 */
import assert from "node:assert/strict";
import { RECENT_READINGS_MAX } from "../../src/central_system/store.ts";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { ChargePointInput } from "../../src/charge_point/contract.ts";
import { MESSAGES_MAX } from "../../src/charge_point/transaction/transaction_queue.ts";
import { CONNECTORS_KEPT_MAX } from "../../src/central_system/status.ts";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import { LoggingObserver } from "../../src/cli/serve/logging_observer.ts";
import { JsonView, StoryView } from "../../src/cli/simulate/story.ts";
import { Tally } from "../../src/cli/simulate/tally.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";
import { type Action, ACTIONS, isAction } from "../../src/ocpp/action.ts";
import { CALL_ERROR_CODES } from "../../src/ocpp/call_error.ts";
import { checkConf, checkReq } from "../../src/ocpp/check.ts";
import { callText, parseFrame } from "../../src/ocpp/frame.ts";
import { CountingObserver } from "../../src/runtime/counters.ts";
import type { Exchange } from "../../src/runtime/server_connection.ts";
import { ChargePointChecker } from "../support/charge_point_checker.ts";
import { FrameFuzz } from "../support/fuzz.ts";
import { MemoryCentralSystem, type MemoryConnection } from "../support/memory_central_system.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { BEGIN_AT_MS, DESCRIPTION } from "../support/scripted_central_system.ts";
import { SeededRandom } from "../support/seeded_random.ts";

type Validation = "strict" | "tolerant";

/** Four cases make 100,000 frames. */
const FRAMES = 25_000;

/** The usual seed, and those that once found something. */
const SEEDS: readonly (readonly [seed: number, frames: number])[] = [[16, FRAMES]];

/** Heap that a case may have gained at its end, beyond what it had after a fifth of its frames. Units: bytes. */
const HEAP_GROWTH_MAX = 64 * 2 ** 20;

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** A terminal that insists on plain text. */
const TERMINAL: TextOutput = {
  isTerminal: false,
  style: styleFor({ colours: false }),
  columns: () => 80,
  write: (text) => assert.doesNotMatch(text, HARMFUL),
};

/** Looks at the heap a few times on the way. */
class Heap {
  readonly #frames: number;
  #before = 0;

  constructor(frames: number) {
    this.#frames = frames;
  }

  look(frame: number): void {
    const isEarly = frame === Math.floor(this.#frames / 5);
    if (isEarly) this.#before = Deno.memoryUsage().heapUsed;
    if (this.#before === 0 || frame % Math.ceil(this.#frames / 10) !== 0) return;
    const gained = Deno.memoryUsage().heapUsed - this.#before;
    assert.ok(gained < HEAP_GROWTH_MAX, `the heap has gained ${Math.round(gained / 2 ** 20)} MiB`);
  }
}

/** Forgets what is kept for good: a disk may grow, and the heap shall not be judged by it. */
class ForgetfulStore extends MemoryStore {
  forget(): void {
    for (const list of [this.readings, this.unmatchedStops, this.frames, this.reports]) list.length = 0;
  }
}

/** Shows everything to nobody, and checks the payloads of answers. */
class Watcher extends CountingObserver {
  mistakes: unknown[] = [];
  readonly #lines = new FrameView(TERMINAL, { json: false });

  constructor() {
    super(new LoggingObserver(new FrameView(TERMINAL, { json: true })));
  }

  override exchanged(exchange: Exchange): void {
    super.exchanged(exchange);
    // A view shows so many lines a second and no more: here every exchange has a second of its own.
    this.#lines.show({ ...exchange, receivedAtMs: ++this.#seconds * 1_000 });
    if (exchange.direction === "out" || exchange.outcome !== "result") return;
    assert.ok(isAction(exchange.action));
    assertConf(exchange.action, exchange.answerPayload);
  }
  #seconds = 0;

  override mistaken(_call: unknown, error: unknown): void {
    this.mistakes.push(error);
  }
  override storeFailed(error: unknown): void {
    this.mistakes.push(error);
  }
}

function assertConf(action: Action, payload: unknown): void {
  const checked = checkConf(action, payload);
  assert.ok(checked.ok, `${action}.conf: ${JSON.stringify(checked)}`);
}

/** What one of ours sends is a frame, and what a Call or a CALLERROR has to be. */
function assertSent(text: string): { uniqueId: string; action: string } | undefined {
  const parsed = parseFrame(text);
  assert.ok(parsed.ok || parsed.fault.kind === "notAnAnswer", `no frame: ${text}`);
  if (!parsed.ok) return undefined;
  const { frame } = parsed;
  if (frame.kind === "callError") assert.ok(CALL_ERROR_CODES.some((code) => code === frame.errorCode), text);
  if (frame.kind !== "call") return undefined;
  assert.ok(isAction(frame.action) && checkReq(frame.action, frame.payload).ok, text);
  return frame;
}

async function fuzzCentralSystem(seed: number, frames: number, validation: Validation): Promise<void> {
  const random = new SeededRandom(seed);
  const fuzz = new FrameFuzz(random);
  const heap = new Heap(frames);
  const observer = new Watcher();
  const store = new ForgetfulStore();
  const system = new MemoryCentralSystem({ admission: { validation }, observer, store });
  const other = await system.boot("OTHER");
  let subject: MemoryConnection | undefined;
  let pending: { uniqueId: string; action: string } | undefined;
  let text = "";
  let frame = 0;
  try {
    for (frame = 1; frame <= frames; frame++) {
      if (subject === undefined || subject.closedWith !== undefined) {
        subject = await system.boot("CP001");
        pending = undefined;
      }
      const isAnswer = pending !== undefined && random.chance(0.5);
      const valid = isAnswer
        ? fuzz.answer(pending!.uniqueId, pending!.action)
        : fuzz.call(`c${random.between(0, 50)}`, "chargePoint");
      text = random.chance(0.2) ? valid : fuzz.spoilt(valid);
      if (isAnswer) pending = undefined;
      subject.handlers.onText(text);
      if (random.chance(0.01)) subject.handlers.onBinary(random.between(0, 1_000));
      if (frame % 20 !== 0) continue;

      // A wish that no Central System may have, or that breaks a rule of the text, is refused before it leaves.
      const [, , action, payload] = JSON.parse(fuzz.call("", "centralSystem"));
      void system.host.call("CP001", { action, payload, timeoutMs: 5_000, validate: true });
      other.handlers.onText(callText({ uniqueId: `h${frame}`, action: "Heartbeat", payload: {} }));
      await system.host.turns.idle();
      system.clock.advance(random.between(100, 2_000));
      for (const sent of subject.sent.splice(0)) pending = assertSent(sent) ?? pending;
      const [beat] = other.sent.splice(0);
      assert.equal(JSON.parse(beat ?? "[]")[1], `h${frame}`, "the other Charge Point's Heartbeat");
      assert.deepEqual(observer.mistakes, []);
      assert.ok(system.host.isReady && system.host.connections.size <= 2);
      assert.equal(system.host.frameLog.dropped, 0);
      const record = store.chargePoint("CP001");
      assert.ok((record?.recentReadings.length ?? 0) <= RECENT_READINGS_MAX);
      assert.ok((record?.connectors.size ?? 0) <= CONNECTORS_KEPT_MAX);
      if (frame % 100 === 0) {
        await system.host.frameLog.flush();
        store.forget();
      }
      heap.look(frame);
    }
    assert.equal("polluted" in {}, false);
    await system.host.stop();
  } catch (cause) {
    throw failure({ seed, frame, text, cause });
  }
}

function failure(
  { cause, seed, frame, text }: { cause: unknown; seed: number; frame: number; text: string },
) {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`seed ${seed}, frame ${frame}, ${JSON.stringify(text.slice(0, 500))}: ${why}`, { cause });
}

/** A Charge Point, a Central System that means well most of the time, and what is said in between. */
class FuzzedChargePoint {
  readonly chargePoint: ChargePoint;
  readonly checker: ChargePointChecker;
  readonly tally = new Tally({ speed: 1 });
  nowMs = BEGIN_AT_MS;
  isLinkUp = false;
  isLinkWanted = false;
  pending: { uniqueId: string; action: string } | undefined;
  readonly #views = [new StoryView(TERMINAL, { identityWidth: 0 }), new JsonView(TERMINAL)];
  #ids = 0;

  constructor(validation: Validation) {
    this.chargePoint = new ChargePoint({
      identity: "CP001",
      description: { ...DESCRIPTION, connectors: 2 },
      configuration: { MeterValueSampleInterval: "60" },
      speed: 1,
      validation,
      seed: 7,
      newUniqueId: () => `u${++this.#ids}`,
    });
    this.checker = new ChargePointChecker(this.chargePoint);
    this.input({ kind: "powerOn" });
  }

  input(input: ChargePointInput): void {
    const effects = this.chargePoint.handle(input, this.nowMs);
    this.checker.check(effects, this.nowMs);
    for (const effect of effects) {
      if (effect.kind === "openLink") this.isLinkWanted = true;
      if (effect.kind === "closeLink") this.isLinkWanted = this.isLinkUp = false;
      if (effect.kind === "send") this.pending = assertSent(effect.text) ?? this.pending;
      if (effect.kind !== "event") continue;
      const { event } = effect;
      for (const view of this.#views) view.show("CP001", event, this.nowMs);
      this.tally.observe("CP001", event, this.nowMs);
      if (event.kind === "callReceived" && event.answer.kind === "result") {
        assertConf(event.action as Action, event.answer.payload);
      }
    }
    assert.ok(this.chargePoint.queueLength <= MESSAGES_MAX);
    assert.ok(this.tally.actions().length <= 2 * Object.keys(ACTIONS).length + 1);
  }

  setLink(isUp: boolean): void {
    if (isUp === this.isLinkUp || (isUp && !this.isLinkWanted)) return;
    this.isLinkUp = isUp;
    this.pending = undefined;
    this.checker.link(isUp);
    this.input({ kind: isUp ? "linkUp" : "linkDown" });
  }

  /** Every deadline on the way is kept, up to so many: a mutated interval may ask for one each second. */
  pass(seconds: number): void {
    const untilMs = this.nowMs + seconds * 1_000;
    for (let deadlines = 0; deadlines < 100; deadlines++) {
      const atMs = this.chargePoint.deadlineMs();
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      this.input({ kind: "deadline" });
    }
    this.nowMs = untilMs;
  }
}

/** The usual answer to a Call of the Charge Point. */
function usualAnswer(
  action: string,
  { nowMs, transactionId }: { nowMs: number; transactionId: number },
): unknown {
  const currentTime = new Date(nowMs).toISOString();
  switch (action) {
    case "BootNotification":
      return { status: "Accepted", currentTime, interval: 300 };
    case "Heartbeat":
      return { currentTime };
    case "Authorize":
      return { idTagInfo: { status: "Accepted" } };
    case "StartTransaction":
      return { idTagInfo: { status: "Accepted" }, transactionId };
    default:
      return {};
  }
}

function fuzzChargePoint(seed: number, frames: number, validation: Validation): void {
  const random = new SeededRandom(seed);
  const fuzz = new FrameFuzz(random);
  const heap = new Heap(frames);
  let subject = new FuzzedChargePoint(validation);
  let text = "";
  let frame = 0;
  try {
    for (frame = 1; frame <= frames; frame++) {
      // What never comes back by itself, as after Rejected with an interval of a century, is built anew.
      if (frame % 500 === 0) subject = new FuzzedChargePoint(validation);
      if (random.chance(0.02)) subject.setLink(false);
      subject.setLink(true);
      act(subject, random);
      const { pending } = subject;
      if (pending !== undefined && random.chance(0.6)) {
        subject.pending = undefined;
        const { uniqueId, action } = pending;
        const payload = usualAnswer(action, { nowMs: subject.nowMs, transactionId: frame });
        text = JSON.stringify([3, uniqueId, payload]);
        if (random.chance(0.4)) text = fuzz.spoilt(random.chance(0.5) ? text : fuzz.answer(uniqueId, action));
      } else {
        text = fuzz.call(`c${frame}`, "centralSystem");
        if (random.chance(0.8)) text = fuzz.spoilt(text);
      }
      if (subject.isLinkUp) subject.input({ kind: "frame", text });
      if (random.chance(0.2)) subject.pass(random.between(0, 40));
      heap.look(frame);
    }
    assert.equal("polluted" in {}, false);
  } catch (cause) {
    throw failure({ seed, frame, text, cause });
  }
}

function act(subject: FuzzedChargePoint, random: SeededRandom): void {
  if (!random.chance(0.1)) return;
  const connectorId = random.between(1, 2);
  const kinds = ["plugIn", "plugIn", "unplug", "evPause", "evResume", "clearFault"] as const;
  if (random.chance(0.4)) subject.input({ kind: "presentIdTag", idTag: "TAG001", connectorId });
  else subject.input({ kind: kinds[random.between(0, kinds.length - 1)]!, connectorId });
}

for (const [seed, frames] of SEEDS) {
  for (const validation of ["strict", "tolerant"] as const) {
    Deno.test(`fuzz: a ${validation} Central System stands ${frames} frames, seed ${seed}`, () => {
      return fuzzCentralSystem(seed, frames, validation);
    });
    Deno.test(`fuzz: a ${validation} Charge Point stands ${frames} frames, seed ${seed}`, () => {
      fuzzChargePoint(seed, frames, validation);
    });
  }
}
