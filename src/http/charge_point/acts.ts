/**
 * Things that happen to one Charge Point because somebody wants them to: inputs, link, power, factory reset.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ChargePointInput } from "../../charge_point/contract.ts";
import type { SimulatedChargePoint } from "../../runtime/simulation.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import { refuseInvalid } from "./invalid.ts";
import { identityParameter, type SimulationDependencies, unknownChargePoint } from "./charge_points.ts";
import { eventView } from "../shared/ring_stream.ts";
import { EventView } from "./events.ts";
import { inputOf, InputRequest } from "./inputs.ts";
import { ChargePointView, chargePointView, LinkView, linkView } from "./views.ts";

const InputOutcome = z.object({
  events: z.array(EventView).openapi({ description: "what happened at once; the rest comes as events" }),
  chargePoint: ChargePointView,
}).openapi("InputOutcome");

const LinkRequest = z.strictObject({ state: z.enum(["cut", "restored"]) });
const PowerRequest = z.strictObject({ state: z.enum(["on", "off"]) });

const outOfService = problemResponse("out of service by a mistake of the simulator");

/** Adds the routes. */
export function addActRoutes(app: OpenAPIHono, { simulation, events }: SimulationDependencies): void {
  /** Lets inputs happen and gives what was told of it meanwhile. */
  const act = (chargePoint: SimulatedChargePoint, input: ChargePointInput) => {
    const before = events.lastId;
    simulation.input(chargePoint, input);
    return (events.after(before) ?? []).filter((event) => event.chargePoint === chargePoint.identity);
  };
  const refusal = (context: Context, chargePoint: SimulatedChargePoint) =>
    problem(context, 409, `${chargePoint.identity} is out of service; remove it and add it again`, {
      reason: "outOfService",
    });

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/inputs",
      summary: "Let a user, an EV or a technician do something",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: InputRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(
          InputOutcome,
          "it has happened; what the Charge Point made of it stands in the events",
        ),
        400: problemResponse("no such input, or not on this Charge Point"),
        404: problemResponse("unknown"),
        409: outOfService,
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      if (chargePoint.host.hasFailed) return refusal(context, chargePoint);
      const wanted = inputOf(context.req.valid("json"), chargePoint.description);
      if (!wanted.ok) return problem(context, 400, `${identity}: ${wanted.why}`);
      const happened = act(chargePoint, wanted.input).map(eventView) as z.infer<typeof EventView>[];
      return context.json({ events: happened, chargePoint: chargePointView(chargePoint) }, 200);
    },
    (result, context) => refuseInvalid(result, context, InputRequest),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/link",
      summary: "Cut the link, as if the network were gone, or restore it",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: LinkRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(LinkView, "the link now"),
        400: problemResponse("no such state"),
        404: problemResponse("unknown"),
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      const { host } = chargePoint;
      if (context.req.valid("json").state === "cut") host.cutLink();
      else host.restoreLink();
      return context.json(linkView(host.link), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/power",
      summary: "Switch the mains off or on",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: PowerRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(ChargePointView, "the Charge Point now"),
        400: problemResponse("no such state"),
        404: problemResponse("unknown"),
        409: outOfService,
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      if (chargePoint.host.hasFailed) return refusal(context, chargePoint);
      act(chargePoint, { kind: context.req.valid("json").state === "on" ? "powerOn" : "powerOff" });
      return context.json(chargePointView(chargePoint), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/factory-reset",
      summary: "Everything stored goes back to what the Charge Point was delivered with; it restarts",
      request: { params: identityParameter },
      responses: {
        200: jsonResponse(ChargePointView, "the Charge Point now"),
        404: problemResponse("unknown"),
        409: outOfService,
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      if (chargePoint.host.hasFailed) return refusal(context, chargePoint);
      act(chargePoint, { kind: "factoryReset" });
      return context.json(chargePointView(chargePoint), 200);
    },
  );
}
