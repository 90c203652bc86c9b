/**
 * What the errors of `ws`, `node:tls` and `node:net` mean, in plain words.
 */
import type { LinkFailure, LinkFailureReason } from "../runtime/transport.ts";
import { failed, failureOfBreak, failureOfTooLongMessage } from "./link_failure.ts";

/** By error code. */
const MEANINGS: Readonly<Record<string, readonly [reason: LinkFailureReason, message: string]>> = {
  ECONNREFUSED: ["refused", "connection refused"],
  ENOTFOUND: ["unknownHost", "the host name is unknown"],
  EAI_AGAIN: ["unknownHost", "the host name cannot be looked up at the moment"],
  EHOSTUNREACH: ["unreachable", "the host cannot be reached"],
  ENETUNREACH: ["unreachable", "the network of the host cannot be reached"],
  EADDRNOTAVAIL: ["unreachable", "the host cannot be reached from this machine"],
  ETIMEDOUT: ["noAnswer", "no answer"],
  ERR_SSL_WRONG_VERSION_NUMBER: ["notTls", "the server there does not speak TLS"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    "certificateUntrusted",
    "the server's certificate is of an unknown issuer",
  ],
  UNABLE_TO_GET_ISSUER_CERT: ["certificateUntrusted", "the server's certificate is of an unknown issuer"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    "certificateUntrusted",
    "the server's certificate is of an unknown issuer",
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    "certificateUntrusted",
    "the server's certificate is signed by itself and not known here",
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    "certificateUntrusted",
    "the root of the server's certificate is not known here",
  ],
  CERT_HAS_EXPIRED: ["certificateOutdated", "the server's certificate has expired"],
  CERT_NOT_YET_VALID: ["certificateOutdated", "the server's certificate is not valid yet"],
};

/** By the TLS alert that the server sent; those about certificates can only mean ours. */
const ALERTS: Readonly<Record<string, readonly [reason: LinkFailureReason, message: string]>> = {
  CertificateRequired: ["clientCertificate", "the server wants a client certificate"],
  UnknownCA: ["clientCertificate", "the server does not know who issued our client certificate"],
  CertificateExpired: ["clientCertificate", "our client certificate has expired, says the server"],
  CertificateRevoked: ["clientCertificate", "our client certificate is revoked, says the server"],
  BadCertificate: ["clientCertificate", "the server refuses our client certificate"],
  CertificateUnknown: ["clientCertificate", "the server refuses our client certificate"],
  UnsupportedCertificate: ["clientCertificate", "the server refuses our kind of client certificate"],
  AccessDenied: ["clientCertificate", "the server refuses our client certificate"],
  ProtocolVersion: ["tls", "the server speaks no TLS version that is spoken here (1.2, 1.3)"],
};

/** What was the case when the error came. */
export interface Circumstances {
  /** The TLS handshake was completed; with TLS 1.3 the server looks at our certificate only then. */
  readonly hasTls: boolean;
  readonly hasClientCertificate: boolean;
}

/** Why a connection never came to be. */
export function failureOfConnecting(error: unknown, circumstances: Circumstances): LinkFailure {
  const text = messageOf(error);
  const code = codeOf(error);
  if (error instanceof Deno.errors.NotCapable || /\bRequires net access\b/.test(text)) {
    return failed("notPermitted", "this program has no permission to connect there (--allow-net)");
  }
  const detail = code === "" ? text : `${code}: ${text}`;
  const alert = /received fatal alert: (\w+)/.exec(text)?.[1];
  if (alert !== undefined) return failureOfAlert(alert, circumstances, detail);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const named = /(?:altnames|CN): (?!.*(?:altnames|CN): )(.*)/.exec(text)?.[1];
    const names = named === undefined ? "another host" : `another host (${named})`;
    return failed("certificateWrongHost", `the server's certificate is for ${names}`, detail);
  }
  const meaning = MEANINGS[code];
  if (meaning !== undefined) return failed(meaning[0], meaning[1], detail);
  if (code === "ECONNRESET" || code === "EPIPE") return failureOfReset(text, circumstances, detail);
  if (code.startsWith("HPE_")) return failed("notHttp", "the server there does not speak HTTP", detail);
  // What the runtime says of a certificate and key that do not fit each other.
  if (code === "ERR_SSL_UNSUPPORTED_PROTOCOL" && circumstances.hasClientCertificate) {
    return failed("tls", "TLS failed: our client certificate or its key will not do", detail);
  }
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    return failed("tls", `TLS failed (${text})`, detail);
  }
  if (/^(Invalid (Upgrade|Sec-WebSocket)|Server (sent|indicated))/.test(text)) {
    return failed("notHttp", `the server's answer opens no WebSocket (${text})`, detail);
  }
  return failed("other", text === "" ? "cannot connect" : text, detail);
}

function failureOfAlert(alert: string, { hasClientCertificate }: Circumstances, detail: string): LinkFailure {
  const meaning = ALERTS[alert];
  if (meaning !== undefined) return failed(meaning[0], meaning[1], detail);
  if (alert === "HandshakeFailure" && !hasClientCertificate) {
    const message = "TLS failed: no cipher suite in common, or the server wants a client certificate";
    return failed("tls", message, detail);
  }
  return failed("tls", `TLS failed: the server says ${alert}`, detail);
}

function failureOfReset(
  text: string,
  { hasTls, hasClientCertificate }: Circumstances,
  detail: string,
): LinkFailure {
  if (hasTls) {
    const guess = hasClientCertificate
      ? "it may refuse our client certificate"
      : "it may want a client certificate";
    return failed("clientCertificate", `the server hung up after the TLS handshake; ${guess}`, detail);
  }
  if (text.includes("before secure TLS")) {
    return failed("tls", "the server hung up during the TLS handshake", detail);
  }
  return failed("notHttp", "the server there hung up without an answer", detail);
}

/** Why a link that was open is so no more. */
export function failureOfOpenLink(error: unknown): LinkFailure {
  const code = codeOf(error);
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return failureOfTooLongMessage();
  if (!code.startsWith("WS_ERR_")) return failureOfBreak(messageOf(error));
  return {
    opened: true,
    reason: "closed",
    message: `closed: the server does not keep to WebSocket (${messageOf(error)})`,
    detail: code,
  };
}

/** Whether the server's certificate was not to be verified: the runtime says no more than that. */
export function isUnverified(error: unknown): boolean {
  return codeOf(error) === "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
}

/** As much of an explanation as goes into a line. */
const EXPLANATION_MAX = 200;

/**
 * What the body of an HTTP answer says, as one line; empty where it says nothing to a person, or repeats what is
 * secret.
 */
export function explanationIn(
  body: string,
  { contentType, secrets }: { contentType: string; secrets: readonly string[] },
): string {
  if (/html/i.test(contentType) || /^\s*</.test(body)) return "";
  if (secrets.some((secret) => secret !== "" && body.includes(secret))) return "";
  const text = /json/i.test(contentType) ? textOfProblem(body) : body;
  // deno-lint-ignore no-control-regex -- they are what has to go
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return line.length <= EXPLANATION_MAX ? line : `${line.slice(0, EXPLANATION_MAX)}…`;
}

/** Problem JSON (RFC 9457) and what others write. */
function textOfProblem(body: string): string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return body;
  }
  const problem = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const said = [problem.detail, problem.message, problem.error, problem.title];
  return said.find((one) => typeof one === "string") ?? "";
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error ?? "");
}
