/**
 * Plays compliance cases in real time, one after the other, over one link: gives each run what comes, at the moment
 * at which it comes, and carries out what the run wants.
 *
 * Rules: one case at a time. Effects of an input are carried out before the next input is taken. What comes between two
 * cases is kept for the next one. A case that is over leaves nothing under way: no timer, no deed, no attempt to connect.
 */
import type { ChargePointCapabilities } from "../conformance/capabilities.ts";
import type { CaseDefinition } from "../conformance/case.ts";
import { CaseRun } from "../conformance/case_run.ts";
import type { CaseResult, RecordedFrame, RunEffect, RunInput } from "../conformance/contract.ts";
import { type CaseSetup, noteLink, type Session } from "../conformance/session.ts";
import { invariant } from "../rpc/invariant.ts";
import { CaseDeeds } from "./case_deeds.ts";
import type { Clock } from "./clock.ts";
import type { TestBench } from "./test_bench.ts";
import type { ConnectFailure, TesterLink } from "./tester_link.ts";
import type { TestOperator } from "./test_operator.ts";

/** The most messages that are kept between two cases; more are forgotten. */
const KEPT_MAX = 1_000;

/** What a player plays with. It closes none of it. */
export interface PlayerMeans {
  readonly clock: Clock;
  readonly link: TesterLink;
  readonly operator: TestOperator;
  readonly bench: TestBench;
  /** What is known of the system under test; carried on from case to case. */
  readonly session: Session;
  /** What every uniqueId of ours begins with; at most 24 characters. */
  readonly uniqueIdPrefix: string;
}

/** A case, and what it is played on. */
export interface PlayedCase {
  readonly definition: CaseDefinition;
  readonly capabilities: ChargePointCapabilities;
  readonly setup: Partial<CaseSetup>;
}

/** Who watches a case. What is told holds secrets. */
export interface CaseWatcher {
  onStep?(text: string): void;
  onFrame?(frame: RecordedFrame): void;
}

/** What came of playing a case. */
export interface PlayOutcome {
  readonly result: CaseResult;
  /** Why nobody was there to connect to, where that is what ended the case. */
  readonly unreachable?: string;
}

/** Plays one case after the other. */
export class CasePlayer {
  readonly #means: PlayerMeans;
  #playing: Playing | undefined;
  readonly #kept: string[] = [];

  constructor(means: PlayerMeans) {
    this.#means = means;
    means.link.attach({
      onUpgrade: (request) => this.#playing?.upgrade(request) ?? { isAccepted: true, status: 101 },
      onUp: (agreed) => {
        this.#kept.length = 0;
        if (this.#playing === undefined) noteLink(means.session, true, means.clock.nowMs());
        else this.#playing.input({ kind: "linkUp", ...agreed });
      },
      onText: (text) => this.#took(text),
      onBinary: (bytes) => this.#took(`(a binary message of ${bytes} bytes)`),
      onDown: () => {
        this.#kept.length = 0;
        if (this.#playing === undefined) noteLink(means.session, false, means.clock.nowMs());
        else this.#playing.input({ kind: "linkDown" });
      },
      onFailed: (failure) => this.#playing?.failed(failure),
    });
  }

  /**
   * Plays a case to its end, what it restores included. Whoever gets no more out of it than INCONCLUSIVE learns why
   * from the result. Errors: rejects where the case itself is wrong.
   */
  async play(played: PlayedCase, watcher: CaseWatcher = {}): Promise<PlayOutcome> {
    invariant(this.#playing === undefined, `${played.definition.id} would be a second case at a time`);
    const playing = this.#playing = new Playing(played, { ...this.#means, watcher });
    try {
      playing.input({ kind: "begin" });
      while (!playing.isOver && this.#kept.length > 0) {
        playing.input({ kind: "frame", text: this.#kept.shift()! });
      }
      return await playing.toItsEnd();
    } finally {
      this.#playing = undefined;
    }
  }

  /** The user wants no more: the case under way becomes INCONCLUSIVE, and what it has changed is put back. */
  abort(reason: string): void {
    this.#playing?.input({ kind: "abort", reason });
  }

  #took(text: string): void {
    if (this.#playing !== undefined && !this.#playing.isOver) this.#playing.input({ kind: "frame", text });
    else if (this.#kept.length < KEPT_MAX) this.#kept.push(text);
  }
}

/** One case that is being played. */
class Playing {
  readonly #means: PlayerMeans & { readonly watcher: CaseWatcher };
  readonly #run: CaseRun;
  readonly #deeds: CaseDeeds;
  readonly #ended = Promise.withResolvers<CaseResult>();
  readonly #inputs: RunInput[] = [];
  #isBusy = false;
  #cancelDeadline = () => {};
  #unreachable: string | undefined;
  #wasConnected = false;

  constructor(
    { definition, capabilities, setup }: PlayedCase,
    means: PlayerMeans & { readonly watcher: CaseWatcher },
  ) {
    this.#means = means;
    const { session, uniqueIdPrefix, clock, operator, bench } = means;
    this.#run = new CaseRun(definition, { capabilities, session, setup, uniqueIdPrefix });
    const { identity, operatorWithinSeconds: withinSeconds } = this.#run.setup;
    const input = (one: RunInput) => this.input(one);
    this.#deeds = new CaseDeeds({
      ...{ clock, operator, bench, input },
      ...{ caseId: definition.id, identity, withinSeconds },
    });
  }

  get isOver(): boolean {
    return this.#run.result !== undefined;
  }

  async toItsEnd(): Promise<PlayOutcome> {
    try {
      const result = await this.#ended.promise;
      return { result, ...(this.#unreachable === undefined ? {} : { unreachable: this.#unreachable }) };
    } finally {
      this.#cancelDeadline();
      // As a Charge Point the tester is gone between cases; one under test stays connected.
      if (this.#means.link.connect !== undefined) this.#means.link.close("the case is over");
      await this.#deeds.end();
    }
  }

  /** Takes an input, and carries out what comes of it. */
  input(input: RunInput): void {
    this.#inputs.push(input);
    if (this.#isBusy) return; // an effect has led to it: its turn comes
    this.#isBusy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#handle(next);
      }
    } catch (error) {
      this.#ended.reject(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** A Charge Point wants to connect, and gets its answer at once. */
  upgrade(request: Extract<RunInput, { kind: "upgradeRequested" }>["request"]): Upgrade {
    const effects = this.#handle({ kind: "upgradeRequested", request });
    return effects.find((effect) => effect.kind === "upgrade") ?? { isAccepted: true, status: 101 };
  }

  /** Nobody there is no answer: what the case is about cannot be seen. But who was there before has gone away. */
  failed({ status, cause, isUnreachable }: ConnectFailure): void {
    if (isUnreachable) this.#unreachable = cause;
    if (isUnreachable && !this.#wasConnected) return this.input({ kind: "abort", reason: cause });
    this.input({ kind: "connectFailed", cause, ...(status === undefined ? {} : { status }) });
  }

  #handle(input: RunInput): readonly RunEffect[] {
    if (this.isOver) return [];
    const nowMs = this.#means.clock.nowMs();
    if (input.kind === "linkUp") this.#wasConnected = true;
    if (input.kind === "frame") {
      this.#means.watcher.onFrame?.({ atMs: nowMs, from: "system", text: input.text });
    }
    const effects = this.#run.handle(input, nowMs);
    for (const effect of effects) this.#carryOut(effect, nowMs);
    this.#cancelDeadline();
    const deadlineMs = this.#run.deadlineMs();
    if (!this.isOver && Number.isFinite(deadlineMs)) {
      this.#cancelDeadline = this.#means.clock.at(deadlineMs, () => this.input({ kind: "deadline" }));
    }
    return effects;
  }

  #carryOut(effect: RunEffect, nowMs: number): void {
    const { link, watcher } = this.#means;
    switch (effect.kind) {
      case "send":
        watcher.onFrame?.({ atMs: nowMs, from: "tester", text: effect.text });
        return link.send(effect.text, { isBinary: effect.isBinary === true });
      case "closeLink":
        return link.close(effect.reason);
      case "upgrade": // whoever has asked looks for it
        return;
      case "listen": {
        invariant(link.listen !== undefined, "a link that connects is to listen");
        return this.#deeds.waitFor(link.listen(effect.security));
      }
      case "connect": {
        invariant(link.connect !== undefined, "a link that listens is to connect");
        const { kind: _, ...how } = effect;
        return link.connect({ ...how, identity: this.#run.setup.identity });
      }
      case "operator":
        return this.#deeds.do(effect.actionId, effect.action);
      case "bench":
        return this.#deeds.get(effect.requestId, effect.request);
      case "step":
        return watcher.onStep?.(effect.text);
      case "ended":
        return this.#ended.resolve(effect.result);
    }
  }
}

interface Upgrade {
  readonly isAccepted: boolean;
  readonly status: number;
}
