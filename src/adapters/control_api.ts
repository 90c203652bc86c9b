/**
 * The API of a running `ocpp simulate --control-port`, as a tester asks it: to add Charge Points and take them away,
 * and to let things happen to them.
 *
 * Whatever goes wrong is a line for a person. Redirects are not followed: the token goes nowhere but to this URL.
 */

/** Where the API is. */
export interface ControlApiOptions {
  /** With or without a slash at its end. */
  readonly url: string;
  readonly token?: string | undefined;
}

/** What came of a request; `why` is one line. */
export type ControlOutcome = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** How a Charge Point that is added is secured; texts are PEM, the password is hexadecimal. */
export interface AddedSecurity {
  readonly securityProfile: 0 | 1 | 2 | 3;
  readonly authorizationKeyHex?: string;
  readonly roots?: readonly string[];
  readonly clientCertificate?: { readonly chain: string; readonly privateKey: string };
}

/** A Charge Point that is to be added. */
export interface AddedChargePoint {
  readonly identity: string;
  /** Where it connects: plain, and by TLS. */
  readonly url: string;
  readonly tlsUrl?: string;
  /** Fields of a description file. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly security: AddedSecurity;
}

/** How long an answer may take. Units: ms. */
const ANSWER_MAX_MS = 30_000;

/** The longest line that is told. Units: characters. */
const WHY_MAX = 300;

const METHOD_NOT_ALLOWED = 405;

const CHARGE_POINTS = "/api/v1/charge-points";

/** Asks the API. */
export class ControlApi {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, token }: ControlApiOptions) {
    this.url = url.replace(/\/+$/, "");
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Whether such an API answers there, and takes the token. */
  probe(): Promise<ControlOutcome> {
    return this.#ask("GET", `${CHARGE_POINTS}?limit=1`);
  }

  /** Whether there is such a Charge Point. */
  probeFor(identity: string): Promise<ControlOutcome> {
    return this.#ask("GET", `${pathOf(identity)}/description`);
  }

  /** Adds a Charge Point, which is switched on at once. */
  add(chargePoint: AddedChargePoint): Promise<ControlOutcome> {
    return this.#ask("POST", CHARGE_POINTS, { body: chargePoint });
  }

  /** Takes one away; resolves once its link is closed. */
  remove(identity: string): Promise<ControlOutcome> {
    return this.#ask("DELETE", pathOf(identity));
  }

  /** Lets something happen to one. */
  input(
    identity: string,
    input: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<ControlOutcome> {
    return this.#ask("POST", `${pathOf(identity)}/inputs`, { body: input, signal });
  }

  /** Switches the mains of one. */
  power(identity: string, state: "on" | "off", signal?: AbortSignal): Promise<ControlOutcome> {
    return this.#ask("POST", `${pathOf(identity)}/power`, { body: { state }, signal });
  }

  async #ask(
    method: string,
    path: string,
    { body, signal }: { readonly body?: unknown; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ControlOutcome> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MAX_MS);
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        redirect: "manual",
        headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
      });
      const text = await response.text();
      return response.ok ? this.#judge(response) : { ok: false, why: this.#refusal(response, text) };
    } catch (error) {
      return { ok: false, why: this.#failure(error, { isLate: late.signal.aborted, signal }) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Something else that listens there may answer 200 to everything. */
  #judge({ status, headers }: Response): ControlOutcome {
    if (status === 204 || isJson(headers)) return { ok: true };
    return { ok: false, why: this.#otherText() };
  }

  #otherText(): string {
    return `what answers at ${this.url} is no \`ocpp simulate --control-port\`; --control says where it is`;
  }

  #refusal({ status, headers }: Response, text: string): string {
    if (status === 401) {
      return "authorization" in this.#headers
        ? `${this.url} does not take this token`
        : `${this.url} wants a token`;
    }
    // The API of `ocpp serve` has the same paths, and other methods.
    if (status === METHOD_NOT_ALLOWED) return this.#otherText();
    const detail = isJson(headers) ? detailIn(text) : undefined;
    if (detail === undefined) {
      return `${this.url} answers HTTP ${status}: is it \`ocpp simulate --control-port\`?`;
    }
    return oneLine(detail);
  }

  #failure(
    error: unknown,
    { isLate, signal }: { readonly isLate: boolean; readonly signal: AbortSignal | undefined },
  ): string {
    if (signal?.aborted === true) return "nobody waits for it any more";
    if (isLate) return `${this.url} did not answer within ${ANSWER_MAX_MS / 1_000} s`;
    if (error instanceof Deno.errors.NotCapable) {
      return `cannot reach ${this.url}: this program may not use the network; it needs --allow-net`;
    }
    return `cannot reach ${this.url}: is \`ocpp simulate --control-port\` running there? --control says where`;
  }
}

function pathOf(identity: string): string {
  return `${CHARGE_POINTS}/${encodeURIComponent(identity)}`;
}

function isJson(headers: Headers): boolean {
  return /^application\/(problem\+)?json\b/.test(headers.get("content-type") ?? "");
}

function detailIn(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    return typeof detail === "string" ? detail : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, WHY_MAX);
}
