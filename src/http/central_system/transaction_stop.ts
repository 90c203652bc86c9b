/**
 * `POST /api/v1/transactions/{transactionId}/stop`: the Charge Point is asked to stop it, or its record is closed.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { CommandOutcome } from "../../central_system/commands.ts";
import { OperatorStops, type StopOutcome, type StopWish } from "../../runtime/operator_stop.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { CALL_TIMEOUT_MAX_SECONDS, CallOutcome, outcomeView, REFUSALS } from "./call_outcome.ts";
import { idParameter } from "./transactions.ts";
import { TransactionView, transactionView } from "./views.ts";

/** The longest name of an operator, in characters. */
export const OPERATOR_MAX = 100;

/** The longest note, in characters. */
export const NOTE_MAX = 1_000;

const StopRequest = z.strictObject({
  mode: z.enum(["remote", "record"]).default("remote").openapi({
    description:
      "`remote` sends RemoteStopTransaction; `record` closes the record of a transaction whose Charge Point " +
      "is not connected and will not be, or knows nothing of it any more: closedBy is operator, meterStop unknown. " +
      "A StopTransaction that comes after all wins over it",
  }),
  operator: z.string().max(OPERATOR_MAX).optional().openapi({ description: "who says so; for `record`" }),
  note: z.string().max(NOTE_MAX).optional().openapi({ description: "why; for `record`" }),
  timeoutSeconds: z.number().positive().max(CALL_TIMEOUT_MAX_SECONDS).optional().openapi({
    description: "for `remote`: how long to wait for the answer",
  }),
}).refine(
  ({ mode, operator, note }) => mode === "record" || (operator === undefined && note === undefined),
  "operator and note are for the mode record: a Charge Point is told neither",
).openapi("StopRequest");

const StopOutcomeView = CallOutcome.extend({
  outcome: z.enum([...CallOutcome.shape.outcome.options, "closed", "closedBefore"]).openapi({
    description:
      "of `remote` the answer to RemoteStopTransaction: once it is Accepted, StopTransaction follows; of " +
      "`record` closed; of both closedBefore where it had been stopped already",
  }),
  transaction: TransactionView,
}).openapi("StopOutcome");

/** Adds the route. */
export function addTransactionStopRoute(app: OpenAPIHono, dependencies: ApiDependencies): void {
  const { host, store, callTimeoutMs } = dependencies;
  const stops = new OperatorStops({ host, store });
  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/transactions/{transactionId}/stop",
      summary: "Stop a transaction: by its Charge Point, or in the record where that will never come back",
      request: {
        params: idParameter,
        body: { content: { "application/json": { schema: StopRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(StopOutcomeView, "it was answered, closed, or stopped already"),
        400: problemResponse("what was sent does not fit"),
        404: problemResponse("unknown transaction, or Charge Point"),
        409: problemResponse(
          "notConnected, notBooted, pending or rejected; connected: with `record`, while it can be asked",
        ),
        429: problemResponse("too many Calls wait for this Charge Point"),
        502: problemResponse("connectionLost or connectionReplaced"),
        503: problemResponse("the database cannot be written"),
        504: problemResponse("no answer in time"),
      },
    }),
    async (context) => {
      const { transactionId } = context.req.valid("param");
      const { mode, timeoutSeconds, ...said } = context.req.valid("json");
      const timeoutMs = timeoutSeconds === undefined ? callTimeoutMs : timeoutSeconds * 1_000;
      const wish: StopWish = mode === "remote" ? { mode, timeoutMs } : { mode, ...given(said) };
      const outcome = await stops.stop(transactionId, wish);
      const record = await store.query("transaction", { transactionId });
      if (outcome.kind === "unknownTransaction" || record === undefined) {
        return problem(context, 404, `no transaction ${transactionId} is known`);
      }
      const { chargePoint } = record;
      if (outcome.kind === "connected") {
        return problem(context, 409, `${chargePoint} is connected: let it stop the transaction itself`, {
          reason: outcome.kind,
        });
      }
      const refusal = refusalOf(outcome);
      if (refusal !== undefined) {
        const [status, detail] = refusal;
        const advice = outcome.kind === "notConnected"
          ? '; if it never comes back, {"mode": "record"} closes the record'
          : "";
        return problem(context, status, `${chargePoint} ${detail}${advice}`, { reason: outcome.kind });
      }
      const shown = outcome.kind === "closed" || outcome.kind === "closedBefore"
        ? { outcome: outcome.kind }
        : outcomeView(
          { action: "RemoteStopTransaction", payload: { transactionId } },
          outcome as CommandOutcome,
        );
      return context.json({ ...shown, transaction: transactionView(record) }, 200);
    },
  );
}

function refusalOf({ kind }: StopOutcome) {
  return kind in REFUSALS ? REFUSALS[kind as CommandOutcome["kind"]] : undefined;
}
