/**
 * What a reverse proxy says about the peer behind it, believed only where the proxy is trusted.
 *
 * Headers, each of which the proxy must set itself and never pass on as it came:
 * - `X-Forwarded-For`: addresses, each proxy adding the one that it saw. Read from the right, the first one that is no
 *   trusted proxy is the peer: what stands further left is what that peer says.
 * - `X-Forwarded-Proto`: `https` or `wss` where the link is TLS. Of several, every one has to be.
 * - `X-Forwarded-Host`: the host that was asked for; of several the last.
 * - `X-SSL-Client-Verify`: `SUCCESS` where the certificate was verified, `NONE` or nothing where none was shown,
 *   anything else is why it was not verified.
 * - `X-SSL-Client-Cert`: the certificate, as PEM that is percent-encoded, or the Base64 of its DER.
 * A certificate that comes without its verification, or the other way round, does not count, and is told as such.
 */
import type { PeerTls } from "../runtime/listener.ts";
import { addressIn, type AddressRange, isInRanges } from "./address_range.ts";
import { pemBlocks } from "./certificate_text.ts";
import { verifiedCertificate } from "./peer_certificate.ts";

/** Who is at the other end, of the socket or behind a proxy that is trusted. */
export interface Peer {
  readonly remoteAddress: string;
  /** `undefined`: the link is not secured. */
  readonly tls: PeerTls | undefined;
  /** The host that was asked for, where that is not the `Host` header. */
  readonly host?: string;
}

/** One header of a request, several of the same name joined by commas. */
type HeaderOf = (name: string) => string | null | undefined;

/** Who is behind the peer of a socket. */
export function peerBehind(direct: Peer, headerOf: HeaderOf, proxies: readonly AddressRange[]): Peer {
  if (proxies.length === 0 || !isInRanges(direct.remoteAddress, proxies)) return direct;
  const host = hostIn(headerOf("x-forwarded-host"));
  const tls = tlsIn(headerOf);
  return {
    remoteAddress: peerAddress(direct.remoteAddress, headerOf("x-forwarded-for"), proxies),
    tls,
    ...(host === undefined ? {} : { host }),
  };
}

function peerAddress(
  nearest: string,
  forwardedFor: string | null | undefined,
  proxies: readonly AddressRange[],
): string {
  let address = nearest;
  for (const entry of entriesOf(forwardedFor).reverse()) {
    const next = addressIn(entry);
    // What is no address was not written by a proxy of ours, and neither was what stands left of it.
    if (next === undefined) return address;
    address = next;
    if (!isInRanges(address, proxies)) return address;
  }
  return address;
}

function hostIn(forwardedHost: string | null | undefined): string | undefined {
  const host = entriesOf(forwardedHost).at(-1);
  if (host === undefined || !/^[A-Za-z0-9.:_[\]-]+$/.test(host)) return undefined;
  return URL.canParse(`http://${host}/`) ? host : undefined;
}

function tlsIn(headerOf: HeaderOf): PeerTls | undefined {
  const schemes = entriesOf(headerOf("x-forwarded-proto")).map((scheme) => scheme.toLowerCase());
  const isTls = schemes.length > 0 && schemes.every((scheme) => scheme === "https" || scheme === "wss");
  const certificate = certificateIn(headerOf);
  if (isTls) return certificate;
  const isShown = certificate.clientCertificate !== undefined ||
    certificate.untrustedCertificate !== undefined;
  return isShown
    ? { untrustedCertificate: "the proxy tells of a client certificate, but not X-Forwarded-Proto: https" }
    : undefined;
}

function certificateIn(headerOf: HeaderOf): PeerTls {
  const verification = (headerOf("x-ssl-client-verify") ?? "").trim();
  const text = (headerOf("x-ssl-client-cert") ?? "").trim();
  const isNone = verification === "" || verification === "NONE";
  if (isNone && text === "") return {};
  if (isNone) {
    return { untrustedCertificate: "X-SSL-Client-Cert came without X-SSL-Client-Verify: SUCCESS" };
  }
  if (verification !== "SUCCESS") {
    return { untrustedCertificate: `the proxy says of the client certificate: ${verification}` };
  }
  const [der] = pemBlocks(text, "CERTIFICATE");
  return der === undefined
    ? { untrustedCertificate: "X-SSL-Client-Verify is SUCCESS, but X-SSL-Client-Cert holds no certificate" }
    : verifiedCertificate(der);
}

function entriesOf(header: string | null | undefined): string[] {
  return (header ?? "").split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}
