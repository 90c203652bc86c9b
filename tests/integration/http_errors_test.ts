/**
 * What is asked wrongly is told as a problem, whoever answers: the API or the listener in front of it.
 */
import assert from "node:assert/strict";
import { STREAMS_MAX } from "../../src/http/shared/event_stream.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { rawHttp } from "../support/http_by_hand.ts";
import { assertProblem } from "../support/server.ts";

/** A request line, its body if it has one, and the status that it gets. */
const REQUESTS: readonly { readonly line: string; readonly body?: string; readonly status: number }[] = [
  { line: "GET /api/v1/nothing", status: 404 },
  { line: "GET http://evil.test/api/v1/charge-points", status: 403 },
  { line: "GET /api/v1/charge-points/", status: 404 },
  { line: "GET //api/v1/charge-points", status: 404 },
  { line: "DELETE /api/v1/charge-points", status: 405 },
  { line: "OPTIONS /api/v1/id-tags/T", status: 405 },
  { line: `GET /${"x".repeat(9_000)}`, status: 414 },
  { line: "GET /healthz/../api/v1/charge-points", status: 400 },
  { line: "GET /healthz/%2e%2E/api/v1/charge-points", status: 400 },
  { line: "GET /./api/v1/charge-points", status: 400 },
  { line: "GET /api\\v1\\charge-points", status: 400 },
  { line: "GET /api/v1/charge-points/%FF", status: 400 },
  { line: "GET /api/v1/charge-points/CP%", status: 400 },
  { line: "GET /api/v1/charge-points/CP%00", status: 400 },
  { line: "GET /api/v1/charge-points?limit=0", status: 400 },
  { line: "GET /api/v1/transactions?since=yesterday", status: 400 },
  { line: "GET /api/v1/transactions?cursor=x", status: 400 },
  { line: "GET /api/v1/transactions/1e3", status: 400 },
  { line: "PUT /api/v1/id-tags/T", body: "{", status: 400 },
  { line: "PUT /api/v1/id-tags/T", body: '{"blocked":1}', status: 400 },
];

onBothListeners("errors: each as a problem with its status", async (start) => {
  await using server = await start();
  for (const { line, body = "", status } of REQUESTS) {
    const headers = body === "" ? [] : ["content-type: application/json"];
    const answer = await rawHttp(server.port, { line, headers, body });
    const said = `${line.slice(0, 60)}: ${answer.head}`;
    assert.equal(answer.status, status, said);
    assert.match(answer.head, /content-type: application\/problem\+json/i, said);
  }
  for (
    const [path, allow] of [
      ["/api/v1/charge-points", "GET, HEAD"],
      ["/api/v1/id-tags/T", "GET, HEAD, PUT, DELETE"],
      ["/api/v1/charge-points/CP1/calls", "POST"],
    ] as const
  ) {
    const answer = await server.fetch(path, { method: "PATCH" });
    assertProblem(answer, 405);
    assert.equal(answer.headers.get("allow"), allow);
  }
});

onBothListeners("errors: HEAD of a stream leaves nothing open", async (start) => {
  await using server = await start();
  for (let asked = 0; asked <= STREAMS_MAX; asked++) {
    const { status, body } = await server.fetch("/api/v1/events", { method: "HEAD" });
    assert.deepEqual([status, body], [200, ""]);
  }
});
