/**
 * The frames between tester and system under test: what came and waits, what we asked and wait for.
 */
import type { Action, Role } from "../ocpp/action.ts";
import {
  type CallError,
  callErrorText,
  type CallResult,
  callResultText,
  callText,
  parseFrame,
} from "../ocpp/frame.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { invariant } from "../rpc/invariant.ts";
import type { RecordedFrame, RunEffect } from "./contract.ts";
import { FrameCheck, hasAllElements } from "./frame_check.ts";
import type { Session } from "./session.ts";
import type { Answer, ExpectedCall, RawAnswer, Seen, SentOutcome } from "./step.ts";
import { TimeCheck } from "./time_check.ts";
import { usualAnswer } from "./usual_answer.ts";

/** A Call of the system under test that is not answered yet. */
export interface WaitingCall {
  readonly uniqueId: string;
  readonly action: Action;
  readonly payload: unknown;
  readonly text: string;
}

/** A Call of ours. */
interface OwnCall {
  readonly uniqueId: string;
  readonly action: Action;
  readonly payload: unknown;
  outcome: SentOutcome | "linkDown" | undefined;
}

/** A frame of the system under test that must not be. */
export interface FrameFault {
  readonly expected: string;
  readonly text: string;
  readonly reason: string;
}

/** The most frames that are kept of one run. */
export const FRAMES_MAX = 20_000;

/** The most that is kept of one text, in characters: some of ours are very long on purpose, and so are their answers. */
const KEPT_TEXT_MAX = 65_536;

/** Once the texts of a run are as long as this together, only the beginning of each is kept, in characters. */
export const RUN_TEXT_MAX = 64 * 1024 * 1024;
const KEPT_BEGINNING_MAX = 500;

/** The most Calls that may wait for an answer: one at a time is what OCPP-J allows. */
export const INBOX_MAX = 1_000;

/** The most answers that are kept of one text of ours. */
const RAW_ANSWERS_MAX = 16;

/** One run's frames. */
export class Exchange {
  /** Calls that came and that no step has taken, in order. */
  readonly inbox: WaitingCall[] = [];
  readonly frames: RecordedFrame[] = [];
  /** Effects of the turn. */
  effects: RunEffect[] = [];
  readonly #session: Session;
  readonly #uniqueIdPrefix: string;
  /** Of all frames that are kept, in characters. */
  #textLength = 0;
  readonly #check: FrameCheck;
  readonly #times: TimeCheck;
  #own: OwnCall | undefined;
  /** Of ours that were given up: an answer that comes all the same is late, not wrong. */
  readonly #givenUp = new Map<string, Action>();
  /** The last texts that need be no frames; after them answers may come that answer nothing. */
  #raw: { readonly uniqueId: string; readonly answers: RawAnswer[] } | undefined;

  constructor(
    systemUnderTest: Role,
    options: { readonly session: Session; readonly connectors: number; readonly uniqueIdPrefix: string },
  ) {
    this.#check = new FrameCheck(systemUnderTest, options.connectors);
    this.#session = options.session;
    this.#times = new TimeCheck(options.session);
    this.#uniqueIdPrefix = options.uniqueIdPrefix;
  }

  /** The case begins. */
  begin(nowMs: number): void {
    this.#times.begin(nowMs);
  }

  /** A text of the system under test; gives what is wrong with it. */
  receive(text: string, nowMs: number): FrameFault | undefined {
    this.#recordFrame({ atMs: nowMs, from: "system", text });
    if (this.#isRawAnswer(text)) return undefined;
    const checked = this.#check.check(text, (uniqueId) => this.#actionAsked(uniqueId));
    if (!checked.ok) return { expected: checked.expected, text, reason: checked.reason };
    const { frame } = checked;
    if (frame.kind === "call") {
      const { uniqueId, action, payload } = frame;
      const untrue = this.#times.fault(action, payload, nowMs) ??
        this.#session.registers.fault(action, payload);
      if (untrue !== undefined) return { expected: untrue.expected, text, reason: untrue.came };
      if (this.inbox.length >= INBOX_MAX) {
        return { expected: `at most ${INBOX_MAX} Calls that wait for an answer`, text, reason: "one more" };
      }
      this.inbox.push({ uniqueId, action, payload, text });
    } else if (this.#own?.uniqueId === frame.uniqueId) {
      this.#own.outcome = frame.kind === "callResult"
        ? { kind: "result", payload: frame.payload }
        : { kind: "error", errorCode: frame.errorCode, errorDescription: frame.errorDescription };
    }
    return undefined;
  }

  /** Takes an answer that may be to texts which are no frames: it is for the case to judge. */
  #isRawAnswer(text: string): boolean {
    if (this.#raw === undefined) return false;
    const parsed = parseFrame(text);
    if (parsed.ok && (parsed.frame.kind === "call" || parsed.frame.uniqueId === this.#own?.uniqueId)) {
      return false;
    }
    const answer: RawAnswer = parsed.ok
      ? rawAnswerOf(parsed.frame as CallResult | CallError, text)
      : { kind: "unreadable", why: parsed.fault.kind };
    if (this.#raw.answers.length < RAW_ANSWERS_MAX) this.#raw.answers.push(answer);
    return true;
  }

  #actionAsked(uniqueId: string): Action | undefined {
    const own = this.#own;
    if (own?.uniqueId === uniqueId && own.outcome === undefined) return own.action;
    const late = this.#givenUp.get(uniqueId);
    this.#givenUp.delete(uniqueId);
    return late;
  }

  /** The link is gone: what was not answered never will be. */
  linkDown(): void {
    this.inbox.length = 0;
    if (this.#own !== undefined) this.#own.outcome ??= "linkDown";
  }

  /** Sends a Call of ours; `ownOutcome` tells what it came to. */
  sendCall(action: Action, payload: unknown, nowMs: number): void {
    invariant(this.#own === undefined, `${action} would be a second Call in flight`);
    const uniqueId = `${this.#uniqueIdPrefix}${++this.#session.lastUniqueId}`;
    this.#own = { uniqueId, action, payload, outcome: undefined };
    this.#send(callText({ uniqueId, action, payload }), nowMs);
  }

  /** Sends texts that need be no frames; `rawAnswers` has what comes from here on. */
  sendRaw(texts: (uniqueId: string) => readonly string[], isBinary: boolean, nowMs: number): string {
    const uniqueId = `${this.#uniqueIdPrefix}${++this.#session.lastUniqueId}`;
    this.#raw = { uniqueId, answers: [] };
    for (const text of texts(uniqueId)) {
      this.#recordFrame({ atMs: nowMs, from: "tester", text });
      this.effects.push({ kind: "send", text, ...(isBinary ? { isBinary } : {}) });
    }
    return uniqueId;
  }

  get rawAnswers(): readonly RawAnswer[] {
    return this.#raw?.answers ?? [];
  }

  get ownOutcome(): SentOutcome | "linkDown" | undefined {
    return this.#own?.outcome;
  }

  /** No answer is waited for any more. */
  forgetOwn(): void {
    if (this.#own !== undefined && this.#own.outcome === undefined) {
      this.#givenUp.set(this.#own.uniqueId, this.#own.action);
    }
    this.#own = undefined;
  }

  /** Answers a Call as an expectation says, or as usual, and takes it out of the inbox. */
  answer(call: WaitingCall, nowMs: number, expected?: ExpectedCall): Seen {
    this.inbox.splice(this.inbox.indexOf(call), 1);
    const { uniqueId, action, payload } = call;
    const own = expected?.answer?.(payload as Req<Action>);
    const usual = () =>
      usualAnswer(action, payload, { session: this.#session, nowMs }) ?? { callError: "NotSupported" };
    const isWhole = action !== "StartTransaction" || typeof own !== "object" || "callError" in own;
    // A StartTransaction that is answered has a transactionId, whatever else it is told.
    const answer = (own === undefined ? usual() : isWhole ? own : { ...usual(), ...own }) as Answer<Action>;
    const seen = { action, payload: payload as Req<Action>, uniqueId, atMs: nowMs };
    if (answer === "silence") return { ...seen, answer: undefined };
    if ("callError" in answer) {
      const error = { uniqueId, errorCode: answer.callError, errorDescription: "" };
      this.#send(callErrorText(error), nowMs);
      return { ...seen, answer: undefined };
    }
    this.#send(callResultText({ uniqueId, payload: answer }), nowMs);
    this.#carryOn(action, payload, answer);
    return { ...seen, answer: answer as Conf<Action> };
  }

  #carryOn(action: Action, payload: unknown, answer: unknown): void {
    if (action === "BootNotification") {
      const { chargePointSerialNumber, chargeBoxSerialNumber } = payload as Req<"BootNotification">;
      this.#session.serialNumbers = [chargePointSerialNumber, chargeBoxSerialNumber]
        .filter((one) => one !== undefined);
      this.#session.hasBooted = true;
      this.#session.isAccepted = (answer as { status: string }).status === "Accepted";
      this.#session.statuses.clear(); // §4.2 with errata: all of them are told anew
    } else if (action === "StartTransaction") {
      this.#session.registers.noteStarted(
        payload as Req<"StartTransaction">,
        answer as Conf<"StartTransaction">,
      );
    } else if (action === "StatusNotification") {
      const { connectorId, status } = payload as Req<"StatusNotification">;
      this.#session.statuses.set(connectorId, status);
    }
  }

  #send(text: string, nowMs: number): void {
    this.#recordFrame({ atMs: nowMs, from: "tester", text });
    this.effects.push({ kind: "send", text });
  }

  #recordFrame(frame: RecordedFrame): void {
    if (this.frames.length >= FRAMES_MAX) return;
    const { text } = frame;
    const most = this.#textLength < RUN_TEXT_MAX ? KEPT_TEXT_MAX : KEPT_BEGINNING_MAX;
    const kept = text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
    this.#textLength += kept.length;
    this.frames.push({ ...frame, text: kept });
  }
}

function rawAnswerOf(frame: CallResult | CallError, text: string): RawAnswer {
  const { uniqueId } = frame;
  if (frame.kind === "callResult") return { kind: "result", uniqueId, payload: frame.payload };
  return { kind: "error", uniqueId, errorCode: frame.errorCode, isWhole: hasAllElements(text) };
}
