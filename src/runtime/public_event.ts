/**
 * Events as anybody may see them: no AuthorizationKey, no password, no user's credentials in a URL.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import { isSecretKey, REDACTED, redactedPayload, redactedText } from "../ocpp/redaction.ts";
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
      return { ...event, payload: redacted(event.action, event.payload) };
    case "callReceived": {
      const { answer } = event;
      return {
        ...event,
        payload: redacted(event.action, event.payload),
        answer: answer.kind === "result"
          ? { ...answer, payload: redacted(event.action, answer.payload) }
          : answer,
      };
    }
    case "frameIgnored":
      return { ...event, text: withoutCredentials(redactedText("", event.text)) };
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

/** Where to upload and download to and from, credentials often among it. */
const ACTIONS_WITH_URLS: ReadonlySet<string> = new Set([
  ...["GetDiagnostics", "UpdateFirmware", "GetLog", "SignedUpdateFirmware"],
]);

function redacted(action: string, payload: unknown): unknown {
  const safe = redactedPayload(action, payload);
  return ACTIONS_WITH_URLS.has(action) ? withoutCredentialsIn(safe) : safe;
}

function withoutCredentialsIn(value: unknown): unknown {
  if (typeof value === "string") return withoutCredentials(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutCredentialsIn);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutCredentialsIn(inner)]),
  );
}

/** `ftp://user:password@host/` → `ftp://[redacted]@host/`, as often as there is one. */
function withoutCredentials(text: string): string {
  return text.replace(/(:\/\/)[^/\s"?#]*@/g, `$1${REDACTED}@`);
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
