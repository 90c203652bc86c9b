/**
 * What a security profile means for the link: which URL, which credentials, whose certificates; and what a failed
 * link means for the Charge Point.
 *
 * Rules: profiles 1 and 2 show the password, 3 the client certificate, none of them both. TLS is a matter of the
 * URL: profile 0 may lead to a wss URL, where the server's certificate is checked like anywhere.
 * Spec: Security §2.3 to §2.5; OCPP-J 1.6 §6.2.
 */
import type { LinkDownCause } from "../charge_point/contract.ts";
import type { LinkSecurity } from "../charge_point/job.ts";
import type { LinkFailure, LinkOptions } from "./transport.ts";

/** Where the Central System is, without the identity: for profiles 0 and 1, and for 2 and 3. */
export interface CentralSystemUrls {
  readonly plain: string;
  readonly tls: string;
}

/** The URL that a profile connects to. */
export function urlOfProfile({ securityProfile }: LinkSecurity, urls: CentralSystemUrls): string {
  return securityProfile >= 2 ? urls.tls : urls.plain;
}

/** How to make the link to that URL. */
export function linkOptionsOf(
  security: LinkSecurity,
  { url, identity, pingIntervalSeconds }: { url: string; identity: string; pingIntervalSeconds: number },
): LinkOptions {
  const { securityProfile, authorizationKey, roots, clientCertificate } = security;
  const showsPassword = (securityProfile === 1 || securityProfile === 2) && authorizationKey !== undefined;
  return {
    pingIntervalSeconds,
    ...(showsPassword
      ? { credentials: { user: identity, password: Uint8Array.fromHex(authorizationKey) } }
      : {}),
    ...(url.startsWith("wss:")
      ? {
        tls: {
          roots,
          ...(securityProfile === 3 && clientCertificate !== undefined ? { clientCertificate } : {}),
        },
      }
      : {}),
  };
}

/** What a failure means for a Charge Point, which may fall back or raise a security event for it. */
export function linkDownCauseOf({ reason, httpStatus }: LinkFailure): LinkDownCause {
  switch (reason) {
    case "certificateUntrusted":
    case "certificateOutdated":
    case "certificateWrongHost":
      return "invalidCertificate";
    case "clientCertificate":
    case "notTls":
    case "tls":
      return "tls";
    case "httpStatus":
      return httpStatus === 401 || httpStatus === 403 ? "unauthorized" : "other";
    default:
      return "other";
  }
}
