/**
 * Secrets within one text: what they look like, and the text without them.
 *
 * Every pattern takes time in proportion to the text, whatever a peer sends: repetitions that could try again and
 * again are bounded.
 */

/** What stands instead of a secret. */
export const REDACTED = "[redacted]";

/** The name of the configuration key whose value is a secret, as operators and devices write it. */
export const SECRET_KEY = /authori[sz]ation[\s_.-]{0,3}key/i;

/** `AuthorizationKey=…` in the middle of a sentence. */
const KEY_WITH_VALUE =
  /(authori[sz]ation[\s_.-]{0,3}key["'\\\s]{0,8}[=:]\s{0,8})(?!\[redacted)([^\s,;}\]]+)/gi;

/** Of `ftp://user:password@host` what stands before the password, the password, and what follows it. */
const PASSWORD_IN_URL = /(:\/\/[^\/?#@\s:"]*):([^\/?#\s"]*)(@)/g;

/** `?token=…`, `&X-Amz-Signature=…`: who has such a URL needs nothing else. */
const TOKEN_IN_URL =
  /([?&][^=&#\s"]{0,40}(?:token|signature|sig|secret|passw|pwd|credential|apikey|api_key)[^=&#\s"]{0,40}=)([^&#\s"]+)/gi;

/** Of a URL of `/files/` here: who has it needs nothing else. */
const FILE_TOKEN = /(\/files\/token-)([\w-]+)/g;

const PRIVATE_KEY =
  /(-{2,5}\s?BEGIN[^-]{0,40}PRIVATE KEY[^-]{0,40}-{2,5})([\s\S]*?)(-{2,5}\s?END[^-]{0,60}-{2,5}|$)/gi;

/** One whose first line was lost. */
const END_OF_PRIVATE_KEY = /^([\s\S]*?)(-{2,5}\s?END[^-]{0,40}PRIVATE KEY[^-]{0,40}-{2,5})/i;

/** The text without secrets of any kind. `onSecret` is told what was taken out. */
export function textWithoutSecrets(text: string, onSecret: (secret: string) => void = () => {}): string {
  const take = (_match: string, before: string, secret: string, after: unknown) => {
    if (secret !== REDACTED) onSecret(secret);
    return `${before}${REDACTED}${typeof after === "string" ? after : ""}`;
  };
  const withoutTokens = text.includes("/files/token-")
    ? text.replace(FILE_TOKEN, (match, before, secret) => take(match, before, secret, undefined))
    : text;
  const withoutPasswords = withoutTokens.includes("://")
    ? withoutTokens.replace(
      PASSWORD_IN_URL,
      (match, before: string, secret, after) => take(match, `${before}:`, secret, after),
    ).replace(TOKEN_IN_URL, (match, before, secret) => take(match, before, secret, undefined))
    : withoutTokens;
  const withoutKeys = SECRET_KEY.test(withoutPasswords)
    ? textWithoutKeys(withoutPasswords, (match, before, secret) => take(match, before, secret, undefined))
    : withoutPasswords;
  return textWithoutPrivateKeys(withoutKeys);
}

function textWithoutKeys(
  text: string,
  take: (match: string, before: string, secret: string) => string,
): string {
  // JSON within a text: which value belongs to the key is not looked for.
  return text.includes("{") ? REDACTED : text.replace(KEY_WITH_VALUE, take);
}

/** The text with no private key in it, whole or cut. */
export function textWithoutPrivateKeys(text: string): string {
  if (!/PRIVATE KEY/i.test(text)) return text;
  return text.replace(PRIVATE_KEY, `$1${REDACTED}$3`)
    .replace(END_OF_PRIVATE_KEY, (match, before: string, end: string) => {
      // It is the end of a block that was dealt with.
      return before.endsWith(`-${REDACTED}`) ? match : `${REDACTED}${end}`;
    });
}
