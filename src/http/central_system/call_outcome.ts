/**
 * What becomes of a Call, as the API shows it.
 */
import { z } from "@hono/zod-openapi";
import type { Command, CommandOutcome } from "../../central_system/commands.ts";
import { writableJson } from "../../ocpp/json.ts";
import { redactedAnswer } from "../../ocpp/redaction.ts";
import { type Repair, repairedPath } from "../../ocpp/repair_rule.ts";
import { faultViews } from "../shared/problem.ts";
import { DeviationView } from "./views.ts";

/** The longest that a request may wait for a Charge Point's answer, in seconds. */
export const CALL_TIMEOUT_MAX_SECONDS = 600;

/** What became of a Call that was answered. */
export const CallOutcome = z.object({
  outcome: z.enum(["result", "error", "invalid"]),
  payload: z.unknown().optional().openapi({
    description: "of a result: the Conf of the Action, e.g. ResetConf",
  }),
  errorCode: z.string().optional(),
  errorDescription: z.string().optional(),
  errorDetails: z.unknown().optional(),
  deviations: z.array(DeviationView).optional().openapi({ description: "what was repaired in the payload" }),
  faults: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })).optional(),
});

/** Whether the Charge Point has the Call, and perhaps does what it says. */
export function mayHaveObeyed({ kind }: CommandOutcome): boolean {
  return ["result", "invalid", "timeout", "connectionLost", "connectionReplaced"].includes(kind);
}

/** Why a Call was not answered: status and what is said. */
export const REFUSALS: {
  readonly [K in CommandOutcome["kind"]]?: readonly [404 | 409 | 429 | 502 | 503 | 504, string];
} = {
  unknownChargePoint: [404, "is not known here"],
  notConnected: [409, "is not connected"],
  notBooted: [409, "is connected but has not sent a BootNotification yet"],
  pending: [409, "is Pending: RemoteStartTransaction and RemoteStopTransaction are not allowed"],
  rejected: [409, "was told Rejected: nothing may be sent to it"],
  queueFull: [429, "has too many Calls waiting"],
  connectionLost: [502, "went away before it answered"],
  connectionReplaced: [502, "reconnected before it answered"],
  storeFailed: [503, "cannot be reached while the database fails"],
  stopping: [503, "cannot be reached: this server is ending"],
  timeout: [504, "did not answer in time"],
};

function repairView(repair: Repair): z.infer<typeof DeviationView> {
  return { rule: repair.rule, path: repairedPath(repair), detail: repair.detail };
}

/** Nobody reads an AuthorizationKey back, its Central System neither. */
function withoutSecrets(call: AnsweredCall, outcome: CommandOutcome): CommandOutcome {
  switch (outcome.kind) {
    case "result":
    case "invalid":
      return { ...outcome, payload: redactedAnswer(call, outcome.payload) };
    case "error":
      return {
        ...outcome,
        errorDescription: String(redactedAnswer(call, outcome.errorDescription)),
        errorDetails: redactedAnswer(call, outcome.errorDetails),
      };
    default:
      return outcome;
  }
}

/** A Call that was answered. */
type AnsweredCall = Pick<Command, "action" | "payload">;

/** An answer as it is shown, without secrets. */
export function outcomeView(call: AnsweredCall, answer: CommandOutcome): z.infer<typeof CallOutcome> {
  const outcome = withoutSecrets(call, answer);
  switch (outcome.kind) {
    case "result":
      return {
        outcome: "result",
        payload: outcome.payload,
        ...(outcome.repairs === undefined ? {} : { deviations: outcome.repairs.map(repairView) }),
      };
    case "error": {
      const { errorCode, errorDescription, errorDetails } = outcome;
      return { outcome: "error", errorCode, errorDescription, errorDetails: writableJson(errorDetails) };
    }
    case "invalid":
      return {
        outcome: "invalid",
        payload: writableJson(outcome.payload),
        faults: faultViews(outcome.faults),
      };
    default:
      throw new TypeError(`outcome ${outcome.kind} has no view`);
  }
}
