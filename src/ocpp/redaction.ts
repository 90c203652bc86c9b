/**
 * What nobody may read later: secrets in frames, before a frame is logged, shown or exported.
 *
 * Rules: taken out are the value of AuthorizationKey, passwords and access tokens in URLs of file servers, and private
 * keys in PEM, in whatever spelling JSON allows; who they belong to stays. A text that is no JSON and may hold one
 * keeps its head only: where its values begin and end is not known. Nothing of DataTransfer is a secret but a private
 * key. Redacting what is redacted changes nothing.
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import { isAction } from "./action.ts";
import { redactedBrokenText, unescaped } from "./broken_text.ts";
import { jsonText, parseJson } from "./json.ts";
import { REDACTED, SECRET_KEY, textWithoutPrivateKeys, textWithoutSecrets } from "./secret_text.ts";

/** Actions whose frames may hold secrets, besides those that OCPP 1.6 does not know. */
const TELLING_ACTIONS: ReadonlySet<string> = new Set([
  ...["ChangeConfiguration", "GetConfiguration"],
  ...["GetDiagnostics", "UpdateFirmware", "GetLog", "SignedUpdateFirmware"],
  ...["CertificateSigned", "InstallCertificate", "SignCertificate"],
]);

/** What is sent as DataTransfer is the vendor's affair; a private key is nobody's. */
const MAY_HOLD_PRIVATE_KEYS_ONLY = "DataTransfer";

/** Shorter ones would be found in every other text. */
const TOLD_MIN_LENGTH = 4;

/** Whether this configuration key's value is a secret, whatever stands in the place of its name. */
export function isSecretKey(key: unknown): boolean {
  return SECRET_KEY.test(jsonText(key) ?? "");
}

/** Whether frames of this Action can hold a secret at all; those of no Action, such as late answers, can. */
export function maySayASecret(action: string): boolean {
  return TELLING_ACTIONS.has(action) || action === MAY_HOLD_PRIVATE_KEYS_ONLY || !isAction(action);
}

/** The text of a frame without its secrets: malformed texts too. */
export function redactedText(action: string, text: string): string {
  if (!maySayASecret(action)) return text;
  const json = parseJson(text);
  if (!json.ok) return redactedBrokenText(text);
  // Read, a text has no escapes; as it came, a name or value that a later twin replaced is still there.
  const plain = unescaped(text);
  if (action === MAY_HOLD_PRIVATE_KEYS_ONLY) {
    return textWithoutPrivateKeys(plain) === plain ? text : jsonText(redactedJson(action, json.value));
  }
  const written = jsonText(json.value);
  const isFine = !SECRET_KEY.test(plain) && !SECRET_KEY.test(written) && textWithoutSecrets(plain) === plain;
  if (isFine) return text;
  const isTwin = mentionsIn(plain) > mentionsIn(written);
  return jsonText(redactedJson(action, isTwin ? withoutValues(json.value) : json.value));
}

/** A payload, or the text that stands for one, likewise. */
export function redactedPayload(action: string, payload: unknown): unknown {
  if (!maySayASecret(action) || payload === undefined) return payload;
  return typeof payload === "string" ? redactedText(action, payload) : redactedJson(action, payload);
}

/** What answers a Call: besides, whatever secret of the Call it repeats. */
export function redactedAnswer(call: { action: string; payload: unknown }, answer: unknown): unknown {
  if (!maySayASecret(call.action) || answer === undefined) return answer;
  const redacted = redactedPayload(call.action, answer);
  const told = secretsIn(call.action, call.payload);
  return told.length === 0 ? redacted : mapTexts(redacted, (text) => without(told, text));
}

/** The text of an answer, likewise. */
export function redactedAnswerText(call: { action: string; payload: unknown }, text: string): string {
  const redacted = redactedText(call.action, text);
  const told = maySayASecret(call.action) ? secretsIn(call.action, call.payload) : [];
  if (told.length === 0) return redacted;
  const json = parseJson(redacted);
  if (!json.ok) return without(told, redacted);
  const shown = mapTexts(json.value, (inner) => without(told, inner));
  return shown === json.value ? redacted : jsonText(shown);
}

/** Every secret of a payload that is long enough to be known again. */
function secretsIn(action: string, payload: unknown): readonly string[] {
  const found = new Set<string>();
  if (typeof payload !== "string") redactedJson(action, payload, (secret) => found.add(secret));
  return [...found].filter(({ length }) => length >= TOLD_MIN_LENGTH);
}

function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

function mentionsIn(text: string): number {
  return text.split(new RegExp(SECRET_KEY.source, "gi")).length - 1;
}

type OnSecret = (secret: string) => void;

/** A value as it was read, without secrets. `onSecret` is told what was taken out. */
function redactedJson(action: string, json: unknown, onSecret: OnSecret = () => {}): unknown {
  if (action === MAY_HOLD_PRIVATE_KEYS_ONLY) return mapTexts(json, textWithoutPrivateKeys);
  return withoutSecrets(json, onSecret);
}

function withoutSecrets(json: unknown, onSecret: OnSecret): unknown {
  if (typeof json === "string") return textWithoutSecrets(json, onSecret);
  if (typeof json !== "object" || json === null) return json;
  const isAboutIt = !Array.isArray(json) &&
    Object.entries(json).some(([name, inner]) => namesTheKey(name, inner));
  return mapInner(json, (inner, name) => {
    // Neither "readonly" nor any other boolean is the secret.
    const isSecret = SECRET_KEY.test(name) || isAboutIt && !namesTheKey(name, inner);
    if (!isSecret || typeof inner === "boolean") return withoutSecrets(inner, onSecret);
    if (typeof inner === "string" && inner !== REDACTED) onSecret(inner);
    return REDACTED;
  });
}

/** Whether a field says of which key its neighbours speak. */
function namesTheKey(name: string, inner: unknown): boolean {
  if (/^key$/i.test(name)) return isSecretKey(inner);
  return typeof inner === "string" && SECRET_KEY.test(inner) && inner.replace(SECRET_KEY, "").trim() === "";
}

/** The same with nothing under the name "value", however deep. */
function withoutValues(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  return mapInner(json, (inner, name) => /^value$/i.test(name) ? REDACTED : withoutValues(inner));
}

function mapTexts(json: unknown, change: (text: string) => string): unknown {
  if (typeof json === "string") return change(json);
  if (typeof json !== "object" || json === null) return json;
  return mapInner(json, (inner) => mapTexts(inner, change));
}

/** An object or array with other things in it, or the same one if all of them stay. */
function mapInner(json: object, change: (inner: unknown, name: string) => unknown): unknown {
  const entries = Object.entries(json);
  const changed = entries.map(([name, inner]) => change(inner, name));
  if (changed.every((inner, index) => Object.is(inner, entries[index]![1]))) return json;
  return Array.isArray(json)
    ? changed
    : Object.fromEntries(entries.map(([name], index) => [name, changed[index]]));
}
