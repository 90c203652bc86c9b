/**
 * `/api/v1/charge-points`: what is known of each Charge Point, its messages, and Calls to it.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Command, CommandOutcome } from "../../central_system/commands.ts";
import { type ChargePointRecord, type PageWanted, REPORT_ACTIONS } from "../../central_system/store.ts";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import { writableJson } from "../../ocpp/json.ts";
import { redactedAnswer } from "../../ocpp/redaction.ts";
import { type Repair, repairedPath } from "../../ocpp/repair_rule.ts";
import { exportList, listResponse, wantsExport } from "../shared/export_stream.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageOf, pageParameters } from "../shared/paging.ts";
import { faultViews, problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { addCallSchemas, CALL_REQUEST } from "./call_schemas.ts";
import { addBehaviourRoutes } from "./behaviour.ts";
import { addChargePointRecordRoutes } from "./charge_point_records.ts";
import { baseUrl, filledIn } from "./file_url.ts";
import {
  ChargePointView,
  chargePointView,
  DeviationView,
  MessageView,
  messageView,
  ReportView,
  reportView,
} from "./views.ts";

/** The longest that a request may wait for a Charge Point's answer, in seconds. */
export const CALL_TIMEOUT_MAX_SECONDS = 600;

const identityParameter = z.object({ identity: z.string().min(1) });

const CallRequest = z.strictObject({
  action: z.string(),
  payload: z.unknown().optional().openapi({
    description: "a location may be ocpp:upload or ocpp:firmware/<name>: a URL of /files/ takes its place",
  }),
  timeoutSeconds: z.number().positive().max(CALL_TIMEOUT_MAX_SECONDS).optional(),
  validate: z.boolean().optional().openapi({ description: "false: send a payload that does not fit" }),
}).openapi("CallRequest", CALL_REQUEST);

const CallOutcome = z.object({
  outcome: z.enum(["result", "error", "invalid"]),
  payload: z.unknown().optional().openapi({
    description: "of a result: the Conf of the Action, e.g. ResetConf",
  }),
  errorCode: z.string().optional(),
  errorDescription: z.string().optional(),
  errorDetails: z.unknown().optional(),
  deviations: z.array(DeviationView).optional().openapi({ description: "what was repaired in the payload" }),
  faults: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })).optional(),
  uploadId: z.string().optional().openapi({
    description: "for ocpp:upload: the fileId that the file will have under /api/v1/files",
  }),
}).openapi("CallOutcome");

/** Adds the routes. */
export function addChargePointRoutes(app: OpenAPIHono, dependencies: ApiDependencies): void {
  const { store, host, exports } = dependencies;
  const view = (record: ChargePointRecord) => {
    const connection = host.connectionOf(record.identity);
    return chargePointView(record, {
      ...(connection === undefined ? {} : {
        connectedAtMs: connection.connectedAtMs,
        lastSeenAtMs: connection.lastSeenAtMs,
        securityProfile: connection.securityProfile,
      }),
      deviations: host.deviations.of(record.identity),
    });
  };
  addChargePointRecordRoutes(app, dependencies, view);
  addCallSchemas(app);
  addBehaviourRoutes(app, dependencies);

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points",
      summary: "Every Charge Point that was ever heard of, by identity",
      request: { query: z.object(pageParameters) },
      responses: {
        200: jsonResponse(pageOf(ChargePointView), "a page"),
        400: problemResponse("a wrong parameter"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const page = await store.query("chargePoints", given(context.req.valid("query")));
      return context.json({ ...page, items: page.items.map(view) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}",
      summary: "One Charge Point",
      request: { params: identityParameter },
      responses: {
        200: jsonResponse(ChargePointView, "the Charge Point"),
        404: problemResponse("unknown"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const record = await store.query("chargePoint", { identity });
      if (record === undefined) return problem(context, 404, `no Charge Point ${identity} is known`);
      return context.json(view(record), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/messages",
      summary: "Exchanges with one Charge Point, newest first",
      request: {
        params: identityParameter,
        query: z.object({
          ...pageParameters,
          cursor: numericCursor,
          action: z.string().optional(),
          outcome: z.enum(MessageView.shape.outcome.options).optional(),
          since: z.string().refine(isDateTime, "is no ISO 8601 date and time with zone").optional(),
        }),
      },
      responses: {
        200: listResponse(MessageView),
        400: problemResponse("a wrong parameter"),
        429: problemResponse("too many exports run"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { identity: chargePoint } = context.req.valid("param");
      const { since, ...wanted } = context.req.valid("query");
      await host.frameLog.flush(); // what was just exchanged is asked for most
      const sinceMs = since === undefined ? undefined : atMsOf(since);
      const filter = { ...given({ ...wanted, sinceMs }), chargePoint };
      if (wantsExport(context)) {
        const page = (part: PageWanted) => store.query("frames", { ...filter, ...part });
        return await exportList(context, { exports, page, view: messageView });
      }
      const page = await store.query("frames", filter);
      return context.json({ ...page, items: page.items.map(messageView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/reports",
      summary: "What it reported of itself (firmware, diagnostics, security events, …), newest first",
      request: {
        params: identityParameter,
        query: z.object({
          ...pageParameters,
          cursor: numericCursor,
          action: z.enum(REPORT_ACTIONS).optional(),
        }),
      },
      responses: {
        200: jsonResponse(pageOf(ReportView), "a page"),
        400: problemResponse("a wrong parameter"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { identity: chargePoint } = context.req.valid("param");
      const page = await store.query("reports", { ...given(context.req.valid("query")), chargePoint });
      return context.json({ ...page, items: page.items.map(reportView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/calls",
      summary: "Send a Call to a Charge Point and wait for its answer",
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: CallRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(
          CallOutcome,
          "it was answered: a result, a CALLERROR, or an answer that breaks its schema",
        ),
        400: problemResponse("the payload does not fit the Action"),
        404: problemResponse("unknown Charge Point, or no firmware of that name"),
        409: problemResponse("notConnected, notBooted, pending or rejected"),
        429: problemResponse("too many Calls wait for this Charge Point, or too many URLs are open"),
        502: problemResponse("connectionLost or connectionReplaced"),
        503: problemResponse("the database cannot be written"),
        504: problemResponse("no answer in time"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const body = context.req.valid("json");
      const filled = await filledIn(dependencies.files, {
        action: body.action,
        payload: body.payload ?? {},
        chargePoint: identity,
        base: baseUrl(context, dependencies.publicUrl),
        nowMs: host.clock.nowMs(),
      });
      if (!filled.ok) return problem(context, filled.status, filled.detail, { reason: "noFile" });
      const command: Command = {
        action: body.action,
        payload: filled.payload,
        timeoutMs: body.timeoutSeconds === undefined
          ? dependencies.callTimeoutMs
          : body.timeoutSeconds * 1_000,
        validate: body.validate ?? true,
      };
      const outcome = await host.call(identity, command);
      const uploadId = mayHaveObeyed(outcome) ? filled.uploadId : undefined;
      // Whoever was told nothing, or refuses, uploads nothing.
      if (uploadId !== filled.uploadId) await dependencies.files.remove(filled.uploadId!);
      const refusal = REFUSALS[outcome.kind];
      if (refusal !== undefined) {
        const [status, detail] = refusal;
        return problem(context, status, `${identity} ${detail}`, { reason: outcome.kind });
      }
      if (outcome.kind === "badCommand") {
        const faults = faultViews(outcome.faults);
        const [first] = faults;
        return problem(context, 400, `${first?.path} ${first?.message}`, { reason: "badCommand", faults });
      }
      const view = outcomeView(withoutSecrets(command, outcome));
      return context.json({ ...view, ...(uploadId === undefined ? {} : { uploadId }) }, 200);
    },
  );
}

/** Why a Call did not go out or was not answered, as a status and what to say of the Charge Point. */
export const REFUSALS: {
  readonly [K in CommandOutcome["kind"]]?: readonly [404 | 409 | 429 | 502 | 503 | 504, string];
} = {
  unknownChargePoint: [404, "is not known here"],
  notConnected: [409, "is not connected"],
  notBooted: [409, "is connected but has not sent a BootNotification yet"],
  pending: [409, "is Pending: RemoteStartTransaction and RemoteStopTransaction are not allowed"],
  rejected: [409, "was told Rejected: nothing may be sent to it"],
  queueFull: [429, "has too many Calls waiting"],
  connectionLost: [502, "went away before it answered"],
  connectionReplaced: [502, "reconnected before it answered"],
  storeFailed: [503, "cannot be reached while the database fails"],
  stopping: [503, "cannot be reached: this server is ending"],
  timeout: [504, "did not answer in time"],
};

/** Whether the Charge Point has the Call, and perhaps does what it says. */
function mayHaveObeyed({ kind }: CommandOutcome): boolean {
  return ["result", "invalid", "timeout", "connectionLost", "connectionReplaced"].includes(kind);
}

function repairView(repair: Repair): z.infer<typeof DeviationView> {
  return { rule: repair.rule, path: repairedPath(repair), detail: repair.detail };
}

/** Nobody reads an AuthorizationKey back, its Central System neither. */
function withoutSecrets(command: Command, outcome: CommandOutcome): CommandOutcome {
  switch (outcome.kind) {
    case "result":
    case "invalid":
      return { ...outcome, payload: redactedAnswer(command, outcome.payload) };
    case "error":
      return {
        ...outcome,
        errorDescription: String(redactedAnswer(command, outcome.errorDescription)),
        errorDetails: redactedAnswer(command, outcome.errorDetails),
      };
    default:
      return outcome;
  }
}

function outcomeView(outcome: CommandOutcome): z.infer<typeof CallOutcome> {
  switch (outcome.kind) {
    case "result":
      return {
        outcome: "result",
        payload: outcome.payload,
        ...(outcome.repairs === undefined ? {} : { deviations: outcome.repairs.map(repairView) }),
      };
    case "error": {
      const { errorCode, errorDescription, errorDetails } = outcome;
      return { outcome: "error", errorCode, errorDescription, errorDetails: writableJson(errorDetails) };
    }
    case "invalid":
      return {
        outcome: "invalid",
        payload: writableJson(outcome.payload),
        faults: faultViews(outcome.faults),
      };
    default:
      throw new TypeError(`outcome ${outcome.kind} has no view`);
  }
}
