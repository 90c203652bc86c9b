import assert from "node:assert/strict";
import { EventStreams, STREAM_BYTES_QUEUED_MAX } from "../../src/http/shared/event_stream.ts";
import { EventRing } from "../../src/runtime/event_ring.ts";
import { publicEvent } from "../../src/runtime/public_event.ts";

Deno.test("EventRing: gives what came after an id, until that is overwritten", () => {
  const ring = new EventRing<number>({ run: "r1", keptMax: 3 });
  assert.deepEqual([ring.lastId, ring.after("r1-0")], ["r1-0", []]);
  for (const value of [1, 2, 3, 4]) ring.add("CP1", value, value * 10);
  const values = (id: string) => ring.after(id)?.map(({ event }) => event);
  assert.equal(ring.lastId, "r1-4");
  assert.deepEqual([values("r1-4"), values("r1-2"), values("r1-1")], [[], [3, 4], [2, 3, 4]]);
  assert.equal(values("r1-0"), undefined);
  assert.deepEqual(ring.after("r1-3"), [{ id: "r1-4", atMs: 40, chargePoint: "CP1", event: 4 }]);
});

Deno.test("EventRing: an id of another run, of the future or of nothing is unknown", () => {
  const ring = new EventRing<number>({ run: "r1" });
  ring.add("CP1", 1, 0);
  for (const id of ["r2-1", "r1-2", "r1", "r1-", "r1--1", "r1-1-1", "r1-1e0", "", "1"]) {
    assert.equal(ring.after(id), undefined, id);
  }
});

Deno.test("EventRing: tells listeners until they have enough", () => {
  const ring = new EventRing<number>({ run: "r1", keptMax: 1 });
  const heard: number[] = [];
  const stop = ring.listen(({ event }) => heard.push(event));
  ring.add("CP1", 1, 0);
  stop();
  ring.add("CP1", 2, 0);
  assert.deepEqual([heard, ring.listenerCount], [[1], 0]);
});

/** A stream, and what feeds it. */
function streamOf(streams: EventStreams) {
  const fed = { send: (_: { id: string; name?: string; data: unknown }) => {}, isStopped: false };
  const stream = streams.open((send) => {
    fed.send = send;
    return () => fed.isStopped = true;
  });
  return { fed, stream };
}

Deno.test("EventStreams: an event is three lines; a name stands before its data", async () => {
  const streams = new EventStreams();
  const { fed, stream } = streamOf(streams);
  fed.send({ id: "r-1", data: { text: "two\nlines" } });
  fed.send({ id: "r-2", name: "reset", data: null });
  streams.close();
  assert.equal(
    await new Response(stream).text(),
    'retry: 1000\n\nid: r-1\ndata: {"text":"two\\nlines"}\n\nid: r-2\nevent: reset\ndata: null\n\n',
  );
  assert.deepEqual([fed.isStopped, streams.count], [true, 0]);
  assert.equal(streamOf(streams).stream, undefined);
});

Deno.test("EventStreams: no more than so many at once; one that goes away makes room", async () => {
  const streams = new EventStreams({ max: 2 });
  const [one, , three] = [streamOf(streams), streamOf(streams), streamOf(streams)];
  assert.ok(one.stream !== undefined);
  assert.equal(three.stream, undefined);
  await one.stream.cancel();
  assert.equal(one.fed.isStopped, true);
  assert.ok(streamOf(streams).stream !== undefined);
  streams.close();
});

Deno.test("EventStreams: a reader that is too slow gets what waits, and then the end", async () => {
  const streams = new EventStreams();
  const { fed, stream } = streamOf(streams);
  const data = "x".repeat(STREAM_BYTES_QUEUED_MAX / 4);
  for (let sent = 0; sent < 10; sent++) fed.send({ id: `r-${sent}`, data });
  assert.deepEqual([fed.isStopped, streams.count], [true, 0]);
  const text = await new Response(stream).text();
  assert.equal(text.match(/^id: /gm)!.length, 4);
});

Deno.test("publicEvent: what is secret is taken out, the rest stays", () => {
  const key = "00112233445566778899aabbccddeeff";
  const call = { uniqueId: "1", answer: { kind: "result", payload: { status: "Accepted" } } } as const;
  const events = [
    publicEvent({
      ...{ kind: "callReceived", action: "ChangeConfiguration", ...call },
      payload: { key: "AuthorizationKey", value: key },
    }),
    publicEvent({
      kind: "acted",
      input: { kind: "setConfiguration", key: "authorizationkey", value: key },
    }),
    publicEvent({
      kind: "frameIgnored",
      reason: "x",
      text: `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${key}"}`,
    }),
    publicEvent({
      ...{ kind: "callReceived", action: "GetLog", ...call },
      payload: { log: { remoteLocation: `https://me:${key}@files.test/a@b` } },
    }),
    publicEvent({ kind: "frameIgnored", reason: "x", text: `{"location":"ftp://me:${key}@files.test/"}` }),
  ];
  const text = JSON.stringify(events);
  assert.ok(!text.includes(key), text);
  assert.equal(text.match(/\[redacted\]/g)!.length, 5);
  assert.match(text, /https:\/\/me:\[redacted\]@files.test\/a@b/);
  const plain = {
    ...call,
    kind: "callReceived",
    action: "ChangeConfiguration",
    payload: { key: "HeartbeatInterval", value: "60" },
  } as const;
  assert.deepEqual(publicEvent(plain), plain);
  assert.deepEqual(publicEvent({ kind: "hostFailed", error: new Error("why") }), {
    kind: "hostFailed",
    error: "why",
  });
});
