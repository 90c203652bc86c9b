/**
 * The HTTP API that operates simulated Charge Points. Loaded at the first request, so that they are running
 * before it.
 */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { createApi } from "../shared/api_app.ts";
import { addDocumentRoute } from "../shared/api_document.ts";
import type { AccessRefusal } from "../shared/authorization.ts";
import { Health } from "../shared/health.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { addActRoutes } from "./acts.ts";
import { addChargePointRoutes, type SimulationDependencies } from "./charge_points.ts";
import { addConfigurationRoutes } from "./configuration.ts";
import { addEventRoutes } from "./events.ts";

/** What the API works on and who may use it. */
export interface ControlDependencies extends SimulationDependencies {
  /** Wanted by everything but the health check and the login; none: every program here may. */
  readonly token: string | undefined;
  /** Wrong tokens that an address may present at once; for tests. */
  readonly guessesMax?: number | undefined;
  readonly onAccessRefused: (refusal: AccessRefusal) => void;
  /** Nothing but loopback is listened on. */
  readonly isLoopback: boolean;
  readonly version: string;
}

/** Builds the API. What guards it, and in which order, is in `shared/api_app.ts`. */
export function createControlApp(dependencies: ControlDependencies): OpenAPIHono {
  const { token, isLoopback, version, nowMs, onAccessRefused, guessesMax } = dependencies;
  const app = createApi({
    title: "ocpp: simulated Charge Points",
    index: INDEX,
    token,
    isLoopback,
    nowMs,
    onRefused: onAccessRefused,
    ...(guessesMax === undefined ? {} : { guessesMax }),
    addOpenRoutes: addHealthRoute,
  });
  addChargePointRoutes(app, dependencies);
  addActRoutes(app, dependencies);
  addConfigurationRoutes(app, dependencies);
  addEventRoutes(app, dependencies);
  addDocumentRoute(app, { title: "ocpp: simulated Charge Points", version, about: ABOUT });
  return app;
}

const ABOUT =
  "Simulated OCPP 1.6-J Charge Points, and what their users, their EVs and the network do to them.";

function addHealthRoute(app: OpenAPIHono): void {
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
}

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
