/**
 * `/healthz`, `/readyz` and `/metrics`: for whatever keeps a Central System running.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { jsonResponse } from "../shared/json_response.ts";
import { Health } from "../shared/health.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { METRICS_CONTENT_TYPE } from "./exposition.ts";
import dashboard from "./grafana_dashboard.json" with { type: "json" };
import { metricsText } from "./metrics.ts";

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
      if (!host.isReady) return problem(context, 503, host.whyNotReady);
      await store.query("health", {});
      return context.json({ status: "ok" as const }, 200);
    },
  );
}

/** Adds `/metrics`, and the dashboard that shows them. */
export function addMetricsRoutes(app: OpenAPIHono, dependencies: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      summary: "Counters and gauges in Prometheus' text format",
      responses: {
        200: { description: "the metrics", content: { [METRICS_CONTENT_TYPE]: { schema: z.string() } } },
      },
    }),
    async (context) =>
      context.body(await metricsText(dependencies), 200, { "content-type": METRICS_CONTENT_TYPE }) as never,
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/grafana.json",
      summary: "A dashboard for Grafana over all the metrics, to be imported as it is",
      responses: { 200: jsonResponse(z.looseObject({ title: z.string() }), "the dashboard") },
    }),
    (context) => context.json(dashboard, 200),
  );
}
