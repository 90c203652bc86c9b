import assert from "node:assert/strict";
import { NativeClient } from "../../src/adapters/native_client.ts";
import { connectionUrl } from "../../src/runtime/identity.ts";
import type { Connection, LinkFailure } from "../../src/runtime/transport.ts";
import { needs } from "../support/needs.ts";
import { scriptedServer, type ServerScript } from "../support/scripted_server.ts";

const net = needs("net");

/** One attempt: what it came to, and its texts. */
function attempt(url: string, validation: "strict" | "tolerant" = "strict") {
  const opened = Promise.withResolvers<Connection>();
  const ended = Promise.withResolvers<LinkFailure>();
  const texts: string[] = [];
  const giveUp = new NativeClient({ validation }).connect(url, {
    onOpen: opened.resolve,
    onText: (text) => texts.push(text),
    onClose: ended.resolve,
  });
  return { opened: opened.promise, ended: ended.promise, texts, giveUp };
}

/** How connecting to a server that behaves like this fails. */
async function failureWith(script: ServerScript) {
  await using server = scriptedServer(script);
  return await attempt(`${server.url}/CP001`).ended;
}

Deno.test("connectionUrl: the identity is percent-encoded as the last segment", () => {
  assert.equal(
    connectionUrl({ url: "ws://central.test/ocpp/", identity: "RDAM 123/ä" }),
    "ws://central.test/ocpp/RDAM%20123%2F%C3%A4",
  );
});

Deno.test({
  ...net("NativeClient: texts go both ways and a normal close is told as such"),
  async fn() {
    await using server = scriptedServer();
    const { opened, ended } = attempt(`${server.url}/CP%20001`);
    const connection = await opened;
    connection.send(JSON.stringify([2, "1", "Heartbeat", {}]));
    await server.until(() => server.calls.length === 1, "the Call");
    assert.equal(server.calls[0]!.path, "/CP%20001");
    connection.close(1000, "done");
    const failure = await ended;
    assert.deepEqual([failure.opened, failure.reason, failure.code], [true, "closed", 1000]);
    connection.send("to nobody"); // no error: the connection is gone
  },
});

Deno.test({
  ...net("NativeClient: a server that closes is told with code and reason"),
  async fn() {
    await using server = scriptedServer();
    const { opened, ended } = attempt(`${server.url}/CP001`);
    await opened;
    await server.until(() => server.connections === 1, "the connection");
    server.disconnect(4000, "maintenance");
    assert.equal((await ended).message, "closed with code 4000: maintenance");
  },
});

Deno.test({
  ...net("NativeClient: nobody listens gives connection refused"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const failure = await attempt(`ws://127.0.0.1:${port}/CP001`).ended;
    assert.deepEqual([failure.opened, failure.reason, failure.message], [
      false,
      "refused",
      "connection refused",
    ]);
  },
});

Deno.test({
  ...net("NativeClient: a host that does not exist is named unknown"),
  async fn() {
    const failure = await attempt("ws://host.invalid/CP001").ended;
    assert.equal(failure.reason, "unknownHost");
  },
});

Deno.test({
  ...net("NativeClient: an HTTP answer instead of an upgrade tells its status"),
  async fn() {
    for (const status of [200, 302, 401, 404, 503]) {
      const failure = await failureWith({ http: () => new Response("no", { status }) });
      assert.equal(failure.message, `the server answered HTTP ${status} instead of opening a WebSocket`);
      assert.equal(failure.httpStatus, status);
    }
  },
});

Deno.test({
  ...net("NativeClient: a server of another protocol does not speak HTTP, or not TLS"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for await (const connection of listener) {
        await connection.write(new TextEncoder().encode("SSH-2.0-test\r\n")).catch(() => {});
        connection.close();
      }
    })();
    const { port } = listener.addr;
    assert.equal((await attempt(`ws://127.0.0.1:${port}/CP001`).ended).reason, "notHttp");
    assert.equal((await attempt(`wss://127.0.0.1:${port}/CP001`).ended).reason, "notTls");
    listener.close();
    await serving;
  },
});

Deno.test({
  ...net("NativeClient: no subprotocol fails when strict and goes on when tolerant"),
  async fn() {
    assert.deepEqual(await failureWith({ subprotocol: null }), {
      opened: false,
      reason: "subprotocol",
      message: "the server chose no subprotocol; it must answer with ocpp1.6",
    });
    await using server = scriptedServer({ subprotocol: null });
    const { opened, ended } = attempt(`${server.url}/CP001`, "tolerant");
    (await opened).close(1000, "done");
    await ended;
  },
});

Deno.test({
  ...net("NativeClient: an attempt that was given up reports nothing"),
  async fn() {
    await using server = scriptedServer();
    let reports = 0;
    const count = () => {
      reports++;
    };
    const giveUp = new NativeClient({ validation: "strict" }).connect(`${server.url}/CP001`, {
      onOpen: count,
      onText: count,
      onClose: count,
    });
    giveUp();
    const other = attempt(`${server.url}/CP002`); // a fact to wait for
    (await other.opened).close(1000, "");
    await other.ended;
    assert.equal(reports, 0);
  },
});
