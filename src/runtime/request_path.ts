/**
 * Paths of requests that are taken as they are, or not at all.
 */

/** Why a path (a query may follow) is not taken, if it is not. */
export function pathFault(path: string): string | undefined {
  const [pathname] = path.split(/[?#]/, 1);
  if (pathname!.includes("\\")) return "the path holds a backslash";
  for (const segment of pathname!.split("/")) {
    let decoded: string;
    try {
      decoded = decodeURIComponent(segment);
    } catch {
      return "the path is not percent-encoded UTF-8";
    }
    if (decoded === "." || decoded === "..") return "the path holds . or .. as a segment";
    if (/\p{Cc}/u.test(decoded)) return "the path holds control characters";
  }
  return undefined;
}
