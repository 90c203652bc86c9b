/**
 * What happens to simulated Charge Points, as server-sent events.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { HostEvent } from "../../runtime/charge_point_host.ts";
import type { PublicEvent } from "../../runtime/public_event.ts";
import { problemResponse } from "../shared/problem.ts";
import { eventResponses, lastEventId, streamRing } from "../shared/ring_stream.ts";
import { identityParameter, type SimulationDependencies, unknownChargePoint } from "./charge_points.ts";

/** What the API itself tells besides: a Charge Point was added or removed. */
export type ApiEvent = PublicEvent | { readonly kind: "added" | "removed" };

/** Every kind of event with what it tells; a new one gets its line here. */
export const EVENT_KINDS: Readonly<Record<HostEvent["kind"] | "added" | "removed", string>> = {
  added: "the Charge Point was added",
  removed: "the Charge Point was removed",
  acted: "a user, an EV or a technician did something: `input`",
  linkConnecting: "it connects to `url`",
  linkUp: "the WebSocket is open",
  linkDown: "the WebSocket is gone or did not come to be: `failure`, `retryInMs`",
  hostFailed: "a mistake of the simulator put it out of service: `error`",
  callSent: "it sent a Call: `uniqueId`, `action`, `payload`",
  callAnswered: "its Call was answered: `uniqueId`, `action`, `payload`, `latencyMs`",
  callFailed: "its Call was not answered, or with a CALLERROR: `reason`, `detail`",
  callReceived: "the Central System called: `action`, `payload`, and the `answer` that it got",
  deviation: "the Central System's message was repaired: `rule`, `path`, `detail`, `spec`",
  frameIgnored: "a frame made no sense: `reason`, `text`",
  registration: "BootNotification was answered: `status`, `intervalSeconds`",
  status: "a connector's status changed: `connectorId`, `status`, `errorCode`",
  authorization: "an idTag was decided upon: `idTag`, `connectorId`, `status`",
  idTagIgnored: "an idTag was shown and nothing came of it: `reason`",
  transactionStarted: "`connectorId`, `idTag`, `meterStartWh`",
  transactionConfirmed: "StartTransaction was answered: `transactionId`, `status`",
  transactionStopped: "`transactionId`, `reason`, `meterStartWh`, `meterStopWh`",
  transactionFinished: "the Central System has acknowledged the StopTransaction",
  metered: "a reading was taken: `connectorId`, `transactionId`, `meterValue`",
  messageLost: "a message that has to arrive was given up: `action`, `reason`",
  restarting: "a reset began: `type`",
  started: "it starts, for the first time or after a power cut or a reset",
  poweredOff: "the mains are gone",
  transactionResumed: "a transaction goes on after a power cut: `transactionId`, `idTag`",
  storeFailed: "its state cannot be stored, so it is out of service: `reason`, `retryInMs`",
  storeWorks: "its state can be stored again",
  securityEvent: "something for the security log: `type`, `techInfo`, `isTold`",
  firmware: "a step of a firmware update: `status`, `detail`",
  logUpload: "a step of the upload of a log: `request`, `fileName`, `status`, `detail`",
  certificateInUse: "a new Charge Point certificate is used from here on: `notAfterMs`",
  cableLock: "the lock of a connector did something: `outcome`",
  reserved: "a reservation was made: `reservationId`, `connectorId`, `idTag`",
  reservationEnded: "`reservationId`, `why`",
  dataTransferEnded: "DataTransfer was answered, or not: `status`",
  blinked: "the light signals that an idTag was accepted: `times`, `intensityPercent`",
};

export const EventView = z.looseObject({
  at: z.string().openapi({ format: "date-time" }),
  chargePoint: z.string(),
  kind: z.enum(Object.keys(EVENT_KINDS) as (keyof typeof EVENT_KINDS)[]),
}).openapi("Event", {
  description: Object.entries(EVENT_KINDS).map(([kind, what]) => `- \`${kind}\`: ${what}`).join("\n"),
});

/** Adds the routes. */
export function addEventRoutes(app: OpenAPIHono, dependencies: SimulationDependencies): void {
  const { simulation, events, streams } = dependencies;
  app.openAPIRegistry.register("Event", EventView);

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/events",
      summary: "Everything that happens, as server-sent events",
      request: { headers: lastEventId },
      responses: eventResponses,
    }),
    (context) =>
      streamRing(context, { events, streams, lastId: context.req.valid("header")["last-event-id"] }) as never,
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/events",
      summary: "What happens to one Charge Point, as server-sent events",
      request: { params: identityParameter, headers: lastEventId },
      responses: { ...eventResponses, 404: problemResponse("unknown") },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      if (simulation.chargePoint(identity) === undefined) return unknownChargePoint(context, identity);
      const lastId = context.req.valid("header")["last-event-id"];
      return streamRing(context, { events, streams, lastId, identity }) as never;
    },
  );
}
