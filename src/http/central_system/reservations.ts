/**
 * `/api/v1/reservations`: what Charge Points have accepted to reserve, and how it ended. They are made and cancelled by
 * the Calls ReserveNow and CancelReservation.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isHeldAt, type ListedReservation, RESERVATION_ENDS } from "../../central_system/told_record.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageOf, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";

const Instant = z.string().openapi({ format: "date-time" });

const idParameter = z.object({
  id: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).openapi({
    description: "its number here",
    example: 1,
  }),
});

const ReservationView = z.object({
  id: z.int().openapi({ description: "its number here; reservationIds come again" }),
  chargePoint: z.string(),
  reservationId: z.int(),
  connectorId: z.int().openapi({ description: "0: any connector" }),
  idTag: z.string(),
  parentIdTag: z.string().optional(),
  expiryDate: Instant,
  madeAt: Instant.openapi({ description: "when its ReserveNow was answered" }),
  status: z.enum(["active", "doubtful", "expired", ...RESERVATION_ENDS]).openapi({
    description:
      "doubtful: its ReserveNow was never answered; forgotten: the Charge Point said that there is none",
  }),
  endedAt: Instant.optional(),
  transactionId: z.int().optional().openapi({ description: "of the transaction that used it" }),
}).openapi("Reservation");

/** Adds the routes. */
export function addReservationRoutes(app: OpenAPIHono, { store, host }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/reservations",
      summary: "Reservations that Charge Points have accepted, newest first",
      request: {
        query: z.object({
          ...pageParameters,
          cursor: numericCursor,
          chargePoint: z.string().optional(),
          active: z.enum(["true", "false"]).transform((text) => text === "true").optional(),
        }),
      },
      responses: {
        200: jsonResponse(pageOf(ReservationView), "a page"),
        400: problemResponse("a wrong parameter"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { active, ...wanted } = context.req.valid("query");
      const nowMs = host.clock.nowMs();
      const filter = active === undefined ? {} : active ? { heldAtMs: nowMs } : { overAtMs: nowMs };
      const page = await store.query("reservations", { ...given(wanted), ...filter });
      return context.json({ ...page, items: page.items.map((one) => reservationView(one, nowMs)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/reservations/{id}",
      summary: "One reservation",
      request: { params: idParameter },
      responses: {
        200: jsonResponse(ReservationView, "the reservation"),
        400: problemResponse("no number"),
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const record = await store.query("reservation", { id });
      if (record === undefined) return problem(context, 404, `there is no reservation ${id}`);
      return context.json(reservationView(record, host.clock.nowMs()), 200);
    },
  );
}

function reservationView(record: ListedReservation, nowMs: number): z.infer<typeof ReservationView> {
  const { id, chargePoint, reservationId, connectorId, idTag, parentIdTag, end } = record;
  const isHeld = isHeldAt(record, nowMs);
  const endedAtMs = end?.atMs ?? (isHeld ? undefined : record.expiryAtMs);
  return {
    id,
    chargePoint,
    reservationId,
    connectorId,
    idTag,
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
    expiryDate: dateTimeOf(record.expiryAtMs),
    madeAt: dateTimeOf(record.madeAtMs),
    status: end?.by ?? (!isHeld ? "expired" : record.isDoubtful ? "doubtful" : "active"),
    ...(endedAtMs === undefined ? {} : { endedAt: dateTimeOf(endedAtMs) }),
    ...(end?.transactionId === undefined ? {} : { transactionId: end.transactionId }),
  };
}
