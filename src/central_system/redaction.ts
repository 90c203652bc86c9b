/**
 * What nobody may read later: secrets in frames, before a frame is logged, shown or exported.
 *
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */

/** What stands instead of a secret. */
export const REDACTED = "[redacted]";

const ACTIONS_WITH_SECRETS: ReadonlySet<string> = new Set(["ChangeConfiguration", "GetConfiguration"]);

/** Whether frames of this Action can hold a secret at all. */
export function maySayASecret(action: string): boolean {
  return ACTIONS_WITH_SECRETS.has(action);
}

/** The text of a frame, its values taken out if it speaks of a secret key: malformed texts too. */
export function redactedText(action: string, text: string): string {
  if (!maySayASecret(action) || !/authorizationkey/i.test(text)) return text;
  return text.replace(/("value"\s*:\s*")((?:[^"\\]|\\.)*)"/g, `$1${REDACTED}"`);
}

/** A payload, likewise. */
export function redactedPayload(action: string, payload: unknown): unknown {
  if (!maySayASecret(action) || payload === undefined) return payload;
  return JSON.parse(redactedText(action, JSON.stringify(payload)));
}
