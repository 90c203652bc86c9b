/**
 * What a player of cases plays with, in memory: a link that a test is the other end of, an operator and a bench that do
 * what a test says, and a clock that a test moves.
 */
import assert from "node:assert/strict";
import { capabilitiesBeside } from "../../src/conformance/capabilities.ts";
import { type CaseDefinition, centralSystemCase } from "../../src/conformance/case.ts";
import { type CaseSetup, createSession, type Session } from "../../src/conformance/session.ts";
import type { Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import { CasePlayer, type PlayedCase, type PlayerMeans } from "../../src/runtime/case_player.ts";
import type { TestBench } from "../../src/runtime/test_bench.ts";
import type { ConnectRequest, TesterLink, TesterLinkHandlers } from "../../src/runtime/tester_link.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../src/runtime/test_operator.ts";
import { Happenings } from "./within.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A link whose other end is the test. */
export class FakeTesterLink implements TesterLink {
  handlers!: TesterLinkHandlers;
  readonly requests: ConnectRequest[] = [];
  readonly sent: string[] = [];
  readonly closed: string[] = [];
  /** What comes of connecting, at once; without it nothing comes of it. */
  onConnect: (handlers: TesterLinkHandlers) => void = (handlers) => handlers.onUp({ subprotocol: "ocpp1.6" });
  /** What answers a text of ours. */
  onSend: (text: string) => string | undefined = () => undefined;

  attach(handlers: TesterLinkHandlers): void {
    this.handlers = handlers;
  }

  connect(request: ConnectRequest): void {
    this.requests.push(request);
    this.onConnect(this.handlers);
  }

  send(text: string): void {
    this.sent.push(text);
    const answer = this.onSend(text);
    if (answer !== undefined) this.handlers.onText(answer);
  }

  close(reason: string): void {
    this.closed.push(reason);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** An operator that does what a test says. */
export class FakeTestOperator implements TestOperator {
  readonly asked: OperatorRequest[] = [];
  readonly calledOff: OperatorRequest[] = [];
  readonly #happenings: Happenings;
  answer: (request: OperatorRequest) => Promise<OperatorOutcome> = () => Promise.resolve({ kind: "done" });

  constructor(happenings: Happenings) {
    this.#happenings = happenings;
  }

  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    this.asked.push(request);
    signal.addEventListener("abort", () => {
      this.calledOff.push(request);
      this.#happenings.happened();
    });
    this.#happenings.happened();
    return this.answer(request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** All of it together. */
export class FakeTester {
  readonly clock = new VirtualClock();
  readonly link = new FakeTesterLink();
  readonly happenings = new Happenings();
  readonly operator = new FakeTestOperator(this.happenings);
  readonly session: Session = createSession();
  readonly bench: TestBench = { get: () => Promise.resolve(undefined), close: () => Promise.resolve() };
  readonly player: CasePlayer;

  constructor(means: Partial<PlayerMeans> = {}) {
    const { clock, link, operator, session, bench } = this;
    this.player = new CasePlayer({ clock, link, operator, session, bench, uniqueIdPrefix: "t", ...means });
  }

  /** Lets time pass until the promise is settled, timer by timer. */
  async inTime<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(() => isSettled = true, () => isSettled = true);
    for (let turns = 0; !isSettled; turns++) {
      assert.ok(turns < TURNS_MAX, "nothing comes to an end");
      // What is under way without a timer goes first.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const nextMs = this.clock.nextMs();
      if (!isSettled && Number.isFinite(nextMs)) this.clock.advance(Math.max(0, nextMs - this.clock.nowMs()));
    }
    return await promise;
  }
}

const TURNS_MAX = 1_000;

/** A case with a Central System under test, made for a test. */
export function madeCase(
  run: (t: Tester) => Steps,
  more: Partial<Parameters<typeof centralSystemCase>[0]> = {},
): CaseDefinition {
  return centralSystemCase({
    ...{ id: "TC_MADE", title: "Made for a test", profile: "Core", purpose: "None.", spec: [], run },
    ...more,
  });
}

/** How it is played. Units: seconds. */
export function playedWith(definition: CaseDefinition, setup: Partial<CaseSetup> = {}): PlayedCase {
  return {
    definition,
    capabilities: capabilitiesBeside({
      profiles: ["Core"],
      securityProfile: 0,
      offersNextSecurityProfile: false,
    }),
    setup: { withinSeconds: 30, operatorWithinSeconds: 60, quietSeconds: 0, settleSeconds: 0, ...setup },
  };
}

/** An answer to a Call of ours, by its Action. */
export function answering(payloads: Readonly<Record<string, unknown>>): (text: string) => string | undefined {
  return (text) => {
    const [type, uniqueId, action] = JSON.parse(text) as [number, string, string];
    const payload = payloads[action];
    return type === 2 && payload !== undefined ? JSON.stringify([3, uniqueId, payload]) : undefined;
  };
}
