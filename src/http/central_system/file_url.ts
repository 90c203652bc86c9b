/**
 * URLs under `/files/` that a Charge Point can use, and how operators have them put into a payload.
 *
 * Shape: `http://host:9000/files/token-<32 characters>/` to upload to, with the file's name behind it to download.
 * The part after `token-` is a secret: `ocpp/redaction.ts` knows it by its beginning.
 */
import type { Context } from "hono";
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Files } from "../../runtime/files.ts";

/** How long a URL holds unless somebody says otherwise, and at most. */
export const UPLOAD_TTL_MS = 86_400_000;
export const DOWNLOAD_TTL_MS = 7 * 86_400_000;
export const TTL_MAX_MS = 30 * 86_400_000;

/** Where this Central System is for Charge Points: what it was told, or where this very request went. */
export function baseUrl(context: Context, publicUrl: string | undefined): string {
  return publicUrl?.replace(/\/+$/, "") ?? new URL(context.req.url).origin;
}

/** The URL of a token. */
export function fileUrl(base: string, token: string, name = ""): string {
  return `${base}/files/token-${token}/${encodeURIComponent(name)}`;
}

/** What a location in a payload may be instead of a URL. */
const PLACEHOLDER = /^ocpp:(?:(upload)|firmware\/(.+))$/;

/** Where the location stands in a payload. */
const LOCATIONS: Readonly<Record<string, readonly [path: readonly string[], wanted: "upload" | "firmware"]>> =
  {
    GetDiagnostics: [["location"], "upload"],
    GetLog: [["log", "remoteLocation"], "upload"],
    UpdateFirmware: [["location"], "firmware"],
    SignedUpdateFirmware: [["firmware", "location"], "firmware"],
  };

/** A payload whose location is filled in, with the `fileId` that an upload will have; or why it cannot be. */
export type FilledIn =
  | { readonly ok: true; readonly payload: unknown; readonly uploadId?: string }
  | { readonly ok: false; readonly status: 400 | 404 | 429; readonly detail: string };

/** Fills in `ocpp:upload` or `ocpp:firmware/<name>`; any other payload stays as it is. */
export async function filledIn(
  files: Files,
  { action, payload, chargePoint, base, nowMs }: {
    action: string;
    payload: unknown;
    chargePoint: string;
    base: string;
    nowMs: number;
  },
): Promise<FilledIn> {
  const [path, wanted] = LOCATIONS[action] ?? [];
  const location = path?.reduce<unknown>((value, name) => fieldOf(value, name), payload);
  const match = typeof location === "string" ? PLACEHOLDER.exec(location) : null;
  if (path === undefined || match === null) return { ok: true, payload };
  const [, upload, name] = match;
  if ((upload === undefined ? "firmware" : "upload") !== wanted) {
    const detail = `payload.${path.join(".")}: ${action} takes ${
      wanted === "upload" ? "ocpp:upload" : "ocpp:firmware/<name>"
    }`;
    return { ok: false, status: 400, detail };
  }
  const tooMany = { ok: false, status: 429, detail: "too many URLs are open" } as const;
  if (upload !== undefined) {
    const expected = files.expectUpload({ chargePoint, ttlMs: UPLOAD_TTL_MS });
    if (expected === undefined) return tooMany;
    const { fileId, token } = expected;
    return { ok: true, payload: withField(payload, path, fileUrl(base, token)), uploadId: fileId };
  }
  const file = await files.firmware(name!);
  if (file === undefined) {
    const detail = `no firmware ${name} is kept here: PUT /api/v1/files/firmware/${
      encodeURIComponent(name!)
    }`;
    return { ok: false, status: 404, detail };
  }
  // It is fetched when the Charge Point is told to, which may be later than now.
  const ttlMs = Math.min(TTL_MAX_MS, DOWNLOAD_TTL_MS + Math.max(0, retrieveAtMs(payload) - nowMs));
  const offered = files.offer(file, { ttlMs });
  if (offered === undefined) return tooMany;
  return { ok: true, payload: withField(payload, path, fileUrl(base, offered.token, file.name)) };
}

function retrieveAtMs(payload: unknown): number {
  const text = fieldOf(payload, "retrieveDate") ?? fieldOf(fieldOf(payload, "firmware"), "retrieveDateTime");
  const atMs = typeof text === "string" ? atMsOf(text) : 0;
  return Number.isFinite(atMs) ? atMs : 0;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function withField(payload: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text;
  return { ...payload as object, [name]: withField(fieldOf(payload, name), rest, text) };
}
