/**
 * Files over HTTP and HTTPS.
 *
 * An upload is a PUT to the directory's URL with the file's name appended; where the server answers that it has
 * no PUT (405, 501), the same is sent as a POST. Credentials in the URL go out as Basic, and only to the origin
 * that they were given for. Redirects are followed, never from HTTPS to HTTP.
 */
import type {
  Download,
  DownloadRequest,
  FileTransfer,
  TransferResult,
  UploadRequest,
} from "../runtime/file_transfer.ts";
import {
  BoundedBytes,
  brokenOffOutcome,
  outcome,
  type Target,
  targetOf,
  tooLargeOutcome,
} from "./transfer_outcome.ts";

/** How many redirects are followed. */
export const REDIRECTS_MAX = 5;

interface Exchange {
  readonly method: "GET" | "PUT" | "POST";
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Transfers with the runtime's own HTTP client. */
export class HttpTransfer implements FileTransfer {
  readonly #roots: readonly string[];
  #client: Deno.HttpClient | undefined;

  /** `roots`: certificates (PEM) that HTTPS servers may build on, besides those of the system. */
  constructor({ roots = [] }: { readonly roots?: readonly string[] } = {}) {
    this.#roots = roots;
  }

  async upload({ url, fileName, bytes, signal }: UploadRequest): Promise<TransferResult> {
    const target = targetOf(url);
    if (target === undefined) return outcome("badUrl", "the URL cannot be understood");
    const directory = target.url.pathname.replace(/\/*$/, "/");
    target.url.pathname = `${directory}${encodeURIComponent(fileName)}`;
    try {
      const answer = await this.#exchange({ method: "PUT", target, signal, bytes });
      if (!(answer instanceof Response)) return answer;
      await discard(answer);
      if (answer.status !== 405 && answer.status !== 501) return outcomeOfUpload(answer);
      const second = await this.#exchange({ method: "POST", target, signal, bytes });
      if (!(second instanceof Response)) return second;
      await discard(second);
      return outcomeOfUpload(second);
    } catch (error) {
      return brokenOffOutcome(signal) ?? outcomeOfError(error);
    }
  }

  async download({ url, bytesMax, signal }: DownloadRequest): Promise<Download> {
    const target = targetOf(url);
    if (target === undefined) return { outcome: outcome("badUrl", "the URL cannot be understood") };
    try {
      const answer = await this.#exchange({ method: "GET", target, signal });
      if (!(answer instanceof Response)) return { outcome: answer };
      if (!answer.ok) {
        await discard(answer);
        return { outcome: outcomeOfStatus(answer.status) };
      }
      return await bodyOf(answer, bytesMax);
    } catch (error) {
      return { outcome: brokenOffOutcome(signal) ?? outcomeOfError(error) };
    }
  }

  /** The answer that is no redirect, or why there is none. */
  async #exchange({ method, target, signal, bytes }: Exchange): Promise<Response | TransferResult> {
    let url = target.url;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const headers = new Headers();
      if (bytes !== undefined) headers.set("content-type", "application/gzip");
      if (target.user !== undefined && url.origin === target.url.origin) {
        headers.set("authorization", `Basic ${base64Of(`${target.user}:${target.password}`)}`);
      }
      const answer = await fetch(url, {
        method,
        headers,
        redirect: "manual",
        signal,
        ...(bytes === undefined ? {} : { body: bytes }),
        ...this.#roots.length === 0 ? {} : { client: this.#httpClient() },
      });
      const location = [301, 302, 303, 307, 308].includes(answer.status) && answer.headers.get("location");
      // 303 after an upload points at something to read: the upload itself is done.
      if (!location || answer.status === 303 && bytes !== undefined) return answer;
      await discard(answer);
      const next = URL.parse(location, url);
      if (next === null) return outcome("failed", "the server redirects to what is no URL");
      if (next.protocol !== url.protocol && next.protocol !== "https:") {
        return outcome("notSupported", `the server redirects from ${url.protocol} to ${next.protocol}`);
      }
      next.username = next.password = "";
      url = next;
    }
    return outcome("failed", `more than ${REDIRECTS_MAX} redirects`);
  }

  /** Ends what is under way and lets go of kept connections. */
  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #httpClient(): Deno.HttpClient {
    return this.#client ??= Deno.createHttpClient({ caCerts: [...this.#roots] });
  }
}

async function bodyOf(answer: Response, bytesMax: number): Promise<Download> {
  if (Number(answer.headers.get("content-length") ?? 0) > bytesMax) {
    await discard(answer);
    return { outcome: tooLargeOutcome(bytesMax) };
  }
  const body = new BoundedBytes(bytesMax);
  for await (const chunk of answer.body ?? []) {
    if (!body.add(chunk)) return { outcome: tooLargeOutcome(bytesMax) }; // leaving the loop cancels the body
  }
  return { outcome: outcome("done", `${body.length} bytes`), bytes: body.joined() };
}

/** What the server says besides its status is of no interest. */
async function discard(answer: Response): Promise<void> {
  await answer.body?.cancel();
}

function outcomeOfUpload({ status }: Response): TransferResult {
  const isTaken = status >= 200 && status < 300 || status === 303;
  return isTaken ? outcome("done", `HTTP ${status}`) : outcomeOfStatus(status);
}

function outcomeOfStatus(status: number): TransferResult {
  return outcome(STATUS_OF_HTTP[status] ?? "failed", `the server answered HTTP ${status}`);
}

const STATUS_OF_HTTP: Readonly<Record<number, TransferResult["status"]>> = {
  401: "permissionDenied",
  403: "permissionDenied",
  407: "permissionDenied",
  404: "notFound",
  409: "notFound", // WebDAV: the directory is not there
  410: "notFound",
  405: "notSupported",
  415: "notSupported",
  501: "notSupported",
  413: "tooLarge",
  507: "tooLarge",
  408: "unreachable",
  502: "unreachable",
  503: "unreachable",
  504: "unreachable",
};

/** What the runtime's texts mean; each row is a part of one, seen with Deno 2.9. */
const MEANINGS: readonly (readonly [part: string, message: string])[] = [
  ["dns error", "the host name is unknown"],
  ["connection refused", "connection refused"],
  ["invalid peer certificate", "the server's certificate is not valid"],
  ["tcp connect error", "the host cannot be reached"],
];

function outcomeOfError(error: unknown): TransferResult {
  if (error instanceof Deno.errors.NotCapable) {
    return outcome("failed", "this program has no permission to connect there (--allow-net)");
  }
  const text = textsOf(error);
  const meaning = MEANINGS.find(([part]) => text.toLowerCase().includes(part))?.[1];
  const certificate = /invalid peer certificate: ([^)]*)/.exec(text)?.[1];
  return outcome(
    "unreachable",
    certificate === undefined ? meaning ?? "the connection broke off" : `${meaning} (${certificate})`,
  );
}

/** The texts of an error and of what caused it. */
function textsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${textsOf(error.cause)}`;
}

function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
