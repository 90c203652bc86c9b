/**
 * The Central System's HTTP API. Loaded at the first request, so that the listener is up before it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { getLogger } from "@logtape/logtape";
import { bearerAuth } from "hono/bearer-auth";
import { HTTPException } from "hono/http-exception";
import type { Store } from "../../central_system/store.ts";
import { StoreError } from "../../central_system/store.ts";
import type { CentralSystemHost } from "../../runtime/central_system_host.ts";
import type { EventRing } from "../../runtime/event_ring.ts";
import type { RefusalRing } from "../../runtime/refusal_ring.ts";
import type { ServerFigures } from "../../runtime/server_figures.ts";
import type { PublicServerEvent } from "../../runtime/telling_observer.ts";
import { refuseForeignSites } from "../shared/access.ts";
import { limitBody } from "../shared/body_limit.ts";
import type { EventStreams } from "../shared/event_stream.ts";
import { invalidRequest, problem, problemOf } from "../shared/problem.ts";
import { addChargePointRoutes } from "./charge_points.ts";
import { addEventRoutes } from "./events.ts";
import { METRICS_CONTENT_TYPE } from "./exposition.ts";
import dashboard from "./grafana_dashboard.json" with { type: "json" };
import { addIdTagRoutes } from "./id_tags.ts";
import { addLocalListRoutes } from "./local_lists.ts";
import { metricsText } from "./metrics.ts";
import { addRefusalRoutes } from "./refusals.ts";
import { addReservationRoutes } from "./reservations.ts";
import { addTransactionRoutes } from "./transactions.ts";

/** What the API works on. */
export interface ApiDependencies {
  readonly host: CentralSystemHost;
  readonly store: Store;
  readonly figures: ServerFigures;
  readonly events: EventRing<PublicServerEvent>;
  readonly refusals: RefusalRing;
  readonly streams: EventStreams;
  /** Nothing but loopback is listened on. */
  readonly isLoopback: boolean;
  /** Wanted as `Authorization: Bearer …` by everything but the health checks; none: everybody may. */
  readonly token: string | undefined;
  /** How long a Call waits for its answer unless the request says otherwise. */
  readonly callTimeoutMs: number;
  readonly version: string;
}

/** Builds the API. */
export function createApp(dependencies: ApiDependencies): OpenAPIHono {
  const { host, store, token, isLoopback, version } = dependencies;
  const app = new OpenAPIHono({
    defaultHook: (result, context) =>
      result.success ? undefined : invalidRequest(context, result.error.issues),
  });

  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", async (context) => {
    if (!host.isReady) return problem(context, 503, "the database cannot be written");
    await store.query("health", {});
    return context.json({ status: "ok" });
  });

  app.use(refuseForeignSites({ isLoopback }));
  if (token !== undefined) app.use(bearerAuth({ token }));
  app.use(limitBody());
  app.get("/", (context) => context.text(INDEX));
  app.get(
    "/metrics",
    async (context) =>
      context.body(await metricsText(dependencies), 200, { "content-type": METRICS_CONTENT_TYPE }),
  );
  app.get("/grafana.json", (context) => context.json(dashboard));
  addChargePointRoutes(app, dependencies);
  addIdTagRoutes(app, dependencies);
  addTransactionRoutes(app, dependencies);
  addLocalListRoutes(app, dependencies);
  addReservationRoutes(app, dependencies);
  addRefusalRoutes(app, dependencies);
  addEventRoutes(app, dependencies);
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "ocpp: Central System", version } });

  app.notFound((context) => problem(context, 404, `there is nothing at ${context.req.path}; see GET /`));
  app.onError((error, context) => {
    if (error instanceof StoreError) return problem(context, 503, error.message);
    if (error instanceof HTTPException) return problemOf(context, error);
    LOG.error("request failed: {method} {path}", {
      method: context.req.method,
      path: context.req.path,
      error,
    });
    return problem(context, 500, "a mistake of ours; the log has it");
  });
  return app;
}

const LOG = getLogger(["ocpp", "http"]);

const INDEX = `ocpp: an OCPP 1.6-J Central System

Charge Points connect to ws://<this host>/<identity> with the WebSocket subprotocol ocpp1.6.

GET  /api/v1/charge-points                            who is known, connected, and in which status
GET  /api/v1/charge-points/{identity}
GET  /api/v1/charge-points/{identity}/messages        every exchange, newest first
GET  /api/v1/charge-points/{identity}/reports         firmware, diagnostics, security events, …
POST /api/v1/charge-points/{identity}/calls           {"action": "Reset", "payload": {"type": "Soft"}}
POST /api/v1/charge-points/{identity}/local-list      {}: send it the idTags; GET: what it has
PUT  /api/v1/charge-points/{identity}                 {"registration": "Accepted"}; DELETE
GET  /api/v1/id-tags                                  who may charge; ?source=learned
PUT  /api/v1/id-tags/{idTag}                          {"blocked": false, "expiryDate": "…"}; GET, DELETE
GET  /api/v1/transactions                             ?chargePoint= &idTag= &active= &since=
GET  /api/v1/transactions/{transactionId}
GET  /api/v1/transactions/{transactionId}/meter-values
GET  /api/v1/reservations                             ?chargePoint= &active=
GET  /api/v1/reservations/{id}
GET  /api/v1/refusals                                 who was not let in, and why
GET  /api/v1/events                                   server-sent events; ?chargePoint=
GET  /metrics                                         for Prometheus; /grafana.json is a dashboard over it
GET  /openapi.json                                    all of it, for programs
GET  /healthz  /readyz
`;
