/**
 * The identity of a Charge Point, which is the last segment of the URL that it connects to.
 *
 * Spec: OCPP-J 1.6 §3.1.1: percent-encoded in the URL, so it is decoded here.
 */

/** The longest identity, in bytes of UTF-8; the specification names no limit. */
export const IDENTITY_MAX_BYTES = 255;

/** The identity in a URL path, or why there is none. Double and trailing slashes are ignored. */
export function identityOf(path: string): { ok: true; identity: string } | { ok: false; why: string } {
  const [pathname] = path.split(/[?#]/, 1);
  const segment = (pathname ?? "").split("/").filter((part) => part !== "").at(-1);
  if (segment === undefined) {
    return { ok: false, why: "the URL must end in the identity of the Charge Point, e.g. /CP001" };
  }
  let identity: string;
  try {
    identity = decodeURIComponent(segment);
  } catch {
    return { ok: false, why: "the identity in the URL is not percent-encoded UTF-8" };
  }
  const fault = identityFault(identity);
  return fault === undefined ? { ok: true, identity } : { ok: false, why: fault };
}

/** Why a text can be no identity, if it cannot. */
export function identityFault(identity: string): string | undefined {
  if (identity === "." || identity === "..") {
    return "the identity in the URL is . or .., which no URL can name";
  }
  if (/\p{Cc}/u.test(identity)) return "the identity in the URL holds control characters";
  if (new TextEncoder().encode(identity).length > IDENTITY_MAX_BYTES) {
    return `the identity in the URL is longer than ${IDENTITY_MAX_BYTES} bytes`;
  }
  return undefined;
}

/** The connection URL of one Charge Point. Spec: OCPP-J 1.6 §3.1.1, the identity is percent-encoded. */
export function connectionUrl({ url, identity }: { url: string; identity: string }): string {
  return `${url.replace(/\/+$/, "")}/${encodeURIComponent(identity.toWellFormed())}`;
}
