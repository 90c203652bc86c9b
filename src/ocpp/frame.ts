/**
 * The three kinds of message of OCPP-J, to and from text.
 *
 * Shape: `[2, uniqueId, action, payload]`, `[3, uniqueId, payload]`,
 * `[4, uniqueId, errorCode, errorDescription, errorDetails]`.
 * Nothing here throws on what a peer sent: a text gives a frame or a fault. A batch is no frame: its first
 * element is no message type.
 * Spec: OCPP-J 1.6 §4.1, §4.2.
 */
import { jsonText, parseJson } from "./json.ts";

/** A request from either end. */
export interface Call {
  readonly kind: "call";
  readonly uniqueId: string;
  /** As received: it may be none that OCPP 1.6 knows. */
  readonly action: string;
  /** `undefined` where there is none, which no check takes. */
  readonly payload: unknown;
}

/** The answer to a Call that could be processed, refusals included. */
export interface CallResult {
  readonly kind: "callResult";
  readonly uniqueId: string;
  readonly payload: unknown;
}

/** The answer to a Call that could not be processed. */
export interface CallError {
  readonly kind: "callError";
  readonly uniqueId: string;
  readonly errorCode: string;
  readonly errorDescription: string;
  readonly errorDetails: unknown;
}

export type Frame = Call | CallResult | CallError;

/**
 * Why a text is no frame. Only `notACall` can be answered: it was meant as a Call and its uniqueId is known.
 */
export type FrameFault =
  | { readonly kind: "tooLarge" }
  | { readonly kind: "empty" }
  | { readonly kind: "notJson" }
  | { readonly kind: "tooDeep" }
  | { readonly kind: "notAnArray" }
  | { readonly kind: "unknownMessageType"; readonly messageType: unknown }
  | { readonly kind: "noUniqueId" }
  | { readonly kind: "notACall"; readonly uniqueId: string; readonly why: string }
  | { readonly kind: "notAnAnswer"; readonly uniqueId: string; readonly why: string };

/** The longest uniqueId that OCPP-J allows, in characters. Spec: OCPP-J 1.6 §4.1.4. */
export const UNIQUE_ID_MAX_LENGTH = 36;

/** The largest text that is read. Units: bytes of UTF-8, as a WebSocket counts them. */
export const FRAME_BYTES_MAX = 1_048_576;

/** Reads one WebSocket text message. */
export function parseFrame(text: string): { ok: true; frame: Frame } | { ok: false; fault: FrameFault } {
  if (isTooLarge(text)) return { ok: false, fault: { kind: "tooLarge" } };
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const isEmpty = parsed.fault === "notJson" && text.trim() === "";
    return { ok: false, fault: { kind: isEmpty ? "empty" : parsed.fault } };
  }
  const json = parsed.value;
  if (!Array.isArray(json)) return { ok: false, fault: { kind: "notAnArray" } };
  const [messageType, uniqueId] = json;
  // OCPP-J §4.1.3: the payload of an unknown message type is ignored.
  if (messageType !== 2 && messageType !== 3 && messageType !== 4) {
    return { ok: false, fault: { kind: "unknownMessageType", messageType } };
  }
  if (typeof uniqueId !== "string") return { ok: false, fault: { kind: "noUniqueId" } };
  if (messageType === 2) return callOf(uniqueId, json);
  return answerOf(messageType, uniqueId, json);
}

function isTooLarge(text: string): boolean {
  // A unit of a string is 1 to 3 bytes of UTF-8: texts of usual size are not counted.
  if (text.length * 3 <= FRAME_BYTES_MAX) return false;
  return text.length > FRAME_BYTES_MAX || new TextEncoder().encode(text).length > FRAME_BYTES_MAX;
}

function callOf(uniqueId: string, json: readonly unknown[]): ReturnType<typeof parseFrame> {
  const action = json[2];
  // One without payload is a Call all the same: what to make of that is for the check of its payload.
  if (json.length !== 4 && json.length !== 3) {
    return notACall(uniqueId, `a Call has 4 elements, this one ${json.length}`);
  }
  if (typeof action !== "string") return notACall(uniqueId, "the Action is no string");
  if (uniqueId.length > UNIQUE_ID_MAX_LENGTH) {
    return notACall(uniqueId, `a uniqueId has at most ${UNIQUE_ID_MAX_LENGTH} characters`);
  }
  return { ok: true, frame: { kind: "call", uniqueId, action, payload: json[3] } };
}

function notACall(uniqueId: string, why: string): { ok: false; fault: FrameFault } {
  return { ok: false, fault: { kind: "notACall", uniqueId, why } };
}

function answerOf(
  messageType: 3 | 4,
  uniqueId: string,
  json: readonly unknown[],
): ReturnType<typeof parseFrame> {
  if (messageType === 3) {
    if (json.length !== 3 && json.length !== 2) {
      const why = `a CallResult has 3 elements, this one ${json.length}`;
      return { ok: false, fault: { kind: "notAnAnswer", uniqueId, why } };
    }
    return { ok: true, frame: { kind: "callResult", uniqueId, payload: json[2] } };
  }
  const [, , errorCode, errorDescription, errorDetails] = json;
  if (typeof errorCode !== "string") {
    return { ok: false, fault: { kind: "notAnAnswer", uniqueId, why: "the error code is no string" } };
  }
  // Devices leave description or details out: padded, since the Call has failed either way.
  const description = typeof errorDescription === "string" ? errorDescription : "";
  const frame: CallError = {
    kind: "callError",
    uniqueId,
    errorCode,
    errorDescription: description,
    errorDetails: errorDetails ?? {},
  };
  return { ok: true, frame };
}

/** The text of a Call. */
export function callText(call: { uniqueId: string; action: string; payload: unknown }): string {
  return jsonText([2, call.uniqueId, call.action, call.payload]);
}

/** The text of a CallResult. */
export function callResultText(result: { uniqueId: string; payload: unknown }): string {
  return jsonText([3, result.uniqueId, result.payload]);
}

/** The text of a CallError; all five elements are required, `{}` where there are no details. */
export function callErrorText(
  error: { uniqueId: string; errorCode: string; errorDescription: string; errorDetails?: unknown },
): string {
  return jsonText([
    4,
    error.uniqueId,
    error.errorCode,
    error.errorDescription.slice(0, ERROR_DESCRIPTION_MAX_LENGTH).toWellFormed(),
    error.errorDetails ?? {},
  ]);
}

/** The longest errorDescription that OCPP-J allows. Spec: OCPP-J 1.6 §4.2.3. */
export const ERROR_DESCRIPTION_MAX_LENGTH = 255;
