/**
 * `POST …/calls`: every way in which a Call does not come to an answer, as a problem.
 */
import assert from "node:assert/strict";
import { assertProblem, overSockets, startServer } from "../support/server.ts";

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

/** Wishes that are refused before anything is sent, and the path of what is wrong. */
const BAD_CALLS: readonly (readonly [body: unknown, path: string])[] = [
  [{ action: "Reset", payload: { type: "Gentle" } }, "payload.type"],
  [{ action: "Reset" }, "payload.type"],
  [{ action: "Reset", payload: { type: "Soft", why: "x" } }, "payload.why"],
  [{ action: "UnlockConnector", payload: { connectorId: 0 } }, "payload.connectorId"],
  [{ action: "RemoteStopTransaction", payload: { transactionId: "7" } }, "payload.transactionId"],
  [{ action: "Heartbeat", payload: {} }, "action"],
  [{ action: "Nonsense", payload: {} }, "action"],
  [{ action: "SetChargingProfile", payload: {} }, "payload.connectorId"],
  [{ payload: {} }, "action"],
  [{ action: "ClearCache", timeoutSeconds: 0 }, "timeoutSeconds"],
  [{ action: "ClearCache", timeoutSeconds: 601 }, "timeoutSeconds"],
];

Deno.test({
  ...overSockets("calls: what does not fit is 400 with the path of the fault, and is not sent"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    for (const [wish, path] of BAD_CALLS) {
      const answer = await server.call("CP1", wish);
      assertProblem(answer, 400);
      assert.equal(answer.body.faults[0].path, path, JSON.stringify(wish));
      assert.ok(answer.body.detail.startsWith(path));
    }
    const malformed = await server.call("CP1", `{"action":`);
    assertProblem(malformed, 400);
    const textual = await server.fetch("/api/v1/charge-points/CP1/calls", {
      method: "POST",
      body: `{"action":"ClearCache"}`,
      headers: { "content-type": "text/plain" },
    });
    assertProblem(textual, 415);
    await chargePoint.result("Heartbeat", {});
    assert.deepEqual(chargePoint.frames.map(([type]) => type), [3, 3]);
  },
});

Deno.test({
  ...overSockets("calls: unknown 404, not connected 409, gone meanwhile 502, no answer in time 504"),
  async fn() {
    await using server = startServer();
    const wish = { action: "ClearCache", payload: {} };
    const unknown = await server.call("CP1", wish);
    assertProblem(unknown, 404);
    assert.equal(unknown.body.reason, "unknownChargePoint");

    const chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const late = await server.call("CP1", { ...wish, timeoutSeconds: 0.05 });
    assertProblem(late, 504);
    assert.equal(late.body.reason, "timeout");
    await chargePoint.takeCall();

    const lost = server.call("CP1", wish);
    await chargePoint.takeCall();
    await chargePoint.close();
    assertProblem(await lost, 502);
    assert.equal((await lost).body.reason, "connectionLost");

    const gone = await server.call("CP1", wish);
    assertProblem(gone, 409);
    assert.equal(gone.body.reason, "notConnected");
    const { body } = await server.get("/api/v1/charge-points/CP1/messages?action=ClearCache");
    assert.deepEqual(body.items.map((one: Json) => one.outcome), ["lost", "timeout"]);
  },
});

Deno.test({
  ...overSockets("request body: more than 1 MiB is 413"),
  async fn() {
    await using server = startServer();
    assertProblem(await server.call("CP1", { action: "ClearCache", payload: "x".repeat(1_048_576) }), 413);
    // The same without saying its length first.
    const chunked = async (text: string) => {
      const body = new Blob([text]).stream();
      const headers = { "content-type": "application/json" };
      const url = `${server.api}/api/v1/charge-points/CP1/calls`;
      const response = await fetch(url, { method: "POST", headers, body });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    assertProblem(await chunked(`{"action":"${"x".repeat(1_048_576)}"}`), 413);
    assertProblem(await chunked('{"action":"ClearCache"}'), 404);
  },
});
