/**
 * What a Central System relies on from its listener: the same over the native one, the hardened one and the hardened
 * one with TLS, and what only the hardened one promises.
 */
import assert from "node:assert/strict";
import { type AddressRange, addressRangeOf } from "../../src/adapters/address_range.ts";
import { listenNatively } from "../../src/adapters/native_listener.ts";
import { FRAME_BYTES_MAX } from "../../src/ocpp/frame.ts";
import type {
  ConnectionHandlers,
  Listener,
  ListenerHandlers,
  UpgradeRequest,
} from "../../src/runtime/listener.ts";
import { SLOW_READER, UNREAD_BYTES_MAX } from "../../src/runtime/listener.ts";
import type { Connection } from "../../src/runtime/transport.ts";
import { closeCodeOf, OPCODE, RawWebSocket, type UpgradeAttempt } from "../support/raw_websocket.ts";
import { overSockets } from "../support/server.ts";
import { testTls } from "../support/tls.ts";
import { Happenings, within } from "../support/within.ts";

interface Wishes {
  readonly pingIntervalSeconds: number;
  readonly trustedProxies: readonly AddressRange[];
}

type Listen = (wishes: Wishes, handlers: ListenerHandlers) => Promise<Listener>;

const ADDRESS = { hostname: "127.0.0.1", port: 0 };

/** `ws` reads the environment when it is imported, which needs a permission. */
function hardened() {
  return import("../../src/adapters/hardened_listener.ts");
}

const LISTENERS: Readonly<Record<"native" | "hardened" | "TLS", Listen>> = {
  native: (wishes, handlers) => Promise.resolve(listenNatively({ ...ADDRESS, ...wishes }, handlers)),
  hardened: async (wishes, handlers) => {
    const { listenHardened } = await hardened();
    return await listenHardened({ ...ADDRESS, ...wishes }, handlers);
  },
  TLS: async (wishes, handlers) => {
    const { listenHardened } = await hardened();
    const { options: tls } = await testTls();
    return await listenHardened({ ...ADDRESS, ...wishes, tls }, handlers);
  },
};

/** An owner that grants `/granted…`, refuses the rest, and notes what it is told. */
class Owner implements ListenerHandlers, AsyncDisposable {
  readonly upgrades: UpgradeRequest[] = [];
  readonly told: unknown[][] = [];
  readonly happenings = new Happenings();
  /** What a request to `/late` waits for. */
  readonly lateAnswer = Promise.withResolvers<Response>();
  requests = 0;
  connection: Connection | undefined;
  listener!: Listener;
  caCerts: string[] | undefined;
  beforeDecision: (() => Promise<void>) | undefined;
  #client: Deno.HttpClient | undefined;
  #ended: Promise<void> | undefined;

  static async on(listen: Listen, pingIntervalSeconds = 0, trusted = ""): Promise<Owner> {
    const owner = new Owner();
    if (listen === LISTENERS.TLS) owner.caCerts = [(await testTls()).root.certificate];
    const trustedProxies = trusted === "" ? [] : [addressRangeOf(trusted)!];
    owner.listener = await listen({ pingIntervalSeconds, trustedProxies }, owner);
    return owner;
  }

  async onUpgrade(request: UpgradeRequest) {
    this.upgrades.push(request);
    await this.beforeDecision?.();
    if (!request.path.startsWith("/granted")) {
      return { granted: false, status: 403, text: "no: ä", headers: { "retry-after": "7" } } as const;
    }
    return {
      granted: true,
      subprotocol: request.subprotocols[0],
      open: (connection: Connection) => this.#open(connection),
    } as const;
  }

  #open(connection: Connection): ConnectionHandlers {
    this.connection = connection;
    const tell = (...what: unknown[]) => {
      this.told.push(what);
      this.happenings.happened();
    };
    this.happenings.happened();
    return {
      onText: (text) => tell("text", text.length > 100 ? text.length : text),
      onBinary: (bytes) => tell("binary", bytes),
      onTooLarge: () => tell("tooLarge"),
      onClose: (code, reason) => tell("close", code, reason),
    };
  }

  async onRequest(request: Request, remoteAddress: string): Promise<Response> {
    this.requests += 1;
    this.happenings.happened();
    const { pathname, search } = new URL(request.url);
    if (pathname === "/stream") return new Response(endless(this), { headers: { "x-kind": "stream" } });
    if (pathname === "/late") return await this.lateAnswer.promise;
    if (pathname === "/nothing") return new Response(null, { status: 204 });
    if (pathname === "/unread") return new Response("no", { status: 413 });
    const { method, url, headers } = request;
    const body = await request.text();
    const { protocol } = new URL(url);
    const host = headers.get("host");
    return Response.json({ method, protocol, host, pathname, search, body, remoteAddress }, { status: 201 });
  }

  attempt(path: string, headers: Record<string, string> = {}): UpgradeAttempt {
    const { caCerts } = this;
    return {
      port: this.listener.port,
      path,
      headers,
      ...(caCerts === undefined ? {} : { tls: { caCerts } }),
    };
  }

  raw(path: string, headers: Record<string, string> = {}): Promise<RawWebSocket> {
    return RawWebSocket.request(this.attempt(path, headers));
  }

  until(what: string): Promise<void> {
    return this.happenings.until(() => this.told.some(([kind]) => kind === what), what);
  }

  async opened(path = "/granted"): Promise<RawWebSocket> {
    const socket = await this.raw(path);
    assert.equal(socket.status, 101);
    await this.happenings.until(() => this.connection !== undefined, "the connection");
    return socket;
  }

  fetch(path: string, init: RequestInit & { client?: Deno.HttpClient } = {}): Promise<Response> {
    const scheme = this.caCerts === undefined ? "http" : "https";
    return fetch(`${scheme}://127.0.0.1:${this.listener.port}${path}`, { client: this.client, ...init });
  }

  /** Trusts the listener. */
  get client(): Deno.HttpClient {
    return this.#client ??= Deno.createHttpClient({ caCerts: this.caCerts ?? [] });
  }

  end(): Promise<void> {
    return this.#ended ??= within(this.listener.close(), "the end of the listener");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection?.close(1001, "going away");
    this.#client?.close();
    await this.end();
  }
}

/** One part, and then nothing until whoever reads goes. */
function endless(owner: Owner): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
    cancel: () => {
      owner.told.push(["cancelled"]);
      owner.happenings.happened();
    },
  });
}

for (const [kind, listen] of Object.entries(LISTENERS)) {
  const contract = (name: string, fn: () => Promise<void>, sanitizers: { sanitizeOps?: boolean } = {}) =>
    Deno.test({ ...overSockets(`${kind} listener: ${name}`, "env"), ...sanitizers, fn });

  contract("the owner sees path, headers and address, and names the subprotocol", async () => {
    await using owner = await Owner.on(listen);
    const headers = {
      "sec-websocket-protocol": "ocpp1.6,  soap",
      origin: "https://a.test",
      authorization: "Basic QTpC",
    };
    using socket = await owner.raw("/granted//a%2Fb/?x=1", headers);
    assert.equal(socket.status, 101);
    assert.equal(socket.headers.get("sec-websocket-protocol"), "ocpp1.6");
    assert.deepEqual(owner.upgrades, [{
      path: "/granted//a%2Fb/?x=1",
      subprotocols: ["ocpp1.6", "soap"],
      origin: "https://a.test",
      authorization: "Basic QTpC",
      remoteAddress: "127.0.0.1",
      ...(kind === "TLS"
        ? { tls: {}, agreedTls: { version: "TLSv1.3", cipherSuite: "TLS_AES_256_GCM_SHA384" } }
        : {}),
    }]);
    await owner.happenings.until(() => owner.connection !== undefined, "the connection");
  });

  contract("no subprotocol is named where none is chosen", async () => {
    await using owner = await Owner.on(listen);
    using socket = await owner.opened();
    assert.equal(socket.headers.get("sec-websocket-protocol"), null);
  });

  contract("a refusal is an HTTP answer with status and text", async () => {
    await using owner = await Owner.on(listen);
    using socket = await owner.raw("//refused");
    assert.equal(socket.status, 403);
    assert.match(socket.headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal(socket.headers.get("retry-after"), "7");
    assert.equal(await socket.body(), "no: ä\n");
    assert.equal(owner.upgrades[0]?.path, "//refused");
  });

  contract("an upgrade without key or without Connection is answered with 400", async () => {
    await using owner = await Owner.on(listen);
    for (const connection of ["Upgrade", "keep-alive"]) {
      const response = await owner.fetch("/granted", { headers: { upgrade: "websocket", connection } });
      assert.equal(response.status, 400, connection);
      assert.match(await response.text(), /not a valid WebSocket upgrade/);
    }
    assert.equal(owner.connection, undefined);
  });

  contract("texts and binary messages arrive in order, and texts leave", async () => {
    await using owner = await Owner.on(listen);
    using socket = await owner.opened();
    await socket.send(OPCODE.text, "säule");
    await socket.send(OPCODE.binary, new Uint8Array(7));
    await socket.send(OPCODE.text, "");
    await owner.happenings.until(() => owner.told.length === 3, "three messages");
    assert.deepEqual(owner.told, [["text", "säule"], ["binary", 7], ["text", ""]]);
    owner.connection!.send("answer");
    assert.equal((await socket.read())?.text, "answer");
  });

  contract("a message of the largest size arrives whole", async () => {
    await using owner = await Owner.on(listen);
    const url = `${kind === "TLS" ? "wss" : "ws"}://127.0.0.1:${owner.listener.port}/granted`;
    const client = new WebSocket(url, { client: owner.client });
    const closed = Promise.withResolvers<void>();
    client.onopen = () => client.send("x".repeat(FRAME_BYTES_MAX));
    client.onclose = () => closed.resolve();
    await owner.until("text");
    assert.deepEqual(owner.told, [["text", FRAME_BYTES_MAX]]);
    client.close();
    await within(closed.promise, "the end");
    await owner.until("close");
  });

  contract("a peer that leaves while its upgrade is decided keeps nothing open", async () => {
    await using owner = await Owner.on(listen);
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: decided, resolve: decide } = Promise.withResolvers<void>();
    owner.beforeDecision = () => {
      ask();
      return decided;
    };
    const connection = await RawWebSocket.ask(owner.attempt("/granted"));
    await asked;
    connection.close();
    // What is asked after that is answered after the listener has noticed.
    for (let times = 0; times < 3; times++) await (await owner.fetch("/a")).body?.cancel();
    decide();
    await (await owner.fetch("/a")).body?.cancel();
    await owner.end();
    // The runtime keeps something for a socket that never opened.
  }, kind === "native" ? { sanitizeOps: false } : {});

  contract("close codes and reasons pass both ways", async () => {
    await using owner = await Owner.on(listen);
    const socket = await owner.opened();
    owner.connection!.close(1008, "because");
    const frame = await socket.read();
    assert.equal(frame?.opcode, OPCODE.close);
    assert.equal(closeCodeOf(frame!), 1008);
    assert.match(frame!.text, /because$/);
    await socket.send(OPCODE.close, frame!.payload);
    socket[Symbol.dispose]();
    await owner.until("close");

    await using other = await Owner.on(listen);
    const leaving = await other.opened();
    await leaving.send(OPCODE.close, new Uint8Array([3, 232, ...new TextEncoder().encode("bye")]));
    leaving[Symbol.dispose]();
    await other.until("close");
    assert.deepEqual(other.told, [["close", 1000, "bye"]]);
  });

  contract("a connection that can pause reads nothing until it resumes; the native one cannot", async () => {
    await using owner = await Owner.on(listen);
    const paused = await owner.opened();
    const { connection } = owner;
    assert.equal(connection!.pause !== undefined, kind !== "native");
    assert.equal(connection!.resume !== undefined, kind !== "native");
    if (connection?.pause === undefined || connection.resume === undefined) {
      return paused[Symbol.dispose]();
    }
    connection.pause();
    await paused.send(OPCODE.text, "paused");
    owner.connection = undefined;
    using reading = await owner.opened();
    await reading.send(OPCODE.text, "reading");
    await owner.until("text");
    assert.deepEqual(owner.told, [["text", "reading"]]);
    connection.resume();
    await owner.happenings.until(() => owner.told.length === 2, "what waited");
    assert.deepEqual(owner.told[1], ["text", "paused"]);
    connection.pause();
    connection.close(1001, "going away"); // reads on: the peer's own close frame has to come through
    const frame = await paused.read();
    await paused.send(OPCODE.close, frame!.payload);
    assert.equal(await paused.read(), undefined);
    paused[Symbol.dispose]();
    await owner.until("close");
    assert.deepEqual(owner.told[2], ["close", 1001, "going away"]);
  });

  contract("a peer that breaks off is told as 1006, and sending to it does nothing", async () => {
    await using owner = await Owner.on(listen);
    (await owner.opened())[Symbol.dispose]();
    await owner.until("close");
    assert.equal(owner.told[0]?.[1], 1006);
    owner.connection!.send("nobody reads this");
  });

  contract("a silent peer is pinged, and dropped without a pong", async () => {
    await using owner = await Owner.on(listen, 1);
    using socket = await owner.opened();
    assert.equal((await socket.read())?.opcode, OPCODE.ping);
    await owner.until("close");
  });

  contract("a peer that answers is pinged again, and stays", async () => {
    await using owner = await Owner.on(listen, 1);
    using socket = await owner.opened();
    for (let pings = 0; pings < 3; pings++) {
      const frame = await socket.read();
      assert.equal(frame?.opcode, OPCODE.ping);
      await socket.send(OPCODE.pong, frame!.payload);
    }
    assert.deepEqual(owner.told, []);
  });

  contract("a peer that does not read is dropped when more than the bound waits for it", async () => {
    await using owner = await Owner.on(listen);
    using _socket = await owner.opened();
    const text = "x".repeat(65_536);
    // What the system's own buffers take is unknown, but bounded: far less than sixteen times our bound.
    for (let sent = 0; sent < 16 * UNREAD_BYTES_MAX && owner.told.length === 0; sent += text.length) {
      owner.connection!.send(text);
      if (sent % (16 * text.length) === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    assert.deepEqual(owner.told[0], ["close", 1008, SLOW_READER]);
  });

  contract("the end: what is open may end by itself, and nothing new is taken", async () => {
    await using owner = await Owner.on(listen);
    const socket = await owner.opened();
    const answer = owner.fetch("/late");
    await owner.happenings.until(() => owner.requests === 1, "the request");
    owner.connection!.close(1001, "going away");
    const closed = owner.end();
    const frame = await socket.read();
    assert.equal(closeCodeOf(frame!), 1001);
    await socket.send(OPCODE.close, frame!.payload);
    assert.equal(await socket.read(), undefined);
    socket[Symbol.dispose]();
    await owner.until("close");
    assert.deepEqual(owner.told, [["close", 1001, "going away"]]);
    // The native one still answers, the hardened one listens no more.
    const late = await owner.fetch("/a").then(({ status, body }) => {
      void body?.cancel();
      return status;
    }, () => 503);
    assert.equal(late, 503);
    assert.equal(owner.requests, 1);
    owner.lateAnswer.resolve(new Response("late"));
    assert.equal(await (await within(answer, "the answer")).text(), "late");
    await within(closed, "the end of the listener");
  });

  contract("the end: what does not go is dropped after a grace", async () => {
    await using owner = await Owner.on(listen);
    using mute = await owner.opened();
    using silent = await Deno.connect({ hostname: "127.0.0.1", port: owner.listener.port });
    const answer = owner.fetch("/late").then(() => "answered", () => "dropped");
    const stream = await owner.fetch("/stream");
    await owner.happenings.until(() => owner.requests === 2, "the requests");
    owner.connection!.close(1001, "going away"); // which the mute one never answers
    await within(owner.end(), "the end of the listener");
    assert.equal(await within(answer, "the end of the request"), "dropped");
    await assert.rejects(within(stream.text(), "the end of the stream"));
    assert.equal(closeCodeOf((await mute.read())!), 1001);
    assert.equal(await mute.read(), undefined);
    assert.equal(await silent.read(new Uint8Array(1)), null);
    owner.lateAnswer.resolve(new Response());
  });

  contract("plain requests are answered beside WebSockets", async () => {
    await using owner = await Owner.on(listen);
    using _socket = await owner.opened();
    const response = await owner.fetch("/a/b?c=d", { method: "POST", body: "hällo" });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      method: "POST",
      protocol: kind === "TLS" ? "https:" : "http:",
      host: `127.0.0.1:${owner.listener.port}`,
      pathname: "/a/b",
      search: "?c=d",
      body: "hällo",
      remoteAddress: "127.0.0.1",
    });
    assert.equal((await owner.fetch("/nothing")).status, 204);
    const head = await owner.fetch("/a", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [201, ""]);
  });

  contract("a body that nobody reads does not hold up the request behind it", async () => {
    await using owner = await Owner.on(listen);
    // One connection for both; more than any buffer on the way takes.
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 1, caCerts: owner.caCerts ?? [] });
    const body = "x".repeat(3 * 1_048_576);
    for (const init of [{ method: "POST", body }, { method: "POST" }, { method: "PUT", body }]) {
      const refused = await within(owner.fetch("/unread", { ...init, client }), "the refusal");
      assert.deepEqual([refused.status, await refused.text()], [413, "no"]);
      const next = await within(owner.fetch("/a", { method: "POST", client }), "the next answer");
      assert.deepEqual([next.status, (await next.json()).body], [201, ""]);
    }
    client.close();
  });

  contract("a proxy is believed about address, TLS and host if it is trusted, and only then", async () => {
    const headers = {
      "x-forwarded-for": "198.51.100.1, 192.0.2.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "csms.test:8443",
    };
    for (const trusted of ["127.0.0.0/8", "10.0.0.0/8"]) {
      await using owner = await Owner.on(listen, 0, trusted);
      const isBelieved = trusted.startsWith("127");
      using _socket = await owner.raw("/refused", headers);
      const { remoteAddress, tls } = owner.upgrades[0]!;
      assert.equal(remoteAddress, isBelieved ? "192.0.2.7" : "127.0.0.1");
      assert.deepEqual(tls, isBelieved || kind === "TLS" ? {} : undefined);
      const response = await owner.fetch("//a?b", { method: "PUT", body: "hällo", headers });
      const said = await response.json();
      assert.deepEqual(said, {
        method: "PUT",
        protocol: isBelieved || kind === "TLS" ? "https:" : "http:",
        host: isBelieved ? "csms.test:8443" : `127.0.0.1:${owner.listener.port}`,
        pathname: "//a",
        search: "?b",
        body: "hällo",
        remoteAddress: isBelieved ? "192.0.2.7" : "127.0.0.1",
      });
    }
  });

  contract("a streamed answer arrives as it is made and ends with its reader", async () => {
    await using owner = await Owner.on(listen);
    const gone = new AbortController();
    const response = await owner.fetch("/stream", { signal: gone.signal });
    assert.equal(response.headers.get("x-kind"), "stream");
    const reader = response.body!.getReader();
    const { value } = await within(reader.read(), "the first part");
    assert.equal(new TextDecoder().decode(value), "first");
    gone.abort();
    await reader.read().catch(() => {});
    await owner.until("cancelled");
  });

  contract("a port that is taken is named, with what to do", async () => {
    await using owner = await Owner.on(listen);
    const { port } = owner.listener;
    const address = { hostname: "127.0.0.1", port, pingIntervalSeconds: 0 };
    const again = async () =>
      kind === "native"
        ? listenNatively(address, owner)
        : await (await hardened()).listenHardened(address, owner);
    await assert.rejects(again, {
      name: "ListenError",
      message: new RegExp(`cannot listen on 127.0.0.1:${port}: port ${port} is in use .* with --port`),
    });
  });
}

Deno.test({
  ...overSockets("hardened listener: a peer that is not read is not taken for dead", "env"),
  async fn() {
    await using owner = await Owner.on(LISTENERS.hardened, 1);
    using _paused = await owner.opened();
    const { connection } = owner;
    connection!.pause!();
    owner.connection = undefined;
    using _silent = await owner.opened();
    await owner.until("close");
    assert.equal(owner.told.length, 1); // the one that could have answered a ping
    connection!.close(1001, "going away");
  },
});

Deno.test({
  ...overSockets(
    "hardened listener: a message beyond the bound is closed with 1009 before it has arrived",
    "env",
  ),
  async fn() {
    await using owner = await Owner.on(LISTENERS.hardened);
    using socket = await owner.opened();
    // Fragments of 64 kB, of which the last never comes: what is refused is what has been announced so far.
    const part = new Uint8Array(65_535);
    await socket.sendFragment(OPCODE.text, part);
    for (let sent = part.length; sent <= FRAME_BYTES_MAX; sent += part.length) {
      await socket.sendFragment(0, part);
    }
    const frame = await socket.read();
    assert.equal(frame?.opcode, OPCODE.close);
    assert.equal(closeCodeOf(frame!), 1009);
    await owner.until("tooLarge");
    assert.deepEqual(owner.told[0], ["tooLarge"]);
  },
});
