/**
 * Messages that are no frames of OCPP-J, or frames that may not be: nothing here is about one Action's payload.
 *
 * What cannot be correlated is not answered, or by a CALLERROR that nobody can correlate either; in any case the
 * connection stays usable. Spec: OCPP-J 1.6 §4.1, §4.2.
 */
import type { Action } from "../../ocpp/action.ts";
import { callText, FRAME_BYTES_MAX, UNIQUE_ID_MAX_LENGTH } from "../../ocpp/frame.ts";
import { jsonText } from "../../ocpp/json.ts";
import { type AllowedAnswers, CODES_FOR_ACTION, CODES_FOR_FAULT, CODES_FOR_FRAME } from "./allowed_answer.ts";
import type { BrokenMessage } from "./broken_message.ts";

/** Calls that frames are made from. */
export interface FrameMaterial {
  /** One that the system under test answers by a CALLRESULT. */
  readonly valid: { readonly action: Action; readonly payload: unknown };
  /** One that only the other end may send. */
  readonly otherDirection: { readonly action: Action; readonly payload: unknown };
  /** One whose payload a text of any length breaks. */
  readonly withText: (text: string) => { readonly action: Action; readonly payload: unknown };
}

const UNCORRELATED: AllowedAnswers = { errorCodes: CODES_FOR_FRAME, silence: true };
const NO_CALL: AllowedAnswers = { errorCodes: CODES_FOR_FRAME };
const NO_ACTION: AllowedAnswers = { errorCodes: CODES_FOR_ACTION };
/** An answer is never answered. */
const UNASKED: AllowedAnswers = { errorCodes: [], silence: true };

/** Deeper than any payload, and small. */
const DEPTH = 10_000;

/** Every broken frame. */
export function brokenFrames({ valid, otherDirection, withText }: FrameMaterial): readonly BrokenMessage[] {
  const { action, payload } = valid;
  const text = (
    what: string,
    allowed: AllowedAnswers,
    make: (uniqueId: string) => string,
  ): BrokenMessage => ({
    what,
    texts: (uniqueId) => [make(uniqueId)],
    allowed,
  });
  const frame = (what: string, allowed: AllowedAnswers, make: (uniqueId: string) => unknown) =>
    text(what, allowed, (uniqueId) => jsonText(make(uniqueId)));
  return [
    text("an empty text", UNCORRELATED, () => ""),
    text("no JSON", UNCORRELATED, (id) => `[2,"${id}","${action}",{`),
    frame("JSON that is a text", UNCORRELATED, () => action),
    frame(
      "JSON that is an object",
      UNCORRELATED,
      (uniqueId) => ({ messageTypeId: 2, uniqueId, action, payload }),
    ),
    frame("an array without elements", UNCORRELATED, () => []),
    frame("a Call within an array", UNCORRELATED, (id) => [[2, id, action, payload]]),
    frame("message type 5", UNCORRELATED, (id) => [5, id, action, payload]),
    frame("a message type that is a text", UNCORRELATED, (id) => ["2", id, action, payload]),
    frame("a message type and nothing else", UNCORRELATED, () => [2]),
    frame("a Call without uniqueId", UNCORRELATED, () => [2, action, payload]),
    frame("a uniqueId that is a number", UNCORRELATED, () => [2, 17, action, payload]),
    frame("a uniqueId that is null", UNCORRELATED, () => [2, null, action, payload]),
    // The text has a longest uniqueId, and no shortest one.
    frame("an empty uniqueId", { ...UNCORRELATED, result: "any" }, () => [2, "", action, payload]),
    frame(
      `a uniqueId of ${UNIQUE_ID_MAX_LENGTH + 1} characters`,
      UNCORRELATED,
      (id) => [2, id.padEnd(UNIQUE_ID_MAX_LENGTH + 1, "x"), action, payload],
    ),
    frame("a Call without Action and payload", NO_CALL, (id) => [2, id]),
    frame("a Call without payload", NO_CALL, (id) => [2, id, action]),
    frame("a Call with a fifth element", NO_CALL, (id) => [2, id, action, payload, {}]),
    frame(
      "an Action that is a number",
      { errorCodes: [...CODES_FOR_FRAME, ...CODES_FOR_ACTION] },
      (id) => [2, id, 7, payload],
    ),
    frame("an Action that nobody knows", NO_ACTION, (id) => [2, id, "FlyToTheMoon", {}]),
    frame("an Action in lower case", NO_ACTION, (id) => [2, id, action.toLowerCase(), payload]),
    frame(
      "an Action of the other direction",
      NO_ACTION,
      (id) => [2, id, otherDirection.action, otherDirection.payload],
    ),
    {
      what: "a Call sent twice before its answer",
      texts: (uniqueId) => [callText({ uniqueId, ...valid }), callText({ uniqueId, ...valid })],
      // A repeat of the same message may be answered like the message.
      allowed: { errorCodes: CODES_FOR_FRAME, result: "any" },
    },
    frame("a CALLRESULT that nobody asked for", UNASKED, (id) => [3, id, {}]),
    frame("a CALLRESULT without payload", UNASKED, (id) => [3, id]),
    frame("a CALLERROR that nobody asked for", UNASKED, (id) => [4, id, "GenericError", "", {}]),
    frame("a CALLERROR with four elements", UNASKED, (id) => [4, id, "GenericError", ""]),
    text(
      `a payload nested ${DEPTH} deep`,
      { errorCodes: [...CODES_FOR_FRAME, "InternalError"], silence: true },
      (id) => {
        const nested = "[".repeat(DEPTH) + "]".repeat(DEPTH);
        return `[2,"${id}","${action}",{"unheardOf":${nested}}]`;
      },
    ),
    {
      what: "a binary message",
      texts: (uniqueId) => [callText({ uniqueId, ...valid })],
      isBinary: true,
      allowed: { ...UNCORRELATED, close: true },
    },
    text(
      "a message of 1 MiB and a byte",
      { errorCodes: CODES_FOR_FAULT.tooLong, silence: true, close: true },
      (uniqueId) => {
        const empty = callText({ uniqueId, ...withText("") });
        return callText({ uniqueId, ...withText("x".repeat(FRAME_BYTES_MAX + 1 - empty.length)) });
      },
    ),
  ];
}
