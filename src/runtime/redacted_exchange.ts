/**
 * An exchange as everybody may see it: the frame log, whoever watches, exports.
 *
 * It is taken out here, once, of whatever leaves the connection: no reader has to remember it.
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import { parseJson } from "../ocpp/json.ts";
import {
  maySayASecret,
  redactedAnswer,
  redactedAnswerText,
  redactedPayload,
  redactedText,
} from "../ocpp/redaction.ts";
import type { Exchange } from "./server_connection.ts";

/** The exchange without secrets: the same one where its Action has none. */
export function redactedExchange(exchange: Exchange): Exchange {
  const { action, payload, request, answer, answerPayload } = exchange;
  if (!maySayASecret(action)) return exchange;
  if (exchange.outcome === "ignored") {
    const text = redactedText(action, request);
    return { ...exchange, request: text, payload: text };
  }
  const shown = redactedText(action, request);
  const call = { action, payload };
  return {
    ...exchange,
    request: shown,
    // Only the text tells of names that are there twice: what is shown of it is all that is shown.
    payload: shown === request || payload === undefined ? redactedPayload(action, payload) : payloadOf(shown),
    answer: answer === undefined ? undefined : redactedAnswerText(call, answer),
    answerPayload: redactedAnswer(call, answerPayload),
  };
}

function payloadOf(text: string): unknown {
  const json = parseJson(text);
  return json.ok && Array.isArray(json.value) ? json.value[3] : undefined;
}
