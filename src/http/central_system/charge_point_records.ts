/**
 * `PUT` and `DELETE /api/v1/charge-points/{identity}`: which Charge Points are admitted, and on which terms.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ChargePointRecord } from "../../central_system/store.ts";
import { REPAIR_RULES, type RepairRule } from "../../ocpp/repair_rule.ts";
import { IdToken, RegistrationStatus } from "../../ocpp/types.ts";
import { identityFault } from "../../runtime/identity.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { ChargePointView } from "./views.ts";

/** idTags that one Charge Point's record may allow; more belong into a group. */
export const ALLOWED_ID_TAGS_MAX = 1_000;

/** The longest interval between Heartbeats, in seconds: a day. */
export const HEARTBEAT_INTERVAL_MAX_SECONDS = 86_400;

const REPAIR_RULE_NAMES = REPAIR_RULES.map(({ rule }) => rule) as [RepairRule, ...RepairRule[]];

const identityParameter = z.object({ identity: z.string().min(1) });

const ChargePointEntry = z.strictObject({
  registration: RegistrationStatus.meta({
    description: "told at its next boot; before its first one, its Calls are refused unless Accepted",
  }),
  validation: z.enum(["strict", "tolerant"]).optional().openapi({
    description: "from its next connection on; absent: as the Central System",
  }),
  refusedRules: z.array(z.enum(REPAIR_RULE_NAMES)).optional().openapi({
    description:
      "repairs that are refused of it although it is tolerated otherwise, from its next connection on",
  }),
  allowedIdTags: z.array(IdToken.min(1)).max(ALLOWED_ID_TAGS_MAX).optional().openapi({
    description: "the only idTags, or groups (parentIdTag), that may charge here; absent: all",
  }),
  heartbeatIntervalSeconds: z.int().min(1).max(HEARTBEAT_INTERVAL_MAX_SECONDS).optional().openapi({
    description: "told at its next accepted boot; absent: as the Central System",
  }),
}).openapi("ChargePointEntry");

/** Adds the routes. `view` shows a record with what is known of its connection. */
export function addChargePointRecordRoutes(
  app: OpenAPIHono,
  { host, store }: ApiDependencies,
  view: (record: ChargePointRecord) => z.infer<typeof ChargePointView>,
): void {
  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/charge-points/{identity}",
      summary: "Enter a Charge Point, or replace what was entered; what is left out is as by default",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: ChargePointEntry } }, required: true },
      },
      responses: {
        200: jsonResponse(ChargePointView, "it was known and is replaced"),
        201: jsonResponse(ChargePointView, "it is new"),
        400: problemResponse("what was sent does not fit"),
        503: problemResponse("the database cannot be written"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const fault = identityFault(identity);
      if (fault !== undefined) return problem(context, 400, fault);
      const outcome = await host.change({
        kind: "putChargePoint",
        identity,
        entry: given(context.req.valid("json")),
      });
      if (outcome === "storeFailed") return problem(context, 503, "the database cannot be written");
      const record = await store.query("chargePoint", { identity });
      if (record === undefined) return problem(context, 404, `${identity} was deleted meanwhile`);
      return context.json(view(record), outcome === "created" ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/charge-points/{identity}",
      summary: "Delete its record and disconnect it; its transactions, readings, reports and messages stay",
      request: { params: identityParameter },
      responses: {
        204: { description: "it is deleted; under open registration it is new when it comes back" },
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be written"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const outcome = await host.change({ kind: "deleteChargePoint", identity });
      if (outcome === "storeFailed") return problem(context, 503, "the database cannot be written");
      if (outcome === "unknown") return problem(context, 404, `no Charge Point ${identity} is known`);
      return context.body(null, 204);
    },
  );
}
