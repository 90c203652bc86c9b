/**
 * Plays compliance cases in virtual time against a peer that does only part of what it should: it connects, or does not,
 * says something of itself, and has one way to answer.
 */
import assert from "node:assert/strict";
import type { ChargePointCapabilities } from "../../src/conformance/capabilities.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type { CaseResult, RunEffect, RunInput } from "../../src/conformance/contract.ts";
import type { CaseSetup } from "../../src/conformance/session.ts";
import { createSession } from "../../src/conformance/session.ts";
import type { Role } from "../../src/ocpp/action.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { ConformanceBench } from "./conformance_bench.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A Call of the tester. */
export interface TesterCall {
  readonly uniqueId: string;
  readonly action: string;
  readonly payload: unknown;
}

/** How a peer behaves. Texts are frames, or are meant to be none. */
export interface PartialPeer {
  /** Whether there is ever a connection. */
  readonly connects: "always" | "never" | "andClosesAtOnce";
  /** What it says by itself once connected, one text after the answer to the other. */
  readonly says?: (connectors: number) => readonly string[];
  /** What it sends every second, whatever else happens. */
  readonly babbles?: string;
  readonly answers?: (call: TesterCall) => string | undefined;
}

/** What came of it. */
export interface PartialPlay {
  readonly result: CaseResult;
  /** Virtual time, restoration included. */
  readonly seconds: number;
}

/** One way. */
const LATENCY_MS = 10;

/** How long a Charge Point waits before it connects again. */
const RECONNECT_MS = 2_000;

const BABBLE_MS = 1_000;

/** The most turns of one case before it is called a busy loop. */
const TURNS_MAX = 100_000;

/** Plays a case against it. */
export async function playAgainst(
  peer: PartialPeer,
  definition: CaseDefinition,
  { capabilities, setup = {} }: {
    readonly capabilities: ChargePointCapabilities;
    readonly setup?: Partial<CaseSetup>;
  },
): Promise<PartialPlay> {
  return await new Play(peer, definition.systemUnderTest, capabilities.connectors).toTheEnd(
    new CaseRun(definition, {
      ...{ capabilities, setup },
      session: createSession({ transactionId: 1_001 }),
      uniqueIdPrefix: "t",
    }),
  );
}

class Play {
  readonly #peer: PartialPeer;
  readonly #role: Role;
  readonly #bench = new ConformanceBench();
  #run!: CaseRun;
  readonly #clock = new VirtualClock();
  #isUp = false;
  readonly #says: readonly string[];
  #said = 0;
  #work: Promise<void>[] = [];

  constructor(peer: PartialPeer, role: Role, connectors: number) {
    this.#peer = peer;
    this.#role = role;
    this.#says = peer.says?.(connectors) ?? [];
  }

  async toTheEnd(run: CaseRun): Promise<PartialPlay> {
    this.#run = run;
    const begunMs = this.#clock.nowMs();
    this.#input({ kind: "begin" });
    if (this.#role === "chargePoint") this.#connectLater(LATENCY_MS);
    if (this.#peer.babbles !== undefined) this.#babble();
    for (let turns = 0; run.result === undefined; turns++) {
      assert.ok(turns < TURNS_MAX, "busy loop");
      while (this.#work.length > 0) await Promise.all(this.#work.splice(0));
      this.#advance();
    }
    return { result: run.result, seconds: (this.#clock.nowMs() - begunMs) / 1_000 };
  }

  #advance(): void {
    const deadlineMs = this.#run.deadlineMs();
    const atMs = Math.min(this.#clock.nextMs(), deadlineMs);
    assert.ok(Number.isFinite(atMs) || this.#run.result !== undefined, "the case waits for nothing");
    this.#clock.advance(Math.max(0, atMs - this.#clock.nowMs()));
    if (deadlineMs <= atMs) this.#input({ kind: "deadline" });
  }

  #later(delayMs: number, act: () => void): void {
    this.#clock.at(this.#clock.nowMs() + delayMs, act);
  }

  #babble(): void {
    this.#later(BABBLE_MS, () => {
      this.#say(this.#peer.babbles);
      this.#babble();
    });
  }

  /** A Charge Point tries, and tries again. */
  #connectLater(delayMs: number): void {
    if (this.#peer.connects === "never") return;
    this.#later(delayMs, () => {
      const effects = this.#input({ kind: "upgradeRequested", request: { subprotocols: ["ocpp1.6"] } });
      const isAccepted = effects.some((effect) => effect.kind === "upgrade" && effect.isAccepted);
      if (!isAccepted) return this.#connectLater(RECONNECT_MS);
      this.#up();
    });
  }

  #up(): void {
    this.#isUp = true;
    this.#said = 0;
    this.#input({ kind: "linkUp", subprotocol: "ocpp1.6" });
    if (this.#peer.connects === "andClosesAtOnce") {
      this.#isUp = false;
      this.#input({ kind: "linkDown" });
      if (this.#role === "chargePoint") this.#connectLater(RECONNECT_MS);
    } else {
      this.#sayNext();
    }
  }

  #sayNext(): void {
    this.#say(this.#says[this.#said++]);
  }

  #say(text: string | undefined): void {
    if (text === undefined || !this.#isUp) return;
    this.#later(LATENCY_MS, () => {
      if (this.#isUp) this.#input({ kind: "frame", text });
    });
  }

  #input(input: RunInput): readonly RunEffect[] {
    const effects = this.#run.handle(input, this.#clock.nowMs());
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  #carryOut(effect: RunEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#receive(effect.text);
      case "closeLink":
        this.#isUp = false;
        if (this.#role === "chargePoint") this.#connectLater(RECONNECT_MS);
        return;
      case "connect":
        return this.#later(LATENCY_MS, () => {
          if (this.#peer.connects !== "never") this.#up();
          else this.#input({ kind: "connectFailed", status: 503, cause: "HTTP 503" });
        });
      case "operator": {
        const { actionId } = effect;
        return this.#later(LATENCY_MS, () => {
          this.#input({ kind: "operatorDone", actionId, outcome: { kind: "done" } });
        });
      }
      case "bench": {
        const { requestId, request } = effect;
        this.#work.push(
          this.#bench.get(request).then((reply) => {
            this.#input({ kind: "benchDone", requestId, reply });
          }),
        );
        return;
      }
    }
  }

  #receive(text: string): void {
    const parsed = parseFrame(text);
    if (!parsed.ok) return; // broken on purpose
    const { frame } = parsed;
    if (frame.kind === "call") this.#say(this.#peer.answers?.(frame));
    else this.#sayNext();
  }
}
