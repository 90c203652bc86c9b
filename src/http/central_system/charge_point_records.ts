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

/** The longest interval between pings, in seconds: a day. */
export const PING_INTERVAL_MAX_SECONDS = 86_400;

/** The longest password. Spec: Security §2.4.2 has 20 bytes; passwords that are texts may be longer. */
export const PASSWORD_BYTES_MAX = 64;

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
  pingIntervalSeconds: z.int().min(0).max(PING_INTERVAL_MAX_SECONDS).optional().openapi({
    description: "silence after which it is pinged, from its next connection on; 0: never",
  }),
  securityProfile: z.literal([0, 1, 2, 3]).optional().openapi({
    description:
      "the one that it has to use, from its next connection on; absent: any that is not below --security-profile",
  }),
  pendingSecurityProfile: z.null().optional().openapi({
    description: "null: the profile that it has accepted and not used yet is given up",
  }),
  certificateSerialNumber: z.string().min(1).max(64).optional().openapi({
    description: "CN of its client certificate (security profile 3); absent: its identity",
  }),
  password: z.string().min(1).max(PASSWORD_BYTES_MAX).nullable().optional().openapi({
    description: "as text; kept as a salted hash and never shown; null: none any more; absent: as it was",
    writeOnly: true,
  }),
  authorizationKeyHex: z.string().regex(/^(?:[0-9a-fA-F]{2})+$/, "it is hexadecimal, two digits a byte")
    .max(2 * PASSWORD_BYTES_MAX).optional().openapi({
      description: "the password as AuthorizationKey has it, instead of `password`",
      writeOnly: true,
    }),
}).refine(
  ({ password, authorizationKeyHex }) => password === undefined || authorizationKeyHex === undefined,
  { path: ["authorizationKeyHex"], error: "it stands instead of password: give one of them" },
).refine(
  ({ securityProfile, password, authorizationKeyHex }) =>
    securityProfile !== 0 || (typeof password !== "string" && authorizationKeyHex === undefined),
  { path: ["securityProfile"], error: "with a password it is at least 1" },
).openapi("ChargePointEntry");

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
      const { password, authorizationKeyHex, ...entered } = context.req.valid("json");
      const secret = authorizationKeyHex === undefined ? password : Uint8Array.fromHex(authorizationKeyHex);
      const passwordHash = secret == null ? secret : await host.hashPassword(bytesOf(secret));
      if (passwordHash === undefined && secret !== undefined) {
        return problem(context, 503, "too many passwords wait to be hashed");
      }
      const entry = given({ ...entered, passwordHash });
      const outcome = await host.change({ kind: "putChargePoint", identity, entry });
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

function bytesOf(secret: string | Uint8Array): Uint8Array {
  return typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
}
