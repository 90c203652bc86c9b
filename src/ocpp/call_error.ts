/**
 * CALLERROR codes as OCPP 1.6 spells them, and the one table of which fault answers with which.
 *
 * `OccurenceConstraintViolation` and `FormationViolation` are the official spellings, declared "will not be
 * fixed" by the errata; what later versions write is understood when received.
 * Spec: OCPP-J 1.6 §4.2.3. The text gives a line for each code; where it leaves a choice, the reason stands
 * beside the row.
 */
import type { FrameFault } from "./frame.ts";

/** Every error code that OCPP 1.6 defines. */
export const CALL_ERROR_CODES = [
  "NotImplemented",
  "NotSupported",
  "InternalError",
  "ProtocolError",
  "SecurityError",
  "FormationViolation",
  "PropertyConstraintViolation",
  "OccurenceConstraintViolation",
  "TypeConstraintViolation",
  "GenericError",
] as const;

export type CallErrorCode = (typeof CALL_ERROR_CODES)[number];

/** Later spellings and codes seen on 1.6 connections, as the 1.6 code that they mean. */
const LATER_SPELLINGS: Readonly<Record<string, CallErrorCode>> = {
  FormatViolation: "FormationViolation",
  OccurrenceConstraintViolation: "OccurenceConstraintViolation",
  MessageTypeNotSupported: "GenericError",
  RpcFrameworkError: "GenericError",
};

/** The 1.6 code that a received text stands for; anything unknown is `GenericError`. */
export function callErrorCodeOf(text: string): CallErrorCode {
  const code = CALL_ERROR_CODES.find((known) => known === text);
  return code ?? (Object.hasOwn(LATER_SPELLINGS, text) ? LATER_SPELLINGS[text]! : "GenericError");
}

/** One thing wrong with a payload. `path` leads to the value, e.g. `["meterValue", 0, "timestamp"]`. */
export interface PayloadFault {
  readonly kind: PayloadFaultKind;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The ways in which a payload can break its schema or a rule of the text. */
export type PayloadFaultKind =
  | "notAnObject"
  | "missingField"
  | "extraField"
  | "wrongType"
  | "notInEnumeration"
  | "tooLong"
  | "wrongCount"
  | "badFormat"
  | "outOfRange";

/** Everything that makes a Call unanswerable by a CallResult. */
export type CallFault =
  | { readonly kind: "badPayload"; readonly faults: readonly PayloadFault[] }
  | { readonly kind: "unknownAction"; readonly action: string }
  | { readonly kind: "unsupportedAction"; readonly action: string }
  | { readonly kind: "notAccepted"; readonly why: string }
  | { readonly kind: "internal"; readonly why?: string }
  | Extract<FrameFault, { kind: "notACall" }>;

const CODE_OF_PAYLOAD_FAULT: Record<PayloadFaultKind, CallErrorCode> = {
  notAnObject: "FormationViolation",
  missingField: "OccurenceConstraintViolation", // some send ProtocolError; occurrence says which rule broke
  extraField: "FormationViolation",
  wrongType: "TypeConstraintViolation",
  notInEnumeration: "PropertyConstraintViolation", // explicit in the errata for ChargingProfile enumerations
  tooLong: "PropertyConstraintViolation",
  wrongCount: "OccurenceConstraintViolation",
  badFormat: "PropertyConstraintViolation",
  outOfRange: "PropertyConstraintViolation",
};

/** What a CALLERROR carries besides its uniqueId. */
export interface CallErrorContent {
  readonly errorCode: CallErrorCode;
  readonly errorDescription: string;
}

/** The CALLERROR that answers a fault. */
export function callErrorFor(fault: CallFault): CallErrorContent {
  switch (fault.kind) {
    case "badPayload": {
      const first = fault.faults[0];
      if (first === undefined) return { errorCode: "GenericError", errorDescription: "payload refused" };
      const where = first.path.length === 0 ? "payload" : pathText(first.path);
      return {
        errorCode: CODE_OF_PAYLOAD_FAULT[first.kind],
        errorDescription: `${where}: ${first.message}`,
      };
    }
    case "unknownAction":
      return { errorCode: "NotImplemented", errorDescription: `${fault.action} is no Action of OCPP 1.6` };
    case "unsupportedAction":
      return { errorCode: "NotSupported", errorDescription: `${fault.action} is not supported here` };
    case "notAccepted":
      return { errorCode: "SecurityError", errorDescription: fault.why };
    case "internal":
      return { errorCode: "InternalError", errorDescription: fault.why ?? "" };
    case "notACall":
      return { errorCode: "FormationViolation", errorDescription: fault.why };
  }
}

/** A path as a reader writes it: `meterValue[0].timestamp`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`,
    "",
  );
}
