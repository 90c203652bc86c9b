/**
 * Spoilt frames over a real socket into a real database: the connection stays, others are served, the file is
 * whole.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { FrameFuzz } from "../support/fuzz.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { overSockets, startServer } from "../support/server.ts";

const FRAMES = 4_000;
const SEED = 16;
const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Socket" };
const OPCODE_TEXT = 1;
const OPCODE_BINARY = 2;

for (const validation of ["strict", "tolerant"] as const) {
  Deno.test({
    ...overSockets(
      `fuzz: ${FRAMES} frames over a socket, ${validation}, and the database is whole`,
      "read",
      "write",
    ),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "ocpp-fuzz-" });
      try {
        await fuzzServer(`${folder}/fuzz.db`, validation);
        using database = new DatabaseSync(`${folder}/fuzz.db`);
        assert.deepEqual(Object.values(database.prepare("PRAGMA integrity_check").get()!), ["ok"]);
        assert.deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function fuzzServer(database: string, validation: "strict" | "tolerant"): Promise<void> {
  const random = new SeededRandom(SEED);
  const fuzz = new FrameFuzz(random);
  await using server = startServer({ database, admission: { validation } });
  const connect = async (identity: string) => {
    const socket = await RawWebSocket.request({ port: server.port, path: `/${identity}`, headers: OCPP });
    await socket.sendCall("BootNotification", BOOT, "boot");
    while (!JSON.stringify((await socket.read())?.text).includes("Accepted"));
    return socket;
  };
  using other = await connect("OTHER");
  using subject = await connect("CP001");
  for (let frame = 1; frame <= FRAMES; frame++) {
    const valid = fuzz.call(`c${random.between(0, 50)}`, "chargePoint");
    const text = (random.chance(0.3) ? valid : fuzz.spoilt(valid)).slice(0, 60_000);
    if (random.chance(0.02)) await subject.send(OPCODE_BINARY, crypto.getRandomValues(new Uint8Array(40)));
    await subject.send(OPCODE_TEXT, text);
    if (frame % 50 !== 0) continue;
    for (const answer of await subject.readUntilPong()) assert.ok([2, 3, 4].includes(JSON.parse(answer)[0]));
    await other.sendCall("Heartbeat", {}, `h${frame}`);
    assert.equal(JSON.parse((await other.read())!.text)[1], `h${frame}`, `seed ${SEED}, frame ${frame}`);
  }
  assert.deepEqual(server.observer.of("mistaken"), []);
  assert.deepEqual(server.observer.of("storeFailed"), []);
  assert.deepEqual(server.observer.of("disconnected"), []);
  // Whatever was stored can be shown.
  for (const list of ["messages", "reports"]) {
    const { status } = await server.get(`/api/v1/charge-points/CP001/${list}?limit=1000`);
    assert.equal(status, 200, list);
  }
  for (const path of ["/api/v1/charge-points", "/api/v1/transactions", "/metrics"]) {
    assert.equal((await server.get(path)).status, 200, path);
  }
}
