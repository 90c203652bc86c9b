/**
 * Which upgrades become connections: subprotocol, identity, origin, registration.
 *
 * Spec: OCPP-J 1.6 §3.1.1 (identity), §3.1.3 (subprotocol).
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import type { TestServer } from "../support/server.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };

/** What an upgrade comes to, seen in its headers. */
async function attempt(
  server: TestServer,
  { path = "/CP001", headers = OCPP }: { path?: string; headers?: Record<string, string> },
) {
  using socket = await RawWebSocket.request({ port: server.port, path, headers });
  return {
    status: socket.status,
    subprotocol: socket.headers.get("sec-websocket-protocol"),
    text: socket.status === 101 ? "" : await socket.body(),
  };
}

const SUBPROTOCOLS: readonly {
  readonly offered: string | undefined;
  readonly tolerant: { status: number; subprotocol: string | null; deviation?: string };
  readonly strict: { status: number; subprotocol: string | null };
}[] = [
  {
    offered: "ocpp1.6",
    tolerant: { status: 101, subprotocol: "ocpp1.6" },
    strict: { status: 101, subprotocol: "ocpp1.6" },
  },
  {
    offered: "ocpp2.0.1, ocpp1.6",
    tolerant: { status: 101, subprotocol: "ocpp1.6" },
    strict: { status: 101, subprotocol: "ocpp1.6" },
  },
  {
    offered: "ocpp2.0.1,ocpp1.5",
    tolerant: { status: 400, subprotocol: null },
    strict: { status: 400, subprotocol: null },
  },
  {
    offered: undefined,
    tolerant: { status: 101, subprotocol: null, deviation: "noSubprotocol" },
    strict: { status: 400, subprotocol: null },
  },
  {
    offered: "soap,ocpp1.6",
    tolerant: { status: 101, subprotocol: "ocpp1.6" },
    strict: { status: 101, subprotocol: "ocpp1.6" },
  },
  {
    offered: "soap, Ocpp1.6",
    tolerant: { status: 101, subprotocol: "Ocpp1.6", deviation: "subprotocolCase" },
    strict: { status: 400, subprotocol: null },
  },
  {
    offered: "OCPP1.6",
    tolerant: { status: 101, subprotocol: "OCPP1.6", deviation: "subprotocolCase" },
    strict: { status: 400, subprotocol: null },
  },
];

for (const validation of ["tolerant", "strict"] as const) {
  for (const row of SUBPROTOCOLS) {
    const expected = row[validation];
    const offer = row.offered ?? "no subprotocol";
    const outcome = `${expected.status} ${expected.subprotocol ?? "without one"}`;
    onBothListeners(`upgrade, ${validation}: ${offer} gives ${outcome}`, async (serve) => {
      await using server = await serve({ admission: { validation } });
      const headers = row.offered === undefined ? {} : { "sec-websocket-protocol": row.offered };
      const { status, subprotocol, text } = await attempt(server, { headers });
      assert.deepEqual([status, subprotocol], [expected.status, expected.subprotocol]);
      if (status === 400) {
        assert.match(text, /ocpp1\.6/);
        assert.deepEqual(server.observer.of("refused").map((one) => [one.status, one.identity]), [
          [400, "CP001"],
        ]);
        return;
      }
      await server.observer.until(() => server.observer.of("connected").length === 1, "the connection");
      const { deviation } = row.tolerant;
      assert.deepEqual(server.observer.deviations, deviation === undefined ? [] : [deviation]);
    });
  }
}

const LONGEST = "x".repeat(255);

/** The path as it stands in the request line, and the identity or the refusal that it means. */
const PATHS: readonly (readonly [path: string, identity: string | RegExp])[] = [
  ["/CP001", "CP001"],
  ["/ocpp/1.6/CP001", "CP001"],
  ["//CP001", "CP001"],
  ["/ocpp//CP001/", "CP001"],
  ["/CP001?token=1", "CP001"],
  ["/RDAM%20123", "RDAM 123"],
  ["/a%2Fb", "a/b"],
  ["/s%C3%A4ule-7", "säule-7"],
  [`/${LONGEST}`, LONGEST],
  [`/${LONGEST}x`, /longer than 255 bytes/],
  [`/${"%C3%A4".repeat(128)}`, /longer than 255 bytes/],
  ["/", /must end in the identity/],
  ["/%FF", /not percent-encoded UTF-8/],
  ["/CP%0A001", /control characters/],
];

for (const [path, expected] of PATHS) {
  const shown = path.length > 40 ? `${path.slice(0, 12)}… of ${path.length} characters` : path;
  onBothListeners(
    `upgrade: ${shown} ${typeof expected === "string" ? "is an identity" : "is refused with 400"}`,
    async (serve) => {
      await using server = await serve();
      const { status, text } = await attempt(server, { path });
      if (typeof expected !== "string") {
        assert.equal(status, 400);
        assert.match(text, expected);
        return;
      }
      assert.equal(status, 101);
      await server.observer.until(() => server.observer.of("connected").length === 1, "the connection");
      assert.equal(server.observer.of("connected")[0]!.chargePoint, expected);
    },
  );
}

onBothListeners("upgrade: an Origin is refused with 403 unless it is allowed", async (serve) => {
  await using server = await serve({ admission: { allowOrigins: ["https://tool.test"] } });
  const from = (origin: string) => attempt(server, { headers: { ...OCPP, origin } });
  const refused = await from("https://evil.test");
  assert.equal(refused.status, 403);
  assert.match(refused.text, /https:\/\/evil\.test is not allowed/);
  assert.equal((await from("https://tool.test")).status, 101);
});

onBothListeners(
  "upgrade: under closed registration an unknown identity gets 404, a known one connects",
  async (serve) => {
    const database = await Deno.makeTempFile({ suffix: ".db" });
    {
      await using open = await serve({ database });
      await using chargePoint = await open.connect("CP-known");
      await chargePoint.boot();
    }
    {
      await using closed = await serve({ database, admission: { registration: "closed" } });
      const unknown = await attempt(closed, { path: "/CP-unknown" });
      assert.equal(unknown.status, 404);
      assert.match(unknown.text, /no Charge Point CP-unknown is registered/);
      assert.equal((await attempt(closed, { path: "/CP-known" })).status, 101);
      assert.equal((await closed.get("/api/v1/charge-points/CP-unknown")).status, 404);
    }
    await Deno.remove(database);
  },
  "read",
  "write",
);

onBothListeners("upgrade: one without a key is refused with 400, not a crash", async (serve) => {
  await using server = await serve();
  const response = await fetch(`${server.api}/CP001`, {
    headers: { upgrade: "websocket", connection: "Upgrade", "sec-websocket-protocol": "ocpp1.6" },
  });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /not a valid WebSocket upgrade/);
});
