/**
 * `/files/…`, as Charge Points use it: their only credential is the token in the URL, and that URL is what the
 * Central System put into GetDiagnostics, GetLog, UpdateFirmware or SignedUpdateFirmware.
 *
 * For many devices a location is a directory, to which they append a name of their own: whatever stands behind the
 * token is taken for a name.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { fileNameOf } from "../../runtime/file_name.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { answerFile } from "./file_answer.ts";
import { incomingFile, refusedFile, uploadProblems } from "./file_views.ts";

const LOG = getLogger(["ocpp", "files"]);

const parameters = z.object({
  token: z.string().openapi({
    description: "a secret, from the URL that it was told",
    example: "token-fZ0rYcXhP3nC5Qv1eKq7mJt2uWb8sLdA",
  }),
  name: z.string().openapi({
    description: "as the Charge Point likes; may be absent",
    example: "diagnostics.tar.gz",
  }),
});

const gone = {
  404: problemResponse("no such token for this purpose"),
  410: problemResponse("expired"),
};

const uploadRoute = (method: "put" | "post") =>
  createRoute({
    method,
    path: "/files/{token}/{name}",
    summary: "Upload the file that GetDiagnostics or GetLog asked for",
    description: "The body is the file, or a multipart/form-data form whose first file is taken.",
    security: [],
    request: {
      params: parameters,
      body: { content: { "application/octet-stream": { schema: z.any() } } },
    },
    responses: {
      201: { description: "it is kept" },
      ...gone,
      409: problemResponse("used or receiving: one file a URL"),
      ...uploadProblems,
    },
  });

/** Adds the routes; before those that want a token of the API. */
export function addDeviceFileRoutes(app: OpenAPIHono, dependencies: ApiDependencies): void {
  const { files, events, host } = dependencies;

  const receive = async (context: Context) => {
    const { token, name } = partsOf(context.req.url);
    const incoming = incomingFile(context.req.raw, name);
    const received = await files.receive(token, {
      ...incoming,
      name: () => fileNameOf(incoming.name()),
    });
    if (!received.stored) {
      LOG.warning("refused an upload: {why}", { why: received.why });
      return refusedFile(context, files, received.why);
    }
    const { fileId, name: kept, bytes, chargePoint = "" } = received.file;
    LOG.info("{chargePoint} uploaded {name}, {bytes} bytes: {fileId}", {
      chargePoint,
      name: kept,
      bytes,
      fileId,
    });
    const event = { kind: "fileReceived", fileId, name: kept, bytes } as const;
    events.add(chargePoint, event, host.clock.nowMs());
    return context.body(null, 201);
  };

  const send = async (context: Context) => {
    const file = await files.offered(partsOf(context.req.url).token);
    if (file === "unknown") return problem(context, 404, "there is nothing to download at this URL");
    if (file === "expired") return problem(context, 410, "this URL has expired", { reason: "expired" });
    return await answerFile(context, files, file);
  };

  app.openapi(uploadRoute("put"), receive as never);
  app.openapi(uploadRoute("post"), receive as never);
  app.openapi(
    createRoute({
      method: "get",
      path: "/files/{token}/{name}",
      summary: "Download the firmware that UpdateFirmware or SignedUpdateFirmware named; HEAD too",
      security: [],
      request: {
        params: parameters,
        headers: z.object({
          range: z.string().optional().openapi({
            description: "one range of bytes",
            example: "bytes=0-1023",
          }),
        }),
      },
      responses: {
        200: { description: "all of it", content: { "application/octet-stream": { schema: z.any() } } },
        206: { description: "the part", content: { "application/octet-stream": { schema: z.any() } } },
        ...gone,
        416: problemResponse("it has no such part"),
        503: problemResponse("busy: try again; or the file cannot be read"),
      },
    }),
    send as never,
  );
  // Without a name, or with more than one.
  app.all("/files/*", (context) => {
    const { method } = context.req;
    if (method === "PUT" || method === "POST") return receive(context);
    if (method === "GET" || method === "HEAD") return send(context);
    context.header("allow", "GET, HEAD, PUT, POST");
    return problem(context, 405, "files are uploaded with PUT or POST and downloaded with GET");
  });
}

/** Token and name of a URL; a token that is none is an unknown one. */
function partsOf(url: string): { token: string; name: string | undefined } {
  const [, token = "", rest = ""] = /\/files\/token-([\w-]{1,64})(\/.*)?$/.exec(new URL(url).pathname) ?? [];
  try {
    return { token, name: decodeURIComponent(rest) };
  } catch {
    return { token, name: rest };
  }
}
