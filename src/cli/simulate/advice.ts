/**
 * What a person can do about a link that fails.
 */
import type { LinkFailure } from "../../runtime/transport.ts";

/** One clause for the end of the line that says what failed. */
export function adviceFor(
  failure: LinkFailure,
  { url, identity }: { url: string; identity: string },
): string {
  switch (failure.reason) {
    case "refused":
      return isHere(url)
        ? `start a Central System with "ocpp serve${portOption(url)}"`
        : "is the Central System running, and on this port?";
    case "unknownHost":
      return "check the host name in the URL";
    case "unreachable":
    case "noAnswer":
      return "check host, port and what lies between (firewall, proxy)";
    case "httpStatus":
      return adviceForStatus(failure.httpStatus ?? 0, identity);
    case "notHttp":
      return url.startsWith("ws:") ? "check the port, or use wss:// if it is TLS" : "check the port";
    case "certificateUntrusted":
      return "name the root certificate with --ca, if you trust it";
    case "certificateOutdated":
      return "renew the Central System's certificate, or set this machine's clock";
    case "certificateWrongHost":
      return "use the host name in the certificate, or let the certificate name this host";
    case "clientCertificate":
      return "show a certificate that it accepts with --cert and --key";
    case "notTls":
      return "use ws:// if there is no TLS there, or check the port";
    case "tls":
      return "it must speak TLS 1.2 or 1.3 with ECDHE; the Central System's log may say why";
    case "subprotocol":
      return "let it answer Sec-WebSocket-Protocol: ocpp1.6, or try --validation tolerant";
    case "notPermitted":
      return "run with --allow-net";
    case "lost":
    case "closed":
    case "other":
      return "the Central System's log may say why";
  }
}

function adviceForStatus(status: number, identity: string): string {
  if (status >= 300 && status < 400) return "use the URL to which it redirects";
  if (status >= 500) return "the Central System's log may say why";
  switch (status) {
    case 400:
    case 426:
      return "does it speak OCPP 1.6-J at this path?";
    case 401:
    case 403:
      return `it wants credentials, or other ones, for "${identity}": give them with --password`;
    case 404:
      return `is "${identity}" known there, and is the path right?`;
    case 429:
      return "it limits how often one may connect: wait a little";
    default:
      return "a web server is there, but no OCPP at this path: check the URL";
  }
}

function portOption(url: string): string {
  const { port } = new URL(url);
  return port === "9000" ? "" : ` --port ${port === "" ? "80" : port}`;
}

function isHere(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
