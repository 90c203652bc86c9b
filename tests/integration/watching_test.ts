/**
 * What the API tells of a running Central System (events, refusals), and whom it tells nothing.
 */
import assert from "node:assert/strict";
import { EVENT_KINDS } from "../../src/http/central_system/events.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { EventReader } from "../support/simulator.ts";

async function watch(
  server: TestServer,
  { path = "/api/v1/events", headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<EventReader> {
  const abort = new AbortController();
  return new EventReader(await fetch(`${server.api}${path}`, { headers, signal: abort.signal }), abort);
}

async function refused(server: TestServer, path: string, headers: Record<string, string>): Promise<number> {
  using socket = await RawWebSocket.request({ port: server.port, path, headers });
  return socket.status;
}

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };

// --- refusals ------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("refusals: each refused upgrade with its status and reason, newest first, paged"),
  async fn() {
    await using server = startServer({ admission: { registration: "closed" } });
    assert.deepEqual((await server.get("/api/v1/refusals")).body, { items: [] });
    assert.equal(await refused(server, "/CP%2F1", OCPP), 404);
    assert.equal(await refused(server, "/", OCPP), 400);
    assert.equal(await refused(server, "/CP2", { "sec-websocket-protocol": "ocpp2.0.1" }), 400);
    assert.equal(await refused(server, "/CP3", { ...OCPP, origin: "https://evil.test" }), 403);
    const { body } = await server.get("/api/v1/refusals");
    assert.deepEqual(
      body.items.map(({ identity, status }: { identity?: string; status: number }) => [identity, status]),
      [["CP3", 403], ["CP2", 400], [undefined, 400], ["CP/1", 404]],
    );
    for (const { at, remoteAddress } of body.items) {
      assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
      assert.match(remoteAddress, /^127\.0\.0\.1/);
    }
    assert.deepEqual(body.items.map(({ reasonKind }: { reasonKind: string }) => reasonKind), [
      ...["foreignOrigin", "subprotocol", "noIdentity", "notRegistered"],
    ]);
    assert.match(body.items[0].reason, /evil\.test/);
    assert.match(body.items[1].reason, /ocpp1\.6/);
    assert.match(body.items[3].reason, /CP\/1/);
    const first = (await server.get("/api/v1/refusals?limit=3")).body;
    const rest = (await server.get(`/api/v1/refusals?limit=3&cursor=${first.nextCursor}`)).body;
    assert.deepEqual([...first.items, ...rest.items], body.items);
    assert.equal("nextCursor" in rest, false);
    assertProblem(await server.get("/api/v1/refusals?cursor=first"), 400);
  },
});

// --- events --------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("events: a Charge Point's life as it happens, of all or of one"),
  async fn() {
    await using server = startServer();
    await using all = await watch(server);
    await using other = await watch(server, { path: "/api/v1/events?chargePoint=CP2" });
    const chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
    await chargePoint.result("StatusNotification", status);
    const timestamp = new Date().toISOString();
    const start = { connectorId: 1, idTag: "Tag1", meterStart: 10, timestamp };
    const { transactionId } = await chargePoint.result("StartTransaction", start);
    await chargePoint.result("StopTransaction", { transactionId, meterStop: 30, timestamp });
    await chargePoint.call("Heartbeat", { extra: 1 }, { broken: "a field too many" });
    await chargePoint.close();
    await all.until(({ data }) => data.kind === "disconnected", "the end of CP1");
    const about = { chargePoint: "CP1" };
    assert.deepEqual(
      all.events.map(({ data: { at: _, remoteAddress: __, detail: ___, ...rest } }) => rest).slice(0, 6),
      [
        { ...about, kind: "connected", replaced: false },
        { ...about, kind: "booted", status: "Accepted" },
        { ...about, kind: "statusReceived", connectorId: 1, status: "Available", errorCode: "NoError" },
        {
          ...about,
          kind: "transactionStarted",
          connectorId: 1,
          transactionId,
          idTag: "Tag1",
          idTagStatus: "Accepted",
        },
        { ...about, kind: "transactionStopped", transactionId, closedBy: "chargePoint", energyWh: 20 },
        {
          ...about,
          kind: "deviation",
          rule: "extraField",
          path: "extra",
          spec: "OCPP 1.6 §6",
          exchange: { action: "Heartbeat", uniqueId: all.events[5]!.data.exchange.uniqueId },
        },
      ],
    );
    for (const { data } of all.events) assert.ok(data.kind in EVENT_KINDS, data.kind);

    assert.equal(await refused(server, "/CP2", { "sec-websocket-protocol": "ocpp2.0.1" }), 400);
    await other.until(({ data }) => data.kind === "refused", "the refusal");
    assert.equal(other.events.length, 1); // nothing of CP1
  },
});

Deno.test({
  ...overSockets("events: Last-Event-ID goes on from there, and what is not kept is a reset"),
  async fn() {
    await using server = startServer();
    await using first = await watch(server);
    await using chargePoint = await server.connect("CP1");
    const { id } = await first.until(({ data }) => data.kind === "connected", "the connection");
    await chargePoint.boot();
    await using back = await watch(server, { headers: { "last-event-id": id } });
    await back.until(({ data }) => data.kind === "booted", "the boot that was missed");
    assert.equal(back.events.length, 1);
    await using lost = await watch(server, { headers: { "last-event-id": "gone-1" } });
    const reset = await lost.until(({ name }) => name === "reset", "the reset");
    assert.equal(reset.id, reset.data.lastEventId);
  },
});

Deno.test({
  ...overSockets("events: a failing database is told, and the end of the server ends the streams"),
  async fn() {
    const store = new ControlledStore(new MemoryStore());
    await using server = startServer({ database: store });
    await using events = await watch(server);
    const chargePoint = await server.connect("CP1");
    store.isFailing = true;
    chargePoint.sendCall("BootNotification", { chargePointVendor: "V", chargePointModel: "M" });
    await events.until(({ data }) => data.kind === "storeFailed", "the failure");
    await chargePoint.closed;
    store.isFailing = false;
    await events.until(({ data }) => data.kind === "storeResumed", "the end of the failure");
    await server.stop();
    await events.ended();
  },
});

// --- pages of other sites ------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("access: pages of other sites and foreign names for localhost are refused, health is open"),
  async fn() {
    await using server = startServer();
    const { port } = server;
    const raw = async (headers: string, path = "/api/v1/id-tags/Tag1") => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const request = `PUT ${path} HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\n` +
        `content-length: 2\r\n${headers}\r\n\r\n{}`;
      await connection.write(new TextEncoder().encode(request));
      const answer = await new Response(connection.readable).text();
      return answer.split("\r\n")[0]!.split(" ")[1];
    };
    assert.equal(await raw(`host: evil.test:${port}`), "403");
    assert.equal(await raw("host: 127.0.0.1.evil.test"), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: https://evil.test`), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: null`), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: http://localhost:1`), "403");
    assertProblem(await server.get("/api/v1/id-tags/Tag1"), 404); // nothing of it happened
    assert.equal(await raw(`host: localhost:${port}\r\norigin: http://localhost:${port}`), "201");
    assert.equal(await raw(`host: [::1]:${port}`), "200");
    const health = await fetch(`${server.api}/healthz`, { headers: { origin: "https://evil.test" } });
    assert.equal(health.status, 200);
    await health.body?.cancel();
  },
});
