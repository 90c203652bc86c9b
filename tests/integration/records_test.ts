/**
 * Operators' records of Charge Points and idTags: through the API, with effect on real sockets.
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { within } from "../support/within.ts";

function put(server: TestServer, path: string, body: unknown) {
  const headers = { "content-type": "application/json" };
  return server.fetch(path, { method: "PUT", headers, body: JSON.stringify(body) });
}

function remove(server: TestServer, path: string) {
  return server.fetch(path, { method: "DELETE" });
}

/** What an upgrade is answered with. */
async function upgradeStatus(server: TestServer, identity: string): Promise<number> {
  const headers = { "sec-websocket-protocol": "ocpp1.6" };
  using socket = await RawWebSocket.request({ port: server.port, path: `/${identity}`, headers });
  return socket.status;
}

// --- idTags --------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("idTags: entered, replaced, shown, deleted; what is unknown or does not fit is refused"),
  async fn() {
    await using server = startServer();
    const path = "/api/v1/id-tags/Tag%2F1";
    assertProblem(await server.get(path), 404);
    const entered = {
      parentIdTag: "Group",
      expiryDate: "2030-01-01T00:00:00.000Z",
      blocked: false,
      maxActiveTransactions: 2,
    };
    const created = await put(server, path, entered);
    assert.equal(created.status, 201);
    const view = { idTag: "Tag/1", ...entered, source: "entered" };
    assert.deepEqual(created.body, view);
    assert.deepEqual((await server.get("/api/v1/id-tags/tAG%2F1")).body, view);
    const replaced = await put(server, path, {});
    assert.equal(replaced.status, 200);
    assert.deepEqual((await server.get(path)).body, { idTag: "Tag/1", blocked: false, source: "entered" });
    for (
      const wrong of [
        { blocked: "yes" },
        { expiryDate: "tomorrow" },
        { maxActiveTransactions: 0 },
        { maxActiveTransactions: 1.5 },
        { parentIdTag: "longer than twenty characters" },
        { source: "entered" },
      ]
    ) assertProblem(await put(server, path, wrong), 400);
    assertProblem(await put(server, `/api/v1/id-tags/${"x".repeat(21)}`, {}), 400);
    assert.equal((await remove(server, path)).status, 204);
    assertProblem(await remove(server, path), 404);
    assertProblem(await server.get(path), 404);
  },
});

Deno.test({
  ...overSockets("idTags: the list pages in order and filters by source"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    for (const idTag of ["e", "C", "a"]) await chargePoint.result("Authorize", { idTag });
    for (const idTag of ["D", "b"]) await put(server, `/api/v1/id-tags/${idTag}`, {});
    const { body: first } = await server.get("/api/v1/id-tags?limit=3");
    const { body: rest } = await server.get(`/api/v1/id-tags?limit=3&cursor=${first.nextCursor}`);
    const names = (items: { idTag: string }[]) => items.map(({ idTag }) => idTag);
    assert.deepEqual([names(first.items), names(rest.items)], [["a", "b", "C"], ["D", "e"]]);
    assert.equal("nextCursor" in rest, false);
    assert.deepEqual(names((await server.get("/api/v1/id-tags?source=learned")).body.items), ["a", "C", "e"]);
    assert.deepEqual(names((await server.get("/api/v1/id-tags?source=entered")).body.items), ["b", "D"]);
  },
});

Deno.test({
  ...overSockets(
    "idTags, closed: only what was entered is Accepted; Blocked, Expired and the group are told",
  ),
  async fn() {
    await using server = startServer({ settings: { authorization: "closed" } });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const info = async (idTag: string) => (await chargePoint.result("Authorize", { idTag })).idTagInfo;
    assert.deepEqual(await info("Tag1"), { status: "Invalid" });
    const path = "/api/v1/id-tags/TAG1";
    await put(server, path, { parentIdTag: "Group" });
    assert.deepEqual(await info("Tag1"), { status: "Accepted", parentIdTag: "Group" });
    await put(server, path, { blocked: true });
    assert.deepEqual(await info("Tag1"), { status: "Blocked" });
    const expiryDate = "2020-01-01T00:00:00.000Z";
    await put(server, path, { expiryDate });
    assert.deepEqual(await info("Tag1"), { status: "Expired", expiryDate });
    await remove(server, path);
    assert.deepEqual(await info("Tag1"), { status: "Invalid" });
  },
});

Deno.test({
  ...overSockets("idTags: a transaction beyond the maximum is ConcurrentTx, on another Charge Point too"),
  async fn() {
    await using server = startServer();
    await using one = await server.connect("CP1");
    await using other = await server.connect("CP2");
    for (const chargePoint of [one, other]) await chargePoint.boot();
    await put(server, "/api/v1/id-tags/Tag1", { maxActiveTransactions: 1 });
    const timestamp = new Date().toISOString();
    const payload = { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp };
    const first = await one.result("StartTransaction", payload);
    assert.equal(first.idTagInfo.status, "Accepted");
    assert.equal((await other.result("StartTransaction", payload)).idTagInfo.status, "ConcurrentTx");
    assert.deepEqual(await one.result("StartTransaction", payload), first);
  },
});

// --- Charge Points -------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("Charge Points: a record that was entered is shown, and never seen until it connects"),
  async fn() {
    await using server = startServer();
    const path = `/api/v1/charge-points/${encodeURIComponent("RDAM/7 ä")}`;
    const entry = {
      registration: "Pending",
      validation: "strict",
      refusedRules: ["extraField"],
      allowedIdTags: ["Tag1"],
      heartbeatIntervalSeconds: 42,
    };
    const created = await put(server, path, entry);
    assert.equal(created.status, 201);
    const { firstSeenAt: _, ...shown } = created.body;
    assert.deepEqual(shown, {
      identity: "RDAM/7 ä",
      connected: false,
      ...entry,
      security: { hasPassword: false, isPasswordPending: false },
      connectors: [],
      deviations: {},
    });
    await using chargePoint = await server.connect("RDAM/7 ä");
    assert.equal((await chargePoint.boot()).status, "Pending");
    const replaced = await put(server, path, { registration: "Accepted", heartbeatIntervalSeconds: 42 });
    assert.equal(replaced.status, 200);
    assert.deepEqual([replaced.body.connected, replaced.body.bootStatus, replaced.body.registration], [
      true,
      "Pending",
      "Accepted",
    ]);
    assert.equal("validation" in replaced.body || "allowedIdTags" in replaced.body, false);
    const told = await chargePoint.boot();
    assert.deepEqual([told.status, told.interval], ["Accepted", 42]);
    for (
      const wrong of [
        {},
        { registration: "accepted" },
        { registration: "Accepted", validation: "lenient" },
        { registration: "Accepted", refusedRules: ["noSuchRule"] },
        { registration: "Accepted", heartbeatIntervalSeconds: 0 },
        { registration: "Accepted", allowedIdTags: ["longer than twenty characters"] },
        { registration: "Accepted", bootCount: 3 },
      ]
    ) assertProblem(await put(server, path, wrong), 400);
    for (const identity of ["a%0Ab", "x".repeat(256)]) {
      assertProblem(await put(server, `/api/v1/charge-points/${identity}`, entry), 400);
    }
  },
});

Deno.test({
  ...overSockets("Charge Points, Rejected by record: told at boot, and nothing else of it is answered"),
  async fn() {
    await using server = startServer();
    await put(server, "/api/v1/charge-points/CP1", { registration: "Rejected" });
    await using chargePoint = await server.connect("CP1");
    assert.equal((await chargePoint.call("Heartbeat", {}))[2], "SecurityError");
    assert.equal((await chargePoint.boot()).status, "Rejected");
    assert.equal((await chargePoint.call("Heartbeat", {}))[2], "SecurityError");
  },
});

Deno.test({
  ...overSockets("Charge Points, validation by record: from the next connection on"),
  async fn() {
    await using server = startServer();
    const path = "/api/v1/charge-points/CP1";
    const heartbeat = async () => {
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      return (await chargePoint.call("Heartbeat", { extra: 1 }, { broken: "a field too many" }))[0];
    };
    assert.equal(await heartbeat(), 3);
    await put(server, path, { registration: "Accepted", validation: "strict" });
    assert.equal(await heartbeat(), 4);
    await put(server, path, { registration: "Accepted", refusedRules: ["extraField"] });
    assert.equal(await heartbeat(), 4);
    await put(server, path, { registration: "Accepted" });
    assert.equal(await heartbeat(), 3);
  },
});

Deno.test({
  ...overSockets("closed registration: who was entered is admitted; deleted, it is disconnected and refused"),
  async fn() {
    await using server = startServer({ admission: { registration: "closed" } });
    const path = "/api/v1/charge-points/CP1";
    assert.equal(await upgradeStatus(server, "CP1"), 404);
    await put(server, path, { registration: "Accepted" });
    const chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const timestamp = new Date().toISOString();
    const { transactionId } = await chargePoint.result("StartTransaction", {
      connectorId: 1,
      idTag: "Tag1",
      meterStart: 0,
      timestamp,
    });
    assert.equal((await remove(server, path)).status, 204);
    assert.equal((await chargePoint.closed).code, 1008);
    assert.equal(await upgradeStatus(server, "CP1"), 404);
    assertProblem(await server.get(path), 404);
    assertProblem(await remove(server, path), 404);
    assert.equal((await server.get(`/api/v1/transactions/${transactionId}`)).body.chargePoint, "CP1");
    assert.equal((await put(server, path, { registration: "Accepted" })).status, 201);
    await using again = await server.connect("CP1");
    assert.equal((await again.boot()).status, "Accepted");
  },
});

Deno.test({
  ...overSockets("records: while the database fails a change is answered 503 and nothing of it is kept"),
  async fn() {
    const store = new ControlledStore(new MemoryStore());
    await using server = startServer({ database: store });
    store.isFailing = true;
    assertProblem(await put(server, "/api/v1/id-tags/Tag1", {}), 503);
    assertProblem(await put(server, "/api/v1/charge-points/CP1", { registration: "Accepted" }), 503);
    store.isFailing = false;
    assertProblem(await server.get("/api/v1/id-tags/Tag1"), 404);
    assertProblem(await server.get("/api/v1/charge-points/CP1"), 404);
  },
});

onBothListeners("a record's own ping interval holds from the next connection on", async (start) => {
  await using server = await start({ pingIntervalSeconds: 0 });
  await put(server, "/api/v1/charge-points/CP1", { registration: "Accepted", pingIntervalSeconds: 1 });
  const headers = { "sec-websocket-protocol": "ocpp1.6" };
  using silent = await RawWebSocket.request({ port: server.port, path: "/CP1", headers });
  assert.equal(silent.status, 101);
  assert.equal((await within(silent.read(), "a ping"))?.opcode, OPCODE.ping);
  // It answers none: that is the end of it.
  await server.observer.until(
    () => server.observer.of("disconnected").length === 1,
    "the end of a dead peer",
  );
  assert.equal(server.observer.of("disconnected")[0]?.chargePoint, "CP1");
});
