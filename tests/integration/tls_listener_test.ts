/**
 * TLS at the Central System: what is told of certificates, which are refused, and what the operator learns of
 * handshakes that fail.
 */
import assert from "node:assert/strict";
import type { ListenerHandlers, UpgradeRequest } from "../../src/runtime/listener.ts";
import {
  type CertificateOptions,
  type Issued,
  makeClient,
  makeRoot,
  makeServer,
} from "../support/certificates.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { type SecuredServer, startSecuredServer } from "../support/secured_server.ts";
import { overSockets } from "../support/server.ts";
import { testTls } from "../support/tls.ts";

const sockets = (name: string) => overSockets(name, "env");

/** Asks for an upgrade over TLS, with a certificate or without. */
async function upgrade(
  port: number,
  { path = "/CP001", client, headers = {} }: {
    readonly path?: string;
    readonly client?: { readonly chain: string; readonly privateKey: string };
    readonly headers?: Record<string, string>;
  } = {},
): Promise<RawWebSocket> {
  const { root } = await testTls();
  return await RawWebSocket.request({
    port,
    path,
    headers: { "sec-websocket-protocol": "ocpp1.6", ...headers },
    tls: {
      caCerts: [root.certificate],
      ...(client === undefined ? {} : { cert: client.chain, key: client.privateKey }),
    },
  });
}

/** What a TLS listener tells of a peer that shows this. */
async function seen(client: Issued | undefined, clientRoots?: readonly string[]): Promise<UpgradeRequest> {
  const { listenHardened } = await import("../../src/adapters/hardened_listener.ts");
  const { options } = await testTls();
  const upgrades: UpgradeRequest[] = [];
  const owner: ListenerHandlers = {
    onUpgrade: (request) => {
      upgrades.push(request);
      return { granted: false, status: 403, text: "no" };
    },
    onRequest: () => new Response(),
  };
  const tls = { ...options, ...(clientRoots === undefined ? {} : { clientRoots }) };
  const listener = await listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    pingIntervalSeconds: 0,
    tls,
  }, owner);
  try {
    using _socket = await upgrade(listener.port, client === undefined ? {} : { client });
  } finally {
    await listener.close();
  }
  return upgrades[0]!;
}

const CPO: CertificateOptions = { commonName: "CP-SERIAL-1", organization: "Straßen CPO" };

Deno.test({
  ...sockets("Security §2.6: the owner is told CN and O of a certificate that leads to the client CA"),
  async fn() {
    const { root } = await testTls();
    assert.deepEqual((await seen(await makeClient(root, CPO))).tls, {
      clientCertificate: { commonName: "CP-SERIAL-1", organization: "Straßen CPO" },
    });
    const { organization: _, ...nobody } = CPO;
    assert.deepEqual((await seen(await makeClient(root, nobody))).tls, {
      clientCertificate: { commonName: "CP-SERIAL-1", organization: undefined },
    });
    assert.deepEqual((await seen(undefined)).tls, {});
    assert.deepEqual((await seen(await makeClient(root, CPO), [])).tls, {}, "none is asked for");
  },
});

Deno.test({
  ...sockets("a certificate that does not count is told as such, with the reason"),
  async fn() {
    const { root } = await testTls();
    const stranger = await makeRoot({ commonName: "Stranger" });
    // One that has the name of our root and none of its keys.
    const impostor = await makeRoot({ commonName: "Operator Root" });
    const rows: readonly (readonly [client: Issued, why: RegExp])[] = [
      [await makeClient(stranger, CPO), /was issued by CN=Stranger, which does not lead to the client CA$/],
      [await makeClient(impostor, CPO), /was issued by CN=Operator Root, which does not lead to/],
      [
        await makeClient(root, { ...CPO, notAfterMs: Date.UTC(2021, 0, 1) }),
        /has expired at 2021-01-01T00:00/,
      ],
      [
        await makeClient(root, { ...CPO, notBeforeMs: Date.UTC(2048, 0, 1) }),
        /is not valid before 2048-01-01/,
      ],
      [await makeServer(root, CPO), /is not one for TLS clients$/],
      [
        await makeClient(root, { ...CPO, subject: [{ CN: ["CP001"] }, { CN: ["CP002"] }] }),
        /more than one common name$/,
      ],
      [
        await makeClient(root, { ...CPO, subject: [{ CN: ["CP001"] }, { O: ["A"] }, { O: ["B"] }] }),
        /more than one organization$/,
      ],
      [await makeClient(root, { ...CPO, subject: [{ O: ["A"] }] }), /has no common name$/],
    ];
    for (const [client, why] of rows) {
      const { tls } = await seen(client);
      assert.equal(tls?.clientCertificate, undefined);
      assert.match(tls?.untrustedCertificate ?? "", why);
    }
  },
});

Deno.test({
  ...sockets("a Charge Point comes in over TLS beside the plain port, into the same Central System"),
  async fn() {
    await using server = await startSecuredServer();
    using secured = await upgrade(server.tlsPort, { path: "/CP-TLS" });
    assert.equal(secured.status, 101);
    await using plain = await server.plain.connect("CP-PLAIN");
    await server.observer.until(() => server.observer.of("connected").length === 2, "both");
    for (const one of ["CP-TLS", "CP-PLAIN"]) {
      assert.ok(server.plain.host.connectionOf(one) !== undefined, one);
    }
    assert.equal(plain.subprotocol, "ocpp1.6");
  },
});

Deno.test({
  ...sockets("a certificate of another authority is refused with 401; why is told to the operator alone"),
  async fn() {
    await using server = await startSecuredServer();
    const client = await makeClient(await makeRoot({ commonName: "Stranger" }), CPO);
    using socket = await upgrade(server.tlsPort, { client });
    assert.equal(socket.status, 401);
    assert.match(await socket.body(), /^credentials, certificate or security profile will not do[^:]*\n$/);
    const { body } = await server.plain.get("/api/v1/refusals");
    assert.equal(body.items[0].status, 401);
    assert.equal(body.items[0].identity, "CP001");
    assert.match(body.items[0].reason, /CN=CP-SERIAL-1, O=Straßen CPO was issued by CN=Stranger/);
  },
});

/** What `/api/v1/refusals` says once there is one. */
async function refusalAfter(server: SecuredServer, attempt: () => Promise<unknown>) {
  await attempt();
  await server.observer.until(() => server.observer.of("refused").length > 0, "a refusal");
  const { body } = await server.plain.get("/api/v1/refusals");
  return body.items[0];
}

Deno.test({
  ...sockets("handshakes that fail are told to the operator, each with its reason"),
  async fn() {
    const stranger = await makeRoot({ commonName: "Stranger" });
    const rows: readonly (readonly [reason: RegExp, attempt: (server: SecuredServer) => Promise<unknown>])[] =
      [
        [
          /^the peer does not accept our certificate \(UnknownCA\)$/,
          ({ tlsPort }) =>
            RawWebSocket.request({ port: tlsPort, path: "/CP001", tls: { caCerts: [stranger.certificate] } })
              .catch(() => {}),
        ],
        [
          /^no TLS was spoken \(ws:\/\/ or http:\/\/\) where it has to be$/,
          ({ tlsPort }) => RawWebSocket.request({ port: tlsPort, path: "/CP001" }).catch(() => {}),
        ],
        [
          /^TLS was spoken \(wss:\/\/ or https:\/\/\) where there is none$/,
          ({ plain }) =>
            RawWebSocket.request({ port: plain.port, path: "/CP001", tls: { caCerts: [] } }).catch(() => {}),
        ],
        [/^the peer hung up in the middle of the handshake$/, async ({ tlsPort }) => {
          (await Deno.connect({ hostname: "127.0.0.1", port: tlsPort })).close();
        }],
        [
          /^no TLS version or cipher suite in common/,
          ({ tlsPort }) => sendHello(tlsPort, HELLO_OF_TLS_1_1),
        ],
        [
          /^no TLS version or cipher suite in common/,
          ({ tlsPort }) => sendHello(tlsPort, HELLO_OF_STATIC_RSA),
        ],
      ];
    for (const [reason, attempt] of rows) {
      await using server = await startSecuredServer();
      const refusal = await refusalAfter(server, () => attempt(server));
      assert.match(refusal.reason, reason);
      assert.equal(refusal.status, undefined);
      assert.equal(refusal.remoteAddress, "127.0.0.1");
    }
  },
});

/** A ClientHello of TLS 1.1 with one cipher suite and no extension. Spec: RFC 4346 §7.4.1.2. */
const HELLO_OF_TLS_1_1 = new Uint8Array([
  ...[22, 3, 1, 0, 45], // a record of a handshake, 45 bytes
  ...[1, 0, 0, 41, 3, 2], // ClientHello, 41 bytes, TLS 1.1
  ...Array<number>(32).fill(7), // random
  ...[0, 0, 2, 0, 47, 1, 0], // no session, RSA with AES 128, no compression
]);

/**
 * A ClientHello of TLS 1.2 that knows RSA key exchange only, with and without AES-GCM, as old modems do; whatever else
 * a TLS 1.2 server wants is there. Spec: RFC 5246 §7.4.1.2, A.5; Security §2.5 (TLS_RSA_WITH_…).
 */
const HELLO_OF_STATIC_RSA = new Uint8Array([
  ...[22, 3, 1, 0, 67], // a record of a handshake, 67 bytes
  ...[1, 0, 0, 63, 3, 3], // ClientHello, 63 bytes, TLS 1.2
  ...Array<number>(32).fill(7), // random
  ...[0, 0, 6, 0, 0x9c, 0, 0x9d, 0, 0x2f, 1, 0], // no session, three TLS_RSA suites, no compression
  ...[0, 16], // extensions
  ...[0, 13, 0, 4, 0, 2, 4, 1], // signatures: RSA with SHA-256
  ...[0, 10, 0, 4, 0, 2, 0, 23], // groups: P-256
]);

/** Sends the beginning of a handshake and waits for the end of the connection. */
async function sendHello(port: number, hello: Uint8Array): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(hello);
  const answer = new Uint8Array(1_024);
  while (await connection.read(answer).catch(() => null) !== null);
}

Deno.test({
  ...sockets("what is no TLS but no HTTP either is answered on the plain port as before"),
  async fn() {
    await using server = await startSecuredServer();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.plain.port });
    await connection.write(new TextEncoder().encode("hello\r\n\r\n"));
    const answer = new Uint8Array(1_024);
    const count = await connection.read(answer) ?? 0;
    assert.match(new TextDecoder().decode(answer.subarray(0, count)), /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.deepEqual(server.observer.of("refused"), []);
  },
});

Deno.test({
  ...sockets("the API over TLS wants the token, and refuses pages of other sites"),
  async fn() {
    await using server = await startSecuredServer({ apiToken: "s3cret" });
    using client = Deno.createHttpClient({ caCerts: [server.root] });
    const status = async (headers: Record<string, string>) => {
      const url = `https://localhost:${server.tlsPort}/api/v1/charge-points`;
      const response = await fetch(url, { client, headers });
      await response.body?.cancel();
      return response.status;
    };
    const authorization = "Bearer s3cret";
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: "Bearer wrong" }), 401);
    assert.equal(await status({ authorization }), 200);
    assert.equal(await status({ authorization, origin: `https://localhost:${server.tlsPort}` }), 200);
    assert.equal(await status({ authorization, origin: "https://elsewhere.test" }), 403);
  },
});
