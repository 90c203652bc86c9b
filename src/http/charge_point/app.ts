/**
 * The HTTP API that operates simulated Charge Points. Loaded at the first request, so that they are running
 * before it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { getLogger } from "@logtape/logtape";
import { bearerAuth } from "hono/bearer-auth";
import { HTTPException } from "hono/http-exception";
import { refuseForeignSites } from "../shared/access.ts";
import { limitBody } from "../shared/body_limit.ts";
import { invalidRequest, problem, problemOf } from "../shared/problem.ts";
import { addActRoutes } from "./acts.ts";
import { addChargePointRoutes, type SimulationDependencies } from "./charge_points.ts";
import { addConfigurationRoutes } from "./configuration.ts";
import { addEventRoutes } from "./events.ts";

/** What the API works on and who may use it. */
export interface ControlDependencies extends SimulationDependencies {
  /** Wanted as `Authorization: Bearer …` by everything but the health check; none: every program here may. */
  readonly token: string | undefined;
  /** Nothing but loopback is listened on. */
  readonly isLoopback: boolean;
  readonly version: string;
}

/** Builds the API. */
export function createControlApp(dependencies: ControlDependencies): OpenAPIHono {
  const { token, isLoopback, version } = dependencies;
  const app = new OpenAPIHono({
    defaultHook: (result, context) =>
      result.success ? undefined : invalidRequest(context, result.error.issues),
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.use(refuseForeignSites({ isLoopback }));
  if (token !== undefined) app.use(bearerAuth({ token }));
  app.use(limitBody());
  app.get("/", (context) => context.text(INDEX));
  addChargePointRoutes(app, dependencies);
  addActRoutes(app, dependencies);
  addConfigurationRoutes(app, dependencies);
  addEventRoutes(app, dependencies);
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "ocpp: simulated Charge Points", version } });

  app.notFound((context) => problem(context, 404, `there is nothing at ${context.req.path}; see GET /`));
  app.onError((error, context) => {
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

const INDEX = `ocpp: simulated Charge Points

GET    /api/v1/charge-points
POST   /api/v1/charge-points                               {"identity": "CP9", "description": {"preset": "dc-50kw"}}
GET    /api/v1/charge-points/{identity}
DELETE /api/v1/charge-points/{identity}
GET    /api/v1/charge-points/{identity}/description
POST   /api/v1/charge-points/{identity}/inputs             {"kind": "plugIn", "connectorId": 1, "vehicle": "compact"}
POST   /api/v1/charge-points/{identity}/link               {"state": "cut"} or {"state": "restored"}
POST   /api/v1/charge-points/{identity}/power              {"state": "off"} or {"state": "on"}
POST   /api/v1/charge-points/{identity}/factory-reset
GET    /api/v1/charge-points/{identity}/configuration
PATCH  /api/v1/charge-points/{identity}/configuration      {"HeartbeatInterval": 60}
GET    /api/v1/charge-points/{identity}/configuration/{key}
PUT    /api/v1/charge-points/{identity}/configuration/{key}  {"value": "60"}
GET    /api/v1/charge-points/{identity}/events             server-sent events
GET    /api/v1/events
GET    /openapi.json                                       all of it, for programs
GET    /healthz
`;
