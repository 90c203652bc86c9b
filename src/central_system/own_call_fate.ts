/**
 * What an outcome of a Call says about its effect at the Charge Point.
 */
import type { CommandOutcome } from "./commands.ts";
import type { Facts } from "./store.ts";

/** Whom and when an outcome is about. */
export interface OutcomeContext {
  readonly chargePoint: string;
  readonly atMs: number;
  readonly facts: Facts;
  readonly isListOnItsWay: boolean;
}

/**
 * `answered` with a payload that fits; `refused` with a CALLERROR; `notSent`: it never left; `unknown`: it may have had
 * an effect.
 */
export type Fate = "answered" | "refused" | "notSent" | "unknown";

export function fateOf(outcome: CommandOutcome): Fate {
  switch (outcome.kind) {
    case "result":
      return "answered";
    case "error":
      return "refused";
    case "badCommand":
    case "notBooted":
    case "notConnected":
    case "pending":
    case "queueFull":
    case "rejected":
    case "stopping":
    case "storeFailed":
    case "unknownChargePoint":
      return "notSent";
    case "connectionLost": // while it waited or in flight: nobody knows
    case "connectionReplaced":
    case "invalid":
    case "timeout":
      return "unknown";
  }
}

/** Whether a CALLERROR says that the Charge Point does not have the feature at all. */
export function isNotSupported(outcome: CommandOutcome): boolean {
  return outcome.kind === "error" &&
    (outcome.errorCode === "NotSupported" || outcome.errorCode === "NotImplemented");
}
