/**
 * What happens in a Central System, as server-sent events.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { PublicServerEvent } from "../../runtime/telling_observer.ts";
import { eventResponses, lastEventId, streamRing } from "../shared/ring_stream.ts";
import type { ApiDependencies } from "./app.ts";

/** Every kind of event with what it tells; a new one gets its line here. */
export const EVENT_KINDS: Readonly<Record<PublicServerEvent["kind"], string>> = {
  connected: "a Charge Point connected: `remoteAddress`, `replaced` its older connection",
  disconnected: "its connection is gone: `code`, `reason`",
  refused:
    "an upgrade was refused: `remoteAddress`, `status`, `reason`; without `chargePoint` it named none, without `status` TLS failed",
  booted: "a BootNotification was answered: `status`",
  statusReceived: "a connector's status: `connectorId`, `status`, `errorCode`",
  transactionStarted: "`connectorId`, `transactionId`, `idTag`, `idTagStatus`",
  transactionStopped: "`transactionId`, `closedBy`, `energyWh`",
  localListUpdated: "a SendLocalList was Accepted: `listVersion`, `updateType`, `entries` of the message",
  reservationMade:
    "a ReserveNow was Accepted: `connectorId`, `reservationId`, `idTag`; `isDoubtful`: never answered",
  reservationEnded: "`connectorId`, `reservationId`, `endedBy`; of expiry nothing is told",
  certificateSigned:
    "a certificate was sent to it: `commonName`, `serialNumber`, `outcome` (Accepted, Rejected, or why it did not answer)",
  certificateNotSigned: "it asked for a certificate and gets none: `reason`",
  transactionSuspected: "it is perhaps over: `transactionId`, `by` (Available or boot), `atMs`",
  transactionGoesOn: "the suspicion is taken back: `transactionId`",
  deviation: "it broke a rule and was answered: `rule`, `detail`, `spec`, `path`, `exchange`",
  storeFailed: "the database cannot be written: nobody is answered",
  storeResumed: "it can be written again: `downMs`",
  fileReceived: "a Charge Point uploaded a file: `fileId`, `name`, `bytes`",
  misbehaved: "an exchange was spoilt on purpose: `direction`, `action`, `uniqueId`, `deliberate` (how)",
  rowsRemoved: "what was older than it is to be kept: `table`, `rows`, received before `beforeMs`",
  mistaken: "a Call met a mistake of ours: `action`, `uniqueId`; the log has it",
};

export const EventView = z.looseObject({
  at: z.string().openapi({ format: "date-time" }),
  chargePoint: z.string().optional().openapi({ description: "absent where it is about none" }),
  kind: z.enum(Object.keys(EVENT_KINDS) as (keyof typeof EVENT_KINDS)[]),
}).openapi("Event", {
  description: Object.entries(EVENT_KINDS).map(([kind, what]) => `- \`${kind}\`: ${what}`).join("\n"),
});

/** Adds the route. */
export function addEventRoutes(app: OpenAPIHono, { events, streams }: ApiDependencies): void {
  app.openAPIRegistry.register("Event", EventView);
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/events",
      summary: "Everything that happens, as server-sent events; exchanges are under messages",
      request: {
        headers: lastEventId,
        query: z.object({ chargePoint: z.string().optional().openapi({ description: "only of this one" }) }),
      },
      responses: eventResponses,
    }),
    (context) => {
      const { chargePoint } = context.req.valid("query");
      return streamRing(context, {
        events,
        streams,
        lastId: context.req.valid("header")["last-event-id"],
        ...(chargePoint === undefined ? {} : { identity: chargePoint }),
      }) as never;
    },
  );
}
