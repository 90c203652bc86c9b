/**
 * A message with one fault, as it goes on the wire, with what it may be met with.
 */
import type { Action } from "../../ocpp/action.ts";
import { callText } from "../../ocpp/frame.ts";
import {
  ALLOWED_BEYOND_RANGE,
  type AllowedAnswers,
  CODES_FOR_FAULT,
  CODES_FOR_NULL,
} from "./allowed_answer.ts";
import { type BrokenPayload, brokenPayloads } from "./broken_payload.ts";
import { textRuleBreaks } from "./text_rule_break.ts";

/** A message with one fault. */
export interface BrokenMessage {
  /** E.g. `idTag too long`; of its own within one case. */
  readonly what: string;
  /** What goes on the wire, mostly one text. `uniqueId`: one that nobody else has. */
  texts(uniqueId: string): readonly string[];
  /** It goes as a binary message. */
  readonly isBinary?: boolean;
  readonly allowed: AllowedAnswers;
}

/** Every broken Call of one Action, from a payload that is valid. */
export function brokenCalls(action: Action, valid: unknown): readonly BrokenMessage[] {
  return [
    ...brokenPayloads(action, valid).map((broken) => callWith(action, broken, allowedFor(broken))),
    ...textRuleBreaks(action, valid).map(({ fault, refusals, ...broken }) =>
      callWith(action, broken, {
        errorCodes: CODES_FOR_FAULT[fault],
        ...(refusals.length === 0 ? {} : { result: { statuses: refusals } }),
      })
    ),
  ];
}

function allowedFor({ how, fault, isOptional }: BrokenPayload): AllowedAnswers {
  if (how === "beyond 2^53") return ALLOWED_BEYOND_RANGE;
  return { errorCodes: how === "null" && !isOptional ? CODES_FOR_NULL : CODES_FOR_FAULT[fault] };
}

function callWith(
  action: Action,
  { what, payload }: { readonly what: string; readonly payload: unknown },
  allowed: AllowedAnswers,
): BrokenMessage {
  return { what, texts: (uniqueId) => [callText({ uniqueId, action, payload })], allowed };
}
