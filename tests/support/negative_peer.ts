/**
 * A peer that refuses broken messages by the book, and mutants of it that do one thing wrong once. Virtual time.
 */
import assert from "node:assert/strict";
import { capabilitiesBeside } from "../../src/conformance/capabilities.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type { CaseResult, RunEffect, RunInput } from "../../src/conformance/contract.ts";
import { createSession } from "../../src/conformance/session.ts";
import { usualAnswer } from "../../src/conformance/usual_answer.ts";
import { type FeatureProfile, isAction, maySend, type Role } from "../../src/ocpp/action.ts";
import { callErrorFor, type CallFault } from "../../src/ocpp/call_error.ts";
import { checkReq } from "../../src/ocpp/check.ts";
import { fieldFaults } from "../../src/ocpp/field_rule.ts";
import { callErrorText, callResultText, parseFrame } from "../../src/ocpp/frame.ts";

/** What mutants do wrong. */
export const MUTATIONS = [
  "accepts",
  "answersWithAWrongCode",
  "answersWithFourElements",
  "answersSomebodyElse",
  "answersNonsense",
  "answersNothing",
  "dies",
  "goesDeaf",
] as const;

/** What a mutant does instead, when it gets the message of this name. */
export interface NegativeMutant {
  readonly what: string;
  /** `restarts`: accepts, and is gone for a while some seconds later. */
  readonly does: (typeof MUTATIONS)[number] | "restarts";
}

/** Units: milliseconds, one way. */
const LATENCY_MS = 10;
const RECONNECT_MS = 1_000;
/** Later than a tester who does not wait for it is at the next messages. */
const RESTART_MS = 6_100;
const TURNS_MAX = 20_000;

const ALL_PROFILES: readonly FeatureProfile[] = [
  ...["Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation"] as const,
  ...["SmartCharging", "RemoteTrigger", "Security"] as const,
];

/** What surrounds a peer. */
export interface PeerOptions {
  readonly mutant?: NegativeMutant;
  readonly profiles?: readonly FeatureProfile[];
  /** Gets every text of the tester. */
  readonly taken?: string[];
  /** It refuses every connection after the first. */
  readonly staysDown?: boolean;
}

/** Plays a case against it. */
export function playAgainstPeer(definition: CaseDefinition, options: PeerOptions = {}): CaseResult {
  return new PeerPlay(definition, options).toItsEnd();
}

class PeerPlay {
  readonly #run: CaseRun;
  readonly #options: PeerOptions;
  readonly #sender: Role;
  readonly #session = createSession();
  #nowMs = Date.UTC(2026, 0, 1);
  #pending: { readonly atMs: number; readonly act: () => void }[] = [];
  /** The message that was sent last, by its step. */
  #step = "";
  #isDeaf = false;
  #hasDone = false;
  #isUp = false;
  /** Numbers connections. */
  #link = 0;

  constructor(definition: CaseDefinition, options: PeerOptions) {
    this.#options = options;
    this.#sender = definition.systemUnderTest === "chargePoint" ? "centralSystem" : "chargePoint";
    this.#isUp = this.#session.isConnected = this.#session.isAccepted = this.#sender === "centralSystem";
    if (this.#isUp) this.#link = 1;
    this.#run = new CaseRun(definition, {
      capabilities: capabilitiesBeside({
        profiles: options.profiles ?? ALL_PROFILES,
        securityProfile: 0,
        offersNextSecurityProfile: true,
      }),
      session: this.#session,
      uniqueIdPrefix: "t",
      setup: { withinSeconds: 5, connectWithinSeconds: 20 },
    });
  }

  toItsEnd(): CaseResult {
    this.#input({ kind: "begin" });
    for (let turns = 0; this.#run.result === undefined; turns++) {
      assert.ok(turns < TURNS_MAX, "busy loop");
      const next = this.#pending.toSorted((a, b) => a.atMs - b.atMs)[0];
      const deadlineMs = this.#run.deadlineMs();
      this.#nowMs = Math.max(this.#nowMs, Math.min(next?.atMs ?? Infinity, deadlineMs));
      assert.ok(Number.isFinite(this.#nowMs), "the case waits for nothing");
      if (next !== undefined && next.atMs <= deadlineMs) {
        this.#pending.splice(this.#pending.indexOf(next), 1);
        next.act();
      } else {
        this.#input({ kind: "deadline" });
      }
    }
    return this.#run.result;
  }

  #later(delayMs: number, act: () => void): void {
    this.#pending.push({ atMs: this.#nowMs + delayMs, act });
  }

  #input(input: RunInput): void {
    for (const effect of this.#run.handle(input, this.#nowMs)) this.#carryOut(effect);
  }

  #carryOut(effect: RunEffect): void {
    switch (effect.kind) {
      case "step":
        this.#step = effect.text;
        return;
      case "send":
        this.#options.taken?.push(effect.text);
        if (this.#isUp && !this.#isDeaf) this.#take(effect.text, effect.isBinary === true);
        return;
      case "connect":
        return this.#later(LATENCY_MS, () => this.#connect());
      case "closeLink":
        this.#isUp = false;
        if (this.#sender === "centralSystem") this.#later(RECONNECT_MS, () => this.#connect());
        return;
    }
  }

  #connect(): void {
    if (this.#options.staysDown === true && this.#link > 0) {
      return this.#input({ kind: "connectFailed", cause: "connection refused" });
    }
    this.#isUp = true;
    this.#isDeaf = false;
    this.#link++;
    this.#input({ kind: "linkUp", subprotocol: "ocpp1.6" });
  }

  #take(text: string, isBinary: boolean): void {
    const { mutant } = this.#options;
    // Only the first text of a message, so that what is sent twice is answered once.
    if (mutant !== undefined && !this.#hasDone && this.#step === `send broken: ${mutant.what}`) {
      this.#hasDone = mutant.does !== "answersNothing" && mutant.does !== "goesDeaf";
      return this.#misbehave(mutant, text);
    }
    if (!isBinary) this.#answer(text);
  }

  #misbehave({ what, does }: NegativeMutant, text: string): void {
    switch (does) {
      case "restarts":
        this.#later(RESTART_MS, () => this.#goDown());
        return this.#misbehave({ what, does: "accepts" }, text);
      case "accepts": {
        const { uniqueId, action } = meant(text);
        return this.#say(callResultText({ uniqueId, payload: this.#conf(action) }));
      }
      case "answersWithAWrongCode": {
        const error = { errorCode: "SecurityError", errorDescription: "" };
        return this.#say(callErrorText({ uniqueId: meant(text).uniqueId, ...error }));
      }
      case "answersWithFourElements":
        return this.#say(JSON.stringify([4, meant(text).uniqueId, "FormationViolation", ""]));
      case "answersSomebodyElse": {
        const error = { errorCode: "FormationViolation", errorDescription: "" };
        return this.#say(callErrorText({ uniqueId: "-1", ...error }));
      }
      case "answersNonsense":
        return this.#say("What?");
      case "dies":
        return this.#goDown();
      case "answersNothing":
        return;
      case "goesDeaf":
        this.#isDeaf = true;
        return;
    }
  }

  #goDown(): void {
    this.#isUp = false;
    this.#later(LATENCY_MS, () => this.#input({ kind: "linkDown" }));
    if (this.#sender === "centralSystem") this.#later(RECONNECT_MS, () => this.#connect());
  }

  #answer(text: string): void {
    const parsed = parseFrame(text);
    if (!parsed.ok) {
      if (parsed.fault.kind === "notACall") this.#refuse(parsed.fault.uniqueId, parsed.fault);
      return;
    }
    if (parsed.frame.kind !== "call") return;
    const { uniqueId, action, payload } = parsed.frame;
    if (!isAction(action)) return this.#refuse(uniqueId, { kind: "unknownAction", action });
    if (!maySend(this.#sender, action)) return this.#refuse(uniqueId, { kind: "unsupportedAction", action });
    const checked = checkReq(action, payload);
    const faults = checked.ok ? fieldFaults(action, checked.payload) : checked.faults;
    if (faults.length > 0) return this.#refuse(uniqueId, { kind: "badPayload", faults });
    this.#say(callResultText({ uniqueId, payload: this.#conf(action) }));
  }

  #conf(action: string): unknown {
    return isAction(action) ? usualAnswer(action, {}, { session: this.#session, nowMs: this.#nowMs }) : {};
  }

  #refuse(uniqueId: string, fault: CallFault): void {
    this.#say(callErrorText({ uniqueId, ...callErrorFor(fault) }));
  }

  #say(text: string): void {
    const link = this.#link;
    this.#later(LATENCY_MS, () => {
      if (this.#isUp && this.#link === link) this.#input({ kind: "frame", text });
    });
  }
}

/** What somebody who wants to may make of a text. */
function meant(text: string): { readonly uniqueId: string; readonly action: string } {
  try {
    const [, uniqueId, action] = JSON.parse(text);
    return { uniqueId: String(uniqueId), action: String(action) };
  } catch {
    return { uniqueId: "-1", action: "" };
  }
}
