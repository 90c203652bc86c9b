/**
 * What nobody may read later: secrets in frames, before a frame is logged, shown or exported.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */

/** What stands instead of a secret. */
export const REDACTED = "[redacted]";

/** The empty one is of texts that are no exchange: late answers, malformed ones. */
const ACTIONS_WITH_SECRETS: ReadonlySet<string> = new Set(["ChangeConfiguration", "GetConfiguration", ""]);

const SECRET_KEY = /authorizationkey/i;

/** Whether frames of this Action can hold a secret at all. */
export function maySayASecret(action: string): boolean {
  return ACTIONS_WITH_SECRETS.has(action);
}

/** The text of a frame, its values taken out if it speaks of a secret key: malformed texts too. */
export function redactedText(action: string, text: string): string {
  if (!maySayASecret(action)) return text;
  const json = parsed(text);
  if (json !== undefined) return SECRET_KEY.test(json.text) ? withoutValues(json.value) : text;
  return SECRET_KEY.test(text) ? text.replace(VALUE_IN_BROKEN_JSON, `$1"${REDACTED}"`) : text;
}

/** A payload, or the text that stands for one, likewise. */
export function redactedPayload(action: string, payload: unknown): unknown {
  if (!maySayASecret(action) || payload === undefined) return payload;
  if (typeof payload === "string") return redactedText(action, payload);
  return SECRET_KEY.test(JSON.stringify(payload)) ? JSON.parse(withoutValues(payload)) : payload;
}

/** A value and what follows it up to the next brace: where the text breaks off is not known. */
const VALUE_IN_BROKEN_JSON = /("value"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^{}]*)/g;

/** The text again without escapes that hide a name. */
function parsed(text: string): { readonly value: unknown; readonly text: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value, text: JSON.stringify(value) };
  } catch {
    return undefined;
  }
}

function withoutValues(json: unknown): string {
  return JSON.stringify(json, (name, value) => name === "value" ? REDACTED : value);
}
