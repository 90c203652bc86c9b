/**
 * `/api/v1/charge-points`: what is known of each Charge Point, its messages, and Calls to it.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Command } from "../../central_system/commands.ts";
import { type ChargePointRecord, type PageWanted, REPORT_ACTIONS } from "../../central_system/store.ts";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import { exportList, listResponse, wantsExport } from "../shared/export_stream.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { given, numericCursor, pageOf, pageParameters } from "../shared/paging.ts";
import { faultViews, problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import {
  CALL_TIMEOUT_MAX_SECONDS,
  CallOutcome,
  mayHaveObeyed,
  outcomeView,
  REFUSALS,
} from "./call_outcome.ts";
import { beginWait, waitFields, waitOutcomeFields } from "./call_wait.ts";
import { addCallSchemas, CALL_REQUEST } from "./call_schemas.ts";
import { addBehaviourRoutes } from "./behaviour.ts";
import { addChargePointRecordRoutes } from "./charge_point_records.ts";
import { baseUrl, filledIn } from "./file_url.ts";
import {
  ChargePointView,
  chargePointView,
  MessageView,
  messageView,
  ReportView,
  reportView,
} from "./views.ts";

const identityParameter = z.object({ identity: z.string().min(1) });

const CallRequest = z.strictObject({
  action: z.string(),
  payload: z.unknown().optional().openapi({
    description: "a location may be ocpp:upload or ocpp:firmware/<name>: a URL of /files/ takes its place",
  }),
  timeoutSeconds: z.number().positive().max(CALL_TIMEOUT_MAX_SECONDS).optional(),
  validate: z.boolean().optional().openapi({ description: "false: send a payload that does not fit" }),
  ...waitFields,
}).openapi("CallRequest", CALL_REQUEST);

const CallOutcomeView = CallOutcome.extend({
  ...waitOutcomeFields,
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
          CallOutcomeView,
          "it was answered: a result, a CALLERROR, or an answer that breaks its schema",
        ),
        400: problemResponse(
          "the payload does not fit the Action, or no transaction follows that could be waited for",
        ),
        404: problemResponse("unknown Charge Point, or no firmware of that name"),
        409: problemResponse("notConnected, notBooted, pending or rejected"),
        429: problemResponse(
          "too many Calls wait for this Charge Point, or too many URLs are open; waitsFull: too many wait for " +
            "transactions",
        ),
        502: problemResponse("connectionLost or connectionReplaced"),
        503: problemResponse("the database cannot be written"),
        504: problemResponse("no answer in time"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const body = context.req.valid("json");
      const asked: Command = {
        action: body.action,
        payload: body.payload ?? {},
        timeoutMs: body.timeoutSeconds === undefined
          ? dependencies.callTimeoutMs
          : body.timeoutSeconds * 1_000,
        validate: body.validate ?? true,
      };
      const wait = body.waitForTransaction
        ? beginWait(dependencies, { identity, command: asked, signal: context.req.raw.signal })
        : undefined;
      if (wait === "noTransaction") {
        return problem(context, 400, `no transaction follows ${body.action} that could be waited for`);
      }
      if (wait === "full") {
        return problem(context, 429, "too many requests wait for a transaction", { reason: "waitsFull" });
      }
      const filled = await filledIn(dependencies.files, {
        action: asked.action,
        payload: asked.payload,
        chargePoint: identity,
        base: baseUrl(context, dependencies.publicUrl),
        nowMs: host.clock.nowMs(),
      });
      if (!filled.ok) return problem(context, filled.status, filled.detail, { reason: "noFile" });
      const command: Command = { ...asked, payload: filled.payload };
      const outcome = await host.call(identity, command);
      const uploadId = mayHaveObeyed(outcome) ? filled.uploadId : undefined;
      // Whoever was told nothing, or refuses, uploads nothing.
      if (uploadId !== filled.uploadId) await dependencies.files.remove(filled.uploadId!);
      const waited = wait && await wait.after(outcome, body.transactionTimeoutSeconds);
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
      return context.json(
        { ...outcomeView(command, outcome), ...waited, ...(uploadId === undefined ? {} : { uploadId }) },
        200,
      );
    },
  );
}
