/**
 * `/api/v1/transactions`: transactions and their readings.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { PageWanted } from "../../central_system/store.ts";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import { exportList, listResponse, wantsExport } from "../shared/export_stream.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { MeterValueView, meterValueView, TransactionView, transactionView } from "./views.ts";

/** Which transaction. */
export const idParameter = z.object({
  transactionId: z.string().regex(/^-?\d{1,20}$/, "is no whole number").transform(Number)
    .openapi({ type: "integer" }),
});

/** Adds the routes. */
export function addTransactionRoutes(app: OpenAPIHono, { store, exports }: ApiDependencies): void {
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
        200: listResponse(TransactionView),
        400: problemResponse("a wrong parameter"),
        429: problemResponse("too many exports run"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { since, ...wanted } = context.req.valid("query");
      const sinceMs = since === undefined ? undefined : atMsOf(since);
      const filter = given({ ...wanted, sinceMs });
      if (wantsExport(context)) {
        const page = (part: PageWanted) => store.query("transactions", { ...filter, ...part });
        return await exportList(context, { exports, page, view: transactionView });
      }
      const page = await store.query("transactions", filter);
      return context.json({ ...page, items: page.items.map(transactionView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/transactions/{transactionId}",
      summary: "One transaction",
      request: { params: idParameter },
      responses: {
        200: jsonResponse(TransactionView, "the transaction"),
        400: problemResponse("no number"),
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be read"),
      },
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
      request: {
        params: idParameter,
        query: z.object({
          ...pageParameters,
          cursor: numericCursor,
          guessed: z.enum(["true", "false"]).transform((text) => text === "true").optional().openapi({
            description:
              "true: instead those whose own transactionId is none of ours, and which perhaps belong to " +
              "this one since it was active on their connector",
          }),
        }),
      },
      responses: {
        200: listResponse(MeterValueView),
        400: problemResponse("a wrong parameter"),
        404: problemResponse("unknown"),
        429: problemResponse("too many exports run"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { transactionId } = context.req.valid("param");
      const record = await store.query("transaction", { transactionId });
      if (record === undefined) return problem(context, 404, `no transaction ${transactionId} is known`);
      const { chargePoint } = record;
      const filter = { ...given(context.req.valid("query")), chargePoint, transactionId };
      if (wantsExport(context)) {
        const page = (part: PageWanted) => store.query("meterValues", { ...filter, ...part });
        return await exportList(context, { exports, page, view: meterValueView });
      }
      const page = await store.query("meterValues", filter);
      return context.json({ ...page, items: page.items.map(meterValueView) }, 200);
    },
  );
}
