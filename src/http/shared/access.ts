/**
 * Who may ask: a page of another site may not, wherever the browser that shows it runs.
 *
 * Rules, for every request but the health checks:
 * - What a request is sent to is one thing: an absolute URL in the request line agrees with `Host`.
 * - Where only loopback is listened on, `Host` is a loopback name: another one was made to point here (DNS
 *   rebinding). Any port will do, since one may be forwarded.
 * - An `Origin` is the one that the request is sent to. `https` is taken for `http` too, since a proxy may do TLS
 *   for us; the other way round is refused. `null` (a sandboxed page, a file) is no origin of ours.
 * - Browsers that say so with `Sec-Fetch-Site` may come from another site with nothing but a link to a page.
 *
 * Programs send neither `Origin` nor `Sec-Fetch-Site`; a token is wanted besides, where there is one.
 */
import type { Context, MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";

/** The names of this machine for itself, as URLs have them. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses what a page of another site sends. `isLoopback`: nothing but loopback is listened on. */
export function refuseForeignSites({ isLoopback }: { isLoopback: boolean }): MiddlewareHandler {
  return async (context, next) => {
    const { raw } = context.req;
    const named = raw.headers.get("host") ?? "";
    const host = authorityOf(named);
    const target = authorityOf(raw.url.split("/", 3)[2] ?? "");
    if (host !== undefined && host.host !== target?.host) {
      return problem(context, 403, "the header Host and the URL of the request name different hosts", {
        reason: "foreignHost",
      });
    }
    if (isLoopback && !LOOPBACK_NAMES.has(host?.hostname ?? "")) {
      return problem(context, 403, `this is localhost, not ${JSON.stringify(named)}: ask for localhost`, {
        reason: "foreignHost",
      });
    }
    const origin = raw.headers.get("origin");
    if (origin !== null && !isOwnOrigin(context, origin)) {
      return problem(context, 403, `pages of ${JSON.stringify(origin)} may not use this API`, {
        reason: "foreignOrigin",
      });
    }
    const site = raw.headers.get("sec-fetch-site") ?? "none";
    const isLink = raw.method === "GET" && raw.headers.get("sec-fetch-mode") === "navigate";
    if (!OWN_SITES.has(site) && !isLink) {
      return problem(context, 403, "pages of another site may not use this API", { reason: "foreignSite" });
    }
    await next();
  };
}

/** What `Sec-Fetch-Site` says of our own pages and of what no page asked for. */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/** Whether a browser says that a page of this very origin sends a request, and not merely fails to deny it. */
export function isFromOwnPage(context: Context): boolean {
  const { headers } = context.req.raw;
  const origin = headers.get("origin");
  return origin === null ? headers.get("sec-fetch-site") === "same-origin" : isOwnOrigin(context, origin);
}

function isOwnOrigin({ req: { raw } }: Context, origin: string): boolean {
  const host = authorityOf(raw.headers.get("host") ?? "");
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, origin: given } = new URL(origin);
  // As browsers write it: nothing after the port, and `null` is none.
  if (given !== origin.toLowerCase() || given === "null") return false;
  if (protocol === "http:" && new URL(raw.url).protocol === "https:") return false;
  return (protocol === "http:" || protocol === "https:") && given === originOf(protocol, host);
}

/** Host and port, as URLs write them. */
interface Authority {
  readonly host: string;
  readonly hostname: string;
}

/** A `Host` header's parts; `undefined` for what is none, and for what only looks like one: `a@b`, `a/b`, `a b`. */
function authorityOf(host: string): Authority | undefined {
  if (!/^(\[[0-9A-Fa-f:.]+\]|[^\s@/?#\\:[\]]+)(:\d*)?$/.test(host) || !URL.canParse(`http://${host}/`)) {
    return undefined;
  }
  const { host: authority, hostname } = new URL(`http://${host}/`);
  return { host: authority, hostname };
}

/** An origin without the default port of its scheme; `host` lacks 80 already. */
function originOf(protocol: "http:" | "https:", { host }: Authority): string {
  return new URL(`${protocol}//${host}/`).origin;
}
