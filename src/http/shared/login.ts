/**
 * `/`, `POST /login`, `POST /logout`: how a person gets in with a browser.
 *
 * The token travels in the body of a form only: in a URL it would stay in histories, logs and `Referer`.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { type Authorization, requireAuthorization } from "./authorization.ts";
import { limitBody } from "./body_limit.ts";
import { indexPage, loginPage, page } from "./page.ts";
import { problem, problemResponse } from "./problem.ts";

/** The longest body of a login, in bytes. */
const LOGIN_MAX_BYTES = 4_096;

/** What is shown to people and programs at `/`. */
export interface Welcome {
  readonly title: string;
  /** The routes, as text. */
  readonly index: string;
}

const LoginForm = z.object({
  token: z.string().min(1).openapi({ description: "the API token", example: "S3cretOfYours" }),
}).openapi("Login");

const html = { "text/html": { schema: z.string() } };

/** Adds the routes; what is added to the app after this wants the token. */
export function addLoginRoutes(app: OpenAPIHono, authorization: Authorization, welcome: Welcome): void {
  app.use("/login", limitBody({ maxBytes: LOGIN_MAX_BYTES }));
  app.openapi(
    createRoute({
      method: "post",
      path: "/login",
      summary: "Log a browser in: sets a cookie that is good for a session",
      security: [],
      request: {
        body: { content: { "application/x-www-form-urlencoded": { schema: LoginForm } }, required: true },
      },
      responses: {
        303: { description: "logged in; the cookie is HttpOnly and SameSite=Strict" },
        400: problemResponse("no token in the form"),
        401: { ...problemResponse("a wrong token"), content: { ...problemResponse("").content, ...html } },
        403: problemResponse("a page of another site asks, or a foreign name for localhost was used"),
        404: problemResponse("no token is wanted here"),
        413: problemResponse("too large"),
        415: problemResponse("no form"),
        429: {
          ...problemResponse("too many wrong tokens"),
          content: { ...problemResponse("").content, ...html },
        },
      },
    }),
    (context) => {
      if (!authorization.isWanted) return problem(context, 404, "no token is wanted here");
      const { token } = context.req.valid("form");
      const presented = authorization.present(context, token);
      if (presented === "right") {
        authorization.beginSession(context);
        return context.redirect("/", 303) as never;
      }
      const isWrong = presented === "wrong";
      if (!wantsPage(context)) {
        return (isWrong ? authorization.unauthorized(context) : authorization.tooManyWrong(context)) as never;
      }
      if (!isWrong) context.header("retry-after", String(authorization.waitSeconds(context)));
      const fault = isWrong ? "This is not the token." : "Too many wrong tokens: wait a minute.";
      return page(context, isWrong ? 401 : 429, loginPage({ ...welcome, fault }));
    },
  );

  app.use("/", async (context, next) => {
    const { method } = context.req;
    if ((method !== "GET" && method !== "HEAD") || !wantsPage(context)) return await next();
    const refusal = authorization.refusal(context);
    if (refusal?.status !== 401) return await next();
    context.header("www-authenticate", undefined);
    return page(context, 401, loginPage(welcome));
  });
  app.use(requireAuthorization(authorization));

  app.openapi(
    createRoute({
      method: "post",
      path: "/logout",
      summary: "End the session of this browser",
      responses: { 303: { description: "logged out" } },
    }),
    (context) => {
      authorization.endSession(context);
      return context.redirect("/", 303) as never;
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/",
      summary: "What there is: text for programs, a page for browsers",
      responses: {
        200: { description: "the routes", content: { "text/plain": { schema: z.string() }, ...html } },
      },
    }),
    (context) =>
      wantsPage(context)
        ? page(context, 200, indexPage({ ...welcome, canLogOut: authorization.isWanted }))
        : context.text(welcome.index) as never,
  );
}

/** Browsers ask for HTML by name; `*\/*` is a program. */
function wantsPage(context: Context): boolean {
  const supports = ["text/html", "application/json", "text/plain"];
  return accepts(context, { header: "Accept", supports, default: "text/plain" }) === "text/html";
}
