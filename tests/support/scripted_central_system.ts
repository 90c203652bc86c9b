/**
 * Plays a Central System against one Charge Point in virtual time, answering as the test says.
 *
 * Every frame keeps to the official schemas, but what a test sends by `callRaw` or `text` or answers with
 * `invalid`; and `ChargePointChecker` looks on.
 * Time only moves in `run`; within it the next thing to happen is always the earliest.
 */
import assert from "node:assert/strict";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type {
  ChargePointEffect,
  ChargePointEvent,
  ChargePointInput,
  ChargePointOptions,
} from "../../src/charge_point/contract.ts";
import { type ChargePointDescription, STANDARD } from "../../src/charge_point/description.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { callErrorText, callResultText, callText, type Frame, parseFrame } from "../../src/ocpp/frame.ts";
import { type Action, isAction } from "../../src/ocpp/action.ts";
import type { StoredState } from "../../src/charge_point/storage/durable.ts";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import { ChargePointChecker } from "./charge_point_checker.ts";
import { assertOfficialPayload, OfficialFrames } from "./official_frames.ts";

/** When every script begins. */
export const BEGIN_AT_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

/** A Charge Point of one connector, 22 kW, with a half-full EV. */
export const DESCRIPTION: ChargePointDescription = {
  ...STANDARD,
  chargePointVendor: "Vendor",
  chargePointModel: "Model",
  firmwareVersion: "1.0.0",
  connectors: 1,
  supply: { phases: 3, voltageV: 230, maxCurrentA: 32 },
  vehicle: { batteryCapacityWh: 60_000, socAtArrivalPercent: 50, phases: 3, maxCurrentA: 16 },
};

/** How a Call is answered: with a payload, a CALLERROR, anything at all, or not. */
export type ScriptedAnswer<A extends Action = Action> =
  | Conf<A>
  | { readonly error: string }
  | { readonly invalid: unknown }
  | "silence"
  | "cut";

type Answers = { [A in Action]?: (payload: Req<A>, nth: number) => ScriptedAnswer<A> };

/** A Call that the Charge Point sent. `seconds` since the script began. */
export interface SeenCall {
  readonly seconds: number;
  readonly uniqueId: string;
  readonly action: string;
  // deno-lint-ignore no-explicit-any -- tests read fields of many messages; the schema was checked before
  readonly payload: any;
}

/** What a Call to the Charge Point came back as. */
export type SeenAnswer = Exclude<Frame, { kind: "call" }>;

/** A job that the Charge Point asked for; `seconds` since the script began. */
export interface SeenJob {
  readonly seconds: number;
  readonly jobId: number;
  readonly job: Job;
  /** Cancelled, answered, or still under way. */
  state: "running" | "done" | "cancelled";
}

/** What becomes of a job: its result, or none until the test calls `finish`. */
export type JobAnswers = (job: Job, nth: number) => JobResult | "silence";

/** What a script may set. */
export interface ScriptOptions {
  readonly description?: Partial<ChargePointDescription>;
  readonly options?: Partial<Omit<ChargePointOptions, "description" | "newUniqueId">>;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly answers?: Answers;
  readonly latencyMs?: number;
  /** Without it every job stays under way until the test calls `finish`. */
  readonly jobs?: JobAnswers;
}

/** Things at one instant before it is called a busy loop. */
const STEPS_AT_ONE_INSTANT_MAX = 2_000;

/** One Charge Point and the Central System that it talks to. */
export class ScriptedCentralSystem {
  readonly chargePoint: ChargePoint;
  readonly calls: SeenCall[] = [];
  readonly answers: SeenAnswer[] = [];
  readonly effects: ChargePointEffect[] = [];
  readonly jobs: SeenJob[] = [];
  /** How each Action is answered from here on; a test may change it while time stands still. */
  readonly script: Answers;
  /** What becomes of jobs from here on. */
  jobAnswers: JobAnswers;
  /** Whether a link can be had. */
  isReachable = true;
  nowMs = BEGIN_AT_MS;
  readonly #checker: ChargePointChecker;
  readonly #latencyMs: number;
  #isLinkUp = false;
  #wantsLink = false;
  #links = 0;
  #pending: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;
  #lastTransactionId = 100;
  #lastUniqueId = 0;
  #callsMade = 0;
  readonly #nth = new Map<string, number>();
  readonly #frames = new OfficialFrames();

  /** With `stored` it is the Charge Point that it was; `nowMs` may be set before the first input. */
  constructor(
    { description, options, configuration, answers, latencyMs = 0, jobs }: ScriptOptions = {},
    stored?: StoredState,
  ) {
    this.chargePoint = new ChargePoint({
      identity: "CP001",
      description: { ...DESCRIPTION, ...description },
      speed: 1,
      validation: "strict",
      seed: 1,
      newUniqueId: () => `u${++this.#lastUniqueId}`,
      ...(configuration === undefined ? {} : { configuration }),
      ...options,
    }, stored);
    this.#checker = new ChargePointChecker(this.chargePoint);
    this.#latencyMs = latencyMs;
    this.script = { ...answers };
    this.jobAnswers = jobs ?? (() => "silence");
  }

  /** Switches on and lets the boot pass. */
  boot(): this {
    this.input({ kind: "powerOn" });
    return this.run(0);
  }

  /** One input, now. */
  input(input: ChargePointInput): this {
    const effects = this.chargePoint.handle(input, this.nowMs);
    this.effects.push(...effects);
    this.#checker.check(effects, this.nowMs);
    for (const effect of effects) this.#carryOut(effect);
    return this;
  }

  plugIn = (connectorId = 1) => this.input({ kind: "plugIn", connectorId }).run(0);
  unplug = (connectorId = 1) => this.input({ kind: "unplug", connectorId }).run(0);
  present = (idTag = "TAG001", connectorId?: number) =>
    this.input({ kind: "presentIdTag", idTag, ...(connectorId === undefined ? {} : { connectorId }) }).run(0);

  /** A transaction that runs, from plug to the answered StartTransaction. */
  charge(connectorId = 1, idTag = "TAG001"): this {
    return this.plugIn(connectorId).present(idTag, connectorId);
  }

  /** Lets time pass, everything that is due within it included. */
  run(seconds: number): this {
    const untilMs = this.nowMs + seconds * 1_000;
    let stepsNow = 0;
    while (true) {
      const next = this.#pending.toSorted((one, other) =>
        one.atMs - other.atMs || one.order - other.order
      )[0];
      const deadlineMs = Math.max(this.chargePoint.deadlineMs(), this.nowMs);
      const atMs = Math.min(next?.atMs ?? Infinity, deadlineMs);
      if (atMs > untilMs) break;
      stepsNow = atMs > this.nowMs ? 0 : stepsNow + 1;
      assert.ok(stepsNow < STEPS_AT_ONE_INSTANT_MAX, `busy loop at ${dateTimeOf(this.nowMs)}`);
      this.nowMs = atMs;
      if (next !== undefined && next.atMs <= deadlineMs) {
        this.#pending = this.#pending.filter((pending) => pending !== next);
        next.run();
      } else {
        this.input({ kind: "deadline" });
      }
    }
    this.nowMs = untilMs;
    return this;
  }

  /** The link breaks; nothing gets through until `reconnect`. */
  cut(): this {
    this.isReachable = false;
    return this.#drop();
  }

  /** The link is there again. */
  reconnect(): this {
    this.isReachable = true;
    if (this.#wantsLink && !this.#isLinkUp) this.#open();
    return this.run(0);
  }

  /** A Call of the Central System, and its answer, which comes at once. */
  call<A extends Action>(action: A, payload: Req<A>): SeenAnswer {
    assertOfficialPayload(action, "req", payload);
    return this.callRaw(action, payload);
  }

  /** The same with anything as Action and payload, which may be broken. */
  callRaw(action: string, payload: unknown): SeenAnswer {
    const uniqueId = `c${++this.#callsMade}`;
    const answersBefore = this.answers.length;
    this.text(callText({ uniqueId, action, payload }));
    if (this.answers[answersBefore] === undefined) this.run(0); // a job comes first
    const answer = this.answers[answersBefore];
    assert.ok(answer !== undefined, `${action} was not answered`);
    assert.equal(answer.uniqueId, uniqueId);
    this.run(0);
    return answer;
  }

  /** The payload of the answer to a Call, which must be a CallResult. */
  result<A extends Action>(action: A, payload: Req<A>): Conf<A> {
    const answer = this.call(action, payload);
    assert.equal(answer.kind, "callResult", JSON.stringify(answer));
    return (answer as Extract<SeenAnswer, { kind: "callResult" }>).payload as Conf<A>;
  }

  /** A text from the Central System, whatever it is. */
  text(text: string): this {
    this.#frames.letPass("centralSystem", text);
    return this.input({ kind: "frame", text });
  }

  /** The Calls of one Action so far. */
  seen(action: Action): readonly SeenCall[] {
    return this.calls.filter((call) => call.action === action);
  }

  /** The statuses told by one of the messages that tell of firmware or logs, in order. */
  told(
    action:
      | "DiagnosticsStatusNotification"
      | "FirmwareStatusNotification"
      | "LogStatusNotification"
      | "SignedFirmwareStatusNotification",
  ): readonly string[] {
    return this.seen(action).map(({ payload }) => payload.status);
  }

  /** The types of the security events told, in order. */
  securityEvents(): readonly string[] {
    return this.seen("SecurityEventNotification").map(({ payload }) => payload.type);
  }

  /** Ends the oldest job that is under way. */
  finish(result: JobResult): this {
    const running = this.jobs.find(({ state }) => state === "running");
    assert.ok(running !== undefined, "no job is under way");
    this.#finish(running, result);
    return this.run(0);
  }

  #finish(seen: SeenJob, result: JobResult): void {
    if (seen.state !== "running") return;
    seen.state = "done";
    this.input({ kind: "jobDone", jobId: seen.jobId, result });
  }

  #beginJob(jobId: number, job: Job): void {
    const seen: SeenJob = { seconds: (this.nowMs - BEGIN_AT_MS) / 1_000, jobId, job, state: "running" };
    this.jobs.push(seen);
    const result = this.jobAnswers(job, this.jobs.filter((other) => other.job.kind === job.kind).length);
    if (result !== "silence") this.#later(this.#latencyMs, () => this.#finish(seen, result));
  }

  /** The names of the Calls so far, in order. */
  actions(): readonly string[] {
    return this.calls.map(({ action }) => action);
  }

  /** The statuses told of a connector, in order. */
  statuses(connectorId = 1): readonly string[] {
    return this.seen("StatusNotification")
      .filter(({ payload }) => payload.connectorId === connectorId)
      .map(({ payload }) => payload.status);
  }

  /** Forgets what was seen, to look at what comes next only. */
  forget(): this {
    this.calls.length = 0;
    this.answers.length = 0;
    this.effects.length = 0;
    return this;
  }

  /** The events of one kind so far. */
  events<K extends ChargePointEvent["kind"]>(kind: K): readonly Extract<ChargePointEvent, { kind: K }>[] {
    return this.effects.flatMap((effect) =>
      effect.kind === "event" && effect.event.kind === kind
        ? [effect.event as Extract<ChargePointEvent, { kind: K }>]
        : []
    );
  }

  #carryOut(effect: ChargePointEffect): void {
    switch (effect.kind) {
      case "openLink":
        this.#wantsLink = true;
        if (this.isReachable) this.#open();
        return;
      case "closeLink":
        this.#wantsLink = false;
        this.#isLinkUp = false;
        return;
      case "send":
        return this.#received(effect.text);
      case "job":
        return this.#beginJob(effect.jobId, effect.job);
      case "cancelJob": {
        const cancelled = this.jobs.find(({ jobId }) => jobId === effect.jobId);
        if (cancelled !== undefined) cancelled.state = "cancelled";
        return;
      }
      case "event":
        return;
    }
  }

  #open(): void {
    this.#later(this.#latencyMs, () => {
      if (!this.#wantsLink || !this.isReachable || this.#isLinkUp) return;
      this.#isLinkUp = true;
      this.#links++;
      this.#checker.link(true);
      this.input({ kind: "linkUp" });
    });
  }

  #drop(): this {
    if (!this.#isLinkUp) return this;
    this.#isLinkUp = false;
    this.#checker.link(false);
    return this.input({ kind: "linkDown" });
  }

  #received(text: string): void {
    this.#frames.assertOfficial("chargePoint", text);
    const parsed = parseFrame(text);
    assert.ok(parsed.ok, text);
    const { frame } = parsed;
    if (frame.kind !== "call") {
      this.answers.push(frame);
      return;
    }
    const { uniqueId, action, payload } = frame;
    this.calls.push({ seconds: (this.nowMs - BEGIN_AT_MS) / 1_000, uniqueId, action, payload });
    assert.ok(isAction(action));
    const nth = (this.#nth.get(action) ?? 0) + 1;
    this.#nth.set(action, nth);
    const answer = this.#answerTo(action, payload, nth);
    const link = this.#links;
    this.#later(this.#latencyMs, () => {
      if (!this.#isLinkUp || link !== this.#links || answer === "silence") return;
      if (answer === "cut") {
        this.cut();
        return;
      }
      const text = answerText(uniqueId, answer);
      if (!("invalid" in answer)) this.#frames.assertOfficial("centralSystem", text);
      this.input({ kind: "frame", text });
    });
  }

  #answerTo(action: Action, payload: unknown, nth: number): ScriptedAnswer {
    const scripted = this.script[action] as
      | ((payload: unknown, nth: number) => ScriptedAnswer)
      | undefined;
    return scripted?.(payload, nth) ?? this.#usualAnswer(action);
  }

  #usualAnswer(action: Action): ScriptedAnswer {
    const currentTime = dateTimeOf(this.nowMs);
    switch (action) {
      case "BootNotification":
        return { status: "Accepted", currentTime, interval: 300 };
      case "Heartbeat":
        return { currentTime };
      case "Authorize":
        return { idTagInfo: { status: "Accepted" } };
      case "StartTransaction":
        return { idTagInfo: { status: "Accepted" }, transactionId: ++this.#lastTransactionId };
      case "SignCertificate":
        return { status: "Accepted" };
      default:
        return {};
    }
  }

  #later(delayMs: number, run: () => void): void {
    this.#pending.push({ atMs: this.nowMs + delayMs, order: this.#order++, run });
  }
}

function answerText(uniqueId: string, answer: Exclude<ScriptedAnswer, "silence" | "cut">): string {
  if ("error" in answer) {
    return callErrorText({ uniqueId, errorCode: answer.error, errorDescription: "as scripted" });
  }
  return callResultText({ uniqueId, payload: "invalid" in answer ? answer.invalid : answer });
}
