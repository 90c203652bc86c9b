/**
 * A text from the Central System: an answer to our Call in flight, a Call, or neither.
 *
 * Spec: OCPP-J 1.6 §4.1, §4.2.
 */
import { type CallError, type CallResult, type FrameFault, parseFrame } from "../ocpp/frame.ts";
import { redactedText } from "../ocpp/redaction.ts";
import { answerError, handleCall } from "./incoming_call.ts";
import { securityEvent } from "./security/security_event.ts";
import { settle } from "./link/settlement.ts";
import { emit, type Turn } from "./state.ts";

/** What is told of a text that was ignored, in characters. */
export const IGNORED_TEXT_MAX = 1_024;

/** Takes one text message, whatever it is. */
export function takeFrame(turn: Turn, text: string): void {
  const { state } = turn;
  if (!state.isLinkUp) return ignoreFrame(turn, "there is no link", text);
  const parsed = parseFrame(text);
  if (parsed.ok && parsed.frame.kind !== "call") return takeAnswer(turn, parsed.frame, text);
  // §4.2: while Rejected the Charge Point does not answer.
  if (state.boot.registration === "Rejected") return ignoreFrame(turn, "the Central System rejects us", text);
  if (!parsed.ok) return takeFault(turn, parsed.fault, text);
  if (parsed.frame.kind === "call") handleCall(turn, parsed.frame);
}

function takeAnswer(turn: Turn, answer: CallResult | CallError, text: string): void {
  const settled = turn.state.peer.receive(answer, turn.nowMs);
  if (settled.kind === "settled") return settle(turn, settled);
  ignoreFrame(turn, `${settled.kind} answer`, text);
}

function takeFault(turn: Turn, fault: FrameFault, text: string): void {
  if (fault.kind !== "notACall") {
    ignoreFrame(turn, fault.kind, text);
    return securityEvent(turn, "InvalidMessages", fault.kind);
  }
  answerError(turn, { kind: "call", uniqueId: fault.uniqueId, action: "", payload: undefined }, fault);
}

function ignoreFrame(turn: Turn, reason: string, text: string): void {
  turn.state.counters.framesIgnored++;
  emit(turn, { kind: "frameIgnored", reason, text: redactedText("", text).slice(0, IGNORED_TEXT_MAX) });
}
