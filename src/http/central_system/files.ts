/**
 * `/api/v1/files`: what Charge Points uploaded, firmware for them, and URLs that they can use.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { fileNameOf } from "../../runtime/file_name.ts";
import { identityFault } from "../../runtime/identity.ts";
import { jsonResponse } from "../shared/json_response.ts";
import { pageOf, pageParameters } from "../shared/paging.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import type { ApiDependencies } from "./app.ts";
import { answerFile } from "./file_answer.ts";
import { baseUrl, DOWNLOAD_TTL_MS, fileUrl, TTL_MAX_MS, UPLOAD_TTL_MS } from "./file_url.ts";
import { FileView, fileView, incomingFile, refusedFile, uploadProblems } from "./file_views.ts";

const idParameter = z.object({
  fileId: z.uuid().openapi({
    description: "the file's id",
    example: "0b36fa4e-6d0c-4a4f-9f0e-3f6f0a1d2c3b",
  }),
});

const expiresInSeconds = z.int().min(1).max(TTL_MAX_MS / 1_000).optional();

const UrlView = z.object({
  fileId: z.string().openapi({ description: "of an upload: once it is there" }),
  url: z.string().openapi({ description: "a secret: whoever has it needs no other credentials" }),
  expiresAt: z.string().openapi({ format: "date-time" }),
}).openapi("FileUrl");

const unreadable = problemResponse("files cannot be kept here");
const tooMany = problemResponse("too many URLs are open");

/** Adds the route whose body is a file; before the bound of other bodies. */
export function addFirmwareRoute(app: OpenAPIHono, { files, publicUrl }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "put",
      path: "/api/v1/files/firmware/{name}",
      summary: "Keep firmware, in the place of what had this name, and get a URL for UpdateFirmware",
      request: {
        params: z.object({
          name: z.string().min(1).openapi({ description: "the file's name", example: "fw-2.1.0.bin" }),
        }),
        body: { content: { "application/octet-stream": { schema: z.any() } }, required: true },
      },
      responses: {
        201: jsonResponse(FileView.extend(UrlView.partial().shape), "it is kept"),
        ...uploadProblems,
        400: problemResponse("no name of a file, or the body broke off"),
      },
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      if (fileNameOf(name) !== name) return problem(context, 400, "name: no slashes, no control characters");
      const received = await files.putFirmware(name, incomingFile(context.req.raw, name));
      if (!received.stored) return refusedFile(context, files, received.why) as never;
      const issued = files.offer(received.file, { ttlMs: DOWNLOAD_TTL_MS });
      const view = fileView(received.file);
      if (issued === undefined) return context.json(view, 201); // another URL can be had later
      const url = fileUrl(baseUrl(context, publicUrl), issued.token, name);
      return context.json({ ...view, url, expiresAt: dateTimeOf(issued.expiresAtMs) }, 201);
    },
  );
}

/** Adds the other routes. */
export function addFileRoutes(app: OpenAPIHono, { files, publicUrl }: ApiDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/files",
      summary: "Uploads and firmware, newest first",
      request: {
        query: z.object({
          ...pageParameters,
          kind: z.enum(["upload", "firmware"]).optional().openapi({
            description: "files of this kind only",
            example: "upload",
          }),
          chargePoint: z.string().optional(),
        }),
      },
      responses: {
        200: jsonResponse(pageOf(FileView), "a page"),
        400: problemResponse("a wrong parameter"),
        503: unreadable,
      },
    }),
    async (context) => {
      const { limit, cursor, kind, chargePoint } = context.req.valid("query");
      const fitting = [...await files.all()].reverse().filter((file) =>
        (kind === undefined || file.kind === kind) &&
        (chargePoint === undefined || file.chargePoint === chargePoint)
      );
      // A page goes on after the last file of the one before, or from the beginning if that is gone.
      const from = fitting.findIndex(({ fileId }) => fileId === cursor) + 1;
      const items = fitting.slice(from, from + limit);
      const last = items.at(-1)?.fileId;
      const more = from + limit < fitting.length && last !== undefined ? { nextCursor: last } : {};
      return context.json({ items: items.map(fileView), ...more }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/files/uploads",
      summary: "A URL for one upload of a Charge Point, e.g. the location of GetDiagnostics",
      request: {
        body: {
          content: {
            "application/json": {
              schema: z.strictObject({ chargePoint: z.string().min(1), expiresInSeconds }).openapi(
                "UploadEntry",
              ),
            },
          },
          required: true,
        },
      },
      responses: {
        201: jsonResponse(UrlView, "the URL; a day unless expiresInSeconds says otherwise"),
        400: problemResponse("no identity that a Charge Point can have"),
        429: tooMany,
      },
    }),
    (context) => {
      const { chargePoint, expiresInSeconds } = context.req.valid("json");
      const fault = identityFault(chargePoint);
      if (fault !== undefined) return problem(context, 400, fault);
      const ttlMs = expiresInSeconds === undefined ? UPLOAD_TTL_MS : expiresInSeconds * 1_000;
      const issued = files.expectUpload({ chargePoint, ttlMs });
      if (issued === undefined) return problem(context, 429, "too many URLs are open");
      const { fileId, token, expiresAtMs } = issued;
      const url = fileUrl(baseUrl(context, publicUrl), token);
      return context.json({ fileId, url, expiresAt: dateTimeOf(expiresAtMs) }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/api/v1/files/{fileId}/downloads",
      summary: "A URL from which Charge Points can download a file",
      request: {
        params: idParameter,
        body: {
          content: {
            "application/json": { schema: z.strictObject({ expiresInSeconds }).openapi("DownloadEntry") },
          },
          required: true,
        },
      },
      responses: {
        201: jsonResponse(UrlView, "the URL; a week unless expiresInSeconds says otherwise"),
        400: problemResponse("a wrong parameter"),
        404: problemResponse("unknown"),
        429: tooMany,
        503: unreadable,
      },
    }),
    async (context) => {
      const { fileId } = context.req.valid("param");
      const { expiresInSeconds } = context.req.valid("json");
      const file = await files.get(fileId);
      if (file === undefined) return problem(context, 404, `no file ${fileId} is kept`);
      const ttlMs = expiresInSeconds === undefined ? DOWNLOAD_TTL_MS : expiresInSeconds * 1_000;
      const issued = files.offer(file, { ttlMs });
      if (issued === undefined) return problem(context, 429, "too many URLs are open");
      const url = fileUrl(baseUrl(context, publicUrl), issued.token, file.name);
      return context.json({ fileId, url, expiresAt: dateTimeOf(issued.expiresAtMs) }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/files/{fileId}",
      summary: "What is known of a file",
      request: { params: idParameter },
      responses: {
        200: jsonResponse(FileView, "the file"),
        400: problemResponse("no id of a file"),
        404: problemResponse("unknown, or not uploaded yet"),
        503: unreadable,
      },
    }),
    async (context) => {
      const { fileId } = context.req.valid("param");
      const file = await files.get(fileId);
      if (file === undefined) return problem(context, 404, `no file ${fileId} is kept`);
      return context.json(fileView(file), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/api/v1/files/{fileId}/content",
      summary: "Its bytes, or a range of them",
      request: { params: idParameter },
      responses: {
        200: { description: "all of it", content: { "application/octet-stream": { schema: z.any() } } },
        206: { description: "the part", content: { "application/octet-stream": { schema: z.any() } } },
        400: problemResponse("no id of a file"),
        404: problemResponse("unknown, or not uploaded yet"),
        416: problemResponse("it has no such part"),
        503: problemResponse("busy: try again; or the file cannot be read"),
      },
    }),
    async (context) => {
      const { fileId } = context.req.valid("param");
      const file = await files.get(fileId);
      if (file === undefined) return problem(context, 404, `no file ${fileId} is kept`);
      return await answerFile(context, files, file) as never;
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/api/v1/files/{fileId}",
      summary: "Delete a file; its URLs end with it",
      request: { params: idParameter },
      responses: {
        204: { description: "it is deleted" },
        400: problemResponse("no id of a file"),
        404: problemResponse("unknown"),
        503: unreadable,
      },
    }),
    async (context) => {
      const { fileId } = context.req.valid("param");
      if (!await files.remove(fileId)) return problem(context, 404, `no file ${fileId} is kept`);
      return context.body(null, 204);
    },
  );
}
