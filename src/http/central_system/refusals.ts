/**
 * `/api/v1/refusals`: who wanted to connect and was not let in, and why.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageOf, pageParameters } from "../shared/paging.ts";
import { problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";

const RefusalView = z.object({
  at: z.string().openapi({ format: "date-time" }),
  remoteAddress: z.string(),
  identity: z.string().optional().openapi({ description: "absent where the URL named none" }),
  status: z.int().optional().openapi({
    description: "of the HTTP answer; absent where a TLS handshake failed",
  }),
  reason: z.string(),
  reasonKind: z.string().optional().openapi({
    description: "what `ocpp_refused_upgrades_total` counts it by",
  }),
}).openapi("Refusal");

/** Adds the route. */
export function addRefusalRoutes(app: OpenAPIHono, { refusals }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/refusals",
      summary: "The latest refused upgrades since the start, newest first",
      request: { query: z.object({ ...pageParameters, cursor: numericCursor }) },
      responses: {
        200: jsonResponse(pageOf(RefusalView), "a page"),
        400: problemResponse("a wrong parameter"),
      },
    }),
    (context) => {
      const { items, ...rest } = refusals.page(given(context.req.valid("query")));
      const views = items.map(({ atMs, identity, status, ...refusal }) => ({
        at: dateTimeOf(atMs),
        ...(identity === undefined ? {} : { identity }),
        ...(status === undefined ? {} : { status }),
        ...refusal,
      }));
      return context.json({ ...rest, items: views }, 200);
    },
  );
}
