/**
 * The HTTP API of a running Central System.
 */
import assert from "node:assert/strict";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";

const BEGAN_AT_MS = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const at = (minute: number) => new Date(BEGAN_AT_MS + minute * 60_000).toISOString();

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

/** Everything of a list, page by page. */
async function allPages(server: TestServer, path: string, limit: number): Promise<Json[][]> {
  const pages: Json[][] = [];
  for (let cursor = ""; cursor !== undefined;) {
    const separator = path.includes("?") ? "&" : "?";
    const { status, body } = await server.get(`${path}${separator}limit=${limit}${cursor}`);
    assert.equal(status, 200);
    pages.push(body.items);
    if (body.nextCursor === undefined) return pages;
    cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
  return pages;
}

/** A transaction from start to stop; without `stopped` it stays active. */
async function transaction(
  chargePoint: SocketClient,
  { idTag, minute, connectorId = 1, stopped = true }: {
    idTag: string;
    minute: number;
    connectorId?: number;
    stopped?: boolean;
  },
): Promise<number> {
  const start = { connectorId, idTag, meterStart: 0, timestamp: at(minute) };
  const { transactionId } = await chargePoint.result("StartTransaction", start);
  if (stopped) {
    const stop = { transactionId, meterStop: 100, timestamp: at(minute + 1) };
    await chargePoint.result("StopTransaction", stop);
  }
  return transactionId;
}

// --- health, token, documentation ----------------------------------------------------------------------------

Deno.test({
  ...overSockets("health: healthz and readyz answer, / says what there is, anything else is a problem"),
  async fn() {
    await using server = startServer();
    assert.deepEqual((await server.get("/healthz")).body, { status: "ok" });
    assert.deepEqual((await server.get("/readyz")).body, { status: "ok" });
    assert.match((await server.get("/")).body, /ws:\/\/<this host>\/<identity>/);
    assertProblem(await server.get("/api/v2/everything"), 404);
  },
});

Deno.test({
  ...overSockets("token: wanted by everything but the health checks"),
  async fn() {
    await using server = startServer({ apiToken: "s3cret", guessesMax: 100 });
    const as = (authorization: string | undefined, path: string) =>
      server.fetch(path, { headers: authorization === undefined ? {} : { authorization } });
    for (const path of ["/healthz", "/readyz"]) assert.equal((await as(undefined, path)).status, 200);
    for (const path of ["/", "/api/v1/charge-points", "/api/v1/transactions", "/openapi.json", "/nothing"]) {
      for (const authorization of [undefined, "Bearer wrong", "Bearer s3cre", "Bearer s3cret2"]) {
        const refused = await as(authorization, path);
        assertProblem(refused, 401);
        assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
      }
    }
    assertProblem(await as("Basic czNjcmV0", "/api/v1/charge-points"), 401);
    assert.equal((await as("Bearer s3cret", "/api/v1/charge-points")).status, 200);
    const chargePoint = await server.connect("CP1"); // the token is the API's, not the Charge Points'
    await chargePoint.close();
  },
});

// --- charge points -------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("charge points: one as it is, with boot, connectors and deviations, connected and then not"),
  async fn() {
    await using server = startServer();
    const chargePoint = await server.connect("RDAM/7 ä");
    const boot = { chargePointVendor: "Test", chargePointModel: "Socket", firmwareVersion: "1.2" };
    await chargePoint.result("BootNotification", boot);
    for (const connectorId of [2, 0, 1]) {
      const status = { connectorId, status: "Available", errorCode: "NoError", timestamp: at(connectorId) };
      await chargePoint.result("StatusNotification", status);
    }
    const path = `/api/v1/charge-points/${encodeURIComponent("RDAM/7 ä")}`;
    const { body } = await server.get(path);
    assert.deepEqual([body.identity, body.connected, body.registration, body.bootStatus], [
      "RDAM/7 ä",
      true,
      "Accepted",
      "Accepted",
    ]);
    assert.deepEqual(body.boot, boot);
    assert.deepEqual(
      body.connectors.map((one: Json) => [one.connectorId, one.status, one.errorCode, one.statusAt]),
      [0, 1, 2].map((id) => [id, "Available", "NoError", at(id)]),
    );
    for (const name of ["connectedAt", "firstSeenAt", "lastSeenAt", "bootedAt"]) {
      assert.ok(Math.abs(Date.parse(body[name]) - Date.now()) < 60_000, name);
    }
    await chargePoint.close();
    await server.observer.until(() => server.observer.of("disconnected").length === 1, "its end");
    const gone = (await server.get(path)).body;
    assert.deepEqual([gone.connected, "connectedAt" in gone], [false, false]);
    assertProblem(await server.get("/api/v1/charge-points/nobody"), 404);
  },
});

Deno.test({
  ...overSockets("charge points: the list pages by identity"),
  async fn() {
    await using server = startServer();
    const identities = Array.from({ length: 7 }, (_, index) => `CP${index}`);
    for (const identity of identities.toReversed()) {
      await using chargePoint = await server.connect(identity);
      await chargePoint.boot();
    }
    const pages = await allPages(server, "/api/v1/charge-points", 3);
    assert.deepEqual(pages.map((page) => page.length), [3, 3, 1]);
    assert.deepEqual(pages.flat().map(({ identity }) => identity), identities);
    for (const limit of ["0", "1001", "many", "1.5"]) {
      assertProblem(await server.get(`/api/v1/charge-points?limit=${limit}`), 400);
    }
  },
});

// --- messages ------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("messages: newest first, filtered by action, outcome and time, paged without gap or repeat"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await using other = await server.connect("CP2");
    await chargePoint.boot();
    await other.boot();
    const ids: string[] = [];
    for (let index = 0; index < 10; index++) {
      ids.push(`heartbeat-${index}`);
      await chargePoint.result("Heartbeat", {}, { uniqueId: ids.at(-1) });
    }
    await chargePoint.call("Authorize", {}, { uniqueId: "wrong", broken: "without idTag" });
    const path = "/api/v1/charge-points/CP1/messages";
    const { body } = await server.get(path);
    assert.equal(body.items.length, 12);
    assert.deepEqual(body.items.map((one: Json) => one.uniqueId).slice(0, 11), [
      "wrong",
      ...ids.toReversed(),
    ]);
    const [wrong] = (await server.get(`${path}?outcome=error`)).body.items;
    assert.deepEqual([wrong.direction, wrong.action, wrong.payload, wrong.request], [
      "fromChargePoint",
      "Authorize",
      {},
      `[2,"wrong","Authorize",{}]`,
    ]);
    assert.match(wrong.answer, /^\[4,"wrong","OccurenceConstraintViolation","idTag: is missing"/);
    assert.ok(wrong.latencyMs >= 0);

    const pages = await allPages(server, `${path}?action=Heartbeat`, 4);
    assert.deepEqual(pages.map((page) => page.length), [4, 4, 2]);
    assert.deepEqual(pages.flat().map(({ uniqueId }) => uniqueId), ids.toReversed());
    assert.ok(pages.flat().every(({ answerPayload }) => "currentTime" in answerPayload));

    const middle = body.items[5].receivedAt;
    const since = (await server.get(`${path}?since=${encodeURIComponent(middle)}`)).body.items;
    assert.deepEqual(since, body.items.filter((one: Json) => one.receivedAt >= middle));
    assert.deepEqual((await server.get(`${path}?since=2999-01-01T00:00:00Z`)).body.items, []);
    for (let cursor = 1; cursor <= 20; cursor++) { // a cursor of another list leads nowhere else
      const { items } = (await server.get(`/api/v1/charge-points/CP2/messages?cursor=${cursor}`)).body;
      assert.ok(items.every(({ action }: Json) => action === "BootNotification"));
    }
    for (const bad of ["since=yesterday", "outcome=fine", "cursor=abc"]) {
      assertProblem(await server.get(`${path}?${bad}`), 400);
    }
  },
});

Deno.test({
  ...overSockets("messages: AuthorizationKey is redacted whichever way it travels"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const key = "0123456789abcdef0123456789abcdef";
    const set = server.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key: "AuthorizationKey", value: key },
    });
    const change = await chargePoint.takeCall();
    assert.equal(change[3].value, key); // on the wire it is whole
    chargePoint.answer(change, { status: "Accepted" });
    await set;
    const get = server.call("CP1", { action: "GetConfiguration", payload: { key: ["AuthorizationKey"] } });
    const configurationKey = [{ key: "AuthorizationKey", readonly: false, value: key }];
    chargePoint.answer(await chargePoint.takeCall(), { configurationKey });
    await get;
    const { body } = await server.get("/api/v1/charge-points/CP1/messages");
    assert.equal(body.items.length, 3);
    assert.ok(!JSON.stringify(body).includes(key));
    assert.equal(body.items[1].payload.value, "[redacted]");
    assert.equal(body.items[0].answerPayload.configurationKey[0].value, "[redacted]");
  },
});

// --- transactions --------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("transactions: newest first, filtered, paged"),
  async fn() {
    await using server = startServer();
    await using one = await server.connect("CP1");
    await using other = await server.connect("CP2");
    for (const chargePoint of [one, other]) await chargePoint.boot();
    const ids: number[] = [];
    for (let minute = 0; minute < 9; minute++) {
      const idTag = minute % 3 === 0 ? "GUEST" : "Owner";
      ids.unshift(
        await transaction(minute % 2 === 0 ? one : other, { idTag, minute: 3 * minute, stopped: minute < 7 }),
      );
    }
    const list = async (query: string) =>
      (await server.get(`/api/v1/transactions?${query}`)).body.items.map((item: Json) => item.transactionId);
    const pages = await allPages(server, "/api/v1/transactions", 4);
    assert.deepEqual(pages.map((page) => page.length), [4, 4, 1]);
    assert.deepEqual(pages.flat().map(({ transactionId }) => transactionId), ids);
    const where = (holds: (minute: number) => boolean) => ids.filter((_, index) => holds(8 - index));
    assert.deepEqual(await list("chargePoint=CP2"), where((minute) => minute % 2 === 1));
    assert.deepEqual(await list("chargePoint=nobody"), []);
    assert.deepEqual(await list("idTag=guest"), where((minute) => minute % 3 === 0)); // case does not matter
    assert.deepEqual(await list("active=true"), where((minute) => minute >= 7));
    assert.deepEqual(await list("active=false"), where((minute) => minute < 7));
    assert.deepEqual(await list(`since=${encodeURIComponent(at(15))}`), where((minute) => minute >= 5));
    assert.deepEqual(
      await list(`chargePoint=CP1&idTag=GUEST&active=false`),
      where((minute) => minute % 2 === 0 && minute % 3 === 0 && minute < 7),
    );
    const filtered = await allPages(server, "/api/v1/transactions?idTag=Owner", 4);
    assert.deepEqual(filtered.map((page) => page.length), [4, 2]);
    for (const bad of ["active=maybe", "since=now", "cursor=-1"]) {
      assertProblem(await server.get(`/api/v1/transactions?${bad}`), 400);
    }
    assertProblem(await server.get("/api/v1/transactions/1234567890123"), 404);
    assertProblem(await server.get("/api/v1/transactions/first"), 400);
  },
});

Deno.test({
  ...overSockets("meter values: of one transaction only, in order of arrival, paged"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const start = (connectorId: number) => ({
      idTag: "TAG1",
      minute: connectorId,
      connectorId,
      stopped: false,
    });
    const mine = await transaction(chargePoint, start(1));
    const others = await transaction(chargePoint, start(2));
    const meter = (transactionId: number | undefined, connectorId: number, values: string[]) =>
      chargePoint.result("MeterValues", {
        connectorId,
        ...(transactionId === undefined ? {} : { transactionId }),
        meterValue: values.map((value) => ({ timestamp: at(30), sampledValue: [{ value }] })),
      });
    await meter(mine, 1, ["1", "2"]);
    await meter(others, 2, ["100"]);
    await meter(undefined, 1, ["200"]);
    await meter(mine, 1, ["3", "4", "5"]);
    const path = `/api/v1/transactions/${mine}/meter-values`;
    const pages = await allPages(server, path, 2);
    assert.deepEqual(pages.map((page) => page.map((one) => one.sampledValue[0].value)), [
      ["1", "2"],
      ["3", "4"],
      ["5"],
    ]);
    const [first] = pages[0]!;
    assert.deepEqual([first.timestamp, first.connectorId], [at(30), 1]);
    assert.ok(Math.abs(Date.parse(first.receivedAt) - Date.now()) < 60_000);
    assertProblem(await server.get("/api/v1/transactions/1234567890123/meter-values"), 404);
  },
});

// --- reports --------------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("reports: what a Charge Point said of itself, newest first, filtered and paged"),
  async fn() {
    await using server = startServer();
    const chargePoint = await server.connect("CP1");
    await chargePoint.result("BootNotification", { chargePointVendor: "v", chargePointModel: "m" });
    for (const status of ["Downloading", "Downloaded", "Installing", "Installed"]) {
      assert.deepEqual(await chargePoint.result("FirmwareStatusNotification", { status }), {});
    }
    const event = { type: "TamperDetectionActivated", timestamp: at(0) };
    await chargePoint.result("SecurityEventNotification", event);

    const { body } = await server.get("/api/v1/charge-points/CP1/reports?limit=1");
    assert.deepEqual(body.items.map(({ action, payload }: Json) => ({ action, payload })), [
      { action: "SecurityEventNotification", payload: event },
    ]);
    const path = "/api/v1/charge-points/CP1/reports?action=FirmwareStatusNotification";
    const pages = await allPages(server, path, 3);
    assert.deepEqual(pages.map((page) => page.map(({ payload }) => payload.status)), [
      ["Installed", "Installing", "Downloaded"],
      ["Downloading"],
    ]);
    assertProblem(await server.get("/api/v1/charge-points/CP1/reports?action=Heartbeat"), 400);
    await chargePoint.close();
  },
});
