/**
 * What both APIs have in common: who gets in, in which order that is looked at, and how errors are told.
 *
 * The order: an answer to HEAD leaves nothing open → odd request targets → open routes (health) → foreign sites →
 * login → authorization → uploads of any size → size of the body → everything else. What is added after `createApi`
 * stands behind all of that.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { METHOD_NAME_ALL } from "hono/router";
import { redactedText } from "../../ocpp/redaction.ts";
import { refuseForeignSites } from "./access.ts";
import { Authorization, type AuthorizationDependencies } from "./authorization.ts";
import { limitBody } from "./body_limit.ts";
import { addLoginRoutes, type Welcome } from "./login.ts";
import { invalidRequest, problem, problemOf } from "./problem.ts";
import { refuseOddTargets } from "./request_target.ts";

/** What an API is made from. */
export interface ApiOptions extends AuthorizationDependencies, Welcome {
  /** Nothing but loopback is listened on. */
  readonly isLoopback: boolean;
  /** Adds the routes that anybody may ask, from anywhere. */
  readonly addOpenRoutes: (app: OpenAPIHono) => void;
  /** Adds the routes whose bodies have a bound of their own. */
  readonly addUploadRoutes?: (app: OpenAPIHono) => void;
  /** Answers an error that is no mistake of ours, if it is one. */
  readonly onKnownError?: (context: Context, error: Error) => Response | undefined;
}

/** The app, guarded; routes are added to it. */
export function createApi(options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, context) =>
      result.success ? undefined : invalidRequest(context, result.error.issues),
  });
  app.use(cancelBodyOfHead);
  app.use(refuseOddTargets());
  options.addOpenRoutes(app);
  app.use(refuseForeignSites(options));
  addLoginRoutes(app, new Authorization(options), options);
  options.addUploadRoutes?.(app);
  app.use(limitBody());

  app.notFound((context) => {
    const { method, path } = context.req;
    const allowed = methodsOf(app, path);
    if (allowed.length === 0) return problem(context, 404, `there is nothing at ${path}; see GET /`);
    context.header("allow", allowed.join(", "));
    return problem(context, 405, `${path} has no ${method}, but ${allowed.join(", ")}`);
  });
  app.onError((error, context) => {
    if (error instanceof HTTPException) return problemOf(context, error);
    const known = options.onKnownError?.(context, error);
    if (known !== undefined) return known;
    LOG.error("request failed: {method} {path}", {
      method: context.req.method,
      path: redactedText("", context.req.path),
      error,
    });
    return problem(context, 500, "a mistake of ours; the log has it");
  });
  return app;
}

const LOG = getLogger(["ocpp", "http"]);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The methods that a path has. */
function methodsOf(app: OpenAPIHono, path: string): string[] {
  const has = (method: string) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method !== METHOD_NAME_ALL);
  return METHODS.filter(has).flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
}

/** HEAD is answered as GET without the body: one that streams would never end. */
async function cancelBodyOfHead(context: Context, next: () => Promise<void>): Promise<void> {
  await next();
  if (context.req.method === "HEAD") await context.res.body?.cancel();
}
