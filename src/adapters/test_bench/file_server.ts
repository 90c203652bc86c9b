/**
 * A small web server that gives the files of a bench and takes uploads.
 *
 * Everything lies below a path that nobody can guess, since it may be open to a whole network. Uploads are kept in
 * memory, within bounds; the oldest make room for new ones.
 */
import { getLogger } from "@logtape/logtape";
import { TRANSFER_MAX_MS } from "../../runtime/file_transfer.ts";
import { type ListenAddress, listenErrorOf } from "../listen_address.ts";
import { BoundedBytes } from "../transfer_outcome.ts";

const logger = getLogger(["ocpp", "bench"]);

/** The largest upload. Units: bytes. */
export const UPLOAD_BYTES_MAX = 32 * 1024 * 1024;
/** Uploads that are kept. */
export const UPLOADS_MAX = 100;
/** Uploads that are kept, together. Units: bytes. */
export const UPLOADS_BYTES_MAX = 2 * UPLOAD_BYTES_MAX;
/** Uploads that come in at one time; a further one is told to come later. */
export const UPLOADS_AT_ONCE_MAX = 4;
/** Files that are offered; the oldest goes first. */
export const FILES_MAX = 1_000;

/** A file that somebody has sent. */
export interface Upload {
  /** Which location it was sent to. */
  readonly locationId: number;
  /** As its sender calls it; empty: it has no name. */
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Gives and takes files over HTTP. */
export class BenchFileServer {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #ending = new AbortController();
  readonly #token = crypto.getRandomValues(new Uint8Array(12)).toHex();
  readonly #uploadBytesMax: number;
  readonly #uploadMaxMs: number;
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #uploads: Upload[] = [];
  #lastLocationId = 0;
  #incoming = 0;

  /** Listens. Errors: `ListenError`. */
  constructor(
    address: ListenAddress,
    { uploadBytesMax = UPLOAD_BYTES_MAX, uploadMaxMs = TRANSFER_MAX_MS }: {
      readonly uploadBytesMax?: number;
      readonly uploadMaxMs?: number;
    } = {},
  ) {
    const { hostname, port } = address;
    this.#uploadBytesMax = uploadBytesMax;
    this.#uploadMaxMs = uploadMaxMs;
    const { signal } = this.#ending;
    try {
      this.#server = Deno.serve(
        { hostname, port, signal, onListen: () => {}, onError: () => new Response(null, { status: 500 }) },
        (request) => this.#answer(request),
      );
    } catch (cause) {
      throw listenErrorOf(cause, address);
    }
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** What was uploaded, oldest first. */
  get uploads(): readonly Upload[] {
    return this.#uploads;
  }

  /** A path at which the file can be had; `undefined` bytes: at which there is none. */
  offer(fileName: string, bytes: Uint8Array<ArrayBuffer> | undefined): string {
    const path = `firmware/${encodeURIComponent(fileName)}`;
    this.#files.delete(path);
    if (bytes !== undefined) this.#files.set(path, bytes);
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= FILES_MAX) break;
      this.#files.delete(oldest);
    }
    return this.#pathTo(path);
  }

  /** The path of a directory that takes uploads; `missing`: of one that is not there. */
  newLocation(flaw?: "missing"): { readonly locationId: number; readonly path: string } {
    const locationId = ++this.#lastLocationId;
    return { locationId, path: this.#pathTo(`${flaw === "missing" ? "missing" : "uploads"}/${locationId}/`) };
  }

  /** Ends at once, whatever is under way. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#server.finished;
  }

  #pathTo(path: string): string {
    return `/${this.#token}/${path}`;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const prefix = this.#pathTo("");
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : undefined;
    const response = path === undefined ? problem(404) : await this.#answerTo(request, path);
    if (request.body !== null && !request.bodyUsed) await request.body.cancel().catch(() => {});
    // Of a path that is not ours nothing is told: it is anybody's text.
    const { method } = request;
    const { status } = response;
    logger.info("{method} {path}: {status}", { method, path: path ?? "(elsewhere)", status });
    return response;
  }

  async #answerTo(request: Request, path: string): Promise<Response> {
    const location = /^uploads\/(\d{1,9})(?:\/(.*))?$/.exec(path);
    if (location !== null && Number(location[1]) <= this.#lastLocationId) {
      if (request.method !== "PUT" && request.method !== "POST") return notAllowed("PUT, POST");
      return await this.#take(request, {
        locationId: Number(location[1]),
        fileName: nameIn(location[2] ?? ""),
      });
    }
    const file = this.#files.get(path);
    if (file === undefined) return problem(404);
    if (request.method !== "GET" && request.method !== "HEAD") return notAllowed("GET, HEAD");
    return new Response(request.method === "HEAD" ? null : file, {
      headers: { "content-type": "application/octet-stream", "content-length": String(file.length) },
    });
  }

  async #take(
    request: Request,
    { locationId, fileName }: { readonly locationId: number; readonly fileName: string },
  ): Promise<Response> {
    const announced = Number(request.headers.get("content-length") ?? 0);
    if (announced > this.#uploadBytesMax) return problem(413);
    if (this.#incoming >= UPLOADS_AT_ONCE_MAX) return problem(503, { "retry-after": "5" });
    this.#incoming++;
    try {
      const bytes = await bodyOf(request, { bytesMax: this.#uploadBytesMax, withinMs: this.#uploadMaxMs });
      if (bytes === undefined) return problem(413);
      this.#keep({ locationId, fileName, bytes });
      return new Response(null, { status: 201 });
    } catch {
      return problem(408); // it broke off, or took too long
    } finally {
      this.#incoming--;
    }
  }

  #keep(upload: Upload): void {
    this.#uploads.push(upload);
    let total = this.#uploads.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (this.#uploads.length > UPLOADS_MAX || total > UPLOADS_BYTES_MAX) {
      total -= this.#uploads.shift()!.bytes.length;
    }
  }
}

/** The body; `undefined` where it is too large. Errors: rejects where it does not come to its end. */
async function bodyOf(
  request: Request,
  { bytesMax, withinMs }: { readonly bytesMax: number; readonly withinMs: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const body = new BoundedBytes(bytesMax);
  const reader = request.body?.getReader();
  if (reader === undefined) return body.joined();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => {});
  }, withinMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw new Error("the upload took too long");
      if (done) return body.joined();
      if (!body.add(value)) {
        await reader.cancel();
        return undefined;
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

function problem(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers });
}

function notAllowed(allow: string): Response {
  return problem(405, { allow });
}

/** The last part of a path, decoded. */
function nameIn(path: string): string {
  const last = path.split("/").filter((part) => part !== "").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
