/**
 * The driver that operates `ocpp serve` for compliance cases: what it enters, what it cannot do, what it leaves behind.
 */
import assert from "node:assert/strict";
import { Api } from "../../src/cli/call/api.ts";
import { ServeSystem } from "../../src/cli/test/serve_system.ts";
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import { DEFAULT_SETUP } from "../../src/conformance/session.ts";
import { overSockets, startServer, type TestServer } from "../support/server.ts";
import { within } from "../support/within.ts";

const SETUP = { ...DEFAULT_SETUP, identity: "CP1" };
const KEY = "0123456789ABCDEF0123456789ABCDEF01234567";

function operated(name: string, fn: (system: ServeSystem, server: TestServer) => Promise<void>): void {
  Deno.test({
    ...overSockets(`the driver of ocpp serve: ${name}`),
    async fn() {
      await using server = startServer({ settings: { authorization: "open" } });
      await fn(new ServeSystem(new Api({ server: server.api })), server);
    },
  });
}

function act(system: ServeSystem, action: OperatorAction, signal = new AbortController().signal) {
  return system.do({ caseId: "TC", identity: "CP1", action, withinSeconds: 10 }, signal);
}

async function put(server: TestServer, path: string, record: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const { status } = await server.fetch(path, { method: "PUT", headers, body: JSON.stringify(record) });
  assert.equal(status, 201);
}

const CLEAR_CACHE: OperatorAction = { kind: "sendCall", action: "ClearCache", payload: {} };

operated(
  "it enters what a case stands on, and leaves everything as it was before",
  async (system, server) => {
    const known = `/api/v1/id-tags/${SETUP.otherIdTag}`;
    const worth = { blocked: true, parentIdTag: "FAMILY", expiryDate: "2031-01-01T00:00:00.000Z" };
    await put(server, known, worth);
    assert.equal(
      await system.prepare({ setup: { ...SETUP, authorizationKey: KEY }, securityProfile: 1 }),
      undefined,
    );
    const { body: entered } = await server.get("/api/v1/charge-points/CP1");
    assert.deepEqual([
      entered.security.profile,
      entered.security.hasPassword,
      entered.heartbeatIntervalSeconds,
    ], [
      ...[1, true, 1],
    ]);
    // A case that needs none takes the password away again.
    assert.equal(await system.prepare({ setup: SETUP, securityProfile: 0 }), undefined);
    const { body: plain } = await server.get("/api/v1/charge-points/CP1");
    assert.deepEqual([plain.security.profile, plain.security.hasPassword], [undefined, false]);
    await system.close();
    assert.equal((await server.get("/api/v1/charge-points/CP1")).status, 404);
    assert.equal((await server.get(`/api/v1/id-tags/${SETUP.idTag}`)).status, 404);
    const { body: after } = await server.get(known);
    assert.deepEqual(after, { ...worth, idTag: SETUP.otherIdTag, source: "entered" });
  },
);

operated("an idTag that a case makes Invalid is there again afterwards", async (system, server) => {
  const path = `/api/v1/id-tags/${SETUP.refusedIdTag}`;
  await put(server, path, { maxActiveTransactions: 1 });
  await act(system, { kind: "setIdTag", idTag: SETUP.refusedIdTag, status: "Blocked" });
  await act(system, { kind: "setIdTag", idTag: SETUP.refusedIdTag, status: "Invalid" });
  assert.equal((await server.get(path)).status, 404);
  await system.close();
  assert.deepEqual((await server.get(path)).body, {
    ...{ idTag: SETUP.refusedIdTag, blocked: false, maxActiveTransactions: 1, source: "entered" },
  });
});

operated(
  "a Charge Point that is known already is left alone, and the case is not begun",
  async (system, server) => {
    const path = "/api/v1/charge-points/CP1";
    await put(server, path, { registration: "Accepted", heartbeatIntervalSeconds: 77 });
    assert.equal(
      await system.prepare({ setup: SETUP, securityProfile: 0 }),
      "CP1 is known to this Central System already: choose another --identity, or delete it",
    );
    await system.close();
    assert.equal((await server.get(path)).body.heartbeatIntervalSeconds, 77);
  },
);

operated("an idTag is worth what a case says, and Invalid where nobody knows it", async (system, server) => {
  await system.prepare({ setup: SETUP, securityProfile: 0 });
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const { refusedIdTag: idTag, parentIdTag } = SETUP;
  for (const status of ["Blocked", "Expired", "Invalid"] as const) {
    assert.deepEqual(await act(system, { kind: "setIdTag", idTag, status }), { kind: "done" });
    const { idTagInfo } = await chargePoint.result("Authorize", { idTag });
    assert.equal(idTagInfo.status, status);
  }
  await act(system, { kind: "setIdTag", idTag, status: "Accepted", parentIdTag });
  const accepted = await chargePoint.result("Authorize", { idTag });
  assert.deepEqual(accepted, { idTagInfo: { status: "Accepted", parentIdTag } });
  await system.close();
});

operated("what the API refuses, and what is for a Charge Point, it cannot do", async (system) => {
  const refused = await act(system, CLEAR_CACHE);
  assert.equal(refused.kind, "cannot");
  assert.match(JSON.stringify(refused), /the API says 40[49]: [^"]*CP1/);
  assert.deepEqual(await act(system, { kind: "plugIn", connectorId: 1 }), {
    kind: "cannot",
    reason: "plugIn is for a Charge Point",
  });
  assert.equal(await system.prepare({ setup: SETUP, securityProfile: 2 }), "no password is known");
});

operated("a Call that is not answered can be called off", async (system, server) => {
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const controller = new AbortController();
  const acting = act(system, CLEAR_CACHE, controller.signal);
  const [, uniqueId] = await chargePoint.takeCall();
  controller.abort();
  const outcome = await within(acting, "the end of what was called off");
  assert.deepEqual(outcome, { kind: "cannot", reason: "it was called off" });
  assert.ok(uniqueId);
});

Deno.test({
  ...overSockets("the driver of ocpp serve: an API that is not there, or wants a token, is one line"),
  async fn() {
    await using server = startServer({ apiToken: "secret" });
    const system = new ServeSystem(new Api({ server: server.api }));
    assert.match(
      (await system.prepare({ setup: SETUP, securityProfile: 0 }))!,
      /wants a token: set OCPP_TOKEN/,
    );
    await server.stop();
    assert.match((await system.prepare({ setup: SETUP, securityProfile: 0 }))!, /^cannot reach http:[^\n]+$/);
    await system.close();
  },
});
