/**
 * What is believed of a proxy's headers, and of whom.
 */
import assert from "node:assert/strict";
import { addressRangeOf } from "../../src/adapters/address_range.ts";
import { type Peer, peerBehind } from "../../src/adapters/trusted_proxy.ts";
import { makeClient, makeRoot } from "../support/certificates.ts";

const PROXIES = ["127.0.0.1", "10.1.0.0/16", "fd00:aa::/32"].map((text) => addressRangeOf(text)!);

/** Who is behind a proxy on this machine that sends these headers. */
function behind(headers: Readonly<Record<string, string>>, remoteAddress = "127.0.0.1"): Peer {
  return peerBehind({ remoteAddress, tls: undefined }, (name) => headers[name], PROXIES);
}

Deno.test("headers of a proxy that is not trusted change nothing", () => {
  const headers = {
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "csms.test",
    "x-ssl-client-verify": "SUCCESS",
    "x-ssl-client-cert": "MIIB",
  };
  for (const remoteAddress of ["192.0.2.1", "10.2.0.1", "fd00:ab::1", "", "::1", "127.0.0.2"]) {
    assert.deepEqual(behind(headers, remoteAddress), { remoteAddress, tls: undefined });
  }
  const direct = { remoteAddress: "127.0.0.1", tls: {} };
  assert.equal(peerBehind(direct, (name) => headers[name as "x-forwarded-for"], []), direct);
});

Deno.test("X-Forwarded-For is read from the right, up to the first address that is no proxy of ours", () => {
  const rows: readonly (readonly [header: string, address: string])[] = [
    ["192.0.2.7", "192.0.2.7"],
    ["198.51.100.9, 192.0.2.7", "192.0.2.7"], // the peer wrote the first one itself
    ["127.0.0.1, 192.0.2.7", "192.0.2.7"],
    ["192.0.2.7, 10.1.2.3", "192.0.2.7"], // two proxies in a row
    ["192.0.2.7, 10.1.2.3, fd00:aa::5", "192.0.2.7"],
    ["192.0.2.7, 10.2.2.3", "10.2.2.3"],
    ["192.0.2.7, unknown", "127.0.0.1"],
    ["192.0.2.7, unknown, 10.1.2.3", "10.1.2.3"],
    ["", "127.0.0.1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
  ];
  for (const [header, address] of rows) {
    assert.equal(behind({ "x-forwarded-for": header }).remoteAddress, address, header);
  }
  for (const proxy of ["10.1.255.255", "fd00:aa:ffff::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]) {
    assert.equal(behind({ "x-forwarded-for": "192.0.2.7" }, proxy).remoteAddress, "192.0.2.7", proxy);
  }
});

Deno.test("X-Forwarded-Proto makes a link a TLS link, if every proxy says so", () => {
  const tlsOf = (proto: string) => behind({ "x-forwarded-proto": proto }).tls;
  for (const proto of ["https", "wss", "HTTPS", "https, https"]) assert.deepEqual(tlsOf(proto), {}, proto);
  for (const proto of ["http", "ws", "", "https, http", "http, https", "httpsx"]) {
    assert.equal(tlsOf(proto), undefined, proto);
  }
});

Deno.test("X-Forwarded-Host names the host, of several the last, and nothing that is none", () => {
  const hostOf = (host: string) => behind({ "x-forwarded-host": host }).host;
  assert.equal(hostOf("csms.test"), "csms.test");
  assert.equal(hostOf("csms.test:8443"), "csms.test:8443");
  assert.equal(hostOf("evil.test, csms.test"), "csms.test");
  for (const host of ["", "a b", "csms.test/path", "user@csms.test", "csms.test:port"]) {
    assert.equal(hostOf(host), undefined, host);
  }
});

Deno.test("a client certificate counts with SUCCESS beside it and TLS before it; else it is told why not", async () => {
  const root = await makeRoot({ commonName: "Root" });
  const { certificate } = await makeClient(root, { commonName: "CP, O=other", organization: "CPO" });
  const escaped = encodeURIComponent(certificate);
  const base64 = certificate.replace(/-----[^-]*-----|\s/g, "");
  const tlsOf = (headers: Record<string, string>) => behind({ "x-forwarded-proto": "https", ...headers }).tls;
  const good = { clientCertificate: { commonName: "CP, O=other", organization: "CPO" } };
  for (const text of [escaped, base64, certificate.replaceAll("\n", " ")]) {
    assert.deepEqual(tlsOf({ "x-ssl-client-verify": "SUCCESS", "x-ssl-client-cert": text }), good);
  }
  assert.deepEqual(tlsOf({ "x-ssl-client-verify": "NONE", "x-ssl-client-cert": "" }), {});
  assert.deepEqual(tlsOf({ "x-ssl-client-verify": "" }), {});
  const rows: readonly (readonly [headers: Record<string, string>, why: RegExp])[] = [
    [{ "x-ssl-client-cert": escaped }, /came without X-SSL-Client-Verify/],
    [{ "x-ssl-client-verify": "NONE", "x-ssl-client-cert": escaped }, /came without X-SSL-Client-Verify/],
    [{ "x-ssl-client-verify": "SUCCESS" }, /holds no certificate/],
    [{ "x-ssl-client-verify": "SUCCESS", "x-ssl-client-cert": "nonsense" }, /holds no certificate/],
    [{ "x-ssl-client-verify": "SUCCESS", "x-ssl-client-cert": "MIIBAAAA" }, /cannot be read/],
    [
      { "x-ssl-client-verify": "FAILED:certificate has expired", "x-ssl-client-cert": escaped },
      /has expired/,
    ],
    // Given twice: one by the peer, one by the proxy.
    [{ "x-ssl-client-verify": "SUCCESS, NONE", "x-ssl-client-cert": escaped }, /says of the client/],
    [
      { "x-ssl-client-verify": "SUCCESS", "x-ssl-client-cert": escaped, "x-forwarded-proto": "http" },
      /but not X-Forwarded-Proto: https/,
    ],
  ];
  for (const [headers, why] of rows) {
    const tls = tlsOf(headers);
    assert.equal(tls?.clientCertificate, undefined);
    assert.match(tls?.untrustedCertificate ?? "", why);
  }
});

Deno.test("addresses are in ranges as their bits say, whichever way they are spelled", () => {
  assert.equal(addressRangeOf("10.0.0.1/8"), undefined, "a bit behind the prefix");
  assert.equal(addressRangeOf("10.0.0.0/33"), undefined);
  assert.equal(addressRangeOf("fd00::/129"), undefined);
  assert.equal(addressRangeOf("256.0.0.1"), undefined);
  assert.equal(addressRangeOf("proxy.test"), undefined);
  assert.equal(addressRangeOf("10.0.0.0/8/8"), undefined);
  assert.deepEqual(addressRangeOf("::ffff:10.0.0.1"), addressRangeOf("10.0.0.1"));
});
