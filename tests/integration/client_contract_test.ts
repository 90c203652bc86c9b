/**
 * What both clients have to do alike: one suite, played over each of them.
 */
import assert from "node:assert/strict";
import { NativeClient } from "../../src/adapters/native_client.ts";
import { WsClient } from "../../src/adapters/ws_client.ts";
import type { ClientTransport } from "../../src/runtime/transport.ts";
import { attempt, PLAIN } from "../support/link_attempt.ts";
import { deadPort, linkServer, type LinkServerScript, otherServer } from "../support/link_server.ts";
import { needs } from "../support/needs.ts";

const net = needs("net", "env");

interface ClientUnderTest {
  readonly name: string;
  readonly make: (options: { validation: "strict" | "tolerant" }) => ClientTransport;
}

const CLIENTS: readonly ClientUnderTest[] = [
  { name: "NativeClient", make: (options) => new NativeClient(options) },
  { name: "WsClient", make: (options) => new WsClient(options) },
];

function suite({ name, make }: ClientUnderTest): void {
  const strict = make({ validation: "strict" });

  async function failureWith(script: LinkServerScript) {
    await using server = await linkServer(script);
    return await attempt(strict, `${server.url}/CP001`).ended();
  }

  Deno.test({
    ...net(`${name}: texts go both ways and a normal close is told as such`),
    async fn() {
      await using server = await linkServer();
      const link = attempt(strict, `${server.url}/CP%20001`);
      const connection = await link.opened();
      connection.send("to the server, ä€😀");
      await server.until(() => server.texts.length === 1, "the text");
      assert.deepEqual(server.texts, ["to the server, ä€😀"]);
      assert.equal(server.upgrades[0]!.path, "/CP%20001");
      server.sockets[0]!.send("to the client, ä€😀");
      server.sockets[0]!.send("again");
      server.sockets[0]!.ping(); // its pong comes after both were read
      await new Promise((resolve) => server.sockets[0]!.once("pong", resolve));
      assert.deepEqual(link.texts, ["to the client, ä€😀", "again"]);
      connection.close(1000, "done");
      const failure = await link.ended();
      assert.deepEqual([failure.opened, failure.reason, failure.code], [true, "closed", 1000]);
      await server.until(() => server.closes.length === 1, "the close");
      assert.deepEqual(server.closes, [{ code: 1000, reason: "done" }]);
      connection.send("to nobody"); // no error: the connection is gone
    },
  });

  Deno.test({
    ...net(`${name}: a server that closes is told with code and reason`),
    async fn() {
      await using server = await linkServer();
      const link = attempt(strict, `${server.url}/CP001`);
      await link.opened();
      await server.until(() => server.sockets.length === 1, "the connection");
      server.sockets[0]!.close(4000, "maintenance");
      const { message, code } = await link.ended();
      assert.deepEqual([message, code], ["closed with code 4000: maintenance", 4000]);
    },
  });

  Deno.test({
    ...net(`${name}: a connection that breaks off is lost, not closed`),
    async fn() {
      await using server = await linkServer();
      const link = attempt(strict, `${server.url}/CP001`);
      await link.opened();
      await server.until(() => server.sockets.length === 1, "the connection");
      server.cut();
      const { opened, reason, message } = await link.ended();
      assert.deepEqual([opened, reason], [true, "lost"]);
      assert.match(message, /^connection lost/);
    },
  });

  Deno.test({
    ...net(`${name}: a binary message is ignored, one beyond the bound ends the link`),
    async fn() {
      await using server = await linkServer();
      const link = attempt(strict, `${server.url}/CP001`);
      await link.opened();
      await server.until(() => server.sockets.length === 1, "the connection");
      const [socket] = server.sockets;
      const longest = "ä".repeat(524_288);
      socket!.send(new Uint8Array([1, 2, 3]));
      socket!.send(longest);
      socket!.send(`${longest}.`);
      socket!.send("too late");
      const { opened, reason, code, message } = await link.ended();
      assert.deepEqual([opened, reason, code], [true, "closed", 1009]);
      assert.equal(message, "closed: a message of the server has more than 1048576 bytes");
      assert.deepEqual(link.texts.map(({ length }) => length), [524_288]);
      await server.until(() => server.closes.length === 1, "the close");
      assert.ok([1009, 4009].includes(server.closes[0]!.code), String(server.closes[0]!.code));
    },
  });

  Deno.test({
    ...net(`${name}: nobody listens gives connection refused`),
    async fn() {
      for (const scheme of ["ws", "wss"]) {
        const failure = await attempt(strict, `${scheme}://127.0.0.1:${deadPort()}/CP001`).ended();
        const { opened, reason, message } = failure;
        assert.deepEqual([opened, reason, message], [false, "refused", "connection refused"], scheme);
      }
    },
  });

  Deno.test({
    ...net(`${name}: a host that does not exist is named unknown`),
    async fn() {
      const failure = await attempt(strict, "ws://host.invalid/CP001").ended();
      assert.deepEqual([failure.opened, failure.reason], [false, "unknownHost"]);
    },
  });

  Deno.test({
    ...net(`${name}: an HTTP answer instead of an upgrade tells its status`),
    async fn() {
      for (const status of [200, 302, 401, 404, 503]) {
        const failure = await failureWith({ http: { status } });
        assert.equal(failure.reason, "httpStatus");
        assert.equal(failure.message, `the server answered HTTP ${status} instead of opening a WebSocket`);
        assert.equal(failure.httpStatus, status);
      }
    },
  });

  Deno.test({
    ...net(`${name}: a server of another protocol does not speak HTTP, or not TLS`),
    async fn() {
      for (const greeting of ["SSH-2.0-test\r\n", undefined]) {
        using server = otherServer(greeting);
        const plain = await attempt(strict, `ws://127.0.0.1:${server.port}/CP001`).ended();
        assert.deepEqual([plain.opened, plain.reason], [false, "notHttp"], String(greeting));
      }
      using ssh = otherServer("SSH-2.0-test\r\n");
      assert.equal((await attempt(strict, `wss://127.0.0.1:${ssh.port}/CP001`).ended()).reason, "notTls");
      await using web = await linkServer();
      const { reason } = await attempt(strict, `wss://localhost:${web.port}/CP001`).ended();
      assert.equal(reason, "notTls");
    },
  });

  Deno.test({
    ...net(`${name}: no subprotocol fails when strict and goes on when tolerant`),
    async fn() {
      assert.deepEqual(await failureWith({ subprotocol: null }), {
        opened: false,
        reason: "subprotocol",
        message: "the server chose no subprotocol; it must answer with ocpp1.6",
      });
      await using server = await linkServer({ subprotocol: null });
      const link = attempt(make({ validation: "tolerant" }), `${server.url}/CP001`);
      (await link.opened()).close(1000, "done");
      assert.equal((await link.ended()).reason, "closed");
    },
  });

  Deno.test({
    ...net(`${name}: another subprotocol fails whatever the validation, another case of ocpp1.6 does not`),
    async fn() {
      await using other = await linkServer({ subprotocol: "ocpp2.0.1" });
      for (const validation of ["strict", "tolerant"] as const) {
        const failure = await attempt(make({ validation }), `${other.url}/CP001`).ended();
        assert.deepEqual(failure, {
          opened: false,
          reason: "subprotocol",
          message: "the server chose the subprotocol ocpp2.0.1 instead of ocpp1.6",
        });
      }
      await using shouting = await linkServer({ subprotocol: "OCPP1.6" });
      const link = attempt(strict, `${shouting.url}/CP001`);
      (await link.opened()).close(1000, "done");
      await link.ended();
    },
  });

  Deno.test({
    ...net(`${name}: the server is told why its subprotocol will not do`),
    async fn() {
      await using server = await linkServer({ subprotocol: null });
      await attempt(strict, `${server.url}/CP001`).ended();
      await server.until(() => server.closes.length === 1, "the close");
      assert.deepEqual(server.closes, [{ code: 1000, reason: "subprotocol ocpp1.6 was not chosen" }]);
    },
  });

  Deno.test({
    ...net(`${name}: an attempt that was given up reports nothing`),
    async fn() {
      await using server = await linkServer();
      let reports = 0;
      const count = () => {
        reports++;
      };
      const handlers = { onOpen: count, onText: count, onClose: count };
      strict.connect(`${server.url}/CP001`, handlers, PLAIN)();
      const other = attempt(strict, `${server.url}/CP002`); // a fact to wait for
      (await other.opened()).close(1000, "");
      await other.ended();
      assert.equal(reports, 0);
    },
  });
}

CLIENTS.forEach(suite);
