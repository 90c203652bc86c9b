/**
 * `/api/v1/id-tags`: who may charge. What is entered here counts from the next Call on.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { idTagKey } from "../../central_system/facts.ts";
import { ID_TAG_SOURCES } from "../../central_system/store.ts";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, pageOf, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { IdTagView, idTagView } from "./views.ts";

/** The most that `maxActiveTransactions` can be. */
export const ACTIVE_TRANSACTIONS_MAX = 1_000;

/** A CiString20Type. Spec: OCPP 1.6 §7.28. */
const IdTag = z.string().min(1).max(20);

const idTagParameter = z.object({ idTag: IdTag });

const IdTagEntry = z.strictObject({
  parentIdTag: IdTag.optional().openapi({ description: "its group, told to Charge Points" }),
  expiryDate: z.string().refine(isDateTime, "is no ISO 8601 date and time with zone").optional()
    .openapi({ format: "date-time" }),
  blocked: z.boolean().default(false),
  maxActiveTransactions: z.int().min(1).max(ACTIVE_TRANSACTIONS_MAX).optional().openapi({
    description: "a StartTransaction beyond it is told ConcurrentTx; absent: any number",
  }),
}).openapi("IdTagEntry");

/** Adds the routes. */
export function addIdTagRoutes(app: OpenAPIHono, { store, host }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/id-tags",
      summary: "Every idTag that was entered or learned, in alphabetical order",
      request: { query: z.object({ ...pageParameters, source: z.enum(ID_TAG_SOURCES).optional() }) },
      responses: {
        200: jsonResponse(pageOf(IdTagView), "a page"),
        400: problemResponse("a wrong parameter"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const page = await store.query("idTags", given(context.req.valid("query")));
      return context.json({ ...page, items: page.items.map(idTagView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/id-tags/{idTag}",
      summary: "One idTag, however it is spelt",
      request: { params: idTagParameter },
      responses: {
        200: jsonResponse(IdTagView, "the idTag"),
        400: problemResponse("no idTag"),
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { idTag } = context.req.valid("param");
      const record = await store.query("idTag", { key: idTagKey(idTag) });
      if (record === undefined) return problem(context, 404, `no idTag ${idTag} is known`);
      return context.json(idTagView(record), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/id-tags/{idTag}",
      summary: "Enter an idTag, or replace what was entered or learned; a learned one is confirmed by it",
      request: {
        params: idTagParameter,
        body: { content: { "application/json": { schema: IdTagEntry } }, required: true },
      },
      responses: {
        200: jsonResponse(IdTagView, "it was known and is replaced"),
        201: jsonResponse(IdTagView, "it is new"),
        400: problemResponse("what was sent does not fit"),
        503: problemResponse("the database cannot be written"),
      },
    }),
    async (context) => {
      const { idTag } = context.req.valid("param");
      const { expiryDate, ...rest } = context.req.valid("json");
      const expiryAtMs = expiryDate === undefined ? undefined : atMsOf(expiryDate);
      const entry = given({ ...rest, expiryAtMs });
      const outcome = await host.change({ kind: "putIdTag", idTag, entry });
      if (outcome === "storeFailed") return problem(context, 503, "the database cannot be written");
      const view = idTagView({ key: idTagKey(idTag), idTag, ...entry, source: "entered" });
      return context.json(view, outcome === "created" ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/id-tags/{idTag}",
      summary: "Forget an idTag; to refuse it under open authorization, block it instead",
      request: { params: idTagParameter },
      responses: {
        204: { description: "it is forgotten" },
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be written"),
      },
    }),
    async (context) => {
      const { idTag } = context.req.valid("param");
      const outcome = await host.change({ kind: "deleteIdTag", idTag });
      if (outcome === "storeFailed") return problem(context, 503, "the database cannot be written");
      if (outcome === "unknown") return problem(context, 404, `no idTag ${idTag} is known`);
      return context.body(null, 204);
    },
  );
}
