/**
 * The token of an API: programs send it with each request, browsers once, for a session.
 *
 * Rules: a session is good for changes only where the browser says that a page of ours sends them. Wrong tokens
 * are bounded by address (`guesses.ts`) and told as refusals; no token at all is merely answered with 401.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { isFromOwnPage } from "./access.ts";
import { Guesses } from "./guesses.ts";
import { problem } from "./problem.ts";
import { SESSION_SECONDS, Sessions } from "./sessions.ts";

/** A request that was not let in; what it presented is not said. */
export interface AccessRefusal {
  readonly remoteAddress: string;
  readonly status: number;
  readonly reason: string;
}

/** What guards an API. */
export interface AuthorizationDependencies {
  /** None: everybody may. */
  readonly token: string | undefined;
  readonly nowMs: () => number;
  readonly onRefused: (refusal: AccessRefusal) => void;
  /** Wrong tokens that an address may present at once. */
  readonly guessesMax?: number;
}

/** What became of a token that was presented. */
export type Presented = "right" | "wrong" | "tooManyWrong";

/** Characters of a path that a refusal tells. */
const PATH_TOLD_MAX = 100;

/** Methods that change nothing. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Decides who may. */
export class Authorization {
  readonly #digest: Uint8Array | undefined;
  readonly #sessions: Sessions;
  readonly #guesses: Guesses;
  readonly #onRefused: (refusal: AccessRefusal) => void;

  constructor({ token, nowMs, onRefused, guessesMax }: AuthorizationDependencies) {
    this.#digest = token === undefined ? undefined : digestOf(token);
    this.#sessions = new Sessions({ nowMs });
    this.#guesses = new Guesses({ nowMs, ...(guessesMax === undefined ? {} : { max: guessesMax }) });
    this.#onRefused = onRefused;
  }

  /** Whether a token is wanted at all. */
  get isWanted(): boolean {
    return this.#digest !== undefined;
  }

  /** Compares a token, in a time that says nothing of how much of it is right. */
  present(context: Context, token: string): Presented {
    const remoteAddress = remoteAddressOf(context);
    if (this.#guesses.waitSeconds(remoteAddress) > 0) return "tooManyWrong";
    if (this.#digest !== undefined && timingSafeEqual(digestOf(token), this.#digest)) return "right";
    this.#guesses.count(remoteAddress);
    const isLast = this.#guesses.waitSeconds(remoteAddress) > 0;
    const reason = `a wrong token for ${context.req.method} ${context.req.path.slice(0, PATH_TOLD_MAX)}`;
    this.#onRefused({
      remoteAddress,
      status: 401,
      reason: isLast ? `${reason}; its tokens are not looked at for a while` : reason,
    });
    return "wrong";
  }

  /** The answer to a request that may not, or nothing when it may. */
  refusal(context: Context): Response | undefined {
    if (!this.isWanted) return undefined;
    const header = context.req.header("authorization");
    if (header !== undefined) {
      const [, token] = BEARER.exec(header) ?? [];
      const presented = token === undefined ? "wrong" : this.present(context, token);
      if (presented === "right") return undefined;
      return presented === "wrong" ? this.unauthorized(context) : this.tooManyWrong(context);
    }
    if (!this.#hasSession(context)) return this.unauthorized(context);
    if (SAFE_METHODS.has(context.req.method) || isFromOwnPage(context)) return undefined;
    return problem(context, 403, "with a session, only pages of this site may change something", {
      reason: "foreignOrigin",
    });
  }

  unauthorized(context: Context): Response {
    context.header("www-authenticate", 'Bearer realm="ocpp"');
    return problem(context, 401, "wanted: the header Authorization: Bearer <token>, or a login at /");
  }

  /** Tells an address to wait. */
  tooManyWrong(context: Context): Response {
    context.header("retry-after", String(this.waitSeconds(context)));
    return problem(context, 429, "too many wrong tokens from your address; wait a minute", {
      reason: "tooManyWrongTokens",
    });
  }

  waitSeconds(context: Context): number {
    return this.#guesses.waitSeconds(remoteAddressOf(context));
  }

  // --- sessions ----------------------------------------------------------------------------------------------

  #hasSession(context: Context): boolean {
    const secret = getCookie(context, cookieNameOf(context));
    return secret !== undefined && this.#sessions.has(secret);
  }

  /** Logs a browser in: its answer will set the cookie. */
  beginSession(context: Context): void {
    setCookie(context, cookieNameOf(context), this.#sessions.begin(), {
      ...cookieOptions(context),
      maxAge: SESSION_SECONDS,
    });
  }

  endSession(context: Context): void {
    const secret = getCookie(context, cookieNameOf(context));
    if (secret !== undefined) this.#sessions.end(secret);
    deleteCookie(context, cookieNameOf(context), cookieOptions(context));
  }
}

/** Lets nobody pass who may not. */
export function requireAuthorization(authorization: Authorization): MiddlewareHandler {
  return async (context, next) => {
    const refusal = authorization.refusal(context);
    if (refusal !== undefined) return refusal;
    await next();
  };
}

/** Spec: RFC 6750 §2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Programs on other ports of a host share its cookies: each port has a name of its own. */
function cookieNameOf(context: Context): string {
  const { protocol, port } = new URL(context.req.raw.url);
  return `ocpp_session_${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

function cookieOptions(context: Context) {
  const secure = context.req.raw.url.startsWith("https:");
  return { path: "/", httpOnly: true, sameSite: "Strict", secure } as const;
}

/** Who asks; whoever calls the app says so in its environment. */
function remoteAddressOf(context: Context): string {
  return (context.env as { remoteAddress?: string } | undefined)?.remoteAddress ?? "";
}

function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
