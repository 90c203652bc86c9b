/**
 * `/api/v1/charge-points/{identity}/behaviour`: to misbehave on purpose towards one Charge Point.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  BEHAVIOUR_RULES_MAX,
  BEHAVIOUR_TEXT_MAX,
  type BehaviourRule,
  breaksSchema,
  type CallRule,
  DELAY_MAX_MS,
  isCallRule,
  ruleFault,
} from "../../central_system/behaviour.ts";
import type { Action } from "../../ocpp/action.ts";
import { jsonText } from "../../ocpp/json.ts";
import { identityFault } from "../../runtime/identity.ts";
import { MISBEHAVED_TOWARDS_MAX } from "../../runtime/behaviour.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";

const identityParameter = z.object({ identity: z.string().min(1) });

/** A close frame's reason has to fit into one control frame. Spec: RFC 6455 §5.5. */
const CLOSE_REASON_MAX_BYTES = 123;

/** The codes that an endpoint may send. Spec: RFC 6455 §7.4. */
const isCloseCode = (code: number) =>
  code >= 3000 && code <= 4999 || code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);

const common = {
  action: z.string().default("*").openapi({ description: "whose Calls it is for; * is any" }),
  times: z.int().min(1).max(1_000_000).optional().openapi({
    description: "for the next so many; absent: always",
  }),
};

const ofAnswers = {
  ...common,
  decide: z.boolean().default(true).openapi({
    description: "false: the Call is not processed and nothing of it is stored",
  }),
  delayMs: z.int().min(0).max(DELAY_MAX_MS).default(0).openapi({
    description: "holds it back this long, and every later answer behind it",
  }),
};

const Rule = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("delay"), ...ofAnswers }),
  z.strictObject({ do: z.literal("noAnswer"), ...ofAnswers }),
  z.strictObject({
    do: z.literal("callError"),
    ...ofAnswers,
    errorCode: z.string().max(255).default("InternalError").openapi({ description: "any text" }),
    errorDescription: z.string().max(255).optional(),
    errorDetails: z.unknown().optional(),
  }),
  z.strictObject({
    do: z.literal("payload"),
    ...ofAnswers,
    payload: z.unknown().openapi({ description: "of a CallResult; it may break its schema" }),
  }),
  z.strictObject({ do: z.literal("wrongUniqueId"), ...ofAnswers }),
  z.strictObject({ do: z.literal("twice"), ...ofAnswers }),
  z.strictObject({
    do: z.literal("malformed"),
    ...ofAnswers,
    text: z.string().optional().openapi({ description: "absent: a CallResult that breaks off" }),
  }),
  z.strictObject({
    do: z.literal("close"),
    ...ofAnswers,
    code: z.int().refine(isCloseCode, "is no code that an endpoint may close with").default(1011),
    reason: z.string().refine(
      (text) => new TextEncoder().encode(text).length <= CLOSE_REASON_MAX_BYTES,
      `has more than ${CLOSE_REASON_MAX_BYTES} bytes`,
    ).optional(),
  }),
  z.strictObject({ do: z.literal("drop"), ...ofAnswers }),
  z.strictObject({ do: z.literal("sendTwice"), ...common }),
  z.strictObject({ do: z.literal("ignoreAnswer"), ...common }),
]).openapi("BehaviourRule");

const BehaviourEntry = z.strictObject({
  rules: z.array(Rule).max(BEHAVIOUR_RULES_MAX).openapi({
    description: "for each Call the first one that fits",
  }),
}).openapi("BehaviourEntry");

const BehaviourView = z.object({
  rules: z.array(
    z.looseObject({
      action: z.string(),
      do: z.string(),
      left: z.int().optional().openapi({ description: "Calls that it is still for; absent: no end" }),
      breaksSchema: z.boolean().optional().openapi({ description: "true: its payload does not fit" }),
    }),
  ),
}).openapi("Behaviour");

/** Adds the routes. */
export function addBehaviourRoutes(app: OpenAPIHono, { host }: ApiDependencies): void {
  const view = (identity: string): z.infer<typeof BehaviourView> => ({
    rules: host.behaviours.activeOf(identity).map(({ rule, left }) => ({
      ...(isCallRule(rule) ? withoutAnswer(rule) : rule),
      ...(left === undefined ? {} : { left }),
      ...(breaksSchema(rule) ? { breaksSchema: true } : {}),
    })),
  });

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/behaviour",
      summary: "How this Central System misbehaves towards it on purpose, with what is left of each rule",
      request: { params: identityParameter },
      responses: { 200: jsonResponse(BehaviourView, "the rules; none: it behaves") },
    }),
    (context) => context.json(view(context.req.valid("param").identity), 200),
  );

  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/charge-points/{identity}/behaviour",
      summary: "Misbehave on purpose towards one Charge Point, in place of the rules so far",
      description: "The rules outlive its connections and end with this program. It need not be known yet.",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: BehaviourEntry } }, required: true },
      },
      responses: {
        200: jsonResponse(BehaviourView, "the rules that hold from now on"),
        400: problemResponse("no identity that a Charge Point can have, or rules that make no sense"),
        409: problemResponse("tooMany: too many Charge Points have rules"),
      },
    }),
    (context) => {
      const { identity } = context.req.valid("param");
      const fault = identityFault(identity);
      if (fault !== undefined) return problem(context, 400, fault);
      const rules = context.req.valid("json").rules.map(ruleOf);
      const wrong = rules.map(ruleFault).findIndex((one) => one !== undefined);
      if (wrong >= 0) return problem(context, 400, `rules.${wrong}: ${ruleFault(rules[wrong]!)}`);
      if (jsonText(rules).length > BEHAVIOUR_TEXT_MAX) {
        return problem(context, 400, `rules: more than ${BEHAVIOUR_TEXT_MAX} characters of JSON`);
      }
      if (host.behaviours.put(identity, rules)) return context.json(view(identity), 200);
      const detail = `${MISBEHAVED_TOWARDS_MAX} Charge Points have rules already: end those of another one`;
      return problem(context, 409, detail, { reason: "tooMany" });
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/charge-points/{identity}/behaviour",
      summary: "Behave again; an answer that is held back already still waits",
      request: { params: identityParameter },
      responses: { 204: { description: "it behaves" } },
    }),
    (context) => {
      host.behaviours.end(context.req.valid("param").identity);
      return context.body(null, 204);
    },
  );
}

function ruleOf(rule: z.infer<typeof Rule>): BehaviourRule {
  const action = rule.action as Action | "*"; // `ruleFault` has the last word
  return { decide: true, delayMs: 0, ...given({ ...rule, action }) } as BehaviourRule;
}

/** A rule for our own Calls as it was entered. */
function withoutAnswer({ decide: _, delayMs: _delay, ...rule }: CallRule) {
  return rule;
}
