/**
 * Misbehaviour on purpose over real sockets, on both listeners: each kind as it is on the wire, whether the Call
 * is stored, and that everything about it says "deliberate".
 */
import assert from "node:assert/strict";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { HELD_ANSWERS_MAX } from "../../src/runtime/held_answers.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { closeCodeOf, OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";
import { within } from "../support/within.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const OCPP = { "sec-websocket-protocol": "ocpp1.6" };
const BOOT = { chargePointVendor: "Test", chargePointModel: "Raw" };
const START = { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp: new Date().toISOString() };

// deno-lint-ignore no-explicit-any -- tests look into frames and bodies freely
type Json = any;

function behave(server: TestServer, rules: unknown, identity = "CP1") {
  return server.fetch(`/api/v1/charge-points/${encodeURIComponent(identity)}/behaviour`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rules }),
  });
}

async function booted(server: TestServer, identity = "CP1"): Promise<RawWebSocket> {
  const raw = await RawWebSocket.request({ port: server.port, path: `/${identity}`, headers: OCPP });
  assert.equal(raw.status, 101);
  await raw.sendCall("BootNotification", BOOT, "boot");
  assert.equal(JSON.parse((await raw.read())!.text)[1], "boot");
  return raw;
}

/** The texts that come until the answer to a Heartbeat, which is sent now; or how the link ended before. */
async function textsUntilHeartbeat(raw: RawWebSocket): Promise<{ texts: string[]; end?: number | "cut" }> {
  await raw.sendCall("Heartbeat", {}, "heartbeat").catch(() => {});
  const texts: string[] = [];
  for (;;) {
    const frame = await raw.read();
    if (frame === undefined) return { texts, end: "cut" };
    if (frame.opcode === OPCODE.close) return { texts, end: closeCodeOf(frame) };
    if (frame.opcode !== OPCODE.text) continue;
    if (frame.text.startsWith('[3,"heartbeat",')) return { texts };
    texts.push(frame.text);
  }
}

async function transactionsOf(server: TestServer, identity = "CP1"): Promise<Json[]> {
  return (await server.get(`/api/v1/transactions?chargePoint=${identity}`)).body.items;
}

async function messagesOf(server: TestServer, action: string): Promise<Json[]> {
  return (await server.get(`/api/v1/charge-points/CP1/messages?action=${action}`)).body.items;
}

/** What goes out for a StartTransaction with the uniqueId `start`, and what becomes of it. */
interface Play {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly texts: readonly RegExp[];
  /** The code of the close frame, or `cut` where the listener can do that. */
  readonly end?: number | "cut";
  readonly stored: number;
  readonly outcome: string;
  readonly deliberate: string;
}

const ANSWER = /^\[3,"start",\{"transactionId":\d+,"idTagInfo":\{"status":"Accepted"\}\}\]$/;

const PLAYS: readonly Play[] = [
  { rule: { do: "noAnswer" }, texts: [], stored: 1, outcome: "lost", deliberate: "noAnswer" },
  {
    rule: { do: "noAnswer", decide: false },
    texts: [],
    stored: 0,
    outcome: "lost",
    deliberate: "noAnswer, not decided",
  },
  {
    rule: { do: "callError", errorCode: "Odd", errorDescription: "why", errorDetails: { a: 1 } },
    texts: [/^\[4,"start","Odd","why",\{"a":1\}\]$/],
    stored: 1,
    outcome: "error",
    deliberate: "callError",
  },
  {
    rule: { do: "callError", decide: false },
    texts: [/^\[4,"start","InternalError","",\{\}\]$/],
    stored: 0,
    outcome: "error",
    deliberate: "callError, not decided",
  },
  {
    rule: { do: "payload", payload: { transactionId: 7, idTagInfo: { status: "Blocked" } } },
    texts: [/^\[3,"start",\{"transactionId":7,"idTagInfo":\{"status":"Blocked"\}\}\]$/],
    stored: 1,
    outcome: "result",
    deliberate: "payload",
  },
  {
    rule: { do: "payload", payload: { transactionId: "seven" }, decide: false },
    texts: [/^\[3,"start",\{"transactionId":"seven"\}\]$/],
    stored: 0,
    outcome: "result",
    deliberate: "payload, breaks its schema, not decided",
  },
  {
    rule: { do: "wrongUniqueId" },
    texts: [/^\[3,"[0-9a-f-]{36}",\{"transactionId":\d+,"idTagInfo":\{"status":"Accepted"\}\}\]$/],
    stored: 1,
    outcome: "result",
    deliberate: "wrongUniqueId",
  },
  { rule: { do: "twice" }, texts: [ANSWER, ANSWER], stored: 1, outcome: "result", deliberate: "twice" },
  {
    rule: { do: "malformed" },
    texts: [/^\[3,"start",\{"status":"Acc$/],
    stored: 1,
    outcome: "lost",
    deliberate: "malformed",
  },
  {
    rule: { do: "malformed", text: "nonsense", decide: false },
    texts: [/^nonsense$/],
    stored: 0,
    outcome: "lost",
    deliberate: "malformed, not decided",
  },
  {
    rule: { do: "close", code: 1012, reason: "restart" },
    texts: [],
    end: 1012,
    stored: 1,
    outcome: "lost",
    deliberate: "close",
  },
  {
    rule: { do: "close", code: 4000, decide: false },
    texts: [],
    end: 4000,
    stored: 0,
    outcome: "lost",
    deliberate: "close, not decided",
  },
  { rule: { do: "drop" }, texts: [], end: "cut", stored: 1, outcome: "lost", deliberate: "drop" },
  {
    rule: { do: "drop", decide: false },
    texts: [],
    end: "cut",
    stored: 0,
    outcome: "lost",
    deliberate: "drop, not decided",
  },
  {
    rule: { do: "delay", delayMs: 1 },
    texts: [ANSWER],
    stored: 1,
    outcome: "result",
    deliberate: "delay, 1 ms",
  },
];

for (const { rule, texts, end, stored, outcome, deliberate } of PLAYS) {
  onBothListeners(`behaviour: ${JSON.stringify(rule)}`, async (start, listener) => {
    await using server = await start();
    using raw = await booted(server);
    const put = await behave(server, [{ action: "StartTransaction", times: 1, ...rule }]);
    assert.equal(put.status, 200, JSON.stringify(put.body));
    await raw.sendCall("StartTransaction", START, "start");
    const came = await textsUntilHeartbeat(raw);
    // The native WebSocket cannot go without a close frame.
    assert.equal(came.end, end === "cut" && listener === "native" ? 1011 : end);
    assert.equal(came.texts.length, texts.length, JSON.stringify(came.texts));
    texts.forEach((text, index) => assert.match(came.texts[index]!, text));

    assert.equal((await transactionsOf(server)).length, stored);
    const [message] = await messagesOf(server, "StartTransaction");
    assert.deepEqual([message.outcome, message.deliberate], [outcome, deliberate]);
    assert.equal(message.answer, came.texts[0]);
    assert.deepEqual((await server.get("/api/v1/charge-points/CP1/behaviour")).body, { rules: [] });
  });
}

onBothListeners("behaviour: a delayed answer holds back later ones, and no others'", async (start) => {
  const clock = new VirtualClock({ nowMs: Date.now() });
  await using server = await start({ clock });
  using raw = await booted(server);
  using other = await booted(server, "CP2");
  await behave(server, [{ action: "StartTransaction", do: "delay", delayMs: 60_000 }]);
  await raw.sendCall("StartTransaction", START, "start");
  await raw.sendCall("Heartbeat", {}, "beat");
  assert.deepEqual(await raw.readUntilPong(), []);
  await server.host.turns.idle();
  assert.deepEqual((await textsUntilHeartbeat(other)).texts, []);
  assert.equal((await transactionsOf(server)).length, 1, "the Call is stored before its answer leaves");
  clock.advance(59_999);
  assert.deepEqual(await raw.readUntilPong(), []);
  clock.advance(1);
  const ids = [JSON.parse((await raw.read())!.text)[1], JSON.parse((await raw.read())!.text)[1]];
  assert.deepEqual(ids, ["start", "beat"]);

  const [message] = await messagesOf(server, "StartTransaction");
  assert.deepEqual([message.deliberate, message.latencyMs], ["delay, 60000 ms", 60_000]);
  const [beat] = await messagesOf(server, "Heartbeat");
  assert.equal(beat.deliberate, "held back behind a delayed answer");
});

onBothListeners("behaviour: what is held back does not hold up the end", async (start) => {
  const server = await start();
  using raw = await booted(server);
  await behave(server, [{ do: "delay", delayMs: 600_000 }]);
  await raw.sendCall("StartTransaction", START, "start");
  await raw.readUntilPong();
  await server.host.turns.idle();
  await server.stop();
  const lost = server.observer.of("exchanged").find(({ exchange }) => exchange.uniqueId === "start");
  assert.deepEqual([lost?.exchange.outcome, lost?.exchange.deliberate], ["lost", "delay, 600000 ms"]);
  assert.equal(server.observer.of("transactionStarted").length, 1, "what is stored is told");
});

onBothListeners("behaviour: our own Call goes out twice, or its answer is ignored", async (start) => {
  const clock = new VirtualClock({ nowMs: Date.now() });
  await using server = await start({ clock });
  using raw = await booted(server);
  await behave(server, [{ action: "Reset", do: "sendTwice", times: 1 }, {
    action: "Reset",
    do: "ignoreAnswer",
  }]);
  const reset = () => server.call("CP1", { action: "Reset", payload: { type: "Soft" } });
  const twice = reset();
  const first = (await raw.read())!.text;
  assert.equal((await raw.read())!.text, first);
  await raw.send(OPCODE.text, `[3,"${JSON.parse(first)[1]}",{"status":"Accepted"}]`);
  assert.equal((await twice).body.payload.status, "Accepted");

  const ignored = reset();
  const [, uniqueId] = JSON.parse((await raw.read())!.text);
  await raw.send(OPCODE.text, `[3,"${uniqueId}",{"status":"Accepted"}]`);
  await server.observer.until(
    () => server.observer.of("exchanged").some(({ exchange }) => exchange.deliberate === "ignoreAnswer"),
    "the answer",
  );
  clock.advance(30_000);
  assertProblem(await ignored, 504);
  const messages = await messagesOf(server, "Reset");
  assert.deepEqual(messages.map(({ outcome, deliberate }) => [outcome, deliberate]), [
    ["timeout", "ignoreAnswer"],
    ["result", "sendTwice"],
  ]);
});

onBothListeners("behaviour: an answer swallowed after the commit, and its repeat", async (start) => {
  await using server = await start();
  await behave(server, [{ action: "StartTransaction", do: "noAnswer", times: 1 }]);
  await using simulator = new Simulator(server.url, {
    configuration: { MessageTimeout: "1", TransactionMessageRetryInterval: "0" },
  });
  const events = await simulator.watch("/api/v1/charge-points/CP1/events", "none");
  await server.observer.until(() => server.observer.of("booted").length === 1, "the boot");
  await simulator.input("CP1", { kind: "plugIn", connectorId: 1, vehicle: "large" });
  await simulator.input("CP1", { kind: "presentIdTag", idTag: "TAG1", connectorId: 1 });
  const { data } = await events.until(({ data }) => data.kind === "transactionConfirmed", "the repeat");
  const [transaction, ...more] = await transactionsOf(server);
  assert.deepEqual(more, []);
  assert.equal(data.transactionId, transaction.transactionId);
  const messages = await messagesOf(server, "StartTransaction");
  assert.deepEqual(messages.map(({ outcome, deliberate }) => [outcome, deliberate]), [
    ["result", undefined],
    ["lost", "noAnswer"],
  ]);
  assert.equal(messages[0].uniqueId, messages[1].uniqueId);
  await events[Symbol.asyncDispose]();
});

Deno.test({
  ...overSockets("behaviour: the first rule that fits is used; it survives a reconnect and counts down"),
  async fn() {
    await using server = startServer();
    await behave(server, [
      { action: "Heartbeat", do: "callError", errorCode: "SecurityError", times: 2 },
      { do: "callError", errorCode: "GenericError" },
    ]);
    const errorOf = async (action: string, payload: unknown) => {
      await using chargePoint = await server.connect("CP1");
      return (await chargePoint.call(action, payload))[2];
    };
    assert.equal(await errorOf("BootNotification", BOOT), "GenericError");
    assert.equal(await errorOf("Heartbeat", {}), "SecurityError");
    const { body } = await server.get("/api/v1/charge-points/CP1/behaviour");
    assert.deepEqual(body.rules.map(({ action, left }: Json) => [action, left]), [["Heartbeat", 1], [
      "*",
      undefined,
    ]]);
    assert.equal(await errorOf("Heartbeat", {}), "SecurityError");
    assert.equal(await errorOf("Heartbeat", {}), "GenericError");
    await using other = await server.connect("CP2");
    assert.equal((await other.boot()).status, "Accepted");

    const ended = await server.fetch("/api/v1/charge-points/CP1/behaviour", { method: "DELETE" });
    assert.equal(ended.status, 204);
    await using again = await server.connect("CP1");
    assert.equal((await again.boot()).status, "Accepted");
  },
});

Deno.test({
  ...overSockets("behaviour: more answers than can be held leave before their time, in order"),
  async fn() {
    await using server = startServer();
    using raw = await booted(server);
    await behave(server, [{ do: "delay", delayMs: 600_000 }]);
    for (let index = 0; index <= HELD_ANSWERS_MAX; index++) await raw.sendCall("Heartbeat", {}, `h${index}`);
    assert.equal(JSON.parse((await raw.read())!.text)[1], "h0");
    assert.deepEqual(await raw.readUntilPong(), []);
  },
});

Deno.test({
  ...overSockets("behaviour: events and the frame view say that it was deliberate"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    await behave(server, [{ action: "Heartbeat", do: "noAnswer", times: 1 }]);
    chargePoint.sendCall("Heartbeat", {}, { uniqueId: "spoilt" });
    await chargePoint.result("Heartbeat", {});
    const lines: string[] = [];
    const view = new FrameView({
      isTerminal: false,
      style: styleFor({ colours: false }),
      columns: () => 120,
      write: (text) => void lines.push(text),
    }, { json: false });
    for (const { exchange } of server.observer.of("exchanged")) view.show(exchange);
    const marked = lines.filter((line) => line.includes("(deliberate: noAnswer)"));
    assert.equal(marked.length, 1);
    assert.match(marked[0]!, /Heartbeat .* no answer/);

    const abort = new AbortController();
    const response = await fetch(`${server.api}/api/v1/events`, {
      headers: { "last-event-id": "none" },
      signal: abort.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    await behave(server, [{ action: "Heartbeat", do: "twice", times: 1 }]);
    await chargePoint.result("Heartbeat", {}, { uniqueId: "again" });
    let text = "";
    while (!text.includes("misbehaved")) text += (await within(reader.read(), "the event")).value;
    assert.match(text, /"direction":"in","action":"Heartbeat","uniqueId":"again","deliberate":"twice"/);
    abort.abort();
    await reader.cancel().catch(() => {});
  },
});

const REFUSED: readonly (readonly [rules: unknown, detail: RegExp])[] = [
  [[{ do: "explode" }], /do/],
  [[{ do: "delay" }], /rules\.0: a delay needs delayMs/],
  [[{ do: "delay", delayMs: 600_001 }], /delayMs/],
  [[{ do: "twice", decide: false }], /rules\.0: twice needs the answer/],
  [[{ do: "noAnswer" }, { do: "noAnswer", action: "Reset" }], /rules\.1: noAnswer is for Calls of a Charge/],
  [[{ do: "sendTwice", action: "Heartbeat" }], /Calls of a Central System/],
  [[{ do: "close", code: 1006 }], /code/],
  [[{ do: "close", reason: "ö".repeat(62) }], /reason/],
  [[{ do: "payload", payload: "x".repeat(70_000) }], /65536/],
  [Array.from({ length: 21 }, () => ({ do: "noAnswer" })), /rules/],
];

Deno.test({
  ...overSockets("behaviour: rules that make no sense are refused, with the reason"),
  async fn() {
    await using server = startServer();
    for (const [rules, detail] of REFUSED) {
      const answer = await behave(server, rules);
      assertProblem(answer, 400);
      assert.match(answer.body.detail, detail);
    }
    assert.deepEqual((await server.get("/api/v1/charge-points/CP1/behaviour")).body, { rules: [] });
    const marked = await behave(server, [{ action: "Authorize", do: "payload", payload: {} }]);
    assert.equal(marked.body.rules[0].breaksSchema, true);
  },
});
