/**
 * The player of compliance cases: what it does with time, people, links and ends.
 */
import assert from "node:assert/strict";
import { call } from "../../src/conformance/step.ts";
import { connected } from "../../src/conformance/central_system/states.ts";
import { answering, FakeTester, madeCase, playedWith } from "../support/fake_tester.ts";

const HEARTBEAT = { currentTime: "2024-01-01T00:00:00Z" };

Deno.test("a case is played to its end, and leaves the link and no timer", async () => {
  const tester = new FakeTester();
  tester.link.onSend = answering({ Heartbeat: HEARTBEAT });
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.send("Heartbeat", {});
  });
  const steps: string[] = [];
  const frames: string[] = [];
  const { result } = await tester.inTime(tester.player.play(playedWith(definition), {
    onStep: (text) => steps.push(text),
    onFrame: ({ from, text }) => frames.push(`${from} ${text}`),
  }));
  assert.equal(result.verdict, "PASS");
  assert.deepEqual(frames, [
    'tester [2,"t1","Heartbeat",{}]',
    `system [3,"t1",${JSON.stringify(HEARTBEAT)}]`,
  ]);
  assert.equal(steps[0], "connect");
  assert.equal(tester.link.requests[0]!.identity, "CONFORMANCE");
  assert.ok(tester.link.closed.length > 0);
  assert.equal(tester.clock.nextMs(), Infinity);
});

Deno.test("a step ends at its time and not before", async () => {
  const tester = new FakeTester();
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.send("Heartbeat", {});
  });
  const begunMs = tester.clock.nowMs();
  const { result } = await tester.inTime(tester.player.play(playedWith(definition, { withinSeconds: 7 })));
  assert.equal(result.verdict, "FAIL");
  assert.match(result.failure!.expected, /an answer to Heartbeat within 7 s/);
  assert.equal(tester.clock.nowMs() - begunMs, 7_000);
});

Deno.test("nobody to connect to makes a case INCONCLUSIVE, a refusal does not", async () => {
  const definition = madeCase((t) => connected(t));
  const gone = new FakeTester();
  const cause = "connection refused";
  gone.link.onConnect = (handlers) => handlers.onFailed({ cause, isUnreachable: true });
  const unreachable = await gone.inTime(gone.player.play(playedWith(definition)));
  assert.equal(unreachable.result.verdict, "INCONCLUSIVE");
  assert.equal(unreachable.unreachable, cause);
  assert.equal(unreachable.result.failure!.came, cause);
  const refusing = new FakeTester();
  refusing.link.onConnect = (handlers) =>
    handlers.onFailed({ cause: "HTTP 404", status: 404, isUnreachable: false });
  const refused = await refusing.inTime(refusing.player.play(playedWith(definition)));
  assert.equal(refused.result.verdict, "FAIL");
  assert.equal(refused.unreachable, undefined);
});

Deno.test("a Central System that was there and is gone when connected to again has failed", async () => {
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.disconnect("to come again");
    yield* connected(t);
  });
  const tester = new FakeTester();
  tester.link.onConnect = (handlers) => {
    if (tester.link.requests.length === 1) handlers.onUp({ subprotocol: "ocpp1.6" });
    else handlers.onFailed({ cause: "connection refused", isUnreachable: true });
  };
  const { result, unreachable } = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.equal(result.verdict, "FAIL");
  assert.match(result.failure!.came, /connection refused/);
  assert.equal(unreachable, "connection refused");
});

Deno.test("an attempt to connect of which nothing comes is given up with the case", async () => {
  const tester = new FakeTester();
  tester.link.onConnect = () => {};
  const { result } = await tester.inTime(tester.player.play(playedWith(madeCase((t) => connected(t)))));
  assert.equal(result.verdict, "FAIL");
  assert.deepEqual(tester.link.closed, ["the case is over"]);
});

Deno.test("a binary message is a broken frame", async () => {
  const tester = new FakeTester();
  tester.link.onSend = () => {
    tester.link.handlers.onBinary(12);
    return undefined;
  };
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.send("Heartbeat", {});
  });
  const { result } = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.equal(result.verdict, "FAIL");
  assert.match(result.failure!.came, /a binary message of 12 bytes/);
});

Deno.test("whoever cannot do what is asked makes a case INCONCLUSIVE, and so does who fails", async () => {
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.operator({ kind: "sendCall", action: "ClearCache", payload: {} });
    yield* t.expect(call("ClearCache"));
  });
  const tester = new FakeTester();
  tester.operator.answer = () => Promise.resolve({ kind: "cannot", reason: "the button is broken" });
  const first = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.deepEqual([first.result.verdict, first.result.failure!.came], [
    "INCONCLUSIVE",
    "the button is broken",
  ]);
  tester.operator.answer = () => Promise.reject(new Error("the program has crashed"));
  const second = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.deepEqual([second.result.verdict, second.result.failure!.came], [
    "INCONCLUSIVE",
    "the program has crashed",
  ]);
  assert.equal(tester.operator.asked[0]!.caseId, "TC_MADE");
  assert.equal(tester.operator.asked[0]!.withinSeconds, 60);
});

Deno.test("whoever never answers is called off, and not waited for", async () => {
  const tester = new FakeTester();
  tester.operator.answer = () => new Promise(() => {});
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.operator({ kind: "setIdTag", idTag: "A", status: "Accepted" });
    yield* t.send("Heartbeat", {});
  });
  const { result } = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.equal(result.verdict, "INCONCLUSIVE");
  assert.equal(tester.operator.calledOff.length, 1);
  assert.equal(tester.clock.nextMs(), Infinity);
});

Deno.test("a deed that has been given up is called off before the next one begins", async () => {
  const tester = new FakeTester();
  const order: string[] = [];
  tester.operator.answer = (request) => {
    const name = request.action.kind === "setIdTag" ? request.action.status : request.action.kind;
    order.push(`${name} after ${tester.operator.calledOff.length} called off`);
    return name === "Blocked" ? new Promise(() => {}) : Promise.resolve({ kind: "done" });
  };
  const definition = madeCase(function* (t) {
    yield* connected(t);
    yield* t.operator({ kind: "setIdTag", idTag: "A", status: "Blocked" });
    yield* t.send("Heartbeat", {});
  });
  await tester.inTime(tester.player.play(playedWith(definition)));
  // The second one puts back what the first has changed.
  assert.deepEqual(order, ["Blocked after 0 called off", "Accepted after 1 called off"]);
});

Deno.test("a bench that fails, and one that has no such thing, make a case INCONCLUSIVE", async () => {
  const definition = madeCase(function* (t) {
    yield* t.bench({ kind: "uploadLocation" });
  });
  const failing = { get: () => Promise.reject(new Error("no")), close: () => Promise.resolve() };
  for (const tester of [new FakeTester(), new FakeTester({ bench: failing })]) {
    const { result } = await tester.inTime(tester.player.play(playedWith(definition)));
    assert.equal(result.verdict, "INCONCLUSIVE");
  }
});

Deno.test("an abort ends the case under way as INCONCLUSIVE, and what it changed is put back", async () => {
  const tester = new FakeTester();
  tester.link.onSend = answering({
    StartTransaction: { transactionId: 5, idTagInfo: { status: "Accepted" } },
    StopTransaction: {},
  });
  const definition = madeCase(function* (t) {
    yield* connected(t);
    const timestamp = t.dateTime();
    yield* t.send("StartTransaction", { connectorId: 1, idTag: "A", meterStart: 0, timestamp });
    yield* t.wait(1_000);
  });
  const playing = tester.player.play(playedWith(definition));
  tester.player.abort("Ctrl-C");
  const { result } = await tester.inTime(playing);
  assert.equal(result.verdict, "INCONCLUSIVE");
  assert.equal(result.failure!.came, "Ctrl-C");
  assert.deepEqual(tester.link.sent.map((text) => JSON.parse(text)[2]), [
    "StartTransaction",
    "StopTransaction",
  ]);
});

Deno.test("what comes between two cases is kept for the next one, and forgotten with its link", async () => {
  const tester = new FakeTester();
  tester.session.isConnected = true;
  const clearCache = '[2,"c1","ClearCache",{}]';
  const definition = madeCase(function* (t) {
    yield* t.expect(call("ClearCache"));
  });
  tester.link.handlers.onText(clearCache);
  const kept = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.equal(kept.result.verdict, "PASS");
  tester.session.isConnected = true;
  tester.link.handlers.onText(clearCache);
  tester.link.handlers.onDown();
  assert.equal(tester.session.isConnected, false);
  const forgotten = await tester.inTime(tester.player.play(playedWith(definition)));
  assert.equal(forgotten.result.verdict, "FAIL");
});

Deno.test("a case that does not apply connects to nobody, and takes nothing of what was kept", async () => {
  const tester = new FakeTester();
  const other = madeCase((t) => connected(t), { needs: { profiles: ["Reservation"] } });
  tester.session.isConnected = true;
  tester.link.handlers.onText('[2,"c1","ClearCache",{}]');
  const { result } = await tester.inTime(tester.player.play(playedWith(other)));
  assert.equal(result.verdict, "NOT APPLICABLE");
  assert.equal(tester.link.requests.length, 0);
  const next = madeCase(function* (t) {
    yield* t.expect(call("ClearCache"));
  });
  assert.equal((await tester.inTime(tester.player.play(playedWith(next)))).result.verdict, "PASS");
});

Deno.test("a case that is wrong itself rejects, and the player goes on", async () => {
  const tester = new FakeTester();
  const wrong = madeCase(function* (t) {
    yield* connected(t);
    yield* t.expect(call("ClearCache"));
    throw new Error("a mistake of ours");
  });
  const playing = tester.player.play(playedWith(wrong));
  tester.link.handlers.onText('[2,"c1","ClearCache",{}]');
  await assert.rejects(tester.inTime(playing), /a mistake of ours/);
  assert.equal(tester.clock.nextMs(), Infinity);
  const right = madeCase((t) => connected(t));
  assert.equal((await tester.inTime(tester.player.play(playedWith(right)))).result.verdict, "PASS");
});
