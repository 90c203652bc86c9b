/**
 * What the routes of files have in common: how a file is shown, and how a refused one is answered.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { StoredFile } from "../../runtime/file_store.ts";
import { FILE_STALL_MAX_MS, FILE_STREAM_MAX_MS } from "../../runtime/file_streams.ts";
import type { FileRefusal, Files, IncomingFile } from "../../runtime/files.ts";
import { boundaryOf, fileOfForm } from "../shared/multipart.ts";
import { problem, problemResponse } from "../shared/problem.ts";
import { busy } from "./file_answer.ts";

export const FileView = z.object({
  fileId: z.string(),
  kind: z.enum(["upload", "firmware"]),
  name: z.string().openapi({ description: "as its sender calls it, without what could harm" }),
  chargePoint: z.string().optional().openapi({ description: "who uploaded it" }),
  bytes: z.int(),
  storedAt: z.string().openapi({ format: "date-time" }),
}).openapi("File");

export function fileView({ storedAtMs, ...file }: StoredFile): z.infer<typeof FileView> {
  return { ...file, storedAt: dateTimeOf(storedAtMs) };
}

/** How routes that take a file declare their refusals. */
export const uploadProblems = {
  400: problemResponse("broken: the body broke off, or is a form without a file"),
  408: problemResponse("slow: it stood still for too long, or took too long"),
  413: problemResponse("tooLarge"),
  503: problemResponse("busy or stopping: try again; or files cannot be kept here"),
  507: problemResponse("full: there is no room for it"),
};

const REFUSALS: Readonly<
  Record<
    Exclude<FileRefusal, "busy">,
    readonly [status: 400 | 404 | 408 | 409 | 410 | 413 | 503 | 507, string]
  >
> = {
  unknown: [404, "no upload is expected at this URL"],
  expired: [410, "this URL has expired"],
  used: [409, "a file was uploaded to this URL already"],
  receiving: [409, "a file is being uploaded to this URL"],
  tooLarge: [413, "the file is too large"],
  full: [507, "there is no room for this file"],
  broken: [400, "the file broke off, or is a form without a file"],
  slow: [
    408,
    `a file may stand still for ${FILE_STALL_MAX_MS / 1_000} s and take ${FILE_STREAM_MAX_MS / 1_000} s`,
  ],
  stopping: [503, "this Central System stops"],
};

/** Answers for a file that was not taken. */
export function refusedFile(context: Context, files: Files, why: FileRefusal): Response {
  if (why === "busy") return busy(context);
  const [status, text] = REFUSALS[why];
  // What was not read of the body is no next request.
  context.header("connection", "close");
  const detail = why === "tooLarge" ? `${text}: at most ${files.bytesMax} bytes` : text;
  return problem(context, status, detail, { reason: why });
}

/** The file in a request's body: all of it, or the first file of a form. */
export function incomingFile(request: Request, name: string | undefined): IncomingFile {
  const body = request.body ?? new ReadableStream({ start: (controller) => controller.close() });
  const boundary = boundaryOf(request.headers.get("content-type"));
  if (boundary !== undefined) {
    const form = fileOfForm(body, boundary);
    return { body: form.body, announcedBytes: undefined, name: () => form.name() || name };
  }
  const length = Number(request.headers.get("content-length") ?? undefined);
  return { body, announcedBytes: Number.isNaN(length) ? undefined : length, name: () => name };
}
