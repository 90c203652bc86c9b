/**
 * The 26 Calls of a Central System in `openapi.json`: the payload of each, and the request that sends it, told
 * apart by its `action`.
 *
 * These only document: what is sent is checked by `central_system/commands.ts`, against the same schemas and the
 * rules that only the text of the specification has.
 */
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { type Action, ACTIONS, maySend } from "../../ocpp/action.ts";
import { SCHEMAS } from "../../ocpp/registry.ts";
import { DateTime } from "../../ocpp/types.ts";

const CALLS = (Object.keys(ACTIONS) as Action[]).filter((action) => maySend("centralSystem", action));

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** What `CallRequest` says besides its fields. */
export const CALL_REQUEST = {
  description: "one of the 26 Calls; with `validate: false` its payload may be anything",
  anyOf: [
    {
      oneOf: CALLS.map((action) => reference(`${action}Call`)),
      discriminator: {
        propertyName: "action",
        mapping: Object.fromEntries(CALLS.map((action) => [action, reference(`${action}Call`).$ref])),
      },
    },
    { type: "object" as const, properties: { validate: { const: false } }, required: ["validate"] },
  ],
  example: { action: "Reset", payload: { type: "Soft" } },
};

/** Adds `ResetReq`, `ResetConf`, `ResetCall` and so on. */
export function addCallSchemas({ openAPIRegistry }: OpenAPIHono): void {
  for (const action of CALLS) {
    const { req, conf } = SCHEMAS[action];
    openAPIRegistry.registerComponent("schemas", `${action}Req`, jsonSchemaOf(req));
    openAPIRegistry.registerComponent("schemas", `${action}Conf`, jsonSchemaOf(conf));
    openAPIRegistry.registerComponent("schemas", `${action}Call`, {
      type: "object",
      properties: { action: { const: action }, payload: reference(`${action}Req`) },
      required: ["action", ...(req.safeParse({}).success ? [] : ["payload"])],
    });
  }
}

function jsonSchemaOf(schema: z.ZodType) {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    ...{ io: "input", unrepresentable: "any" },
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === DateTime) jsonSchema.format = "date-time";
      // A whole number of zod's is a safe one, which nobody who reads this needs to be told.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return json as Parameters<OpenAPIHono["openAPIRegistry"]["registerComponent"]>[2];
}
