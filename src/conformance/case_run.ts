/**
 * One run of one case: inputs in, effects out, and in the end a verdict.
 *
 * The case is a generator over steps; the run is always at one step, looks after each input whether it is done, and
 * goes on. A fault ends the case where it happens: FAIL in the test, INCONCLUSIVE in its preparation. Then what was
 * changed is put back, and the result is told. Every step has a deadline, so that no run hangs.
 */
import { invariant } from "../rpc/invariant.ts";
import { type ChargePointCapabilities, CONNECTORS_MAX, unmetNeeds } from "./capabilities.ts";
import type { CaseDefinition } from "./case.ts";
import type { CaseFailure, CaseResult, RunEffect, RunInput, UpgradeRequest, Verdict } from "./contract.ts";
import { Exchange } from "./exchange.ts";
import { deedExpected } from "./operator_action.ts";
import { becomeReady } from "./readiness.ts";
import { StateRecord } from "./restoration.ts";
import { type CaseSetup, DEFAULT_SETUP, noteLink, type Session } from "./session.ts";
import { type Phase, type Step, type Steps, stepText, type Tally } from "./step.ts";
import { type PlayedRun, type StepFault, StepPlayer } from "./step_player.ts";
import { Surroundings } from "./surroundings.ts";
import { type RunFacts, Tester } from "./tester.ts";

/** What a run is made from. */
export interface RunOptions {
  readonly capabilities: ChargePointCapabilities;
  /** Carried on from run to run with the same system. */
  readonly session: Session;
  readonly setup?: Partial<CaseSetup>;
  /** What every uniqueId of ours begins with; at most 24 characters. */
  readonly uniqueIdPrefix: string;
}

/** One run. */
export class CaseRun implements RunFacts, PlayedRun {
  readonly setup: CaseSetup;
  readonly capabilities: ChargePointCapabilities;
  readonly session: Session;
  readonly record = new StateRecord();
  readonly exchange: Exchange;
  readonly surroundings = new Surroundings();
  readonly leftOut: string[] = [];
  tally: Tally | undefined;
  nowMs = 0;
  readonly #definition: CaseDefinition;
  readonly #player: StepPlayer;
  readonly #tester: Tester;
  #phase: Phase = "preparation";
  #steps: Steps | undefined;
  #restorations: Iterator<Steps> | undefined;
  readonly #stepTexts: string[] = [];
  readonly #remarks: string[] = [];
  #judged: Omit<CaseResult, "leftOut" | "remarks"> | undefined;
  #result: CaseResult | undefined;

  constructor(definition: CaseDefinition, options: RunOptions) {
    this.#definition = definition;
    this.capabilities = options.capabilities;
    this.session = options.session;
    this.setup = { ...DEFAULT_SETUP, ...options.setup };
    const { capabilities, session, uniqueIdPrefix } = options;
    const { systemUnderTest, isQuestion = false } = definition;
    // An operator may have a Central System name any connector: whether there is one is for the Charge Point to say.
    const connectors = systemUnderTest === "centralSystem"
      ? Infinity
      : isQuestion
      ? CONNECTORS_MAX
      : capabilities.connectors;
    this.exchange = new Exchange(systemUnderTest, { session, connectors, uniqueIdPrefix });
    this.#player = new StepPlayer(this);
    this.#tester = new Tester(this);
  }

  get upgradeRequest(): UpgradeRequest | undefined {
    return this.surroundings.upgradeRequest;
  }

  /** What came of the case; `undefined` until it is over. */
  get result(): CaseResult | undefined {
    return this.#result;
  }

  /** Takes one input; the effects are to be carried out in their order. */
  handle(input: RunInput, nowMs: number): readonly RunEffect[] {
    const isLate = nowMs > this.deadlineMs();
    this.nowMs = nowMs;
    this.exchange.effects = [];
    if (isLate) this.#proceed(); // what comes after its time comes too late, whenever we are told of it
    this.#take(input);
    this.#proceed();
    return this.exchange.effects;
  }

  /** When it wants a `deadline` input; `Infinity` once it is over. */
  deadlineMs(): number {
    return this.#player.deadlineMs;
  }

  emit(effect: RunEffect): void {
    this.exchange.effects.push(effect);
  }

  #take(input: RunInput): void {
    switch (input.kind) {
      case "begin":
        return this.#begin();
      case "frame": {
        const fault = this.exchange.receive(input.text, this.nowMs);
        if (fault === undefined) return;
        const { expected, text, reason } = fault;
        // A broken frame is the system's fault, also where the case has not really begun.
        return this.#fault({ what: { expected, came: `${reason}: ${text}` }, verdict: "FAIL" });
      }
      case "upgradeRequested":
        return this.emit(this.surroundings.upgrade(input.request));
      case "linkUp":
        noteLink(this.session, true, this.nowMs);
        this.surroundings.isLinkLost = false;
        this.surroundings.subprotocol = input.subprotocol;
        this.surroundings.agreedTls = input.tls;
        return;
      case "linkDown":
        noteLink(this.session, false, this.nowMs);
        this.surroundings.isLinkLost = true;
        return this.exchange.linkDown();
      case "connectFailed":
        this.surroundings.refusals++;
        this.surroundings.connectFailure = input.cause;
        this.surroundings.refusedStatus = input.status;
        return;
      case "operatorDone": {
        const deed = this.surroundings.deedDone(input.actionId);
        if (deed === undefined) return; // it was given up before
        this.#player.restartTime();
        if (!this.session.isConnected) this.session.missedSinceMs = this.nowMs;
        if (input.outcome.kind === "done") return;
        return this.#inconclusive(deedExpected(deed), input.outcome.reason);
      }
      case "benchDone":
        return this.surroundings.benchDone(input.requestId, input.reply);
      case "deadline":
        return;
      case "abort":
        return this.#inconclusive("the case to be played to its end", input.reason);
    }
  }

  #begin(): void {
    invariant(this.#steps === undefined, `${this.#definition.id} has begun before`);
    const unmet = unmetNeeds(this.#definition.needs, this.capabilities);
    if (unmet.length > 0) {
      const failure = { step: "compare what it needs", expected: unmet.join("; "), came: "a system without" };
      this.#judge("NOT APPLICABLE", failure);
      return this.#end();
    }
    if (!this.session.isConnected) this.session.missedSinceMs ??= this.nowMs;
    // Who is only asked may still have to tell of times before.
    if (this.#definition.isQuestion !== true) this.exchange.begin(this.nowMs);
    this.#steps = this.#allSteps();
  }

  *#allSteps(): Steps {
    if (this.#definition.systemUnderTest === "chargePoint") {
      const since = yield* becomeReady(this.#tester);
      // Accepted earlier, it merely came back: no case after this one waits for its BootNotification again.
      if (since === "before" && !this.session.hasBooted) this.session.isAccepted = true;
    }
    yield { kind: "phase", phase: "test" };
    yield* this.#definition.run(this.#tester);
  }

  /** Goes as far as it can without another input. */
  #proceed(): void {
    let given: unknown;
    while (this.#steps !== undefined) {
      if (!this.#player.isPlaying) {
        const next = this.#steps.next(given);
        given = undefined;
        if (next.done === true) {
          this.#stepsDone();
          continue;
        }
        this.#beginStep(next.value);
      }
      const progress = this.#player.progress();
      if (progress.kind === "waiting") return;
      this.#player.end();
      if (progress.kind === "fault") this.#fault(progress);
      else given = progress.value;
    }
  }

  #beginStep(step: Step): void {
    // What holds is no news, and what is put back no part of the case.
    const isTold = step.kind !== "phase" && step.kind !== "tally" && (step.kind !== "judge" || !step.holds);
    if (isTold && this.#phase !== "restoration") this.#stepTexts.push(stepText(step));
    if (isTold) this.emit({ kind: "step", text: stepText(step) });
    if (step.kind === "phase") this.#phase = step.phase;
    this.#player.begin(step);
  }

  #inconclusive(expected: string, came: string): void {
    this.#fault({ what: { expected, came }, verdict: "INCONCLUSIVE" });
  }

  /** Ends the steps under way. */
  #fault({ what, verdict }: StepFault): void {
    if (this.#steps === undefined) return; // before the beginning or after the end
    this.#player.end();
    if (this.#phase === "restoration") {
      const isAlone = !this.session.isConnected;
      const rest = isAlone ? "; what needs a connection was not tried" : "";
      this.#remarks.push(`not restored: expected ${what.expected}; came ${what.came}${rest}`);
      return isAlone ? this.#end() : this.#nextRestoration();
    }
    const step = this.#stepTexts.at(-1) ?? "begin";
    this.#judge(verdict ?? (this.#phase === "preparation" ? "INCONCLUSIVE" : "FAIL"), { step, ...what });
    this.#restore();
  }

  #stepsDone(): void {
    if (this.#phase === "restoration") return this.#nextRestoration();
    this.#judge("PASS");
    this.#restore();
  }

  #judge(verdict: Verdict, failure?: CaseFailure): void {
    this.#judged = {
      id: this.#definition.id,
      verdict,
      ...(failure === undefined ? {} : { failure }),
      steps: [...this.#stepTexts],
      frames: [...this.exchange.frames],
    };
  }

  #restore(): void {
    this.surroundings.forgetDeeds();
    this.#player.tolerateAll();
    this.#phase = "restoration";
    this.#restorations = this.#definition.systemUnderTest === "chargePoint"
      ? this.record.restorations(this.#tester)
      : this.record.leaveTakings(this.#tester);
    this.#nextRestoration();
  }

  #nextRestoration(): void {
    const next = this.#restorations?.next();
    if (next === undefined || next.done === true) return this.#end();
    this.#steps = next.value;
  }

  #end(): void {
    invariant(this.#judged !== undefined, `${this.#definition.id} ended without a verdict`);
    this.#steps = undefined;
    this.#player.end();
    const { verdict } = this.#judged;
    if (verdict !== "NOT APPLICABLE") {
      this.session.isDisturbed = verdict !== "PASS" || this.#remarks.length > 0;
    }
    const { share, remarks = [] } = this.tally ?? {};
    this.#result = {
      ...this.#judged,
      ...(share === undefined ? {} : { share }),
      leftOut: this.leftOut,
      remarks: [...remarks, ...this.#remarks],
    };
    this.emit({ kind: "ended", result: this.#result });
  }
}
