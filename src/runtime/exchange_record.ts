/**
 * Exchanges as the frame log keeps them.
 */
import type { SpokenAnswer } from "../central_system/behaviour.ts";
import type { Decision, ReceivedCall } from "../central_system/decision.ts";
import { notesOf } from "../central_system/deviation.ts";
import { callText } from "../ocpp/frame.ts";
import type { OutgoingCall } from "../rpc/call_queue.ts";
import type { Exchange } from "./server_connection.ts";

/** A Call of the Charge Point that is over, with the answer that it got. */
export function answeredExchange(
  { chargePoint, uniqueId, body, receivedAtMs, text }: ReceivedCall & { readonly text: string },
  { texts, outcome, payload, deliberate }: SpokenAnswer,
  { decision, nowMs }: { decision: Decision | undefined; nowMs: number },
): Exchange {
  const deviations = notesOf(decision?.events ?? []);
  return {
    chargePoint,
    receivedAtMs,
    direction: "in",
    action: body.action,
    uniqueId,
    request: text,
    answer: texts[0],
    outcome,
    latencyMs: outcome === "lost" ? undefined : nowMs - receivedAtMs,
    payload: body.ok ? body.payload : undefined,
    answerPayload: payload,
    ...(deviations === undefined ? {} : { deviations }),
    ...(deliberate === undefined ? {} : { deliberate }),
  };
}

/** A text that is taken for nothing, and why. */
export function strayExchange(
  { chargePoint, why, text, nowMs, deliberate }: {
    chargePoint: string;
    why: string;
    text: string;
    nowMs: number;
    deliberate: string | undefined;
  },
): Exchange {
  return {
    chargePoint,
    receivedAtMs: nowMs,
    direction: "in",
    action: "",
    uniqueId: "",
    request: text,
    answer: why,
    outcome: "ignored",
    latencyMs: undefined,
    payload: text,
    answerPayload: why,
    ...(deliberate === undefined ? {} : { deliberate }),
  };
}

/** A Call of ours that is over, with what became of it. */
export function ownCallExchange(
  call: OutgoingCall<unknown>,
  how: Pick<Exchange, "outcome" | "latencyMs" | "answer" | "answerPayload" | "deviations">,
  { chargePoint, nowMs, deliberate }: { chargePoint: string; nowMs: number; deliberate: string | undefined },
): Exchange {
  return {
    chargePoint,
    receivedAtMs: nowMs,
    direction: "out",
    action: call.action,
    uniqueId: call.uniqueId,
    request: callText(call),
    payload: call.payload,
    ...(deliberate === undefined ? {} : { deliberate }),
    ...how,
  };
}
