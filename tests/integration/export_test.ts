/**
 * Whole lists as NDJSON: everything, in order, redacted, as fast as the reader reads and not a page longer.
 */
import assert from "node:assert/strict";
import { type Page, type Store, StoreError } from "../../src/central_system/store.ts";
import { EXPORT_PAGE, EXPORTS_MAX, ExportStreams } from "../../src/http/shared/export_stream.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { within } from "../support/within.ts";

const NDJSON = { accept: "application/x-ndjson" };

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

async function exported(server: TestServer, path: string): Promise<Json[]> {
  const { status, headers, body } = await server.fetch(path, { headers: { accept: "text/plain" } });
  assert.deepEqual(
    [status, /^application\/json/.test(headers.get("content-type")!)],
    [200, true],
    String(body),
  );
  const response = await fetch(`${server.api}${path}`, { headers: NDJSON });
  assert.equal(response.headers.get("content-type"), "application/x-ndjson");
  const lines = (await response.text()).split("\n");
  assert.equal(lines.pop(), ""); // each line ends
  return lines.map((line) => JSON.parse(line));
}

async function pages(server: TestServer, path: string): Promise<Json[]> {
  const items: Json[] = [];
  for (let cursor = "";;) {
    const { body } = await server.get(`${path}${path.includes("?") ? "&" : "?"}limit=1000${cursor}`);
    items.push(...body.items);
    if (body.nextCursor === undefined) return items;
    cursor = `&cursor=${body.nextCursor}`;
  }
}

onBothListeners(
  "export: messages, transactions and readings come whole, filtered, without secrets",
  async (start) => {
    await using server = await start();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const timestamp = new Date().toISOString();
    const connectorId = 1;
    const count = 2 * EXPORT_PAGE + 1;
    const start1 = { connectorId, idTag: "T", meterStart: 0, timestamp };
    const { transactionId } = await chargePoint.result("StartTransaction", start1);
    for (let value = 0; value < count; value++) {
      const meterValue = [{ timestamp, sampledValue: [{ value: String(value) }] }];
      await chargePoint.result("MeterValues", { connectorId, transactionId, meterValue });
    }
    chargePoint.sendText("no frame at all");
    const key = "AuthorizationKey";
    const asked = server.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key, value: "0011223344556677" },
    });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    await asked;

    const messages = await exported(server, "/api/v1/charge-points/CP1/messages");
    assert.deepEqual(messages, await pages(server, "/api/v1/charge-points/CP1/messages"));
    assert.ok(messages.length > count);
    assert.ok(!JSON.stringify(messages).includes("0011223344556677"));
    assert.ok(messages.some(({ request }: Json) => request === "no frame at all"));
    const filtered = await exported(
      server,
      "/api/v1/charge-points/CP1/messages?action=MeterValues&outcome=result",
    );
    assert.equal(filtered.length, count);
    const readings = await exported(server, `/api/v1/transactions/${transactionId}/meter-values`);
    assert.deepEqual(
      readings.map(({ sampledValue }: Json) => Number(sampledValue[0].value)),
      Array.from({ length: count }, (_, value) => value),
    );
    assert.deepEqual(
      await exported(server, "/api/v1/transactions"),
      await pages(server, "/api/v1/transactions"),
    );
    const none = await fetch(`${server.api}/api/v1/charge-points/none/messages`, { headers: NDJSON });
    assert.deepEqual([none.status, await none.text()], [200, ""]);
  },
);

onBothListeners(
  "export: one that never ends is read at the reader's pace, and ends with it",
  async (start) => {
    const store = new EndlessStore();
    await using server = await start({ database: store });
    const abort = new AbortController();
    const response = await fetch(`${server.api}/api/v1/charge-points/CP1/messages`, {
      headers: NDJSON,
      signal: abort.signal,
    });
    const reader = response.body!.getReader();
    let bytes = 0;
    while (bytes < 4 * PAGE_BYTES) bytes += (await reader.read()).value!.byteLength;
    // Without its pace it would never have let anybody read; what the system buffers is a bound too.
    assert.ok(store.pages * PAGE_BYTES < bytes + 64 * 1_048_576, `${store.pages} pages`);
    abort.abort();
    await reader.read().catch(() => {});
    // More than may run at once come and go: each leaves room, as soon as the server has seen it go.
    const another = async () => {
      const again = new AbortController();
      const init = { headers: NDJSON, signal: again.signal };
      const { status, body } = await fetch(`${server.api}/api/v1/charge-points/CP1/messages`, init);
      const first = body!.getReader();
      await first.read();
      again.abort();
      await first.read().catch(() => {});
      return status;
    };
    let isOver = false;
    const allCame = (async () => {
      for (let came = 0; came <= EXPORTS_MAX && !isOver;) if (await another() === 200) came++;
    })();
    await within(allCame, "room for further exports").finally(() => isOver = true);
  },
);

onBothListeners("export: the end of the program cuts it off, and it does not look whole", async (start) => {
  await using server = await start({ database: new EndlessStore() });
  const response = await fetch(`${server.api}/api/v1/charge-points/CP1/messages`, { headers: NDJSON });
  const reader = response.body!.getReader();
  await reader.read();
  const read = (async () => {
    while (!(await reader.read()).done);
  })();
  const failed = assert.rejects(read);
  await server.stop();
  await failed;
});

Deno.test({
  ...overSockets("export: what the database cannot read is a 503 before anything is sent"),
  async fn() {
    const store = new EndlessStore();
    store.isBroken = true;
    await using server = startServer({ database: store });
    assertProblem(await server.fetch("/api/v1/charge-points/CP1/messages", { headers: NDJSON }), 503);
  },
});

Deno.test("export: only so many run at once, and one that ends makes room", async () => {
  const exports = new ExportStreams();
  const line = () => Promise.resolve("{}\n");
  const running = Array.from({ length: EXPORTS_MAX }, () => exports.open(line)!);
  assert.equal(exports.open(line), undefined);
  await running[0]!.cancel();
  const another = exports.open(line);
  assert.ok(another !== undefined);
  exports.close();
  assert.equal(exports.open(line), undefined);
  await assert.rejects(another.getReader().read());
});

const TEXT = "x".repeat(16_000);
const PAGE_BYTES = EXPORT_PAGE * TEXT.length;

/** A store whose frames have no end; what was asked of it is counted. */
class EndlessStore implements Store {
  pages = 0;
  isBroken = false;
  readonly #store = new MemoryStore();
  load: Store["load"] = (needed) => this.#store.load(needed);
  commit: Store["commit"] = (writes) => this.#store.commit(writes);
  commitFrames: Store["commitFrames"] = (frames) => this.#store.commitFrames(frames);
  close() {}

  query: Store["query"] = (kind, parameters) => {
    if (kind !== "frames") return this.#store.query(kind, parameters);
    if (this.isBroken) throw new StoreError("cannot read the database: disk I/O error");
    this.pages++;
    const frame = {
      ...{ chargePoint: "CP1", receivedAtMs: 0, direction: "in", action: "", uniqueId: "", request: TEXT },
      ...{ answer: undefined, outcome: "ignored", latencyMs: undefined },
    };
    const page: Page<unknown> = { items: Array(EXPORT_PAGE).fill(frame), nextCursor: String(this.pages) };
    return page as never;
  };
}
