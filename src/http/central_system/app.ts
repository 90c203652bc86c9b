/**
 * The Central System's HTTP API. Loaded at the first request, so that the listener is up before it.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Store } from "../../central_system/store.ts";
import { StoreError } from "../../central_system/store.ts";
import type { CentralSystemHost } from "../../runtime/central_system_host.ts";
import { FileStoreError } from "../../runtime/file_store.ts";
import type { Files } from "../../runtime/files.ts";
import type { EventRing } from "../../runtime/event_ring.ts";
import type { RefusalRing } from "../../runtime/refusal_ring.ts";
import type { ServerFigures } from "../../runtime/server_figures.ts";
import type { TransactionWatch } from "../../runtime/transaction_watch.ts";
import type { PublicServerEvent } from "../../runtime/telling_observer.ts";
import { getLogger } from "@logtape/logtape";
import { createApi } from "../shared/api_app.ts";
import { addDocumentRoute } from "../shared/api_document.ts";
import type { AccessRefusal } from "../shared/authorization.ts";
import type { EventStreams } from "../shared/event_stream.ts";
import type { ExportStreams } from "../shared/export_stream.ts";
import { problem } from "../shared/problem.ts";
import { addChargePointRoutes } from "./charge_points.ts";
import { addDeviceFileRoutes } from "./device_files.ts";
import { addEventRoutes } from "./events.ts";
import { addFileRoutes, addFirmwareRoute } from "./files.ts";
import { addIdTagRoutes } from "./id_tags.ts";
import { addLocalListRoutes } from "./local_lists.ts";
import { addHealthRoutes, addMetricsRoutes } from "./operation.ts";
import { addRefusalRoutes } from "./refusals.ts";
import { addReservationRoutes } from "./reservations.ts";
import { addTransactionStopRoute } from "./transaction_stop.ts";
import { addTransactionRoutes } from "./transactions.ts";

/** What the API works on. */
export interface ApiDependencies {
  readonly host: CentralSystemHost;
  readonly store: Store;
  readonly figures: ServerFigures;
  readonly events: EventRing<PublicServerEvent>;
  readonly refusals: RefusalRing;
  readonly streams: EventStreams;
  readonly exports: ExportStreams;
  readonly files: Files;
  /** Where Charge Points reach this Central System by HTTP; else where the request went. */
  readonly publicUrl: string | undefined;
  readonly transactionWatch: TransactionWatch;
  /** Nothing but loopback is listened on. */
  readonly isLoopback: boolean;
  /** Wanted by everything but the health checks and the login; none: everybody may. */
  readonly token: string | undefined;
  /** Wrong tokens that an address may present at once; for tests. */
  readonly guessesMax?: number | undefined;
  readonly onAccessRefused: (refusal: AccessRefusal) => void;
  /** How long a Call waits for its answer unless the request says otherwise. */
  readonly callTimeoutMs: number;
  readonly version: string;
}

/** Builds the API. What guards it, and in which order, is in `shared/api_app.ts`. */
export function createApp(dependencies: ApiDependencies): OpenAPIHono {
  const { host, store, token, isLoopback, version, onAccessRefused, guessesMax } = dependencies;
  const app = createApi({
    title: "ocpp: Central System",
    index: INDEX,
    token,
    isLoopback,
    nowMs: () => host.clock.nowMs(),
    onRefused: onAccessRefused,
    ...(guessesMax === undefined ? {} : { guessesMax }),
    addOpenRoutes: (open) => {
      addHealthRoutes(open, { host, store });
      addDeviceFileRoutes(open, dependencies); // devices have no token but the one in their URL
    },
    addUploadRoutes: (authorized) => addFirmwareRoute(authorized, dependencies),
    onKnownError: (context, error) => {
      if (error instanceof StoreError) return problem(context, 503, error.message);
      if (!(error instanceof FileStoreError)) return undefined;
      LOG.error("{reason}", { reason: error.message, error }); // which names paths of this machine
      return problem(context, 503, "files cannot be kept or read now; the log says why");
    },
  });
  addMetricsRoutes(app, dependencies);
  addChargePointRoutes(app, dependencies);
  addIdTagRoutes(app, dependencies);
  addTransactionRoutes(app, dependencies);
  addLocalListRoutes(app, dependencies);
  addReservationRoutes(app, dependencies);
  addTransactionStopRoute(app, dependencies);
  addRefusalRoutes(app, dependencies);
  addEventRoutes(app, dependencies);
  addFileRoutes(app, dependencies);
  addDocumentRoute(app, { title: "ocpp: Central System", version, about: ABOUT });
  return app;
}

const LOG = getLogger(["ocpp", "http"]);

const ABOUT = "What an OCPP 1.6-J Central System knows of its Charge Points, and what it can have them do.";

const INDEX = `ocpp: an OCPP 1.6-J Central System

Charge Points connect to ws://<this host>/<identity> with the WebSocket subprotocol ocpp1.6.

GET  /api/v1/charge-points                            who is known, connected, and in which status
GET  /api/v1/charge-points/{identity}
GET  /api/v1/charge-points/{identity}/messages        every exchange, newest first
GET  /api/v1/charge-points/{identity}/reports         firmware, diagnostics, security events, …
POST /api/v1/charge-points/{identity}/calls           {"action": "Reset", "payload": {"type": "Soft"}}
POST /api/v1/charge-points/{identity}/local-list      {}: send it the idTags; GET: what it has
PUT  /api/v1/charge-points/{identity}                 {"registration": "Accepted"}; DELETE
PUT  /api/v1/charge-points/{identity}/behaviour       misbehave on purpose; GET, DELETE
GET  /api/v1/id-tags                                  who may charge; ?source=learned
PUT  /api/v1/id-tags/{idTag}                          {"blocked": false, "expiryDate": "…"}; GET, DELETE
GET  /api/v1/transactions                             ?chargePoint= &idTag= &active= &since=
GET  /api/v1/transactions/{transactionId}
GET  /api/v1/transactions/{transactionId}/meter-values   ?guessed=true
POST /api/v1/transactions/{transactionId}/stop        {"mode": "remote"} or "record", "operator", "note"
GET  /api/v1/reservations                             ?chargePoint= &active=
GET  /api/v1/reservations/{id}
GET  /api/v1/files                                    uploads and firmware; /{fileId}/content, DELETE
POST /api/v1/files/uploads                            a URL for GetDiagnostics; PUT /firmware/{name}
GET  /api/v1/refusals                                 who was not let in, and why
GET  /api/v1/events                                   server-sent events; ?chargePoint=
GET  /metrics                                         for Prometheus; /grafana.json is a dashboard over it
GET  /openapi.json                                    all of it, for programs
GET  /healthz  /readyz
`;
