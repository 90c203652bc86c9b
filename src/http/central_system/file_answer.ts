/**
 * A file as an HTTP answer: in full or the part that was asked for, never as anything that a browser would show.
 *
 * Spec: RFC 9110 §14 (ranges), RFC 6266 and RFC 8187 (its name).
 */
import type { Context } from "hono";
import type { StoredFile } from "../../runtime/file_store.ts";
import type { Files } from "../../runtime/files.ts";
import { problem } from "../shared/problem.ts";

/** Answers a GET or HEAD. */
export async function answerFile(context: Context, files: Files, file: StoredFile): Promise<Response> {
  const { bytes, fileId } = file;
  const etag = `"${fileId}"`;
  const ifRange = context.req.header("if-range");
  const wanted = ifRange === undefined || ifRange === etag ? context.req.header("range") : undefined;
  const range = rangeOf(wanted, bytes);
  const headers: Record<string, string> = {
    "accept-ranges": "bytes",
    "cache-control": "no-store",
    "content-disposition": `attachment; filename="${asciiName(file.name)}"; filename*=UTF-8''${
      encoded(file.name)
    }`,
    "content-security-policy": "default-src 'none'; sandbox",
    "content-type": "application/octet-stream",
    "etag": etag,
    "x-content-type-options": "nosniff",
  };
  if (range === "unsatisfiable") {
    context.header("content-range", `bytes */${bytes}`);
    return problem(context, 416, `the file has ${bytes} bytes`);
  }
  const { start, end } = range ?? { start: 0, end: bytes };
  headers["content-length"] = String(end - start);
  if (range !== undefined) headers["content-range"] = `bytes ${start}-${end - 1}/${bytes}`;
  const status = range === undefined ? 200 : 206;
  if (context.req.method === "HEAD") return new Response(null, { status, headers });
  const body = await files.read(file, { start, end });
  if (body === "busy") return busy(context);
  return new Response(body, { status, headers });
}

/** Too many transfers at once: the device may try again. */
export function busy(context: Context): Response {
  context.header("retry-after", "10");
  return problem(context, 503, "too many files are on their way: try again", { reason: "busy" });
}

/** The one range of a header; `undefined`: all of it, since a header that is not understood is ignored. */
function rangeOf(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first === "") {
    const count = Math.min(Number(last), bytes);
    return count === 0 ? "unsatisfiable" : { start: bytes - count, end: bytes };
  }
  const start = Number(first);
  const end = last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= bytes ? "unsatisfiable" : { start, end };
}

function asciiName(name: string): string {
  return name.replace(/[^ -~]|["\\%]/g, "_");
}

function encoded(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
}
