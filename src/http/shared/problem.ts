/**
 * Errors of the API as problem JSON.
 *
 * Shape: `{ "type": "about:blank", "title": "Not Found", "status": 404, "detail": "…", … }`
 * Spec: RFC 9457.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { pathText, type PayloadFault } from "../../ocpp/call_error.ts";

/** The body of every error; `reason` and `faults` stand where a program can act on them. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  reason: z.string().optional(),
  faults: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })).optional(),
}).openapi("Problem");

/** How routes declare their errors. */
export const problemResponse = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  507: "Insufficient Storage",
};

/** An error answer. */
export function problem<S extends ContentfulStatusCode>(
  context: Context,
  status: S,
  detail: string,
  more: { reason?: string; faults?: readonly { path: string; kind: string; message: string }[] } = {},
) {
  const body = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail, ...more };
  return context.body(JSON.stringify(body), status, { "content-type": "application/problem+json" }) as never;
}

/** What of a request breaks its schema, in the words of zod. */
export function invalidRequest(context: Context, issues: readonly z.core.$ZodIssue[]) {
  const faults = issues.map(({ path, message, code }) => ({ path: path.join("."), kind: code, message }));
  return problem(context, 400, `${faults[0]?.path}: ${faults[0]?.message}`, { faults });
}

/** What a library of ours threw while it read a request, as a problem. */
export function problemOf(context: Context, { status, message }: HTTPException) {
  const isType = status === 415 || status === 400 && /content.?type/i.test(message);
  if (!isType) return problem(context, status as ContentfulStatusCode, message);
  return problem(context, 415, "wanted: a body of the Content-Type that openapi.json names for this route");
}

/** Faults of a payload as they stand in a problem. */
export function faultViews(faults: readonly PayloadFault[]) {
  return faults.map(({ path, kind, message }) => ({ path: pathText(path), kind, message }));
}
