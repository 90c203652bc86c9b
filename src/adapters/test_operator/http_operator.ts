/**
 * Has a web service do what cases ask for: each action is one POST.
 *
 * Redirects are not followed, so a token goes nowhere but to the URL that was given.
 */
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../runtime/test_operator.ts";
import { cannot, NOT_WANTED, orderOf } from "./order.ts";
import { Turns } from "./turns.ts";

/** The largest answer that is read. Units: bytes. */
export const ANSWER_BYTES_MAX = 65_536;

/** Where the service is. */
export interface HttpOperatorOptions {
  readonly url: string;
  /** Goes out as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
}

/** Posts each action to a URL. */
export class HttpOperator implements TestOperator {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();

  constructor({ url, token }: HttpOperatorOptions) {
    this.#url = url;
    this.#headers = {
      "content-type": "application/json",
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    return this.#turns.take(() => this.#post(request, AbortSignal.any([signal, this.#closing.signal])));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#turns.over();
  }

  async #post(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    if (signal.aborted) return cannot(NOT_WANTED);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), request.withinSeconds * 1_000);
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: this.#headers,
        body: JSON.stringify(orderOf(request)),
        redirect: "manual",
        signal: AbortSignal.any([signal, late.signal]),
      });
      return await outcomeOf(response);
    } catch (error) {
      if (signal.aborted) return cannot(NOT_WANTED);
      if (late.signal.aborted) {
        return cannot(`the driver did not answer within ${request.withinSeconds} s`);
      }
      const { origin } = new URL(this.#url); // what stands behind it may be a secret
      return cannot(
        error instanceof Deno.errors.NotCapable
          ? `cannot reach ${origin}: this program may not use the network; it needs --allow-net`
          : `cannot reach ${origin}, or what answers there is no web server`,
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

async function outcomeOf(response: Response): Promise<OperatorOutcome> {
  const { status, ok } = response;
  const text = await boundedText(response);
  if (ok && text === undefined) {
    return cannot(`the driver answers with more than ${ANSWER_BYTES_MAX} bytes`);
  }
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(response.headers.get("content-type") ?? "");
  const body = isJson && text !== undefined && text.trim() !== "" ? objectIn(text) : {};
  if (ok) {
    if (body === undefined) return cannot("the driver answers with what is no JSON object");
    if (!("cannot" in body)) return { kind: "done" };
    const reason = body["cannot"];
    return cannot(typeof reason === "string" && reason !== "" ? reason : "the driver says that it cannot");
  }
  if (status >= 300 && status < 400) return cannot(`HTTP ${status}: redirects are not followed`);
  const why = body?.["cannot"] ?? body?.["detail"];
  return cannot(typeof why === "string" && why !== "" ? `HTTP ${status}: ${why}` : `HTTP ${status}`);
}

/** The body; `undefined` where it is too large. */
async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return undefined; // leaving the loop cancels the body
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
