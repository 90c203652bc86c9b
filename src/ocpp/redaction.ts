/**
 * What nobody may read later: secrets in frames, before a frame is logged, shown or exported.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import { jsonText, parseJson } from "./json.ts";

/** What stands instead of a secret. */
export const REDACTED = "[redacted]";

/** The empty one is of texts that are no exchange: late answers, malformed ones. */
const ACTIONS_WITH_SECRETS: ReadonlySet<string> = new Set(["ChangeConfiguration", "GetConfiguration", ""]);

const SECRET_KEY = /authorizationkey/i;

/** Whether this configuration key's value is a secret, whatever stands in the place of its name. */
export function isSecretKey(key: unknown): boolean {
  return SECRET_KEY.test(jsonText(key) ?? "");
}

/** Whether frames of this Action can hold a secret at all. */
export function maySayASecret(action: string): boolean {
  return ACTIONS_WITH_SECRETS.has(action);
}

/** The text of a frame, its values taken out if it speaks of a secret key: malformed texts too. */
export function redactedText(action: string, text: string): string {
  if (!maySayASecret(action)) return text;
  const json = parseJson(text);
  if (json.ok) {
    // Written again a name is without escapes; as it came, one that a later twin replaced is still there.
    const speaksOfIt = SECRET_KEY.test(text) || SECRET_KEY.test(jsonText(json.value));
    return speaksOfIt ? jsonText(withoutValues(json.value)) : text;
  }
  return SECRET_KEY.test(text) ? text.replace(VALUE_IN_BROKEN_JSON, `$1"${REDACTED}"`) : text;
}

/** A payload, or the text that stands for one, likewise. */
export function redactedPayload(action: string, payload: unknown): unknown {
  if (!maySayASecret(action) || payload === undefined) return payload;
  if (typeof payload === "string") return redactedText(action, payload);
  return SECRET_KEY.test(jsonText(payload)) ? withoutValues(payload) : payload;
}

/** A value and what follows it up to the next brace: where the text breaks off is not known. */
const VALUE_IN_BROKEN_JSON = /("value"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^{}]*)/g;

/** The same with nothing under the name "value", however deep. */
function withoutValues(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(withoutValues);
  return Object.fromEntries(
    Object.entries(json).map(([name, inner]) => [name, name === "value" ? REDACTED : withoutValues(inner)]),
  );
}
