/**
 * What nobody may read later: secrets in frames, before a frame is logged, shown or exported.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels. The passwords in URLs of file servers
 * are kept out too; who they belong to stays.
 */
import { jsonText, parseJson } from "./json.ts";

/** What stands instead of a secret. */
export const REDACTED = "[redacted]";

/** The empty one is of texts that are no exchange: late answers, malformed ones. */
const ACTIONS_WITH_SECRETS: ReadonlySet<string> = new Set(["ChangeConfiguration", "GetConfiguration", ""]);

/** Those that name a file server. */
const ACTIONS_WITH_LOCATIONS: ReadonlySet<string> = new Set([
  ...["GetDiagnostics", "UpdateFirmware", "GetLog", "SignedUpdateFirmware"],
  "",
]);

const SECRET_KEY = /authorizationkey/i;

/** Of `ftp://user:password@host` what stands before the password, and the password; as JSON may escape it, too. */
const PASSWORD_IN_URL = /(:(?:\\?\/){2}[^\/?#@\s:"]*):[^\/?#\s"]*(@|\\u0040)/gi;

const CUT_PASSWORD = /(:(?:\\?\/){2}[^\/?#@\s:"]*):[^\/?#\s"@[\]]*$/i;

/** Whether this configuration key's value is a secret, whatever stands in the place of its name. */
export function isSecretKey(key: unknown): boolean {
  return SECRET_KEY.test(jsonText(key) ?? "");
}

/** Whether frames of this Action can hold a secret at all. */
export function maySayASecret(action: string): boolean {
  return ACTIONS_WITH_SECRETS.has(action) || ACTIONS_WITH_LOCATIONS.has(action);
}

/** The text of a frame, its values taken out if it speaks of a secret key: malformed texts too. */
export function redactedText(action: string, text: string): string {
  const withoutPasswords = ACTIONS_WITH_LOCATIONS.has(action) ? textWithoutPasswords(text) : text;
  return ACTIONS_WITH_SECRETS.has(action) ? textWithoutKeys(withoutPasswords) : withoutPasswords;
}

function textWithoutKeys(text: string): string {
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
  const kept = ACTIONS_WITH_LOCATIONS.has(action) ? withoutPasswords(payload) : payload;
  return ACTIONS_WITH_SECRETS.has(action) && SECRET_KEY.test(jsonText(kept)) ? withoutValues(kept) : kept;
}

function textWithoutPasswords(text: string): string {
  const json = parseJson(text);
  // A text that breaks off may do so within the password.
  if (!json.ok) {
    return text.replace(PASSWORD_IN_URL, `$1:${REDACTED}$2`).replace(CUT_PASSWORD, `$1:${REDACTED}`);
  }
  // Read, a URL is without escapes. Of names that are there twice the first is in the text only.
  const without = jsonText(withoutPasswords(json.value));
  return without === jsonText(json.value) ? text.replace(PASSWORD_IN_URL, `$1:${REDACTED}$2`) : without;
}

/** The same with no password in any URL, however deep. */
function withoutPasswords(json: unknown): unknown {
  if (typeof json === "string") return json.replace(PASSWORD_IN_URL, `$1:${REDACTED}$2`);
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(withoutPasswords);
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, withoutPasswords(inner)]));
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
