/**
 * What stands in the request line: an odd one is refused before anything looks at it.
 *
 * A path with `.` or `..` in it, or that is not percent-encoded UTF-8, means one thing to a proxy and another
 * here; without them an identity in a path is decoded exactly once, as in a connection URL.
 */
import type { MiddlewareHandler } from "hono";
import { pathFault } from "../../runtime/request_path.ts";
import { problem } from "./problem.ts";

/** The longest URL of a request, in characters. */
export const URL_MAX_LENGTH = 8_192;

/** Methods that HTTP APIs have; TRACE and CONNECT, which a Request cannot have, are not among them. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Refuses methods that nothing here has with 501, over-long URLs with 414 and odd paths with 400. */
export function refuseOddTargets(): MiddlewareHandler {
  return async (context, next) => {
    const { url, method } = context.req.raw;
    if (!METHODS.has(method)) return problem(context, 501, "there is no such method");
    if (url.length > URL_MAX_LENGTH) {
      return problem(context, 414, `a URL has at most ${URL_MAX_LENGTH} characters`);
    }
    const fault = pathFault(url.slice(url.indexOf("/", url.indexOf("//") + 2)));
    if (fault !== undefined) return problem(context, 400, fault, { reason: "badPath" });
    await next();
  };
}
