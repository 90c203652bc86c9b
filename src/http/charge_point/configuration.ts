/**
 * `…/configuration`: the keys of one Charge Point, as a service technician sees and sets them.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type CheckedValue, checkValue } from "../../charge_point/configuration/configuration_value.ts";
import { configurationKeyOf } from "../../ocpp/configuration_key.ts";
import type { SimulatedChargePoint } from "../../runtime/simulation.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import { identityParameter, type SimulationDependencies, unknownChargePoint } from "./charge_points.ts";
import { ConfigurationKey, configurationKeyView, ConfigurationList } from "./views.ts";

const Value = z.union([z.string(), z.number(), z.boolean()]);
const ValueRequest = z.strictObject({ value: Value });
const ValuesRequest = z.record(z.string(), Value).refine((values) => Object.keys(values).length > 0, {
  error: "names no key",
});

const keyParameter = identityParameter.extend({ key: z.string().min(1).max(50) });

const REFUSALS = { unknownKey: 404, readOnly: 409, badValue: 400 } as const;

/** Adds the routes. */
export function addConfigurationRoutes(app: OpenAPIHono, { simulation }: SimulationDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/configuration",
      summary: "Every configuration key",
      request: { params: identityParameter },
      responses: { 200: jsonResponse(ConfigurationList, "the keys"), 404: problemResponse("unknown") },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      return context.json({ items: chargePoint.core.configurationView().map(configurationKeyView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "patch",
      path: "/api/v1/charge-points/{identity}/configuration",
      summary: "Set keys: all of them, or none if one will not do",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: ValuesRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(ConfigurationList, "these keys now"),
        400: problemResponse("a value that its key cannot have"),
        404: problemResponse("unknown Charge Point or key"),
        409: problemResponse("a key that cannot be changed, or not to this value as things are"),
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      const outcome = set(chargePoint, Object.entries(context.req.valid("json")));
      if (!outcome.ok) return problem(context, outcome.status, outcome.why, { reason: outcome.reason });
      return context.json({ items: outcome.items }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/configuration/{key}",
      summary: "One configuration key",
      request: { params: keyParameter },
      responses: {
        200: jsonResponse(ConfigurationKey, "the key"),
        404: problemResponse("unknown Charge Point or key"),
      },
    }),
    (context) => {
      const { identity, key } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      const view = viewOfKey(chargePoint, key);
      if (view === undefined) return problem(context, 404, `${identity} has no configuration key ${key}`);
      return context.json(view, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/charge-points/{identity}/configuration/{key}",
      summary: "Set one configuration key",
      request: {
        params: keyParameter,
        body: { content: { "application/json": { schema: ValueRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(ConfigurationKey, "the key now"),
        400: problemResponse("a value that the key cannot have"),
        404: problemResponse("unknown Charge Point or key"),
        409: problemResponse("it cannot be changed, or not to this value as things are"),
        413: problemResponse("too large"),
      },
    }),
    (context) => {
      const { identity, key } = context.req.valid("param");
      const chargePoint = simulation.chargePoint(identity);
      if (chargePoint === undefined) return unknownChargePoint(context, identity);
      const outcome = set(chargePoint, [[key, context.req.valid("json").value]]);
      if (!outcome.ok) return problem(context, outcome.status, outcome.why, { reason: outcome.reason });
      return context.json(outcome.items[0]!, 200);
    },
  );

  type Outcome =
    | { ok: true; items: z.infer<typeof ConfigurationKey>[] }
    | { ok: false; status: 400 | 404 | 409; reason: string; why: string };

  function set(chargePoint: SimulatedChargePoint, values: readonly (readonly [string, unknown])[]): Outcome {
    const { core, description } = chargePoint;
    const good: Extract<CheckedValue, { ok: true }>[] = [];
    for (const [name, value] of values) {
      const checked = checkValue(name, String(value), description);
      if (!checked.ok) {
        const { refusal, reason } = checked;
        return { ok: false, status: REFUSALS[refusal], reason: refusal, why: reason };
      }
      good.push(checked);
    }
    for (const { key, value } of good) {
      simulation.input(chargePoint, { kind: "setConfiguration", key, value });
    }
    const refused = good.find(({ key, value }) => !core.hasConfiguration(key, value));
    if (refused !== undefined) {
      const why = `${refused.key} cannot have this value as things are`;
      return { ok: false, status: 409, reason: "refused", why };
    }
    return { ok: true, items: good.map(({ key }) => viewOfKey(chargePoint, key)!) };
  }
}

function viewOfKey({ core }: SimulatedChargePoint, name: string) {
  const key = configurationKeyOf(name);
  const view = core.configurationView().find((one) => one.key === key);
  return view === undefined ? undefined : configurationKeyView(view);
}
