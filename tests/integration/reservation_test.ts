/**
 * Reservations as the Central System remembers them, over real sockets.
 */
import assert from "node:assert/strict";
import { BOOT_GRACE_MS } from "../../src/runtime/central_system_host.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const text = (atMs: number) => new Date(atMs).toISOString();

/** A Central System whose time a test moves, and a Charge Point that has booted. */
async function reserving(store: ConstructorParameters<typeof ControlledStore>[0] = new MemoryStore()) {
  const clock = new VirtualClock({ nowMs: NOW_MS });
  const server = startServer({ database: store, clock });
  const chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const reserve = async (
    wish: Record<string, unknown> = {},
    answer: string | null = "Accepted",
    action = "ReserveNow",
  ) => {
    const usual = {
      connectorId: 1,
      reservationId: 7,
      idTag: "Tag1",
      expiryDate: text(clock.nowMs() + HOUR_MS),
    };
    const going = server.call("CP1", {
      action,
      payload: action === "ReserveNow" ? { ...usual, ...wish } : wish,
    });
    const call = await chargePoint.takeCall();
    if (answer !== null) chargePoint.answer(call, { status: answer });
    else clock.advance(30_000);
    return await going;
  };
  const start = (payload: Record<string, unknown> = {}) =>
    chargePoint.result("StartTransaction", {
      ...{ connectorId: 1, idTag: "Tag1", meterStart: 0, timestamp: text(clock.nowMs()) },
      ...payload,
    });
  return {
    clock,
    server,
    chargePoint,
    reserve,
    cancel: (reservationId: number, answer: string) =>
      reserve({ reservationId }, answer, "CancelReservation"),
    start,
    async [Symbol.asyncDispose]() {
      await chargePoint.close();
      await server.stop();
    },
  };
}

const list = async (server: TestServer, query = ""): Promise<Json[]> =>
  (await server.get(`/api/v1/reservations${query}`)).body.items;
const statuses = async (server: TestServer): Promise<string[]> =>
  (await list(server)).map(({ reservationId, status }) => `${reservationId} ${status}`);

// --- made and ended ------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("reservations: an Accepted ReserveNow makes one; another answer none"),
  async fn() {
    await using all = await reserving();
    const { server, reserve } = all;
    for (const refused of ["Occupied", "Faulted", "Unavailable", "Rejected"]) {
      assert.equal((await reserve({}, refused)).body.payload.status, refused);
    }
    assert.deepEqual(await list(server), []);
    await reserve({ parentIdTag: "Group", connectorId: 0 });
    const view = {
      id: 1,
      chargePoint: "CP1",
      reservationId: 7,
      connectorId: 0,
      idTag: "Tag1",
      parentIdTag: "Group",
      expiryDate: text(NOW_MS + HOUR_MS),
      madeAt: text(NOW_MS),
      status: "active",
    };
    assert.deepEqual(await list(server), [view]);
    assert.deepEqual((await server.get("/api/v1/reservations/1")).body, view);
    assertProblem(await server.get("/api/v1/reservations/2"), 404);
    assertProblem(await server.get("/api/v1/reservations/x"), 400);
    assertProblem(await server.get("/api/v1/reservations?active=yes"), 400);
    const made = server.observer.of("reservationMade");
    assert.deepEqual(made.map(({ reservationId, isDoubtful }) => [reservationId, isDoubtful]), [[7, false]]);
  },
});

Deno.test({
  ...overSockets("reservations: the list pages, newest first, and filters by Charge Point and by time"),
  async fn() {
    await using all = await reserving();
    const { server, reserve, clock } = all;
    for (const one of [1, 2, 3]) {
      await reserve({ reservationId: one, connectorId: one, expiryDate: text(NOW_MS + one * HOUR_MS) });
    }
    const { body: first } = await server.get("/api/v1/reservations?limit=2");
    const { body: rest } = await server.get(`/api/v1/reservations?limit=2&cursor=${first.nextCursor}`);
    const ids = (items: Json[]) => items.map(({ reservationId }) => reservationId);
    assert.deepEqual([ids(first.items), ids(rest.items)], [[3, 2], [1]]);
    clock.advance(2 * HOUR_MS);
    assert.deepEqual(await statuses(server), ["3 active", "2 expired", "1 expired"]);
    assert.equal((await server.get("/api/v1/reservations/2")).body.endedAt, text(NOW_MS + 2 * HOUR_MS));
    assert.deepEqual(ids(await list(server, "?active=true&chargePoint=CP1")), [3]);
    assert.deepEqual(ids(await list(server, "?active=false")), [2, 1]);
    assert.deepEqual(await list(server, "?chargePoint=CP2"), []);
  },
});

Deno.test({
  ...overSockets(
    "reservations: cancelled, or forgotten by the Charge Point; what is refused changes nothing",
  ),
  async fn() {
    await using all = await reserving();
    const { server, reserve, cancel } = all;
    await reserve();
    await reserve({ reservationId: 8, connectorId: 2 });
    await cancel(7, "Accepted");
    await cancel(8, "Rejected");
    await cancel(9, "Accepted"); // never made here
    assert.deepEqual(await statuses(server), ["8 forgotten", "7 cancelled"]);
    await cancel(7, "Rejected");
    assert.deepEqual(await statuses(server), ["8 forgotten", "7 cancelled"]);
  },
});

Deno.test({
  ...overSockets(
    "reservations: the same reservationId replaces, and so does another one of the same connector",
  ),
  async fn() {
    await using all = await reserving();
    const { server, reserve } = all;
    await reserve();
    await reserve({ idTag: "Tag2" });
    await reserve({ reservationId: 8, idTag: "Tag3" });
    await reserve({ reservationId: 9, connectorId: 2 });
    assert.deepEqual(await statuses(server), ["9 active", "8 active", "7 replaced", "7 replaced"]);
    await reserve({ reservationId: 9, connectorId: 3 });
    assert.deepEqual((await statuses(server)).slice(0, 3), ["9 active", "9 replaced", "8 active"]);
    await reserve({ reservationId: 9, idTag: "Tag2" }, "Occupied");
    assert.deepEqual((await statuses(server)).slice(0, 3), ["9 active", "9 replaced", "8 active"]);
  },
});

Deno.test({
  ...overSockets("reservations: used by the transaction that names it, also when that comes days too late"),
  async fn() {
    await using all = await reserving();
    const { server, reserve, start, clock } = all;
    await reserve();
    await reserve({ reservationId: 8, connectorId: 2 });
    const startedAtMs = clock.nowMs() + 1_000;
    const { transactionId } = await start({ reservationId: 7, timestamp: text(startedAtMs) });
    const [, used] = await list(server);
    assert.deepEqual([used.status, used.endedAt, used.transactionId], [
      ...["used", text(startedAtMs), transactionId],
    ]);
    clock.advance(48 * HOUR_MS);
    assert.deepEqual(await statuses(server), ["8 expired", "7 used"]);
    const queued = { connectorId: 2, reservationId: 8, timestamp: text(startedAtMs) };
    await start(queued);
    await start(queued); // sent again
    assert.deepEqual(await statuses(server), ["8 used", "7 used"]);
    const ends = server.observer.of("reservationEnded");
    assert.deepEqual(ends.map(({ reservationId, endedBy }) => [reservationId, endedBy]), [
      ...[[7, "used"], [8, "used"]],
    ]);
    assert.deepEqual(server.observer.deviations, []);
  },
});

Deno.test({
  ...overSockets("reservations: over with a fault, or when its connector or Charge Point is Unavailable"),
  async fn() {
    await using all = await reserving();
    const { server, reserve, chargePoint } = all;
    const report = (connectorId: number, status: string) =>
      chargePoint.result("StatusNotification", { connectorId, status, errorCode: "NoError" });
    await reserve();
    await reserve({ reservationId: 8, connectorId: 2 });
    await reserve({ reservationId: 9, connectorId: 3 });
    await report(1, "Available");
    await report(1, "Reserved");
    assert.deepEqual(await statuses(server), ["9 active", "8 active", "7 active"]);
    await report(1, "Faulted");
    assert.deepEqual(await statuses(server), ["9 active", "8 active", "7 faulted"]);
    await report(0, "Unavailable");
    assert.deepEqual(await statuses(server), ["9 unavailable", "8 unavailable", "7 faulted"]);
  },
});

Deno.test({
  ...overSockets("reservations: a ReserveNow that nobody answered is doubtful, until something tells"),
  async fn() {
    await using all = await reserving();
    const { server, reserve, start, cancel } = all;
    assertProblem(await reserve({}, null), 504);
    assertProblem(await reserve({ reservationId: 8, connectorId: 2 }, null), 504);
    assert.deepEqual(await statuses(server), ["8 doubtful", "7 doubtful"]);
    await start({ idTag: "Tag2" }); // certain it is not
    await start({ idTag: "Tag1", reservationId: 7, meterStart: 1 });
    await cancel(8, "Rejected");
    assert.deepEqual(await statuses(server), ["8 forgotten", "7 used"]);
    assert.deepEqual(server.observer.deviations, []);
  },
});

// --- conduct -------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("reservations: a reservationId that was never given is a deviation, answered as any other"),
  async fn() {
    await using all = await reserving();
    const { server, start, reserve } = all;
    const answer = await start({ reservationId: 99 });
    assert.equal(answer.idTagInfo.status, "Accepted");
    assert.deepEqual(server.observer.deviations, ["unknownReservation"]);
    await reserve({ connectorId: 2 });
    await start({ connectorId: 2, reservationId: 7 });
    assert.equal(server.observer.deviations.length, 1);
  },
});

Deno.test({
  ...overSockets("reservations: another idTag on a reserved connector is a deviation, where that is certain"),
  async fn() {
    type All = Awaited<ReturnType<typeof reserving>>;
    const put = ({ server }: All, idTag: string, parentIdTag: string) =>
      server.fetch(`/api/v1/id-tags/${idTag}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ parentIdTag }),
      });
    const rows: readonly (readonly [string, boolean, (all: All) => Promise<unknown>])[] = [
      ["another one", true, ({ start }) => start({ idTag: "Tag2" })],
      ["of another group", true, async (all) => {
        await put(all, "Tag2", "Other");
        await all.start({ idTag: "Tag2" });
      }],
      ["naming the reservation", true, ({ start }) => start({ idTag: "Tag2", reservationId: 7 })],
      ["the same, in another case", false, ({ start }) => start({ idTag: "TAG1" })],
      ["of the same group", false, async (all) => {
        await put(all, "Tag2", "group");
        await all.start({ idTag: "Tag2" });
      }],
      ["another connector", false, ({ start }) => start({ idTag: "Tag2", connectorId: 2 })],
      ["expired", false, async ({ start, clock }) => {
        clock.advance(HOUR_MS);
        await start({ idTag: "Tag2" });
      }],
      [
        "begun before it was made",
        false,
        ({ start }) => start({ idTag: "Tag2", timestamp: text(NOW_MS - 1) }),
      ],
      ["queued", false, async ({ start, clock }) => {
        clock.advance(120_000);
        await start({ idTag: "Tag2", timestamp: text(NOW_MS + 1) });
      }],
      ["after a boot", false, async ({ start, chargePoint }) => {
        await chargePoint.boot();
        await start({ idTag: "Tag2" });
      }],
      ["of an earlier device by that name", false, async ({ server, clock }) => {
        await server.fetch("/api/v1/charge-points/CP1", { method: "DELETE" });
        clock.advance(1_000);
        await using other = await server.connect("CP1");
        await other.boot();
        await other.result("StartTransaction", {
          ...{ connectorId: 1, idTag: "Tag2", meterStart: 0, timestamp: text(clock.nowMs()) },
        });
      }],
      ["used by its holder, who did not name it", false, async ({ start }) => {
        await start();
        await start({ idTag: "Tag2" });
      }],
      ["cancelled", false, async ({ start, cancel }) => {
        await cancel(7, "Accepted");
        await start({ idTag: "Tag2" });
      }],
    ];
    for (const [name, isDeviation, act] of rows) {
      await using all = await reserving();
      await all.reserve({ parentIdTag: "Group" });
      await act(all);
      const expected = isDeviation ? ["reservedForAnother"] : [];
      assert.deepEqual(all.server.observer.deviations, expected, name);
      const last = (await all.server.get("/api/v1/transactions")).body.items[0];
      assert.equal(last.idTagStatus, "Accepted", name);
    }
    await using any = await reserving();
    await any.reserve({ connectorId: 0 });
    await any.start({ idTag: "Tag2" });
    assert.deepEqual(any.server.observer.deviations, [], "connector 0: others may be free");
  },
});

// --- durability, and a real Charge Point ---------------------------------------------------------------------

Deno.test({
  ...overSockets("reservations: the operator is told only what is committed"),
  async fn() {
    const memory = new MemoryStore();
    const store = new ControlledStore(memory);
    await using all = await reserving(store);
    const { server, chargePoint, clock } = all;
    store.hold();
    let answered = false;
    const payload = { connectorId: 1, reservationId: 7, idTag: "Tag1", expiryDate: text(NOW_MS + HOUR_MS) };
    const going = server.call("CP1", { action: "ReserveNow", payload }).then((answer) => {
      answered = true;
      return answer;
    });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    await store.until(() => store.isHeld, "the commit");
    assert.equal(answered, false);
    assert.deepEqual(server.observer.of("reservationMade"), []);
    store.isFailing = true;
    store.release();
    assertProblem(await going, 503);
    assert.deepEqual(await list(server), []);
    store.isFailing = false;
    clock.advance(1_000);
  },
});

Deno.test({
  ...overSockets("reservations: of a simulated Charge Point, expired, cancelled and used, offline too"),
  async fn() {
    const clock = new VirtualClock({ nowMs: Date.now() });
    await using server = startServer({ clock });
    await using running = new Simulator(server.url, {});
    await using events = await running.watch("/api/v1/charge-points/CP1/events", "none");
    await events.until(({ data }) => data.kind === "registration", "the boot");
    const expiryDate = text(Date.now() + HOUR_MS);
    const reserve = { connectorId: 1, reservationId: 7, idTag: "Tag1", expiryDate };
    const ask = async (action: string, payload: unknown) =>
      (await server.call("CP1", { action, payload })).body.payload?.status;
    assert.equal(await ask("ReserveNow", reserve), "Accepted");
    assert.equal(await ask("ReserveNow", { ...reserve, reservationId: 8 }), "Occupied");
    assert.equal(await ask("CancelReservation", { reservationId: 7 }), "Accepted");
    assert.equal(await ask("ReserveNow", { ...reserve, reservationId: 9 }), "Accepted");
    assert.deepEqual(await statuses(server), ["9 active", "7 cancelled"]);

    // What is still on its way when the link is cut comes after it is there again, and would be told out of turn.
    const isReserved = ({ exchange }: { readonly exchange: { readonly payload?: unknown } }) =>
      (exchange.payload as { readonly status?: string } | undefined)?.status === "Reserved";
    await server.observer.until(
      () => server.observer.of("exchanged").filter(isReserved).length === 2,
      "the connector to be reserved again",
    );

    // Known to it by the cache, the idTag starts offline; its StartTransaction is queued.
    await running.input("CP1", {
      kind: "setConfiguration",
      key: "AllowOfflineTxForUnknownId",
      value: "true",
    });
    await running.ask("POST", "/api/v1/charge-points/CP1/link", { state: "cut" });
    await running.input("CP1", { kind: "plugIn", connectorId: 1 });
    await running.input("CP1", { kind: "presentIdTag", idTag: "Tag1", connectorId: 1 });
    await events.until(({ data }) => data.kind === "transactionStarted", "the transaction");
    assert.deepEqual(await statuses(server), ["9 active", "7 cancelled"]);
    clock.advance(1);
    await running.ask("POST", "/api/v1/charge-points/CP1/link", { state: "restored" });
    await server.observer.until(
      () => server.observer.of("transactionStarted").length > 0,
      "its StartTransaction",
    );
    assert.deepEqual(await statuses(server), ["9 used", "7 cancelled"]);
    clock.advance(BOOT_GRACE_MS);
    assert.deepEqual(server.observer.deviations, []);
  },
});

Deno.test({
  ...overSockets("reservations: Heartbeats, MeterValues and ordinary statuses read nothing for them"),
  async fn() {
    const memory = new MemoryStore();
    let loads = 0;
    const load = memory.load.bind(memory);
    memory.load = (needed) => (loads += 1, load(needed));
    await using all = await reserving(memory);
    await all.reserve();
    const before = loads;
    const { chargePoint } = all;
    const quiet = async (client: SocketClient) => {
      await client.result("Heartbeat", {});
      await client.result("MeterValues", {
        connectorId: 1,
        meterValue: [{ timestamp: text(NOW_MS), sampledValue: [{ value: "1" }] }],
      });
      await client.result("StatusNotification", { connectorId: 1, status: "Reserved", errorCode: "NoError" });
    };
    await quiet(chargePoint);
    assert.equal(loads, before);
    await chargePoint.result("StatusNotification", {
      ...{ connectorId: 1, status: "Faulted", errorCode: "OtherError" },
    });
    assert.equal(loads, before + 1);
  },
});
