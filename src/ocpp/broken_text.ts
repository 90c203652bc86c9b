/**
 * Texts that are no JSON, without what may be a secret in them: frames that break off, halves of frames, frames with
 * a quotation mark too few. Where a value begins and ends in them is anybody's guess, so that none is shown.
 */
import { REDACTED, textWithoutSecrets } from "./secret_text.ts";

/** What a frame of which AuthorizationKey might be told speaks of, also where the key itself was cut off. */
const SUSPICIOUS = /onfiguration|authori[sz]ation/i;

/** The type, the uniqueId and, of a Call, the Action. */
const HEAD = /^\s*\[\s*(?:2\s*,\s*"[^"\\]{0,64}"\s*,\s*"[A-Za-z]{1,40}"|[234]\s*,\s*"[^"\\]{0,64}")/;

const BEGINS_AS_FRAME = /^\s*\[\s*[234]\s*,/;

/** A text that breaks off may do so within the password. */
const CUT_PASSWORD = /(:\/\/[^\/?#@\s:"]*):[^\/?#\s"@[\]]*$/;

/** The text without secrets: all of it where there can be none, else its head. */
export function redactedBrokenText(text: string): string {
  const plain = unescaped(text);
  // A text that begins in the middle of a frame may begin in the middle of a secret.
  const isFragment = !BEGINS_AS_FRAME.test(plain) && /["\\]/.test(text);
  if (isFragment || SUSPICIOUS.test(plain)) {
    const [head = ""] = HEAD.exec(text) ?? [];
    return head === text || plain === REDACTED ? text : `${head}${REDACTED}`;
  }
  const without = textWithoutSecrets(plain).replace(CUT_PASSWORD, `$1:${REDACTED}`);
  return without === plain ? text : without;
}

/** The text as it is read: `\u0041` and `\/` are other spellings of what they stand for. */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:u([0-9a-f]{4})|\/)/gi,
    (_escape, code?: string) => code === undefined ? "/" : String.fromCharCode(parseInt(code, 16)),
  );
}
