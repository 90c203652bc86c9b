/**
 * Plays single steps: begins them, and looks after each input whether they are done.
 */
import type { CaseFailure, RunEffect, Verdict } from "./contract.ts";
import type { Exchange, WaitingCall } from "./exchange.ts";
import { mismatchOf } from "./matcher.ts";
import { deedExpected } from "./operator_action.ts";
import type { StateRecord } from "./restoration.ts";
import { type CaseSetup, noteLink, type Session } from "./session.ts";
import {
  call,
  callText,
  type ExpectedCall,
  type RawOutcome,
  type Seen,
  type Step,
  type Tally,
} from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

/** Why a step cannot be done. `verdict`: where it is another than that of its phase. */
export interface StepFault {
  readonly what: Omit<CaseFailure, "step">;
  readonly verdict?: Verdict;
}

/** How far a step is. */
export type Progress =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "waiting" }
  | ({ readonly kind: "fault" } & StepFault);

type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

const DONE: Progress = { kind: "done", value: undefined };
const WAITING: Progress = { kind: "waiting" };

function fault(expected: string, came: string, verdict?: Verdict): Progress {
  return { kind: "fault", what: { expected, came }, ...(verdict === undefined ? {} : { verdict }) };
}

/** Calls that are answered as usual wherever they come and nobody expects them. */
const TOLERATED: readonly ExpectedCall[] = [
  call("Heartbeat"),
  call("MeterValues"),
  call("SecurityEventNotification"),
  call("DataTransfer"),
  call("SignCertificate"), // Security, SignCertificate: by itself, within a month of its certificate's end
];

/** The run that a player belongs to. */
export interface PlayedRun {
  readonly nowMs: number;
  readonly session: Session;
  readonly setup: CaseSetup;
  readonly record: StateRecord;
  readonly exchange: Exchange;
  readonly surroundings: Surroundings;
  /** What belongs to the case and is not checked. */
  readonly leftOut: string[];
  tally: Tally | undefined;
  emit(effect: RunEffect): void;
}

/** Plays the steps of one run, one after the other. */
export class StepPlayer {
  /** The step under way; the run sets it to `undefined` when it is over. */
  #step: Step | undefined;
  /** From when its time counts. */
  #sinceMs = 0;
  /** Whether what is done once, e.g. sent, has been done. */
  #isBegun = false;
  /** Of `expect`: what came for each of its Calls. */
  #seen: (Seen | undefined)[] = [];
  /** Of `sendRaw`: what the texts were made with. */
  #rawUniqueId = "";
  #tolerated = TOLERATED;
  #toleratesAll = false;
  readonly #run: PlayedRun;

  constructor(run: PlayedRun) {
    this.#run = run;
  }

  begin(step: Step): void {
    this.#step = step;
    this.#sinceMs = this.#run.nowMs;
    this.#isBegun = false;
    this.#seen = [];
  }

  get isPlaying(): boolean {
    return this.#step !== undefined;
  }

  end(): void {
    this.#step = undefined;
    this.#run.exchange.forgetOwn();
  }

  /** Whatever comes from here on is answered as usual. */
  tolerateAll(): void {
    this.#toleratesAll = true;
  }

  /** Its time counts from now: somebody has just done what it waits for. */
  restartTime(): void {
    this.#sinceMs = this.#run.nowMs;
  }

  /** When its time is over. */
  get deadlineMs(): number {
    if (this.#step === undefined) return Infinity;
    const { busySinceMs } = this.#run.surroundings;
    const { operatorWithinSeconds } = this.#run.setup;
    if (busySinceMs !== undefined) return busySinceMs + operatorWithinSeconds * 1_000;
    const step = this.#step;
    const seconds = step.kind === "pass"
      ? step.seconds
      : "withinSeconds" in step
      ? step.withinSeconds
      : operatorWithinSeconds;
    return this.#sinceMs + seconds * 1_000;
  }

  /** How far the step under way is. */
  progress(): Progress {
    const step = this.#step;
    if (step === undefined) return WAITING;
    const { surroundings, session, record } = this.#run;
    if (this.#isBusy && this.#run.nowMs >= this.deadlineMs) {
      const expected = surroundings.forgetDeeds().map(deedExpected).join(", and ");
      const within = `within ${this.#run.setup.operatorWithinSeconds} s`;
      return fault(`${expected} ${within}`, "nobody did", "INCONCLUSIVE");
    }
    switch (step.kind) {
      case "send":
        return this.#send(step);
      case "sendRaw":
        return this.#sendRaw(step);
      case "tally":
        this.#run.tally = step.tally;
        return DONE;
      case "expect":
        return this.#expect(step);
      case "pass":
        return this.#pass(step);
      case "operator":
        this.#answerTolerated();
        if (this.#isBusy) return WAITING;
        record.noteDeed(step.action);
        // Without power everything is told anew.
        if (step.action.kind === "powerOff") session.isAccepted = false;
        this.#run.emit(surroundings.ask(step.action, this.#run.nowMs));
        return DONE;
      case "bench":
        return this.#bench(step);
      case "tolerate":
        this.#tolerated = [...this.#tolerated, ...step.calls];
        return DONE;
      case "judge":
        return step.holds ? DONE : fault(step.expected, step.came);
      case "closeLink":
        if (session.isConnected) {
          noteLink(session, false, this.#run.nowMs);
          this.#run.exchange.linkDown();
          this.#run.emit({ kind: "closeLink", reason: step.reason });
        }
        surroundings.isLinkLost = false;
        return DONE;
      case "upgrades":
        if (surroundings.setUpgrades(step) && !session.isConnected) {
          session.missedSinceMs = this.#run.nowMs;
        }
        return DONE;
      case "listen":
        this.#run.emit({ kind: "listen", security: step.security });
        return DONE;
      case "leaveOut":
        this.#run.leftOut.push(step.what);
        return DONE;
      case "connect":
        return this.#connect(step);
      case "link":
        return this.#link(step);
      case "phase":
        return DONE;
    }
  }

  get #isBusy(): boolean {
    return this.#run.surroundings.busySinceMs !== undefined;
  }

  get #isLate(): boolean {
    return !this.#isBusy && this.#run.nowMs >= this.deadlineMs;
  }

  #bench(step: StepOf<"bench">): Progress {
    this.#answerTolerated();
    const { surroundings } = this.#run;
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#run.emit(surroundings.request(step.request));
      return WAITING;
    }
    const answer = surroundings.benchAnswer;
    if (answer?.reply !== undefined) return { kind: "done", value: answer.reply };
    if (answer === undefined && !this.#isLate) return WAITING;
    return fault(step.request.kind, "no such thing", "INCONCLUSIVE");
  }

  #connect({ subprotocols, link }: StepOf<"connect">): Progress {
    const { surroundings, session } = this.#run;
    if (!this.#isBegun) {
      this.#isBegun = true;
      surroundings.refusals = 0;
      surroundings.connectFailure = surroundings.refusedStatus = undefined;
      this.#run.emit({ kind: "connect", subprotocols, ...link });
    }
    if (session.isConnected) {
      const { subprotocol, agreedTls: tls } = surroundings;
      return { kind: "done", value: { kind: "up", subprotocol, tls } };
    }
    if (surroundings.refusals > 0) {
      const { refusedStatus: status, connectFailure: cause = "" } = surroundings;
      return { kind: "done", value: { kind: "refused", status, cause } };
    }
    return this.#isLate ? fault("a connection, or a refusal", "neither") : WAITING;
  }

  #link({ state, late }: StepOf<"link">): Progress {
    this.#answerTolerated();
    const { surroundings: { refusals, connectFailure }, session, exchange: { inbox } } = this.#run;
    // What nobody expects before the end of the connection would be forgotten with it.
    const [unexpected] = inbox;
    if (state === "down" && unexpected !== undefined) return fault("nothing more", cameText(unexpected));
    const isSo = state === "refused" ? refusals > 0 : session.isConnected === (state === "up");
    if (isSo && !this.#isBusy) {
      if (state === "down") this.#run.surroundings.isLinkLost = false; // that is what was to be seen
      return DONE;
    }
    if (!this.#isLate) return WAITING;
    if (late === "give") return DONE;
    const cause = connectFailure === undefined ? "" : `: ${connectFailure}`;
    return fault(`the connection to be ${state}`, `not in time${cause}`);
  }

  #send({ action, payload, withinSeconds }: StepOf<"send">): Progress {
    this.#answerTolerated();
    if (this.#isBusy) return WAITING;
    const { exchange, session, record, nowMs } = this.#run;
    if (!this.#isBegun) {
      if (session.isConnected) {
        this.#isBegun = true;
        exchange.sendCall(action, payload, nowMs);
        record.noteCall(action, payload);
        return WAITING;
      }
      return this.#isLate ? fault(`a connection to send ${action} on`, "none") : WAITING;
    }
    const outcome = exchange.ownOutcome;
    if (outcome === "linkDown") return fault(`an answer to ${action}`, "the end of the connection");
    if (outcome !== undefined) {
      if (outcome.kind === "result") record.noteSent(action, payload, outcome.payload);
      else record.noteRefused(action);
      return { kind: "done", value: outcome };
    }
    if (!this.#isLate) return WAITING;
    return fault(`an answer to ${action} within ${withinSeconds} s`, this.#whatCame());
  }

  #sendRaw({ texts, isBinary, withinSeconds }: StepOf<"sendRaw">): Progress {
    const { exchange, session, nowMs } = this.#run;
    for (const came of [...exchange.inbox]) this.#answer(came);
    if (!this.#isBegun && session.isConnected) {
      this.#isBegun = true;
      this.#rawUniqueId = exchange.sendRaw(texts, isBinary, nowMs);
    }
    const uniqueId = this.#rawUniqueId;
    const answers = this.#isBegun ? exchange.rawAnswers : [];
    const isAnswered = answers.some((answer) => answer.uniqueId === uniqueId);
    const isOver = !session.isConnected || isAnswered || withinSeconds === 0 || this.#isLate;
    if (!isOver) return WAITING;
    const outcome: RawOutcome = { uniqueId, answers: [...answers], isLinkUp: session.isConnected };
    return { kind: "done", value: outcome };
  }

  #expect({ calls, others, forbidden, late }: StepOf<"expect">): Progress {
    const { inbox } = this.#run.exchange;
    const isMissing = ({ isOptional }: ExpectedCall, index: number) =>
      !isOptional && this.#seen[index] === undefined;
    const isOpen = () =>
      calls.some(isMissing) || (calls.every(({ isOptional }) => isOptional) && !this.#seen[0]);
    while (isOpen()) {
      const came = inbox[0];
      if (came === undefined) break;
      const index = calls.findIndex((expected, at) => this.#seen[at] === undefined && fits(expected, came));
      if (index >= 0) this.#seen[index] = this.#answer(came, calls[index]);
      else if (forbidden.some((one) => fits(one, came))) return this.#unexpected(calls, came);
      else if (others === "answer" || this.#isTolerated(came)) this.#answer(came);
      else return this.#unexpected(calls, came);
    }
    const seen = { kind: "done", value: calls.map((_call, index) => this.#seen[index]) } as const;
    if (!isOpen()) return seen;
    if (!this.#isLate) return WAITING;
    if (late === "give") return seen;
    return fault(`${calls.filter(isMissing).map(callText).join(" and ")} in time`, this.#whatCame());
  }

  #unexpected(calls: readonly ExpectedCall[], came: WaitingCall): Progress {
    const missing = calls.filter((_call, index) => this.#seen[index] === undefined);
    const near = missing.find(({ action }) => action === came.action);
    const mismatch = near === undefined ? undefined : mismatchOf(near.payload, came.payload);
    const detail = mismatch === undefined || mismatch.path === ""
      ? ""
      : ` (${mismatch.path}: ${mismatch.came} instead of ${mismatch.expected})`;
    return fault(missing.map(callText).join(" or "), `${cameText(came)}${detail}`);
  }

  #pass({ forbidden, others, mayHangUp = false }: StepOf<"pass">): Progress {
    for (const came of [...this.#run.exchange.inbox]) {
      const isForbidden = forbidden.some((one) => fits(one, came)) ||
        others === "never" || (others === "fault" && !this.#isTolerated(came));
      if (isForbidden) {
        const unwanted = forbidden.length === 0 ? "nothing" : `no ${forbidden.map(callText).join(", no ")}`;
        return fault(unwanted, cameText(came));
      }
      this.#answer(came);
    }
    if (!this.#isLate) return WAITING;
    const isWatched = (forbidden.length > 0 || others !== "answer") && !mayHangUp;
    // Silence says something only where something could have been heard.
    if (isWatched && this.#run.surroundings.isLinkLost) {
      return fault("a connection on which to see that nothing comes", "its end");
    }
    return DONE;
  }

  #answer(came: WaitingCall, expected?: ExpectedCall): Seen {
    const seen = this.#run.exchange.answer(came, this.#run.nowMs, expected);
    this.#run.record.noteSeen(seen);
    return seen;
  }

  #isTolerated(came: WaitingCall): boolean {
    return this.#toleratesAll || this.#tolerated.some((tolerated) => fits(tolerated, came));
  }

  #answerTolerated(): void {
    for (const came of [...this.#run.exchange.inbox]) {
      if (this.#isTolerated(came)) this.#answer(came);
    }
  }

  #whatCame(): string {
    const waiting = this.#run.exchange.inbox.map(cameText);
    if (waiting.length > 0) return waiting.join(", ");
    return this.#run.session.isConnected ? "nothing" : "nothing, without a connection";
  }
}

function cameText({ action, payload }: WaitingCall): string {
  return `${action} ${JSON.stringify(payload)}`;
}

function fits({ action, payload }: ExpectedCall, came: WaitingCall): boolean {
  return action === came.action && mismatchOf(payload, came.payload) === undefined;
}
