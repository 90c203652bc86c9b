/**
 * `/api/v1/transactions`: transactions and their readings.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageOf, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { MeterValueView, meterValueView, TransactionView, transactionView } from "./views.ts";

const idParameter = z.object({ transactionId: z.coerce.number().int() });

/** Adds the routes. */
export function addTransactionRoutes(app: OpenAPIHono, { store }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/transactions",
      summary: "Transactions, newest first",
      request: {
        query: z.object({
          ...pageParameters,
          cursor: numericCursor,
          chargePoint: z.string().optional(),
          idTag: z.string().optional(),
          active: z.enum(["true", "false"]).transform((text) => text === "true").optional(),
          since: z.string().refine(isDateTime, "is no ISO 8601 date and time with zone").optional(),
        }),
      },
      responses: {
        200: jsonResponse(pageOf(TransactionView), "a page"),
        400: problemResponse("a wrong parameter"),
      },
    }),
    async (context) => {
      const { since, ...wanted } = context.req.valid("query");
      const sinceMs = since === undefined ? undefined : atMsOf(since);
      const page = await store.query("transactions", given({ ...wanted, sinceMs }));
      return context.json({ ...page, items: page.items.map(transactionView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/transactions/{transactionId}",
      summary: "One transaction",
      request: { params: idParameter },
      responses: { 200: jsonResponse(TransactionView, "the transaction"), 404: problemResponse("unknown") },
    }),
    async (context) => {
      const { transactionId } = context.req.valid("param");
      const record = await store.query("transaction", { transactionId });
      if (record === undefined) return problem(context, 404, `no transaction ${transactionId} is known`);
      return context.json(transactionView(record), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/transactions/{transactionId}/meter-values",
      summary: "The readings of one transaction, in the order in which they came",
      request: { params: idParameter, query: z.object({ ...pageParameters, cursor: numericCursor }) },
      responses: { 200: jsonResponse(pageOf(MeterValueView), "a page"), 404: problemResponse("unknown") },
    }),
    async (context) => {
      const { transactionId } = context.req.valid("param");
      const record = await store.query("transaction", { transactionId });
      if (record === undefined) return problem(context, 404, `no transaction ${transactionId} is known`);
      const { chargePoint } = record;
      const wanted = given(context.req.valid("query"));
      const page = await store.query("meterValues", { ...wanted, chargePoint, transactionId });
      return context.json({ ...page, items: page.items.map(meterValueView) }, 200);
    },
  );
}
