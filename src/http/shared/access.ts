/**
 * Who may ask: a page of another site may not, wherever the browser that shows it runs.
 *
 * Rules: a request that names an `Origin` other than the one that it is sent to is refused (a page of another
 * site), and where only loopback is listened on, one whose `Host` is no loopback name (a name that was made to
 * point here: DNS rebinding). Programs send no `Origin`; a token is wanted besides, where there is one.
 */
import type { MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";

/** The names of this machine for itself, as URLs have them. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses what a page of another site sends. `isLoopback`: nothing but loopback is listened on. */
export function refuseForeignSites({ isLoopback }: { isLoopback: boolean }): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (isLoopback && !LOOPBACK_NAMES.has(hostnameOf(host))) {
      return problem(context, 403, `this is localhost, not ${JSON.stringify(host)}: ask for localhost`, {
        reason: "foreignHost",
      });
    }
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      return problem(context, 403, `pages of ${JSON.stringify(origin)} may not use this API`, {
        reason: "foreignOrigin",
      });
    }
    await next();
  };
}

/** The host of a `Host` header without its port; empty where it is none. */
function hostnameOf(host: string): string {
  return URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : "";
}
