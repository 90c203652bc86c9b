/**
 * The API of a running `ocpp serve`, as a command of this program asks it.
 */
import { jsonText, parseJson } from "../../ocpp/json.ts";
import { CommandError, UsageError } from "../exit_code.ts";
import { plainText } from "../plain_text.ts";

/** Which Central System, and how to get in. */
export interface ApiOptions {
  readonly server: string;
  readonly token?: string | undefined;
}

/** An answer whose body is JSON. */
export interface ApiReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How long anything but a Call may take. */
const REPLY_MAX_MS = 10_000;

const NO_CONTENT = 204;

/** A running Central System. */
export class Api {
  readonly server: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** Errors: `UsageError` for a URL or a token that cannot be one. */
  constructor({ server, token }: ApiOptions) {
    this.server = serverUrl(server);
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new UsageError("a --token has no spaces and no special characters");
    }
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Asks for something; problems are replies too. Errors: `CommandError` where nobody fit to answer does. */
  get(path: string): Promise<ApiReply> {
    return this.#ask(path, { headers: this.#headers }, REPLY_MAX_MS);
  }

  /** Sends a body; `signal` calls it off. Errors: as `get`. */
  post(path: string, body: unknown, waitMaxMs: number, signal?: AbortSignal): Promise<ApiReply> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    const init = {
      method: "POST",
      headers,
      body: jsonText(body),
      ...(signal === undefined ? {} : { signal }),
    };
    return this.#ask(path, init, waitMaxMs);
  }

  /** Replaces something. Errors: as `get`. */
  put(path: string, body: unknown): Promise<ApiReply> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#ask(path, { method: "PUT", headers, body: jsonText(body) }, REPLY_MAX_MS);
  }

  /** Deletes something. Errors: as `get`. */
  delete(path: string): Promise<ApiReply> {
    return this.#ask(path, { method: "DELETE", headers: this.#headers }, REPLY_MAX_MS);
  }

  async #ask(path: string, init: RequestInit, waitMaxMs: number): Promise<ApiReply> {
    const [response, text] = await this.#fetch(`${this.server}${path}`, init, waitMaxMs);
    const { status } = response;
    if (status === 401) {
      throw new CommandError(
        "authorization" in this.#headers
          ? `${this.server} does not take this token; \`ocpp serve\` prints its own at its start`
          : `${this.server} wants a token: set OCPP_TOKEN (or --token) to the one of \`ocpp serve\``,
      );
    }
    if (status === NO_CONTENT) return { status, body: {} };
    const json = parseJson(text);
    if (!json.ok || typeof json.value !== "object" || json.value === null || !(isJson(response))) {
      throw new CommandError(
        `what answers at ${this.server} is no \`ocpp serve\`; --server says where it is`,
      );
    }
    return { status, body: json.value as ApiReply["body"] };
  }

  async #fetch(url: string, init: RequestInit, waitMaxMs: number): Promise<readonly [Response, string]> {
    try {
      // A redirect would carry the token to where nobody meant it to go.
      const limit = AbortSignal.timeout(waitMaxMs);
      const signal = init.signal == null ? limit : AbortSignal.any([limit, init.signal]);
      const response = await fetch(url, { ...init, redirect: "manual", signal });
      return [response, await response.text()];
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "TimeoutError") {
        throw new CommandError(`cannot wait any longer: ${this.server} does not answer`, { cause });
      }
      if (init.signal?.aborted === true) throw new CommandError("it was called off", { cause });
      if (cause instanceof Deno.errors.NotCapable) {
        throw new CommandError(
          `cannot reach ${this.server}: this program may not use the network; run it with --allow-net`,
          { cause },
        );
      }
      throw new CommandError(
        `cannot reach ${this.server}: is \`ocpp serve\` running there? --server says where`,
        { cause },
      );
    }
  }
}

function isJson({ headers }: Response): boolean {
  return /^application\/(problem\+)?json\b/.test(headers.get("content-type") ?? "");
}

/** What a problem says, as a line. */
export function detailOf({ status, body }: ApiReply): string {
  return plainText(typeof body["detail"] === "string" ? body["detail"] : `HTTP ${status}`);
}

/** The URL without a slash at its end; that of the Charge Points is taken for that of the API beside it. */
export function serverUrl(text: string): string {
  const url = URL.parse(text.replace(/^ws(s?):\/\//i, "http$1://"));
  const isFit = url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" &&
    url.username === "" && url.password === "";
  if (!isFit) {
    throw new UsageError(`--server must be a URL like http://localhost:9000, not ${plainText(text)}`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
