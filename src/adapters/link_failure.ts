/**
 * What both clients have in common: the words for a link that failed, and what to make of the subprotocol and the
 * messages that a server sends.
 */
import { getLogger } from "@logtape/logtape";
import { judgeChosenSubprotocol } from "../runtime/subprotocol.ts";
import type { LinkFailure, LinkFailureReason } from "../runtime/transport.ts";

const logger = getLogger(["ocpp", "link"]);

/** The longest message that is taken from a Central System, in bytes; then the link is closed. */
export const MESSAGE_BYTES_MAX = 1_048_576;
/** A close frame without a code, as the WebSocket API reports it. */
const NO_CODE = 1005;
const MESSAGE_TOO_BIG = 1009;

/** A link that never came to be. */
export function failed(reason: LinkFailureReason, message: string, detail?: string): LinkFailure {
  return { opened: false, reason, message, ...(detail === undefined ? {} : { detail }) };
}

/** The server answered with plain HTTP; `explanation` is what it says, if it says anything. */
export function failureOfStatus(
  status: number,
  { explanation = "", detail }: { explanation?: string; detail?: string },
): LinkFailure {
  const message = explanation === ""
    ? `the server answered HTTP ${status} instead of opening a WebSocket`
    : `the server answered HTTP ${status}: ${explanation}`;
  return { ...failed("httpStatus", message, detail), httpStatus: status };
}

/** One end closed, with this code and reason. */
export function failureOfClose({ code, reason }: { code: number; reason: string }): LinkFailure {
  const how = [code === NO_CODE ? "without a code" : `with code ${code}`, reason];
  const message = `closed ${how.filter((part) => part !== "").join(": ")}`;
  return { opened: true, reason: "closed", message, code };
}

/** The link was open and broke; `why` is a clause, or empty. */
export function failureOfBreak(why: string): LinkFailure {
  return { opened: true, reason: "lost", message: `connection lost${why === "" ? "" : ` (${why})`}` };
}

/** We closed because of a message beyond `MESSAGE_BYTES_MAX`. */
export function failureOfTooLongMessage(): LinkFailure {
  const message = `closed: a message of the server has more than ${MESSAGE_BYTES_MAX} bytes`;
  return { opened: true, reason: "closed", message, code: MESSAGE_TOO_BIG };
}

/** Why the subprotocol that the server chose will not do; nothing when it will, perhaps with a warning. */
export function refusalOfSubprotocol(
  chosen: string,
  validation: "strict" | "tolerant",
): LinkFailure | undefined {
  const judged = judgeChosenSubprotocol(chosen, validation);
  if (!judged.accepted) return failed("subprotocol", judged.text);
  if (judged.warning !== undefined) logger.warn(judged.warning);
  return undefined;
}

/** OCPP-J is text: says that something else came. */
export function ignoreBinary(bytes: number): void {
  logger.warn("a binary message was ignored: OCPP-J is text", { bytes });
}
