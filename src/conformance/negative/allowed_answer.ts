/**
 * What a system may answer to a message that is broken, and whether it did.
 *
 * Spec: OCPP-J 1.6 §4.2.3. The text has one line a code; where implementations that know the text differ, each of
 * their codes will do. GenericError and InternalError say that something went wrong, not that the message is.
 */
import type { CallErrorCode, PayloadFaultKind } from "../../ocpp/call_error.ts";
import { jsonText } from "../../ocpp/json.ts";
import type { RawAnswer } from "../step.ts";

/** What a message may be met with. */
export interface AllowedAnswers {
  /** A CALLERROR with one of these codes. */
  readonly errorCodes: readonly CallErrorCode[];
  /** No answer at all; then it need not be known either which Call a CALLERROR is about. */
  readonly silence?: boolean;
  /** The end of the connection. */
  readonly close?: boolean;
  /** A CALLRESULT: any, or one with a status that refuses. */
  readonly result?: "any" | { readonly statuses: readonly string[] };
}

/** Refusals of a payload, by its fault. */
export const CODES_FOR_FAULT: Readonly<Record<PayloadFaultKind, readonly CallErrorCode[]>> = {
  notAnObject: ["FormationViolation", "TypeConstraintViolation", "ProtocolError"],
  missingField: ["OccurenceConstraintViolation", "ProtocolError", "FormationViolation"],
  extraField: ["FormationViolation", "PropertyConstraintViolation"],
  wrongType: ["TypeConstraintViolation", "FormationViolation"],
  notInEnumeration: ["PropertyConstraintViolation", "FormationViolation"],
  tooLong: ["PropertyConstraintViolation", "TypeConstraintViolation", "FormationViolation"],
  wrongCount: ["OccurenceConstraintViolation", "PropertyConstraintViolation", "FormationViolation"],
  badFormat: ["PropertyConstraintViolation", "FormationViolation", "TypeConstraintViolation"],
  outOfRange: ["PropertyConstraintViolation", "FormationViolation"],
};

/** `null` in a required field is of the wrong type, and as good as missing. */
export const CODES_FOR_NULL: readonly CallErrorCode[] = [
  "TypeConstraintViolation",
  "FormationViolation",
  "OccurenceConstraintViolation",
  "ProtocolError",
];

/** An integer that hardly anybody can hold: neither schema nor text has a range, so that an answer is as good. */
export const ALLOWED_BEYOND_RANGE: AllowedAnswers = {
  errorCodes: ["TypeConstraintViolation", "PropertyConstraintViolation", "FormationViolation"],
  result: "any",
};

/** Refusals of a frame that is no Call, or none of OCPP's. */
export const CODES_FOR_FRAME: readonly CallErrorCode[] = [
  "FormationViolation",
  "ProtocolError",
  "OccurenceConstraintViolation",
  "TypeConstraintViolation",
  "PropertyConstraintViolation",
  "GenericError",
];

/** Refusals of an Action. Some take one for the other. */
export const CODES_FOR_ACTION: readonly CallErrorCode[] = ["NotImplemented", "NotSupported"];

/** What came of one message. */
export interface Met {
  readonly uniqueId: string;
  /** Every CALLRESULT and CALLERROR that came until the next valid Call was answered. */
  readonly answers: readonly RawAnswer[];
  readonly isLinkUp: boolean;
  /** Whether the next valid Call was answered by a CALLRESULT. */
  readonly isAlive: boolean;
}

/** What came and may not be; `undefined` where the message was met as it may be. */
export function wrongAnswer(allowed: AllowedAnswers, met: Met): string | undefined {
  const wrong = met.answers.find((answer) => !mayBe(allowed, answer, met.uniqueId));
  if (wrong !== undefined) return answerText(wrong);
  if (!met.isLinkUp) return allowed.close === true ? undefined : "the end of the connection";
  if (!met.isAlive) return "no answer to the next valid Call";
  return met.answers.length > 0 || allowed.silence === true ? undefined : "no answer";
}

function mayBe(allowed: AllowedAnswers, answer: RawAnswer, uniqueId: string): boolean {
  if (answer.kind === "unreadable") return false;
  if (answer.uniqueId !== uniqueId && allowed.silence !== true) return false;
  if (answer.kind === "error") {
    return answer.isWhole && allowed.errorCodes.some((code) => code === answer.errorCode);
  }
  if (allowed.result === undefined) return false;
  return allowed.result === "any" ||
    allowed.result.statuses.includes(String((answer.payload as { status?: unknown } | null)?.status));
}

/** The most of an answer that is shown, in characters. */
const SHOWN_MAX = 120;

function answerText(answer: RawAnswer): string {
  if (answer.kind === "unreadable") return `a text that is no frame (${answer.why})`;
  if (answer.kind === "result") {
    return `CALLRESULT ${jsonText(answer.payload) ?? "without payload"}`.slice(0, SHOWN_MAX);
  }
  return `CALLERROR ${answer.errorCode}${answer.isWhole ? "" : " without all of its five elements"}`;
}

/** What a reader is told that a message may be met with. */
export function allowedText({ errorCodes, silence, close, result }: AllowedAnswers): string {
  return [
    ...(errorCodes.length === 0 ? [] : [`CALLERROR ${errorCodes.join(", ")}`]),
    ...(silence === true ? ["no answer"] : []),
    ...(close === true ? ["the end of the connection"] : []),
    ...(result === undefined
      ? []
      : [result === "any" ? "a CALLRESULT" : `the status ${result.statuses.join(", ")}`]),
  ].join(", or ");
}
