/**
 * Who may charge, over real sockets: open and closed authorization, groups, expiry, allowed idTags, and how many
 * transactions at once.
 */
import assert from "node:assert/strict";
import { MemoryStore } from "../support/memory_store.ts";
import { overSockets, startServer, type TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const TIMESTAMP = new Date().toISOString();
const MODES = ["open", "closed"] as const;

function put(server: TestServer, path: string, body: unknown = {}) {
  const headers = { "content-type": "application/json" };
  return server.fetch(`/api/v1/${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
}

async function booted(server: TestServer, identity = "CP1"): Promise<SocketClient> {
  const chargePoint = await server.connect(identity);
  await chargePoint.boot();
  return chargePoint;
}

const authorize = async (chargePoint: SocketClient, idTag: string): Promise<string> =>
  (await chargePoint.result("Authorize", { idTag })).idTagInfo.status;

/** What StartTransaction says of the idTag; the transaction goes on. */
async function start(
  chargePoint: SocketClient,
  idTag: string,
  { connectorId = 1, meterStart = 0, uniqueId }: {
    connectorId?: number;
    meterStart?: number;
    uniqueId?: string;
  } = {},
): Promise<{ transactionId: number; status: string }> {
  const payload = { connectorId, idTag, meterStart, timestamp: TIMESTAMP };
  const { transactionId, idTagInfo } = await chargePoint.result(
    "StartTransaction",
    payload,
    uniqueId === undefined ? {} : { uniqueId },
  );
  return { transactionId, status: idTagInfo.status };
}

const stop = (chargePoint: SocketClient, transactionId: number, idTag?: string) =>
  chargePoint.result("StopTransaction", {
    ...{ transactionId, meterStop: 5, timestamp: TIMESTAMP },
    ...(idTag === undefined ? {} : { idTag }),
  });

/** The three Calls that carry an idTag, and what each says of it. */
async function everywhere(chargePoint: SocketClient, idTag: string): Promise<string[]> {
  const authorized = await authorize(chargePoint, idTag);
  const { transactionId, status } = await start(chargePoint, idTag, { meterStart: meters++ });
  assert.ok(transactionId > 0, "§4.8: there is a transaction in any case");
  const stopped = await stop(chargePoint, transactionId, idTag);
  return [authorized, status, stopped.idTagInfo.status];
}

/** So that no start repeats another. */
let meters = 1;

const same = (status: string) => [status, status, status];

Deno.test({
  ...overSockets("open: an unknown idTag is Accepted and learned once, as it was spelt, by each Call"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await booted(server);
    assert.deepEqual(await everywhere(chargePoint, "Both"), same("Accepted"));
    await authorize(chargePoint, "BOTH");
    const { transactionId } = await start(chargePoint, "Started");
    await stop(chargePoint, transactionId, "Stopped");
    const { body } = await server.get("/api/v1/id-tags");
    assert.deepEqual(body.items, [
      { idTag: "Both", blocked: false, source: "learned" },
      { idTag: "Started", blocked: false, source: "learned" },
      { idTag: "Stopped", blocked: false, source: "learned" },
    ]);
  },
});

Deno.test({
  ...overSockets("closed: an unknown idTag is Invalid in each Call, and not learned"),
  async fn() {
    await using server = startServer({ settings: { authorization: "closed" } });
    await using chargePoint = await booted(server);
    assert.deepEqual(await everywhere(chargePoint, "Nobody"), same("Invalid"));
    assert.deepEqual((await server.get("/api/v1/id-tags")).body.items, []);
  },
});

Deno.test({
  ...overSockets("closed: what was learned before is Invalid until an operator confirms it"),
  async fn() {
    const database = new MemoryStore();
    {
      await using server = startServer({ database });
      await using chargePoint = await booted(server);
      assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Accepted"));
    }
    await using server = startServer({ database, settings: { authorization: "closed" } });
    await using chargePoint = await booted(server);
    assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Invalid"));
    assert.equal((await server.get("/api/v1/id-tags/Tag1")).body.source, "learned");
    await put(server, "id-tags/TAG1");
    assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Accepted"));
    assert.equal((await server.get("/api/v1/id-tags/Tag1")).body.source, "entered");
  },
});

for (const authorization of MODES) {
  Deno.test({
    ...overSockets(`${authorization}: allowed idTags are those and their groups, there and nowhere else`),
    async fn() {
      await using server = startServer({ settings: { authorization } });
      await put(server, "charge-points/CP1", { registration: "Accepted", allowedIdTags: ["ONE", "Group"] });
      await put(server, "id-tags/One");
      await put(server, "id-tags/Member", { parentIdTag: "gROUP" });
      await put(server, "id-tags/Blocked", { parentIdTag: "Group", blocked: true });
      await put(server, "id-tags/Other", { parentIdTag: "Others" });
      await using here = await booted(server);
      await using elsewhere = await booted(server, "CP2");
      assert.deepEqual(await everywhere(here, "one"), same("Accepted"));
      assert.deepEqual(await everywhere(here, "Member"), same("Accepted"));
      assert.deepEqual(await everywhere(here, "Blocked"), same("Blocked"));
      assert.deepEqual(await everywhere(here, "Other"), same("Invalid"));
      assert.deepEqual(await everywhere(elsewhere, "Other"), same("Accepted"));
      assert.deepEqual(await everywhere(here, "Unknown"), same("Invalid"));
      assert.equal((await server.get("/api/v1/id-tags/Unknown")).status, 404, "nor is it learned");
      await put(server, "charge-points/CP1", { registration: "Accepted", allowedIdTags: [] });
      assert.deepEqual(await everywhere(here, "one"), same("Invalid"));
      await put(server, "charge-points/CP1", { registration: "Accepted" });
      assert.deepEqual(await everywhere(here, "Other"), same("Accepted"));
    },
  });

  Deno.test({
    ...overSockets(
      `${authorization}: group and expiry are told; an idTag expires by itself; blocked goes first`,
    ),
    async fn() {
      const clock = new VirtualClock({ nowMs: Date.now() });
      await using server = startServer({ clock, settings: { authorization } });
      const expiryDate = new Date(clock.nowMs() + 60_000).toISOString();
      await put(server, "id-tags/Tag1", { parentIdTag: "Group", expiryDate });
      await using chargePoint = await booted(server);
      const told = { parentIdTag: "Group", expiryDate };
      const info = async () => (await chargePoint.result("Authorize", { idTag: "TAG1" })).idTagInfo;
      assert.deepEqual(await info(), { status: "Accepted", ...told });
      clock.advance(59_999);
      assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Accepted"));
      clock.advance(1);
      assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Expired"));
      assert.deepEqual(await info(), { status: "Expired", ...told });
      await put(server, "id-tags/Tag1", { blocked: true, expiryDate });
      assert.deepEqual(await everywhere(chargePoint, "Tag1"), same("Blocked"));
    },
  });
}

Deno.test({
  ...overSockets("ConcurrentTx: any number unless there is a maximum; then of StartTransaction only"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await booted(server);
    for (const connectorId of [1, 2, 3]) {
      assert.equal((await start(chargePoint, "Tag1", { connectorId })).status, "Accepted");
    }
    await put(server, "id-tags/Tag1", { maxActiveTransactions: 3 });
    const fourth = await start(chargePoint, "tag1", { connectorId: 4 });
    assert.equal(fourth.status, "ConcurrentTx");
    assert.equal(await authorize(chargePoint, "Tag1"), "Accepted");
    assert.equal((await stop(chargePoint, fourth.transactionId, "Tag1")).idTagInfo.status, "Accepted");
    assert.equal((await start(chargePoint, "Other", { connectorId: 5 })).status, "Accepted");
  },
});

Deno.test({
  ...overSockets("ConcurrentTx: a stop makes room, and so does a start that ends what was open there"),
  async fn() {
    await using server = startServer();
    await put(server, "id-tags/Tag1", { maxActiveTransactions: 1 });
    await using one = await booted(server);
    await using other = await booted(server, "CP2");
    const { transactionId } = await start(one, "Tag1");
    assert.equal((await start(one, "Tag1", { meterStart: 9 })).status, "Accepted", "in its own place");
    const refused = await start(other, "Tag1");
    assert.equal(refused.status, "ConcurrentTx");
    const { body } = await server.get("/api/v1/transactions?active=true&chargePoint=CP1");
    assert.notEqual(body.items[0].transactionId, transactionId);
    for (const { transactionId } of body.items) await stop(one, transactionId);
    await stop(other, refused.transactionId);
    assert.equal((await start(other, "Tag1", { meterStart: 1 })).status, "Accepted");
  },
});

Deno.test({
  ...overSockets("ConcurrentTx: a repeat never counts, under either uniqueId, reconnected or restarted"),
  async fn() {
    const database = new MemoryStore();
    let first: Awaited<ReturnType<typeof start>>;
    {
      await using server = startServer({ database });
      await put(server, "id-tags/Tag1", { maxActiveTransactions: 1 });
      const chargePoint = await booted(server);
      first = await start(chargePoint, "Tag1", { uniqueId: "first" });
      assert.equal(first.status, "Accepted");
      assert.deepEqual(await start(chargePoint, "Tag1", { uniqueId: "first" }), first);
      assert.deepEqual(await start(chargePoint, "Tag1"), first);
      await chargePoint.close();
      await using again = await server.connect("CP1");
      assert.deepEqual(await start(again, "Tag1", { uniqueId: "first" }), first);
    }
    await using server = startServer({ database });
    await using chargePoint = await booted(server);
    assert.deepEqual(await start(chargePoint, "Tag1", { uniqueId: "first" }), first);
    assert.deepEqual(await start(chargePoint, "Tag1"), first);
    assert.equal((await server.get("/api/v1/transactions")).body.items.length, 1);
    assert.equal((await start(chargePoint, "Tag1", { connectorId: 2 })).status, "ConcurrentTx");
  },
});
