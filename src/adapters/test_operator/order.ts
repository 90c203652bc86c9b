/**
 * What a driver outside of this program is told: who asks, and what there is to do. The README has the same, for those
 * who write drivers.
 */
import { type OperatorAction, operatorText } from "../../conformance/operator_action.ts";
import type { OperatorOutcome, OperatorRequest } from "../../runtime/test_operator.ts";

/** Units: characters of a reason; the rest is cut off. */
export const REASON_CHARACTERS_MAX = 300;

/** The largest value of an environment variable; more is on the standard input only. Units: bytes. */
const VARIABLE_BYTES_MAX = 32_768;

/** Shape: `{ "case": "TC_003_CS", "identity": "CP001", "withinSeconds": 60, "text": "…", "action": { "kind": … } }`. */
export interface OperatorOrder {
  readonly case: string;
  readonly identity: string;
  readonly withinSeconds: number;
  /** What there is to do, in words. */
  readonly text: string;
  readonly action: OperatorAction;
}

/** The order that goes out as JSON. */
export function orderOf({ caseId, identity, withinSeconds, action }: OperatorRequest): OperatorOrder {
  return { case: caseId, identity, withinSeconds, text: operatorText(action), action };
}

/**
 * The same as environment variables: `OCPP_TEST_CASE`, …, and each field of the action by its own name, so that
 * `connectorId` is `OCPP_TEST_CONNECTOR_ID`; what is no text and no number is JSON.
 */
export function variablesOf(request: OperatorRequest): Readonly<Record<string, string>> {
  const { action, ...order } = orderOf(request);
  const variables: Record<string, string> = {};
  for (const [field, value] of Object.entries({ ...order, ...action })) {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    if (new TextEncoder().encode(text).length > VARIABLE_BYTES_MAX) continue;
    variables[`OCPP_TEST_${field.replace(/[A-Z]/g, "_$&").toUpperCase()}`] = text;
  }
  return variables;
}

/** It was not done; the reason is made one line without anything that a terminal obeys. */
export function cannot(reason: string): OperatorOutcome {
  const line = reason.replace(/\p{Cc}\[[0-9;]*[A-Za-z]/gu, "").replace(/\p{Cc}+/gu, " ").trim();
  const isLong = line.length > REASON_CHARACTERS_MAX;
  return { kind: "cannot", reason: isLong ? `${line.slice(0, REASON_CHARACTERS_MAX)}…` : line };
}

/** Why nothing is done any more once a run or a case has ended. */
export const NOT_WANTED = "nobody waits for it any more";
