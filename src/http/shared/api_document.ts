/**
 * `GET /openapi.json`: what the routes declare, and what all of them have in common.
 *
 * A route declares its summary, its schemas and the statuses that are its own. What guards every route
 * (`api_app.ts`) answers for all of them, so that its statuses are added here, as are tags, names of operations
 * and descriptions of parameters that many routes have.
 *
 * Spec: OpenAPI 3.1.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { BODY_MAX_BYTES } from "./body_limit.ts";
import { PARAMETERS } from "./parameters.ts";
import { URL_MAX_LENGTH } from "./request_target.ts";

/** What an API is called in its document. */
export interface DocumentTitle {
  readonly title: string;
  readonly version: string;
  readonly about: string;
}

/** Adds the route; the document is made when it is first asked for. */
export function addDocumentRoute(app: OpenAPIHono, title: DocumentTitle): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description:
      "the API token; where none is wanted (on loopback, unless one was given) it is not looked at",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "ocpp_session_9000",
    description: "set by `POST /login`, named after the port; good for changes only from a page of this site",
  });
  let document: unknown;
  app.openapi(
    createRoute({
      method: "get",
      path: "/openapi.json",
      summary: "This document",
      responses: {
        200: {
          description: "OpenAPI 3.1",
          content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
        },
      },
    }),
    (context) => context.json((document ??= documentOf(app, title)) as { openapi: string }, 200),
  );
}

/** The parts of an operation that are completed here. */
interface Operation {
  operationId?: string;
  tags?: string[];
  readonly security?: readonly unknown[];
  readonly parameters?: {
    name: string;
    required?: boolean;
    in: string;
    description?: string;
    example?: unknown;
    schema?: Schema;
  }[];
  readonly requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { description: string; content?: unknown }>;
}

interface Schema {
  description?: string;
}

function documentOf(app: OpenAPIHono, { title, version, about }: DocumentTitle): unknown {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title, version, description: `${about}\n\n${HABITS}` },
    servers: [{ url: "/", description: "the one that this document comes from" }],
    security: [{ bearer: [] }, { session: [] }],
  });
  const tags = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>)) {
      complete(operation, { method, path });
      tags.add(operation.tags![0]!);
    }
  }
  return { ...document, tags: [...tags].map((name) => ({ name })) };
}

const HABITS =
  `Errors are problem JSON (RFC 9457). Lists page with \`limit\` and \`cursor\`; those that can be had \
as \`application/x-ndjson\` come whole then. Times are ISO 8601 UTC, energy is Wh, power is W. A path that exists \
answers another method with 405 and \`Allow\`, and HEAD as GET without the body. Identities and idTags in a path \
are percent-encoded, and decoded once.`;

function complete(operation: Operation, { method, path }: { method: string; path: string }): void {
  operation.operationId ??= `${method}${path.split(/[/.-]/).map(nameOf).join("")}`;
  operation.tags ??= [
    /^\/api\/v1\/([^/]+)/.exec(path)?.[1] ?? (/log(in|out)/.test(path) ? "login" : "operation"),
  ];
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in === "path") parameter.required = true; // what a schema of any input does not say
    const known = PARAMETERS[parameter.name];
    parameter.description ??= parameter.schema?.description ?? known?.description ?? "";
    if (parameter.example === undefined && known !== undefined) parameter.example = known.example;
  }
  const isOpen = operation.security?.length === 0;
  const hasParameters = (operation.parameters?.length ?? 0) > 0;
  const takesJson = operation.requestBody?.content["application/json"] !== undefined;
  const more: [status: number, when: string][] = [
    ...(hasParameters || takesJson ? [[400, "what was sent does not fit"] as [number, string]] : []),
    ...(isOpen ? [] : [
      [401, "no token, a wrong one, or no session"],
      [403, "a page of another site asks, or a foreign name for localhost was used"],
      [429, "too many wrong tokens from your address"],
    ] as [number, string][]),
    ...(takesJson
      ? [[413, `the body has more than ${BODY_MAX_BYTES} bytes`], [
        415,
        "the body is no application/json",
      ]] as [
        number,
        string,
      ][]
      : []),
    ...(hasParameters
      ? [[414, `the URL has more than ${URL_MAX_LENGTH} characters`] as [number, string]]
      : []),
  ];
  for (const [status, when] of more) add(operation.responses, String(status), when);
  operation.responses["default"] ??= problemWhen("a mistake of ours, which the log has");
}

function add(responses: Operation["responses"], status: string, when: string): void {
  const own = responses[status];
  if (own === undefined) responses[status] = problemWhen(when);
  else if (status === "429") own.description = `${own.description}; or ${when}`;
}

function problemWhen(description: string) {
  const schema = { $ref: "#/components/schemas/Problem" };
  return { description, content: { "application/problem+json": { schema } } };
}

/** A part of a path as a part of an operation's name: `{identity}` is `ByIdentity`. */
function nameOf(part: string): string {
  const name = part.replace(/[{}]/g, "");
  const capital = name.slice(0, 1).toUpperCase() + name.slice(1);
  return part.startsWith("{") ? `By${capital}` : capital;
}
