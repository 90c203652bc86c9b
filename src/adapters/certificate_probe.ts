/**
 * Learns why a server's certificate cannot be verified.
 *
 * The runtime's `node:tls` has one code for an unknown issuer, an expired certificate and one that is not valid
 * yet; its own TLS tells them apart. So one TLS handshake more is tried, with the same roots and every check;
 * nothing is sent over it.
 */
import type { LinkFailure } from "../runtime/transport.ts";
import { failed } from "./link_failure.ts";

/** How long the handshake that explains a failure may take. */
const PROBE_MAX_MS = 2_000;

/** One explanation at a time, shared by all attempts that fail for the same reason meanwhile. */
export class CertificateProbe {
  #key = "";
  #explanation: Promise<LinkFailure | undefined> | undefined;

  /** A better failure, or nothing where the handshake tells no more. */
  explain(url: string, roots: readonly string[]): Promise<LinkFailure | undefined> {
    const key = [new URL(url).host, ...roots].join("\n");
    if (this.#explanation === undefined || this.#key !== key) {
      this.#key = key;
      const explanation = explain(new URL(url), roots).finally(() => {
        if (this.#explanation === explanation) this.#explanation = undefined;
      });
      this.#explanation = explanation;
    }
    return this.#explanation;
  }
}

async function explain({ hostname, port }: URL, roots: readonly string[]): Promise<LinkFailure | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PROBE_MAX_MS);
  });
  const shaking = handshake({
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || 443,
    caCerts: [...roots],
  });
  try {
    return await Promise.race([shaking, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function handshake(options: Deno.ConnectTlsOptions): Promise<LinkFailure | undefined> {
  try {
    using connection = await Deno.connectTls(options);
    await connection.handshake();
    return undefined;
  } catch (error) {
    return failureOfHandshake(error instanceof Error ? error.message : String(error));
  }
}

/** What the runtime's words about a certificate mean; seen with Deno 2.9. */
export function failureOfHandshake(text: string): LinkFailure | undefined {
  const why = /invalid peer certificate: (.*)/.exec(text)?.[1];
  if (why === undefined) return undefined;
  if (/\bnot valid yet\b|NotValidYet/i.test(why)) {
    return failed("certificateOutdated", "the server's certificate is not valid yet", text);
  }
  if (/\bexpired\b/i.test(why)) {
    return failed("certificateOutdated", "the server's certificate has expired", text);
  }
  if (/UnknownIssuer/.test(why)) return undefined; // that is what the first failure says
  return failed("certificateUntrusted", `the server's certificate cannot be trusted (${why})`, text);
}
