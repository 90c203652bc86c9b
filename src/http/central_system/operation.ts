/**
 * `/healthz`, `/readyz` and `/metrics`: for whatever keeps a Central System running.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { jsonResponse } from "../shared/json_response.ts";
import { Health } from "../shared/health.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { METRICS_CONTENT_TYPE, metricsText } from "./metrics.ts";

/** Adds the routes that anybody may ask. */
export function addHealthRoutes(
  app: OpenAPIHono,
  { host, store }: Pick<ApiDependencies, "host" | "store">,
): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/healthz",
      summary: "Whether the program is alive",
      security: [],
      responses: { 200: jsonResponse(Health, "alive") },
    }),
    (context) => context.json({ status: "ok" as const }, 200),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/readyz",
      summary: "Whether Charge Points are answered: the database can be written",
      security: [],
      responses: { 200: jsonResponse(Health, "ready"), 503: problemResponse("the database fails") },
    }),
    async (context) => {
      if (!host.isReady) return problem(context, 503, "the database cannot be written");
      await store.query("health", {});
      return context.json({ status: "ok" as const }, 200);
    },
  );
}

/** Adds `/metrics`. */
export function addMetricsRoute(app: OpenAPIHono, dependencies: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      summary: "Counters and gauges in Prometheus' text format",
      responses: {
        200: { description: "the metrics", content: { [METRICS_CONTENT_TYPE]: { schema: z.string() } } },
      },
    }),
    (context) =>
      context.body(metricsText(dependencies), 200, { "content-type": METRICS_CONTENT_TYPE }) as never,
  );
}
