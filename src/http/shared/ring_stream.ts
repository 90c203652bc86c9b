/**
 * An event ring as server-sent events.
 *
 * A reader that comes back says with `Last-Event-ID` what it saw last and gets what came after; where that is not
 * kept any more it gets an event `reset` first, and what is still kept does not follow: it looks anew.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { writableJson } from "../../ocpp/json.ts";
import type { EventRing, RingEvent } from "../../runtime/event_ring.ts";
import type { EventStreams } from "./event_stream.ts";
import { problem, problemResponse } from "./problem.ts";

/** How routes declare a stream of events. */
export const eventResponses = {
  200: {
    description: "each `data` is one Event; an event `reset` means that some are missing: look anew",
    content: { "text/event-stream": { schema: z.string() } },
  },
  429: problemResponse("too many event streams are open"),
};

/** The header of a reader that comes back. */
export const lastEventId = z.object({
  "last-event-id": z.string().max(100).optional().openapi({ description: "go on after this one" }),
});

/** An event as the data of its server-sent event; what is about no Charge Point names none. */
export function eventView({ atMs, chargePoint, event }: RingEvent<unknown>): Record<string, unknown> {
  return {
    at: dateTimeOf(atMs),
    ...(chargePoint === "" ? {} : { chargePoint }),
    ...writableJson(event) as Record<string, unknown>,
  };
}

/** Answers with the events from now on, or after `lastId`; of one Charge Point, where `identity` names it. */
export function streamRing<T>(
  context: Context,
  { events, streams, lastId, identity }: {
    events: EventRing<T>;
    streams: EventStreams;
    lastId: string | undefined;
    identity?: string;
  },
) {
  const body = streams.open((send) => {
    const show = (event: RingEvent<T>) => {
      if (identity === undefined || event.chargePoint === identity) {
        send({ id: event.id, data: eventView(event) });
      }
    };
    const missed = lastId === undefined ? [] : events.after(lastId);
    if (missed === undefined) {
      send({ id: events.lastId, name: "reset", data: { lastEventId: events.lastId } });
    }
    const stop = events.listen(show);
    missed?.forEach(show);
    return stop;
  });
  if (body === undefined) return problem(context, 429, "too many event streams are open");
  return context.body(body, 200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
  });
}
