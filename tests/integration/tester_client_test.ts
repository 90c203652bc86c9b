/**
 * The tester's client over real sockets: it offers and shows what a case says, and tells exactly what came of it.
 */
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { TesterClient, type TesterClientOptions } from "../../src/adapters/tester_client.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { probe } from "../../src/runtime/link_probe.ts";
import type { ConnectRequest } from "../../src/runtime/tester_link.ts";
import { makeRoot, makeServer } from "../support/certificates.ts";
import { overSockets, startServer } from "../support/server.ts";
import { within } from "../support/within.ts";

const REQUEST: ConnectRequest = { identity: "CP 1", subprotocols: ["ocpp1.6"] };

/** Everything that a link tells, as lines, until it is stopped. */
class Told {
  readonly lines: string[] = [];
  readonly client: TesterClient;
  #wake = Promise.withResolvers<void>();

  constructor(options: Partial<TesterClientOptions>) {
    this.client = new TesterClient({ urls: {}, roots: [], certificates: {}, ...options });
    this.client.attach({
      onUpgrade: () => ({ isAccepted: false, status: 503 }),
      onUp: ({ subprotocol, tls }) =>
        this.#tell(`up ${subprotocol}${tls === undefined ? "" : ` ${tls.version}`}`),
      onText: (text) => this.#tell(`text ${text}`),
      onBinary: (bytes) => this.#tell(`binary ${bytes}`),
      onDown: () => this.#tell("down"),
      onFailed: ({ status, cause, isUnreachable }) =>
        this.#tell(`failed ${isUnreachable ? "unreachable" : status ?? "-"} ${cause}`),
    });
  }

  async until(lines: number): Promise<readonly string[]> {
    while (this.lines.length < lines) await within(this.#wake.promise, `${lines} lines; ${this.lines}`);
    return this.lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.stop();
  }

  #tell(line: string): void {
    this.lines.push(line);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** What comes of one attempt. */
async function outcome(
  options: Partial<TesterClientOptions>,
  request: Partial<ConnectRequest> = {},
): Promise<string> {
  await using told = new Told(options);
  told.client.connect({ ...REQUEST, ...request });
  const [line] = await told.until(1);
  return line!;
}

/** A server of HTTP that upgrades as a test says. */
class Upgrading implements AsyncDisposable {
  readonly server = http.createServer();
  readonly requests: http.IncomingMessage[] = [];
  readonly #sockets = new Set<{ destroy(): void }>();

  static async start(headers: readonly string[], more: Uint8Array = new Uint8Array()): Promise<Upgrading> {
    const upgrading = new Upgrading();
    const { createHash } = await import("node:crypto");
    upgrading.server.on("upgrade", (request, socket) => {
      upgrading.requests.push(request);
      upgrading.#sockets.add(socket);
      socket.on("error", () => {});
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      const lines = [
        "HTTP/1.1 101 Switching Protocols",
        ...["upgrade: websocket", "connection: upgrade", `sec-websocket-accept: ${accept}`, ...headers],
      ];
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      socket.write(more);
    });
    await new Promise<void>((resolve) => upgrading.server.listen(0, "127.0.0.1", resolve));
    return upgrading;
  }

  get urls() {
    return { plain: `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ocpp/` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

const needed = (name: string) => overSockets(`the tester's client: ${name}`, "env", "read");

Deno.test({
  ...needed("the identity ends the path, the subprotocols and the password go with it"),
  async fn() {
    await using server = await Upgrading.start(["sec-websocket-protocol: ocpp1.6"]);
    const credentials = { user: "CP 1", passwordHex: "00FF41" };
    const subprotocols = ["ocpp0.1", "ocpp1.6"];
    assert.equal(await outcome({ urls: server.urls }, { subprotocols, credentials }), "up ocpp1.6");
    const [{ url, headers } = assert.fail()] = server.requests;
    assert.equal(url, "/ocpp/CP%201");
    assert.equal(headers["sec-websocket-protocol"], "ocpp0.1,ocpp1.6");
    assert.deepEqual(
      [...Uint8Array.fromBase64(headers.authorization!.slice("Basic ".length))],
      [...new TextEncoder().encode("CP 1:"), 0x00, 0xff, 0x41],
    );
  },
});

Deno.test({
  ...needed("a subprotocol that was not offered, or none, is no connection"),
  async fn() {
    await using none = await Upgrading.start([]);
    assert.equal(
      await outcome({ urls: none.urls }),
      "failed - the server chose no subprotocol; ocpp1.6 was offered",
    );
    await using other = await Upgrading.start(["sec-websocket-protocol: ocpp2.0.1"]);
    assert.equal(
      await outcome({ urls: other.urls }),
      "failed - the server chose the subprotocol ocpp2.0.1; ocpp1.6 was offered",
    );
  },
});

Deno.test({
  ...needed("a refusal has its HTTP status and what the server says"),
  async fn() {
    await using server = startServer({ admission: { registration: "closed" } });
    assert.match(
      await outcome({ urls: { plain: server.url } }),
      /^failed 404 the server answered HTTP 404: /,
    );
  },
});

Deno.test({
  ...needed("nobody there, and what was never given, say nothing about a Central System"),
  async fn() {
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = closed.addr as Deno.NetAddr;
    closed.close();
    const plain = `ws://127.0.0.1:${port}`;
    assert.equal(await outcome({ urls: { plain } }), "failed unreachable connection refused");
    assert.match(
      await outcome({ urls: { plain } }, { tls: {} }),
      /^failed unreachable no URL is known for TLS/,
    );
    assert.match(
      await outcome({ urls: { tls: "wss://127.0.0.1:1" } }, { tls: { certificate: "another" } }),
      /^failed unreachable the tester has no certificate of another Charge Point/,
    );
    const why = await probe(new TesterClient({ urls: { plain }, roots: [], certificates: {} }), REQUEST, {
      clock: systemClock,
      withinSeconds: 10,
    });
    assert.deepEqual(why, { cause: "connection refused", isUnreachable: true });
  },
});

Deno.test({
  ...needed("TLS is told as agreed, and a certificate of nobody's is no connection"),
  async fn() {
    const root = await makeRoot({ commonName: "Root", organization: "Test" });
    const { chain, privateKey } = await makeServer(root, { commonName: "localhost" });
    await using server = startServer();
    const tls = await server.listenWithTls({ certificateChain: chain, privateKey, clientRoots: [] });
    assert.equal(
      await outcome({ urls: { tls }, roots: [root.certificate] }, { tls: {} }),
      "up ocpp1.6 TLSv1.3",
    );
    const stranger = await makeRoot({ commonName: "Stranger", organization: "Test" });
    assert.match(
      await outcome({ urls: { tls }, roots: [stranger.certificate] }, { tls: {} }),
      /^failed - the server's certificate/,
    );
  },
});

Deno.test({
  ...needed("only the newest connection is told of, and none that was closed"),
  async fn() {
    // A binary frame of one byte, and a text of one byte.
    await using server = await Upgrading.start(
      ["sec-websocket-protocol: ocpp1.6"],
      new Uint8Array([0x82, 0x01, 0x07, 0x81, 0x01, 0x41]),
    );
    await using told = new Told({ urls: server.urls });
    told.client.connect(REQUEST);
    told.client.connect(REQUEST);
    assert.deepEqual(await told.until(3), ["up ocpp1.6", "binary 1", "text A"]);
    told.client.close("enough");
    await told.client.stop();
    assert.equal(told.lines.length, 3);
  },
});
