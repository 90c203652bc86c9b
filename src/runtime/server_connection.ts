/**
 * One Charge Point's connection, seen from the Central System: texts in, Calls to the turn, answers out, and our
 * own Calls one at a time.
 *
 * The receive path never waits for our own Calls: Calls of both sides may cross.
 */
import type { AnswerRule, CallRule, SpokenAnswer } from "../central_system/behaviour.ts";
import { spokenAnswer } from "../central_system/behaviour.ts";
import { callBody } from "../central_system/call_body.ts";
import { type CommandOutcome, commandOutcome, registrationRefusal } from "../central_system/commands.ts";
import type { CallBody, Decision, ReceivedCall } from "../central_system/decision.ts";
import { type Deviation, notesOf, repairDeviation } from "../central_system/deviation.ts";
import type { SecurityProfile } from "../central_system/security_profile.ts";
import type { FrameRecord } from "../central_system/store.ts";
import {
  type Call,
  type CallError,
  type CallResult,
  callText,
  FRAME_BYTES_MAX,
  type FrameFault,
  parseFrame,
} from "../ocpp/frame.ts";
import type { Action } from "../ocpp/action.ts";
import type { Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";
import type { RegistrationStatus } from "../ocpp/types.ts";
import type { OutgoingCall } from "../rpc/call_queue.ts";
import { Peer, type SettledCall } from "../rpc/peer.ts";
import type { Behaviours } from "./behaviour.ts";
import type { Clock } from "./clock.ts";
import { answeredExchange, ownCallExchange, strayExchange } from "./exchange_record.ts";
import { FRAME_TEXT_MAX, type FrameLog } from "./frame_log.ts";
import { type IncomingMessage, Intake, type IntakeOwner, WAITING_MESSAGES_MAX } from "./intake.ts";
import { redactedExchange } from "./redacted_exchange.ts";
import type { ConnectionTerms } from "./connection_terms.ts";
import { HeldAnswers } from "./held_answers.ts";
import type { Connection } from "./transport.ts";
import type { CallSender, TurnLoop } from "./turn.ts";

/** Own Calls that may wait for one Charge Point; beyond this a new one is refused. */
export const OWN_CALLS_MAX = 50;

/** Calls of a peer that may be unanswered at once; then nothing more is taken in until one is answered. */
export const UNANSWERED_CALLS_MAX = 100;

/** A Call of ours on its way, and who waits for its outcome. */
export interface OperatorCall {
  readonly action: Action;
  readonly resolve: (outcome: CommandOutcome) => void;
}

/** An exchange or a stray text as the frame log keeps it, with what the texts mean. */
export interface Exchange extends FrameRecord {
  readonly payload: unknown;
  /** The answer's payload, or the CALLERROR's code and description. */
  readonly answerPayload: unknown;
}

/** What a connection needs from its host. */
export interface ConnectionHost {
  readonly turns: TurnLoop;
  readonly frameLog: FrameLog;
  readonly clock: Clock;
  readonly behaviours: Behaviours;
  newUniqueId(): string;
  onDecision(connection: ServerConnection, call: ReceivedCall, decision: Decision): void;
  onDeviation(deviation: Deviation): void;
  onExchange(exchange: Exchange): void;
  onClosed(connection: ServerConnection, code: number, reason: string): void;
}

/** A Call that waits for its decision, with what the frame log wants of it. */
interface PendingCall extends ReceivedCall {
  readonly text: string;
  /** How its answer is spoilt, on purpose. */
  readonly rule?: AnswerRule;
}

/** How far the boot gate for our own Calls is open. */
type Gate = "waiting" | "open";

/** The connection of one Charge Point. */
export class ServerConnection implements CallSender, IntakeOwner {
  readonly identity: string;
  readonly remoteAddress: string;
  readonly connectedAtMs: number;
  /** How much its deviations are put up with. */
  readonly validation: Validation;
  readonly securityProfile: SecurityProfile;
  readonly #refusedRules: readonly RepairRule[];
  lastSeenAtMs: number;
  /** What it was told at boot on this connection, or remembered from before; our own Calls depend on it. */
  registration: RegistrationStatus | undefined;
  readonly #host: ConnectionHost;
  readonly #connection: Connection;
  readonly #intake: Intake;
  readonly #peer = new Peer<OperatorCall>({ maxWaiting: OWN_CALLS_MAX });
  #gate: Gate = "waiting";
  #unanswered = 0;
  #isClosed = false;
  #cancelDeadline: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;
  /** Actions that a TriggerMessage of ours asked for on this connection. */
  #triggered: Set<string> | undefined;
  #held: HeldAnswers | undefined;
  /** How the Call in flight is spoilt, on purpose. */
  #callRule: CallRule | undefined;

  constructor(terms: ConnectionTerms, connection: Connection, host: ConnectionHost) {
    this.identity = terms.identity;
    this.remoteAddress = terms.remoteAddress;
    this.validation = terms.validation;
    this.securityProfile = terms.securityProfile;
    this.#refusedRules = terms.refusedRules;
    this.#connection = connection;
    this.#host = host;
    const { maxFrameRate } = terms;
    this.#intake = new Intake({ connection, clock: host.clock, maxFrameRate, owner: this });
    this.connectedAtMs = this.lastSeenAtMs = host.clock.nowMs();
  }

  get isGateOpen(): boolean {
    return this.#gate === "open";
  }

  /** Our own Calls that wait, the one in flight not counted. */
  get queuedCalls(): number {
    return this.#peer.waiting;
  }

  get isCallInFlight(): boolean {
    return this.#peer.inFlight !== undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  // --- from the Charge Point -------------------------------------------------------------------------------

  onText(text: string): void {
    this.#onMessage(text);
  }

  onBinary(bytes: number): void {
    this.#onMessage(bytes);
  }

  #onMessage(message: IncomingMessage): void {
    if (this.#isClosed) return;
    this.lastSeenAtMs = this.#host.clock.nowMs();
    this.#intake.add(message);
  }

  /** Fewer of its Calls are unanswered than may be. */
  get mayTake(): boolean {
    return this.#unanswered < UNANSWERED_CALLS_MAX;
  }

  take(message: IncomingMessage): void {
    const nowMs = this.#host.clock.nowMs();
    if (typeof message === "number") return this.#ignore(`binary message of ${message} bytes`, "", nowMs);
    this.#takeText(message, nowMs);
  }

  #takeText(text: string, nowMs: number): void {
    const parsed = parseFrame(text);
    if (!parsed.ok) return this.#onBadFrame(text, parsed.fault, nowMs);
    if (parsed.frame.kind === "call") this.#onCall(parsed.frame, text, nowMs);
    else this.#onAnswer(parsed.frame, text, nowMs);
  }

  onOverflow(): void {
    this.close(1008, `sends faster than it is read: more than ${WAITING_MESSAGES_MAX} messages wait`);
  }

  /** Takes nothing more in: what comes from here on counts as not read. What was taken is still answered. */
  stopReading(): void {
    const unread = this.#intake.end();
    if (unread === 0) return;
    this.#ignore(`${unread} messages that waited were not read`, "", this.#host.clock.nowMs());
  }

  onTooLarge(): void {
    if (!this.#isClosed) this.#tooLarge("", this.#host.clock.nowMs());
  }

  onClose(code: number, reason: string): void {
    if (this.#isClosed) return; // a close may be told twice
    this.#isClosed = true;
    this.#cancelDeadline?.();
    this.#cancelGrace?.();
    this.stopReading();
    this.#held?.close();
    this.#host.onClosed(this, code, reason);
  }

  #onCall(call: Call, text: string, nowMs: number): void {
    this.#addCall(call.uniqueId, callBody(call, this.validation, this.#refusedRules), text, nowMs);
  }

  #addCall(uniqueId: string, body: CallBody, text: string, receivedAtMs: number): void {
    this.#unanswered += 1;
    const rule = this.#host.behaviours.takeForAnswer(this.identity, body.action);
    const call: PendingCall = {
      chargePoint: this.identity,
      uniqueId,
      body,
      receivedAtMs,
      connectedAtMs: this.connectedAtMs,
      triggered: this.#triggered?.has(body.action) ?? false,
      validation: this.validation,
      text,
      ...(rule === undefined ? {} : { rule }),
    };
    // One that is not decided keeps its place among the others.
    if (rule?.decide === false) this.#host.turns.addStep(() => this.#onOver(call));
    else this.#host.turns.addCall(call, this);
  }

  #onBadFrame(text: string, fault: FrameFault, nowMs: number): void {
    if (fault.kind === "tooLarge") return this.#tooLarge(text.slice(0, FRAME_TEXT_MAX), nowMs);
    // Meant as a Call, with an id to answer to: everything else cannot be correlated and is only noted.
    if (fault.kind !== "notACall") return this.#ignore(fault.kind, text, nowMs);
    this.#addCall(fault.uniqueId, { ok: false, action: "", fault }, text, nowMs);
  }

  #tooLarge(beginning: string, nowMs: number): void {
    this.#ignore("tooLarge", beginning, nowMs);
    this.close(1009, `more than ${FRAME_BYTES_MAX} bytes in one message`);
  }

  #ignore(why: string, text: string, nowMs: number, deliberate?: string): void {
    this.#exchanged(strayExchange({ chargePoint: this.identity, why, text, nowMs, deliberate }));
  }

  #exchanged(exchange: Exchange): void {
    const shown = redactedExchange(exchange);
    this.#host.frameLog.add(shown);
    this.#host.onExchange(shown);
  }

  // --- decisions of the turn -------------------------------------------------------------------------------

  onDecided(received: ReceivedCall, decision: Decision): void {
    this.#onOver(received as PendingCall, decision);
  }

  /** The answer leaves, unless it is held back on purpose, or waits behind one that is. */
  #onOver(call: PendingCall, decision?: Decision): void {
    this.#unanswered -= 1;
    const spoken = spokenAnswer(call, decision?.answer, this.#host);
    const delayMs = call.rule?.delayMs ?? 0;
    if (delayMs === 0 && this.#held?.isHolding !== true) {
      this.#answer(call, spoken, decision);
    } else {
      this.#held ??= new HeldAnswers(this.#host.clock);
      this.#held.add(delayMs, spoken, (late) => this.#answer(call, late, decision));
    }
    this.#intake.goOn();
  }

  #answer(call: PendingCall, spoken: SpokenAnswer, decision: Decision | undefined): void {
    // The answer goes to the socket that asked; one that was replaced meanwhile gets it too, if it still can.
    for (const answerText of this.#isClosed ? [] : spoken.texts) this.#connection.send(answerText);
    this.#exchanged(answeredExchange(call, spoken, { decision, nowMs: this.#host.clock.nowMs() }));
    if (decision !== undefined) this.#host.onDecision(this, call, decision);
    const { end } = spoken;
    if (end === undefined || this.#isClosed) return;
    if (end.isDropped && this.#connection.drop !== undefined) this.#connection.drop(end.reason);
    else this.close(end.code, end.reason);
  }

  // --- our own Calls ---------------------------------------------------------------------------------------

  /** Leaves the Charge Point time to boot: `onOver` runs unless the gate opens or the connection ends before. */
  awaitBoot(graceMs: number, onOver: () => void): void {
    const { clock } = this.#host;
    this.#cancelGrace = clock.at(clock.nowMs() + graceMs, onOver);
  }

  /** It was told its registration: what may not be sent to it now is given up, the rest goes out. */
  onBooted(status: RegistrationStatus): void {
    this.registration = status;
    for (const call of this.#peer.takeWaiting()) {
      const refusal = registrationRefusal(call.action, status);
      if (refusal === undefined) this.#peer.enqueue(call);
      else call.tag.resolve({ kind: refusal });
    }
    if (status !== "Rejected") this.openGate();
  }

  /** Our own Calls may go out from now on. */
  openGate(): void {
    this.#gate = "open";
    this.#cancelGrace?.();
    this.#cancelGrace = undefined; // nobody needs the timer any more: connections are many, and idle
    this.#sendNext();
  }

  /** Puts a Call in line; false when the queue is full. */
  enqueue(call: OutgoingCall<OperatorCall>): boolean {
    if (!this.#peer.enqueue(call)) return false;
    this.#sendNext();
    return true;
  }

  #sendNext(): void {
    if (this.#isClosed || this.#gate === "waiting") return;
    const nowMs = this.#host.clock.nowMs();
    const call = this.#peer.sendNext(nowMs);
    if (call === undefined) return;
    if (call.action === "TriggerMessage") this.#noteTrigger(call.payload);
    this.#callRule = this.#host.behaviours.takeForCall(this.identity, call.action);
    this.#connection.send(callText(call));
    if (this.#callRule?.do === "sendTwice") this.#connection.send(callText(call));
    this.#cancelDeadline = this.#host.clock.at(this.#peer.deadlineMs(), () => this.#onDeadline());
  }

  #noteTrigger(payload: unknown): void {
    const wanted = (payload as { requestedMessage?: unknown } | null)?.requestedMessage;
    if (typeof wanted === "string") (this.#triggered ??= new Set()).add(wanted);
  }

  #onDeadline(): void {
    const settled = this.#peer.expire(this.#host.clock.nowMs());
    if (settled !== undefined) this.#onSettled(settled, undefined, this.#host.clock.nowMs());
  }

  #onAnswer(answer: CallResult | CallError, text: string, nowMs: number): void {
    if (this.#callRule?.do === "ignoreAnswer" && answer.uniqueId === this.#peer.inFlight?.uniqueId) {
      return this.#ignore("answer", text, nowMs, this.#callRule.do);
    }
    const settled = this.#peer.receive(answer, nowMs);
    if (settled.kind === "settled") this.#onSettled(settled, text, nowMs);
    else this.#ignore(`${settled.kind} answer`, text, nowMs);
  }

  #onSettled(
    { call, outcome, latencyMs }: SettledCall<OperatorCall>,
    text: string | undefined,
    nowMs: number,
  ): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    const answerPayload = outcome.kind === "result" ? outcome.payload : outcome;
    const understood = commandOutcome(call.tag.action, outcome, this.validation);
    const about = { chargePoint: this.identity, exchange: { action: call.action, uniqueId: call.uniqueId } };
    const repairs = understood.kind === "result" ? understood.repairs ?? [] : [];
    const deviations = repairs.map((repair) => repairDeviation(repair, about));
    const notes = notesOf(deviations);
    this.#ownCallOver(call, {
      outcome: outcome.kind,
      latencyMs,
      answer: text,
      answerPayload,
      ...(notes === undefined ? {} : { deviations: notes }),
    }, nowMs);
    for (const deviation of deviations) this.#host.onDeviation(deviation);
    call.tag.resolve(understood);
    this.#sendNext();
  }

  #ownCallOver(
    call: OutgoingCall<OperatorCall>,
    how: Pick<Exchange, "outcome" | "latencyMs" | "answer" | "answerPayload" | "deviations">,
    nowMs: number,
  ): void {
    const about = { chargePoint: this.identity, nowMs, deliberate: this.#callRule?.do };
    this.#exchanged(ownCallExchange(call, how, about));
  }

  /**
   * Gives up the Call in flight with `outcome` and hands back those that wait. The socket is gone or no longer
   * this Charge Point's.
   */
  release(outcome: "connectionLost" | "connectionReplaced"): readonly OutgoingCall<OperatorCall>[] {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    const lost = this.#peer.interrupt();
    if (lost !== undefined) {
      const how = {
        outcome: "lost",
        latencyMs: undefined,
        answer: undefined,
        answerPayload: undefined,
      } as const;
      this.#ownCallOver(lost, how, this.#host.clock.nowMs());
      lost.tag.resolve({ kind: outcome });
    }
    return this.#peer.takeWaiting();
  }

  /** Closes the socket; its owner is told at once, since a dead peer's close event may take long. */
  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
    this.onClose(code, reason);
  }
}
