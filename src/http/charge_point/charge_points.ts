/**
 * `/api/v1/charge-points`: which Charge Points are simulated, what they are, and how they come and go.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { checkValue } from "../../charge_point/configuration/configuration_value.ts";
import { IDENTITY_MAX_BYTES } from "../../runtime/identity.ts";
import type { EventRing } from "../../runtime/event_ring.ts";
import type { CentralSystemUrls } from "../../runtime/link_security.ts";
import type { ChargePointWish, Simulation } from "../../runtime/simulation.ts";
import { configurationOf, describedBy, presetNamed } from "../../scenario/described.ts";
import { DescriptionFile } from "../../scenario/description_file.ts";
import type { EventStreams } from "../shared/event_stream.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { pageOf, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import { refuseInvalid } from "./invalid.ts";
import type { ApiEvent } from "./events.ts";
import { AddedSecurity, linkSecurityOf } from "./added_security.ts";
import { ChargePointView, chargePointView } from "./views.ts";

/** What the routes work on. */
export interface SimulationDependencies {
  readonly simulation: Simulation;
  readonly events: EventRing<ApiEvent>;
  readonly streams: EventStreams;
  /** What a Charge Point is that is added without a word about it. */
  readonly template: Omit<ChargePointWish, "identity">;
  readonly nowMs: () => number;
}

export const identityParameter = z.object({ identity: z.string().min(1) });

const identity = z.string().min(1)
  .refine((text) => new TextEncoder().encode(text).length <= IDENTITY_MAX_BYTES, {
    error: `has at most ${IDENTITY_MAX_BYTES} bytes`,
  })
  .refine((text) => text !== "." && text !== ".." && !/\p{Cc}|\p{Cs}/u.test(text), {
    error: "cannot stand at the end of a URL",
  });

const url = z.string().max(2_000).refine(isCentralSystemUrl, {
  error: "looks like ws://localhost:9000 or wss://example.com/ocpp, without user, password, ? and #",
});

const AddRequest = z.strictObject({
  identity,
  url: url.optional().openapi({ description: "instead of the one that simulate was started with" }),
  tlsUrl: url.optional().openapi({
    description:
      "where profiles 2 and 3 connect; without it the URL with wss, or what simulate was started with",
  }),
  security: AddedSecurity.optional().openapi({
    description: "instead of the password and the certificates that simulate was started with",
  }),
  description: DescriptionFile.optional().openapi({
    description: "as in a description file; without a preset what simulate was started with lies below",
  }),
}).openapi("AddChargePoint");

const DescriptionView = DescriptionFile.omit({ preset: true, configuration: true }).openapi("Description");

/** The answer about one that is not there. */
export function unknownChargePoint(context: Context, identity: string) {
  return problem(context, 404, `no Charge Point ${identity} is simulated here`);
}

/** Adds the routes. */
export function addChargePointRoutes(app: OpenAPIHono, dependencies: SimulationDependencies): void {
  const { simulation, events, nowMs } = dependencies;

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points",
      summary: "Every simulated Charge Point, by identity",
      request: { query: z.object(pageParameters) },
      responses: {
        200: jsonResponse(pageOf(ChargePointView), "a page"),
        400: problemResponse("a wrong parameter"),
      },
    }),
    (context) => {
      const { limit, cursor = "" } = context.req.valid("query");
      const all = [...simulation.chargePoints()].filter(({ identity }) => identity > cursor)
        .sort((one, other) => one.identity < other.identity ? -1 : 1);
      const page = all.slice(0, limit);
      const last = all.length > limit ? page.at(-1)?.identity : undefined;
      return context.json({
        items: page.map(chargePointView),
        ...(last === undefined ? {} : { nextCursor: last }),
      }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points",
      summary: "Add a Charge Point, which is switched on at once",
      request: { body: { content: { "application/json": { schema: AddRequest } }, required: true } },
      responses: {
        201: jsonResponse(ChargePointView, "the Charge Point"),
        400: problemResponse("the description does not fit"),
        409: problemResponse("there is one of this identity, or there are too many"),
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const request = context.req.valid("json");
      const wished = wishOf(request, dependencies.template);
      if (!wished.ok) return problem(context, 400, wished.why, { reason: "badDescription" });
      const outcome = simulation.add(wished.wish);
      if (outcome.kind === "exists") {
        return problem(context, 409, `${request.identity} is simulated already`, { reason: "exists" });
      }
      if (outcome.kind === "full") {
        return problem(context, 409, `${simulation.size} Charge Points are the most`, { reason: "full" });
      }
      events.add(request.identity, { kind: "added" }, nowMs());
      const where = `/api/v1/charge-points/${encodeURIComponent(request.identity)}`;
      return context.json(chargePointView(outcome.chargePoint), 201, { location: where });
    },
    (result, context) => refuseInvalid(result, context, AddRequest),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}",
      summary: "One Charge Point as it is now",
      request: { params: identityParameter },
      responses: { 200: jsonResponse(ChargePointView, "the Charge Point"), 404: problemResponse("unknown") },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      return context.json(chargePointView(chargePoint), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/charge-points/{identity}",
      summary: "Remove a Charge Point; answers once its link is closed",
      request: { params: identityParameter },
      responses: { 204: { description: "it is gone" }, 404: problemResponse("unknown") },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      if (!await simulation.remove(identity)) return unknownChargePoint(context, identity);
      events.add(identity, { kind: "removed" }, nowMs());
      return context.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/description",
      summary: "How a Charge Point is built, as a description file has it",
      request: { params: identityParameter },
      responses: { 200: jsonResponse(DescriptionView, "the description"), 404: problemResponse("unknown") },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      const { serialNumber, description } = chargePoint;
      const shown = serialNumber === undefined
        ? description
        : { chargePointSerialNumber: serialNumber, ...description };
      return context.json(DescriptionView.parse(shown), 200);
    },
  );
}

function wishOf(
  { identity, url, tlsUrl, security, description: file = {} }: z.infer<typeof AddRequest>,
  template: Omit<ChargePointWish, "identity">,
): { ok: true; wish: ChargePointWish } | { ok: false; why: string } {
  const description = describedBy(
    file.preset === undefined ? template.description : presetNamed(file.preset),
    file,
  );
  const configuration = { ...template.configuration, ...configurationOf(file) };
  for (const [key, value] of Object.entries(configurationOf(file))) {
    const checked = checkValue(key, value, description);
    if (!checked.ok) return { ok: false, why: `description.configuration: ${checked.reason}` };
  }
  // What simulate was started with may not fit a Charge Point that is built otherwise.
  const fitting = Object.entries(configuration).filter(([key, value]) =>
    checkValue(key, value, description).ok
  );
  const { chargePointSerialNumber: serialNumber } = file;
  const { serialNumber: _, ...common } = template;
  return {
    ok: true,
    wish: {
      ...common,
      identity,
      description,
      configuration: Object.fromEntries(fitting),
      urls: {
        ...(url === undefined ? template.urls : urlsOf(url)),
        ...(tlsUrl === undefined ? {} : { tls: withoutSlash(tlsUrl) }),
      },
      ...(security === undefined ? {} : { security: linkSecurityOf(security) }),
      ...(serialNumber === undefined ? {} : { serialNumber }),
    },
  };
}

function urlsOf(text: string): CentralSystemUrls {
  const plain = withoutSlash(text);
  return { plain, tls: plain.replace(/^ws:/, "wss:") };
}

function withoutSlash(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}

function isCentralSystemUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === "ws:" || protocol === "wss:") && `${username}${password}${search}${hash}` === "";
}
