/**
 * `GET /metrics` after a known session: each figure is exactly what the session was.
 */
import assert from "node:assert/strict";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { LAG_INTERVAL_MS } from "../../src/runtime/event_loop_lag.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { readExposition, sampleText } from "../support/exposition.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { overSockets, startServer, type TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

/** All that is not nothing, as lines. */
async function figuresOf(server: TestServer): Promise<string[]> {
  const { headers, body } = await server.get("/metrics");
  assert.equal(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return [...readExposition(body).values()].flatMap(({ samples }) =>
    samples.filter(({ value }) => value !== 0).map(sampleText)
  );
}

/** A Call whose commit takes as long as said. */
async function slowly(
  { store, clock }: { store: ControlledStore; clock: VirtualClock },
  durationMs: number,
  call: () => Promise<unknown>,
): Promise<void> {
  store.hold();
  const answered = call();
  await store.until(() => store.isHeld, "a commit");
  clock.advance(durationMs);
  store.release();
  await answered;
}

/** The lines of a histogram, buckets left out. */
const sumAndCount = (lines: readonly string[], name: string) =>
  lines.filter((line) => line.startsWith(`${name}_sum`) || line.startsWith(`${name}_count`));

onBothListeners("metrics: every figure is what the session was", async (start) => {
  const clock = new VirtualClock();
  const beganMs = clock.nowMs();
  const store = new ControlledStore(new SqliteStore(":memory:"));
  await using server = await start({ clock, database: store });
  const at = () => new Date(clock.nowMs()).toISOString();

  // Nobody comes in with another subprotocol, from a browser, or without an identity.
  await assert.rejects(server.connect("CP1", "ocpp2.0.1"));
  for (const [path, origin] of [["/CP1", "http://foreign.test"], ["/", ""]] as const) {
    const headers = { "sec-websocket-protocol": "ocpp1.6", ...(origin === "" ? {} : { origin }) };
    using refused = await RawWebSocket.request({ port: server.port, path, headers });
    assert.equal(refused.status, origin === "" ? 400 : 403);
  }

  // A session: commits of 7 ms, 30 ms and none; two transactions of which one goes on.
  const older = await server.connect("CP1");
  await slowly({ store, clock }, 7, () => older.boot());
  await older.result("Heartbeat", {});
  const charge = (connectorId: number) =>
    older.result("StartTransaction", { connectorId, idTag: "TAG1", meterStart: 0, timestamp: at() });
  const { transactionId } = await charge(1);
  const meterValue = [1, 2, 3].map((value) => ({
    timestamp: at(),
    sampledValue: [{ value: `${value}` }],
  }));
  await slowly(
    { store, clock },
    30,
    () => older.result("MeterValues", { connectorId: 1, transactionId, meterValue }),
  );
  await older.result("StopTransaction", { transactionId, meterStop: 3, timestamp: at() });
  await charge(2);
  clock.advance(1_000);
  await charge(2); // closes the one before

  // What should not be: Actions that nobody knows, a text that is no frame, a field too many.
  for (const action of ["Invented1", "Invented2"]) {
    await older.call(action, {}, { broken: "an Action that nobody knows" });
  }
  older.sendText("hello");
  await older.result("Heartbeat", { extra: 1 }, { broken: "a field too many" });

  // The Charge Point comes back on a new socket; another one goes.
  const chargePoint = await server.connect("CP1");
  await within(older.closed, "the end of the older connection");
  const other = await server.connect("CP2");
  await other.close();
  await server.observer.until(() => server.observer.of("disconnected").length === 1, "its end");

  // Our own Calls: answered after 400 ms, refused, never answered; one waits for its turn meanwhile.
  await chargePoint.boot();
  const call = (action: string, payload = {}) =>
    server.host.call("CP1", { action, payload, timeoutMs: 20_000, validate: true });
  const first = call("ClearCache");
  const one = await chargePoint.takeCall();
  const second = call("ClearCache");
  await server.host.turns.idle();
  const meanwhile = await figuresOf(server);
  assert.deepEqual(meanwhile.filter((line) => line.startsWith("ocpp_own_calls")), [
    "ocpp_own_calls_queued 1",
    "ocpp_own_calls_in_flight 1",
  ]);
  clock.advance(400);
  chargePoint.answer(one, { status: "Accepted" });
  await first;
  chargePoint.sendText(`[4,"${(await chargePoint.takeCall())[1]}","InventedCode","",{}]`);
  await second;
  const third = call("Reset", { type: "Soft" });
  await chargePoint.takeCall();
  clock.advance(20_000);
  assert.equal((await third).kind, "timeout");

  await server.host.frameLog.flush();
  const lines = await figuresOf(server);
  const passedMs = clock.nowMs() - beganMs;
  assert.deepEqual(lines.filter((line) => !/^process_|_bucket|ocpp_heap|_sum|_count/.test(line)), [
    "ocpp_connections 1",
    "ocpp_connects_total{kind=new} 2",
    "ocpp_connects_total{kind=replacing} 1",
    "ocpp_disconnects_total{code=1005} 1",
    "ocpp_refused_upgrades_total{reason=subprotocol} 1",
    "ocpp_refused_upgrades_total{reason=foreignOrigin} 1",
    "ocpp_refused_upgrades_total{reason=noIdentity} 1",
    "ocpp_messages_total{direction=in action=BootNotification outcome=result} 2",
    "ocpp_messages_total{direction=in action=Heartbeat outcome=result} 2",
    "ocpp_messages_total{direction=in action=StartTransaction outcome=result} 3",
    "ocpp_messages_total{direction=in action=MeterValues outcome=result} 1",
    "ocpp_messages_total{direction=in action=StopTransaction outcome=result} 1",
    "ocpp_messages_total{direction=in action=unknown outcome=error} 2",
    "ocpp_messages_total{direction=in action=unknown outcome=ignored} 1",
    "ocpp_messages_total{direction=out action=ClearCache outcome=result} 1",
    "ocpp_messages_total{direction=out action=ClearCache outcome=error} 1",
    "ocpp_messages_total{direction=out action=Reset outcome=timeout} 1",
    "ocpp_call_errors_total{direction=in code=NotImplemented} 2",
    "ocpp_call_errors_total{direction=out code=GenericError} 1", // what it means, not what was invented
    "ocpp_deviations_total{rule=extraField} 1",
    "ocpp_transactions_started_total 3",
    "ocpp_transactions_stopped_total{closed_by=chargePoint} 1",
    "ocpp_transactions_stopped_total{closed_by=laterStart} 1",
    "ocpp_transactions_active 1",
    "ocpp_ready 1",
    `ocpp_store_rows_total{of=turns} ${rowsOf(store)}`,
    "ocpp_store_rows_total{of=frames} 15",
    `ocpp_build_info{version=0.0.0-test engine=deno ${Deno.version.deno}} 1`,
  ]);
  assert.deepEqual(sumAndCount(lines, "ocpp_answer_duration_seconds"), [
    "ocpp_answer_duration_seconds_sum{action=BootNotification} 0.007",
    "ocpp_answer_duration_seconds_count{action=BootNotification} 2",
    "ocpp_answer_duration_seconds_count{action=Heartbeat} 2",
    "ocpp_answer_duration_seconds_count{action=StartTransaction} 3",
    "ocpp_answer_duration_seconds_sum{action=MeterValues} 0.03",
    "ocpp_answer_duration_seconds_count{action=MeterValues} 1",
    "ocpp_answer_duration_seconds_count{action=StopTransaction} 1",
    "ocpp_answer_duration_seconds_count{action=unknown} 2",
  ]);
  assert.deepEqual(sumAndCount(lines, "ocpp_charge_point_answer_duration_seconds"), [
    "ocpp_charge_point_answer_duration_seconds_sum{action=ClearCache} 0.4",
    "ocpp_charge_point_answer_duration_seconds_count{action=ClearCache} 2",
  ]);
  assert.deepEqual(sumAndCount(lines, "ocpp_store_commit_duration_seconds").slice(0, 2), [
    "ocpp_store_commit_duration_seconds_sum{of=turns} 0.037",
    `ocpp_store_commit_duration_seconds_count{of=turns} ${store.commits.length}`,
  ]);
  assert.deepEqual(sumAndCount(lines, "ocpp_event_loop_lag_seconds"), [
    `ocpp_event_loop_lag_seconds_count ${Math.floor(passedMs / LAG_INTERVAL_MS)}`,
  ]);
  const boot = lines.filter((line) => /_answer_.*bucket\{action=BootNotification/.test(line));
  assert.deepEqual(boot.slice(2, 5), [
    "ocpp_answer_duration_seconds_bucket{action=BootNotification le=0.005} 1",
    "ocpp_answer_duration_seconds_bucket{action=BootNotification le=0.01} 2",
    "ocpp_answer_duration_seconds_bucket{action=BootNotification le=0.025} 2",
  ]);
  const value = (name: string) => Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  assert.equal(value("process_start_time_seconds"), beganMs / 1_000);
  for (
    const name of [
      ...["process_cpu_seconds_total", "process_resident_memory_bytes", "ocpp_heap_used_bytes"],
    ]
  ) assert.ok(value(name) > 0, name);
  await chargePoint.close();
});

/** Of every commit, as the store was asked for them. */
function rowsOf({ commits }: ControlledStore): number {
  return commits.flat().reduce(
    (rows, write) => rows + (write.kind === "addReadings" ? write.record.readings.length : 1),
    0,
  );
}

Deno.test({
  ...overSockets("metrics: what a stranger invents makes no new lines"),
  async fn() {
    await using server = startServer();
    const seriesOf = async () => {
      const families = readExposition((await server.get("/metrics")).body);
      return [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
    };
    const invent = async (round: number) => {
      const identity = `CP-${round}`;
      await assert.rejects(server.connect(identity, `ocpp9.${round}`));
      const headers = { "sec-websocket-protocol": "ocpp1.6", origin: `http://${round}.test` };
      using refused = await RawWebSocket.request({ port: server.port, path: "/CP", headers });
      assert.equal(refused.status, 403);
      const socket = await server.connect(identity);
      const before = server.observer.of("exchanged").length;
      socket.sendText(`[2,"1","Invented${round}",{}]`);
      socket.sendText(`[3,"${round}",{}]`);
      await server.observer.until(() => server.observer.of("exchanged").length === before + 2, "both");
      const gone = server.observer.of("disconnected").length;
      await socket.close(4_000 + round);
      await server.observer.until(() => server.observer.of("disconnected").length > gone, "its end");
    };
    await invent(0);
    const before = await seriesOf();
    for (let round = 1; round <= 20; round += 1) await invent(round);
    assert.equal(await seriesOf(), before);
  },
});

Deno.test({
  ...overSockets("metrics: a database that fails is told, and keeps no figure back that is not its own"),
  async fn() {
    const clock = new VirtualClock();
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ clock, database: store });
    const chargePoint: SocketClient = await server.connect("CP1");
    store.isFailing = true;
    chargePoint.sendCall("BootNotification", { chargePointVendor: "Test", chargePointModel: "Socket" });
    assert.equal((await within(chargePoint.closed, "1013")).code, 1013);
    await assert.rejects(server.connect("CP1"));
    const lines = await figuresOf(server);
    assert.ok(lines.includes("ocpp_store_failures_total 1"));
    assert.ok(lines.includes("ocpp_disconnects_total{code=1013} 1"));
    assert.ok(lines.includes("ocpp_refused_upgrades_total{reason=notReady} 1"));
    assert.ok(!lines.some((line) => line.startsWith("ocpp_ready") || line.includes("_count{of=turns}")));
  },
});
