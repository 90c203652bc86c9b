/**
 * `"waitForTransaction": true` of a Call: the answer goes on until there is the transaction that the Call started
 * or stopped.
 */
import { z } from "@hono/zod-openapi";
import type { Command, CommandOutcome } from "../../central_system/commands.ts";
import type { Awaited } from "../../runtime/transaction_watch.ts";
import type { ApiDependencies } from "./app.ts";
import { TransactionView, transactionView } from "./views.ts";

/** How long it is waited when nobody says, in seconds: plugging in takes its time. */
export const TRANSACTION_TIMEOUT_SECONDS = 90;

/** The longest that may be waited, in seconds. */
export const TRANSACTION_TIMEOUT_MAX_SECONDS = 3_600;

/** What a request may say about it. */
export const waitFields = {
  waitForTransaction: z.boolean().optional().openapi({
    description:
      "RemoteStartTransaction, RemoteStopTransaction: once Accepted, wait for the transaction that it starts " +
      "(of this Charge Point, with this idTag and, where one is named, on this connector) or stops",
  }),
  transactionTimeoutSeconds: z.number().positive().max(TRANSACTION_TIMEOUT_MAX_SECONDS).optional().openapi({
    description: `how long to wait for that after the answer; else ${TRANSACTION_TIMEOUT_SECONDS}`,
  }),
};

/** What an answer says about it. */
export const waitOutcomeFields = {
  transactionOutcome: z.enum(["started", "stopped", "none"]).optional().openapi({
    description:
      "where a transaction was waited for; none: it was not Accepted, or no transaction came in time",
  }),
  transaction: TransactionView.optional(),
};

/** Waits after an answer; what did not come is `none`. */
export interface CallWait {
  after(
    outcome: CommandOutcome,
    timeoutSeconds: number | undefined,
  ): Promise<{
    readonly transactionOutcome: "started" | "stopped" | "none";
    readonly transaction?: z.infer<typeof TransactionView>;
  }>;
}

/**
 * Begins to wait before a Call goes out: its transaction may come at once. A client that leaves waits no more.
 *
 * Errors: `noTransaction` where none follows the Call, `full` where too many wait already.
 */
export function beginWait(
  { transactionWatch }: Pick<ApiDependencies, "transactionWatch">,
  { identity, command, signal }: {
    readonly identity: string;
    readonly command: Command;
    readonly signal: AbortSignal;
  },
): CallWait | "noTransaction" | "full" {
  const awaited = awaitedOf(identity, command);
  if (awaited === undefined) return "noTransaction";
  const wait = transactionWatch.begin(awaited);
  if (wait === undefined) return "full";
  signal.addEventListener("abort", () => wait.end(), { once: true });
  return {
    async after(outcome, timeoutSeconds = TRANSACTION_TIMEOUT_SECONDS) {
      try {
        const record = isAccepted(outcome) ? await wait.outcome(timeoutSeconds * 1_000) : undefined;
        if (record === undefined) return { transactionOutcome: "none" };
        const transactionOutcome = awaited.kind === "start" ? "started" : "stopped";
        return { transactionOutcome, transaction: transactionView(record) };
      } finally {
        wait.end();
      }
    },
  };
}

function isAccepted(outcome: CommandOutcome): boolean {
  return outcome.kind === "result" && (outcome.payload as { status?: unknown } | null)?.status === "Accepted";
}

function awaitedOf(chargePoint: string, { action, payload }: Command): Awaited | undefined {
  const fields = (payload ?? {}) as { idTag?: unknown; connectorId?: unknown; transactionId?: unknown };
  const { idTag, connectorId, transactionId } = fields;
  if (action === "RemoteStopTransaction" && typeof transactionId === "number") {
    return { kind: "stop", transactionId };
  }
  if (action !== "RemoteStartTransaction" || typeof idTag !== "string") return undefined;
  return { kind: "start", chargePoint, idTag, ...(typeof connectorId === "number" ? { connectorId } : {}) };
}
