/**
 * What only the client over `ws` can: pings, credentials, TLS with certificates of one's own; and who gets it.
 */
import assert from "node:assert/strict";
import { Client } from "../../src/adapters/client.ts";
import { WsClient } from "../../src/adapters/ws_client.ts";
import type { LinkOptions, LinkTls } from "../../src/runtime/transport.ts";
import { type Issued, makeClient, makeRoot, makeServer } from "../support/certificates.ts";
import { attempt, PLAIN } from "../support/link_attempt.ts";
import { linkServer, type LinkServerScript } from "../support/link_server.ts";
import { needs } from "../support/needs.ts";

const net = needs("net", "env");
const strict = new WsClient({ validation: "strict" });

/** Made once: the operator's root, somebody else's, and what they have issued. */
const certificates = lazily(async () => {
  const [root, stranger] = await Promise.all([
    makeRoot({ commonName: "Operator Root" }),
    makeRoot({ commonName: "Stranger Root" }),
  ]);
  const [server, client, strangeClient] = await Promise.all([
    makeServer(root, { commonName: "localhost" }),
    makeClient(root, { commonName: "CP-SERIAL-1", organization: "CPO" }),
    makeClient(stranger, { commonName: "CP-SERIAL-1", organization: "CPO" }),
  ]);
  return { root, stranger, server, client, strangeClient };
});

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}

function tlsOf({ chain, privateKey }: Issued) {
  return { chain, privateKey };
}

/** How connecting to such a server fails. */
async function failureWith(script: LinkServerScript, options: Partial<LinkOptions>) {
  await using server = await linkServer(script);
  const { reason, message } = await attempt(strict, `${server.url}/CP001`, { ...PLAIN, ...options }).ended();
  return { reason, message };
}

/** Connects, and tells what the server was shown. */
async function shownTo(script: LinkServerScript, options: Partial<LinkOptions>) {
  await using server = await linkServer(script);
  const link = attempt(strict, `${server.url}/CP001`, { ...PLAIN, ...options });
  (await link.opened()).close(1000, "done");
  await link.ended();
  return server.upgrades[0]!;
}

Deno.test({
  ...net("OCPP-J §6.2.1 Basic shows the identity and the bytes of the key, text or not"),
  async fn() {
    const password = Uint8Array.fromHex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF");
    const { authorization } = await shownTo({}, { credentials: { user: "AL1000", password } });
    assert.equal(authorization, "Basic QUwxMDAwOgABAgMEBQYH////////////////");
    assert.equal((await shownTo({}, {})).authorization, undefined);
  },
});

Deno.test({
  ...net("WsClient: what a refusing server says in its body becomes the message"),
  async fn() {
    const said = async (body: string, contentType: string) =>
      (await failureWith({ http: { status: 401, body, contentType } }, {})).message;
    assert.equal(
      await said("wrong password\r\n", "text/plain"),
      "the server answered HTTP 401: wrong password",
    );
    const problem = JSON.stringify({ title: "Unauthorized", detail: "CP001 has another password" });
    assert.equal(
      await said(problem, "application/problem+json"),
      "the server answered HTTP 401: CP001 has another password",
    );
    assert.equal(
      await said("<html><body>401</body></html>", "text/html"),
      "the server answered HTTP 401 instead of opening a WebSocket",
    );
    const long = await said(`a\u001b[31m${"b".repeat(100_000)}`, "text/plain");
    assert.equal(long, `the server answered HTTP 401: a [31m${"b".repeat(194)}…`);
  },
});

Deno.test({
  ...net("WsClient: a server that repeats the credentials is not quoted"),
  async fn() {
    const credentials = { user: "CP001", password: new TextEncoder().encode("a secret of CP001") };
    for (const body of ["got Basic Q1AwMDE6YSBzZWNyZXQgb2YgQ1AwMDE=", "a secret of CP001 is wrong"]) {
      const { message } = await failureWith({ http: { status: 401, body } }, { credentials });
      assert.equal(message, "the server answered HTTP 401 instead of opening a WebSocket");
    }
  },
});

Deno.test({
  ...net("WsClient: pings are sent as often as asked for, now and after a change"),
  async fn() {
    await using server = await linkServer();
    const link = attempt(strict, `${server.url}/CP001`, { pingIntervalSeconds: 0.02 });
    const connection = await link.opened();
    await server.until(() => server.pings >= 3, "three pings");
    connection.setPing!(0);
    // A text and its echo: every ping that was sent before it has come.
    connection.send("no more pings from here on");
    await server.until(() => server.texts.length === 1, "the text");
    const pings = server.pings;
    connection.setPing!(3_600);
    server.sockets[0]!.ping();
    await new Promise((resolve) => server.sockets[0]!.once("pong", resolve));
    assert.equal(server.pings, pings);
    connection.setPing!(0.02);
    await server.until(() => server.pings > pings, "a ping at the new interval");
    connection.close(1000, "done");
    assert.equal((await link.ended()).reason, "closed");
  },
});

Deno.test({
  ...net("WsClient: a ping that is unanswered when the next is due means that the link is lost"),
  async fn() {
    await using server = await linkServer({ answersPings: false });
    const link = attempt(strict, `${server.url}/CP001`, { pingIntervalSeconds: 0.05 });
    await link.opened();
    assert.deepEqual(await link.ended(), {
      opened: true,
      reason: "lost",
      message: "connection lost (no answer to a ping within 0.05 s)",
    });
    assert.equal(server.pings, 1);
  },
});

Deno.test({
  ...net("profile 2: a server certificate below the given root opens the link, as do several roots"),
  async fn() {
    const { root, stranger, server } = await certificates();
    const script = { tls: tlsOf(server) };
    await shownTo(script, { tls: { roots: [root.certificate] } });
    await shownTo(script, { tls: { roots: [stranger.certificate, root.certificate] } });
    await shownTo({ tls: { ...tlsOf(server), maxVersion: "TLSv1.2" } }, {
      tls: { roots: [root.certificate] },
    });
  },
});

Deno.test({
  ...net("profile 2: the password goes through TLS as it does without"),
  async fn() {
    const { root, server } = await certificates();
    const credentials = { user: "CP001", password: new TextEncoder().encode("sixteen bytes ok") };
    const shown = await shownTo({ tls: tlsOf(server) }, { credentials, tls: { roots: [root.certificate] } });
    assert.equal(shown.authorization, `Basic ${btoa("CP001:sixteen bytes ok")}`);
  },
});

Deno.test({
  ...net("Security §2.4 a certificate that names its host in CN alone is taken"),
  async fn() {
    const { root } = await certificates();
    const server = await makeServer(root, { commonName: "localhost", dnsNames: [], ips: [] });
    await shownTo({ tls: tlsOf(server) }, { tls: { roots: [root.certificate] } });
  },
});

Deno.test({
  ...net("profile 2: a server certificate that is not to be trusted fails, and says why"),
  async fn() {
    const { root, stranger, server } = await certificates();
    const roots = [root.certificate];
    const day = 86_400_000;
    const expired = await makeServer(root, { commonName: "localhost", notAfterMs: Date.now() - day });
    const future = await makeServer(root, { commonName: "localhost", notBeforeMs: Date.now() + day });
    const elsewhere = await makeServer(root, { commonName: "csms.test", dnsNames: ["csms.test"], ips: [] });
    const reasonOf = (one: Issued, tls: LinkTls) => failureWith({ tls: tlsOf(one) }, { tls });
    assert.deepEqual(await reasonOf(server, { roots: [] }), {
      reason: "certificateUntrusted",
      message: "the server's certificate is of an unknown issuer",
    });
    assert.deepEqual(await reasonOf(server, { roots: [stranger.certificate] }), {
      reason: "certificateUntrusted",
      message: "the server's certificate is of an unknown issuer",
    });
    assert.deepEqual(await reasonOf(expired, { roots }), {
      reason: "certificateOutdated",
      message: "the server's certificate has expired",
    });
    assert.deepEqual(await reasonOf(future, { roots }), {
      reason: "certificateOutdated",
      message: "the server's certificate is not valid yet",
    });
    assert.deepEqual(await reasonOf(elsewhere, { roots }), {
      reason: "certificateWrongHost",
      message: "the server's certificate is for another host (DNS:csms.test)",
    });
    assert.equal((await reasonOf(stranger, { roots })).reason, "certificateUntrusted"); // signed by itself
  },
});

Deno.test({
  ...net("profile 3: the server sees our certificate, and one that it does not know ends the link"),
  async fn() {
    const { root, server, client, strangeClient } = await certificates();
    const roots = [root.certificate];
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const script = { tls: { ...tlsOf(server), clientRoots: roots, maxVersion } };
      const shown = await shownTo(script, { tls: { roots, clientCertificate: tlsOf(client) } });
      assert.equal(shown.clientName, "CP-SERIAL-1");
      const none = await failureWith(script, { tls: { roots } });
      assert.deepEqual(none, {
        reason: "clientCertificate",
        message: "the server wants a client certificate",
      });
      const strange = await failureWith(script, { tls: { roots, clientCertificate: tlsOf(strangeClient) } });
      assert.ok(["clientCertificate", "tls"].includes(strange.reason), `${maxVersion}: ${strange.message}`);
    }
  },
});

Deno.test({
  ...net("profile 3: a key that does not belong to the certificate fails before anything is shown"),
  async fn() {
    const { root, server, client, strangeClient } = await certificates();
    const clientCertificate = { chain: client.chain, privateKey: strangeClient.privateKey };
    const tls = { roots: [root.certificate], clientCertificate };
    assert.deepEqual(await failureWith({ tls: tlsOf(server) }, { tls }), {
      reason: "tls",
      message: "TLS failed: our client certificate or its key will not do",
    });
  },
});

Deno.test({
  ...net("Client: a plain link cannot ping, one with pings, credentials or TLS can"),
  async fn() {
    const { root, server } = await certificates();
    const client = new Client({ validation: "strict" });
    const canPing = async (script: LinkServerScript, options: LinkOptions) => {
      await using at = await linkServer(script);
      const link = attempt(client, `${at.url}/CP001`, options);
      const connection = await link.opened();
      connection.close(1000, "done");
      await link.ended();
      return connection.setPing !== undefined;
    };
    const credentials = { user: "CP001", password: new Uint8Array(16) };
    assert.equal(await canPing({}, PLAIN), false);
    assert.equal(await canPing({}, { pingIntervalSeconds: 60 }), true);
    assert.equal(await canPing({}, { ...PLAIN, credentials }), true);
    assert.equal(
      await canPing({ tls: tlsOf(server) }, { ...PLAIN, tls: { roots: [root.certificate] } }),
      true,
    );
  },
});
