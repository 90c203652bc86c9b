/**
 * `/api/v1/charge-points/{identity}/local-list`: what is known of its Local Authorization List, and bringing it up to
 * the idTags.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  LIST_VERSION_MAX,
  LOCAL_LIST_ENTRIES_MAX,
  SENT_ENTRIES_MAX,
} from "../../central_system/local_list_plan.ts";
import { NO_LIST_VERSION } from "../../central_system/local_list.ts";
import type { LocalListRecord } from "../../central_system/told_record.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { differenceFrom, wantedList } from "../../runtime/local_list_reader.ts";
import {
  type LocalListOutcome,
  type LocalListResult,
  LocalListSender,
  type LocalListStep,
} from "../../runtime/local_list_sender.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { faultViews, problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { CALL_TIMEOUT_MAX_SECONDS, REFUSALS } from "./call_outcome.ts";

const identityParameter = z.object({ identity: z.string().min(1) });

const LocalListView = z.object({
  chargePoint: z.string(),
  state: z.enum(["unknown", "versionOnly", "inDoubt", "known", "notSupported"]).openapi({
    description:
      "unknown: it never said; versionOnly: its version, not what is in it; inDoubt: a SendLocalList was not answered; known: what was sent",
  }),
  version: z.int().optional().openapi({ description: "what it has confirmed; 0: empty, -1: it has none" }),
  confirmedAt: z.string().optional().openapi({ format: "date-time" }),
  doubtfulVersion: z.int().optional().openapi({ description: "what it may have instead" }),
  entries: z.int().optional().openapi({ description: "in the list as it was sent" }),
  wantedEntries: z.int().optional().openapi({ description: "idTags that belong into it; absent: too many" }),
  differences: z.int().optional().openapi({ description: "entries to set or to remove" }),
  inStep: z.boolean().openapi({ description: "the list is known and says what the idTags say" }),
}).openapi("LocalList");

const LocalListRequest = z.strictObject({
  updateType: z.enum(["Full", "Differential", "auto"]).default("auto").openapi({
    description:
      "auto: a Differential where that is less and possible, and a Full list where it was not taken",
  }),
  sendLocalListMaxLength: z.int().min(1).max(SENT_ENTRIES_MAX).optional().openapi({
    description: "entries of one message; absent: the Charge Point is asked",
  }),
  localAuthListMaxLength: z.int().min(1).max(LIST_VERSION_MAX).optional().openapi({
    description: "entries of its list; absent: as it says, when it is asked",
  }),
  timeoutSeconds: z.number().positive().max(CALL_TIMEOUT_MAX_SECONDS).optional().openapi({
    description: "for each answer",
  }),
}).openapi("LocalListRequest");

const RESULTS = [
  ...["accepted", "inStep", "failed", "versionMismatch", "notSupported", "fullNeeded", "tooLong"],
  ...["error", "invalid", "notConnected", "notBooted", "pending", "rejected", "unknownChargePoint"],
  ...["queueFull", "connectionLost", "connectionReplaced", "timeout", "storeFailed", "stopping"],
] as const satisfies readonly LocalListResult[];

const LocalListStepView = z.object({
  action: z.enum(["GetConfiguration", "GetLocalListVersion", "SendLocalList"]),
  listVersion: z.int().optional().openapi({ description: "sent, or told by GetLocalListVersion" }),
  updateType: z.enum(["Full", "Differential"]).optional(),
  entries: z.int().optional().openapi({ description: "of the message" }),
  outcome: z.string().openapi({ description: "result, error, invalid, timeout, …: as a Call's" }),
  status: z.string().optional().openapi({ description: "of SendLocalList.conf" }),
  errorCode: z.string().optional(),
  errorDescription: z.string().optional(),
  faults: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })).optional(),
});

const LocalListSent = z.object({
  outcome: z.enum(RESULTS),
  detail: z.string().optional(),
  steps: z.array(LocalListStepView),
  localList: LocalListView,
}).openapi("LocalListSent");

/** Adds the routes. */
export function addLocalListRoutes(app: OpenAPIHono, { store, host, callTimeoutMs }: ApiDependencies): void {
  const sources = { store, turns: host.turns, clock: host.clock };
  const sender = new LocalListSender({
    ...sources,
    call: (identity, command) => host.call(identity, command),
  });

  const viewOf = async (identity: string): Promise<z.infer<typeof LocalListView> | undefined> => {
    const chargePoint = await store.query("chargePoint", { identity });
    if (chargePoint === undefined) return undefined;
    const wanted = await wantedList(chargePoint, sources);
    const difference = wanted === undefined ? undefined : await differenceFrom(wanted, identity, sources);
    const record = await store.query("localList", { chargePoint: identity });
    const differences = difference?.changes.length;
    return {
      chargePoint: identity,
      ...headView(record),
      ...(difference === undefined ? {} : { entries: difference.listed }),
      ...(wanted === undefined ? {} : { wantedEntries: wanted.size }),
      ...(differences === undefined ? {} : { differences }),
      inStep: differences === 0 && record?.doubtfulVersion === undefined,
    };
  };

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/charge-points/{identity}/local-list",
      summary: "What is known of its Local Authorization List, and how far it is from the idTags",
      request: { params: identityParameter },
      responses: {
        200: jsonResponse(LocalListView, "the list"),
        404: problemResponse("unknown Charge Point"),
        503: problemResponse("the database cannot be read"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const view = await viewOf(identity);
      if (view === undefined) return problem(context, 404, `no Charge Point ${identity} is known`);
      return context.json(view, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/charge-points/{identity}/local-list",
      summary: "Bring its Local Authorization List up to the idTags that were entered and may charge there",
      description: `At most ${LOCAL_LIST_ENTRIES_MAX} idTags. Answered with what became of each Call.`,
      request: {
        params: identityParameter,
        body: { content: { "application/json": { schema: LocalListRequest } }, required: true },
      },
      responses: {
        200: jsonResponse(LocalListSent, "something was sent: how it ended, step by step"),
        400: problemResponse("what was sent does not fit"),
        404: problemResponse("unknown Charge Point"),
        409: problemResponse("busy, tooLong, notConnected, notBooted or rejected"),
        429: problemResponse("too many Calls wait for this Charge Point"),
        503: problemResponse("the database cannot be read or written"),
      },
    }),
    async (context) => {
      const { identity } = context.req.valid("param");
      const { updateType, sendLocalListMaxLength, localAuthListMaxLength, timeoutSeconds } = context.req
        .valid(
          "json",
        );
      const outcome = await sender.send(identity, {
        updateType,
        ...(sendLocalListMaxLength === undefined ? {} : { sentMax: sendLocalListMaxLength }),
        ...(localAuthListMaxLength === undefined ? {} : { entriesMax: localAuthListMaxLength }),
        timeoutMs: timeoutSeconds === undefined ? callTimeoutMs : timeoutSeconds * 1_000,
      });
      if (outcome.kind === "refused") {
        const [status, detail] = refusalOf(identity, outcome);
        return problem(context, status, detail, { reason: outcome.why });
      }
      const { result, detail, steps } = outcome;
      const localList = await viewOf(identity);
      if (localList === undefined) return problem(context, 404, `${identity} was deleted meanwhile`);
      return context.json({
        outcome: result,
        ...(detail === undefined ? {} : { detail }),
        steps: steps.map(stepView),
        localList,
      }, 200);
    },
  );
}

function headView(
  record: LocalListRecord | undefined,
): Pick<z.infer<typeof LocalListView>, "state" | "version" | "confirmedAt" | "doubtfulVersion"> {
  if (record === undefined) return { state: "unknown" };
  const { version, confirmedAtMs, doubtfulVersion } = record;
  return {
    state: stateOf(record),
    ...(version === undefined ? {} : { version }),
    ...(confirmedAtMs === undefined ? {} : { confirmedAt: dateTimeOf(confirmedAtMs) }),
    ...(doubtfulVersion === undefined ? {} : { doubtfulVersion }),
  };
}

function stateOf({ version, isContentKnown, doubtfulVersion }: LocalListRecord) {
  if (doubtfulVersion !== undefined) return "inDoubt" as const;
  if (version === undefined) return "unknown" as const;
  if (version === NO_LIST_VERSION) return "notSupported" as const;
  return isContentKnown ? "known" as const : "versionOnly" as const;
}

function refusalOf(identity: string, { why, detail }: Extract<LocalListOutcome, { kind: "refused" }>) {
  const refusal = why === "busy" || why === "tooLong" ? undefined : REFUSALS[why];
  if (refusal === undefined) return [409, `${identity}: ${detail}`] as const;
  const [status, text] = refusal;
  return [status, `${identity} ${text}`] as const;
}

function stepView({ action, sent, outcome }: LocalListStep): z.infer<typeof LocalListStepView> {
  const about = { action, ...sent, outcome: outcome.kind };
  switch (outcome.kind) {
    case "result": {
      const { status, listVersion } = outcome.payload as { status?: string; listVersion?: number };
      return {
        ...about,
        ...(listVersion === undefined ? {} : { listVersion }),
        ...(status === undefined ? {} : { status }),
      };
    }
    case "error": {
      const { errorCode, errorDescription } = outcome;
      return { ...about, errorCode, errorDescription };
    }
    case "invalid":
      return { ...about, faults: faultViews(outcome.faults) };
    default:
      return about;
  }
}
