/**
 * Events as anybody may see them: no AuthorizationKey, no password of a file server.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import { isSecretKey, redactedPayload, redactedText } from "../ocpp/redaction.ts";
import { REDACTED } from "../ocpp/secret_text.ts";
import type { HostEvent } from "./charge_point_host.ts";

/** An event as plain JSON: its `kind` and what belongs to it. */
export type PublicEvent = { readonly kind: HostEvent["kind"] } & Readonly<Record<string, unknown>>;

/** The event without secrets. */
export function publicEvent(event: HostEvent): PublicEvent {
  switch (event.kind) {
    case "hostFailed":
      return { kind: event.kind, error: errorText(event.error) };
    case "callSent":
    case "callAnswered":
      return { ...event, payload: redactedPayload(event.action, event.payload) };
    case "callReceived": {
      const { answer } = event;
      return {
        ...event,
        payload: redactedPayload(event.action, event.payload),
        answer: answer.kind === "result"
          ? { ...answer, payload: redactedPayload(event.action, answer.payload) }
          : answer,
      };
    }
    case "frameIgnored":
      return { ...event, text: redactedText("", event.text) };
    case "acted": {
      const { input } = event;
      return input.kind === "setConfiguration" && isSecretKey(input.key)
        ? { ...event, input: { ...input, value: REDACTED } }
        : { ...event };
    }
    default:
      return { ...event };
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
