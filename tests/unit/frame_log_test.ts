import assert from "node:assert/strict";
import type { FrameRecord } from "../../src/central_system/store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import {
  FRAME_BATCH,
  FRAME_BUFFER_MAX,
  FRAME_DELAY_MS,
  FRAME_NAME_MAX,
  FRAME_TEXT_MAX,
  FrameLog,
} from "../../src/runtime/frame_log.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

function frame(changes: Partial<FrameRecord> = {}): FrameRecord {
  return {
    chargePoint: "CP1",
    receivedAtMs: 0,
    direction: "in",
    action: "Heartbeat",
    uniqueId: "1",
    request: '[2,"1","Heartbeat",{}]',
    answer: '[3,"1",{}]',
    outcome: "result",
    latencyMs: 1,
    ...changes,
  };
}

/** A store that notes how many rows came at once, and does not answer before it is told to. */
class SlowStore extends MemoryStore {
  readonly batches: number[] = [];
  readonly #open: PromiseWithResolvers<void>[] = [];

  override commitFrames(frames: readonly FrameRecord[]): Promise<void> {
    this.batches.push(frames.length);
    const written = Promise.withResolvers<void>();
    this.#open.push(written);
    return written.promise;
  }

  answer(error?: Error): void {
    const written = this.#open.shift();
    if (error === undefined) written?.resolve();
    else written?.reject(error);
  }
}

function logTo<S extends MemoryStore>(store: S): { log: FrameLog; clock: VirtualClock; store: S } {
  const clock = new VirtualClock();
  return { log: new FrameLog({ store, clock }), clock, store };
}

Deno.test("FrameLog: rows are written together after a while", async () => {
  const { log, clock, store } = logTo(new MemoryStore());
  for (const uniqueId of ["1", "2"]) log.add(frame({ uniqueId }));
  clock.advance(FRAME_DELAY_MS - 1);
  await Promise.resolve();
  assert.equal(store.frames.length, 0);
  clock.advance(1);
  await Promise.resolve();
  assert.deepEqual(store.frames.map(({ uniqueId }) => uniqueId), ["1", "2"]);
  assert.equal(clock.nextMs(), Infinity);
});

Deno.test("FrameLog: a full batch is written at once, and the clock is not waited for", async () => {
  const { log, clock, store } = logTo(new MemoryStore());
  for (let rows = 0; rows < FRAME_BATCH; rows++) log.add(frame());
  await log.flush();
  assert.equal(store.frames.length, FRAME_BATCH);
  assert.equal(clock.nextMs(), Infinity);
});

Deno.test("FrameLog: flush resolves when everything is in the store, in order", async () => {
  const { log, store } = logTo(new SlowStore());
  log.add(frame());
  const first = log.flush();
  log.add(frame());
  let isOver = false;
  const second = log.flush().then(() => isOver = true);
  await Promise.resolve();
  assert.deepEqual(store.batches, [1]); // one write at a time
  store.answer();
  await first;
  await Promise.resolve();
  assert.deepEqual([store.batches, isOver], [[1, 1], false]);
  store.answer();
  await second;
  await log.flush(); // nothing waits
});

Deno.test(`FrameLog: beyond ${FRAME_BUFFER_MAX} unwritten rows the newest are dropped and counted`, async () => {
  const { log, store } = logTo(new SlowStore());
  for (let rows = 0; rows < FRAME_BUFFER_MAX + 3; rows++) log.add(frame());
  assert.equal(log.dropped, 3);
  await Promise.resolve();
  store.answer(); // one batch is in the store: as much room
  for (let ticks = 0; ticks < 5; ticks++) await Promise.resolve();
  for (let rows = 0; rows < FRAME_BATCH + 1; rows++) log.add(frame());
  assert.equal(log.dropped, 4);
});

Deno.test("FrameLog: rows that cannot be written are counted, and the next ones are tried", async () => {
  const { log, store } = logTo(new SlowStore());
  for (let rows = 0; rows < 3; rows++) log.add(frame());
  const flushed = log.flush();
  await Promise.resolve();
  store.answer(new StoreError("disk full"));
  await flushed;
  assert.equal(log.dropped, 3);
  log.add(frame());
  const next = log.flush();
  await Promise.resolve();
  store.answer();
  await next;
  assert.deepEqual([log.dropped, store.batches], [3, [3, 1]]);
});

Deno.test("FrameLog: over-long texts are cut", async () => {
  const { log, store } = logTo(new MemoryStore());
  const text = "x".repeat(FRAME_TEXT_MAX + 1);
  log.add(frame({ request: text, answer: text }));
  log.add(frame({ request: text.slice(1), answer: undefined }));
  await log.flush();
  const cut = `${"x".repeat(FRAME_TEXT_MAX)}…`;
  assert.deepEqual(store.frames.map(({ request, answer }) => [request, answer]), [
    [cut, cut],
    [text.slice(1), undefined],
  ]);
});

Deno.test("Security §A FrameLog: AuthorizationKey is never kept, in either direction, cut or not", async () => {
  const { log, store } = logTo(new MemoryStore());
  const secret = "5ec2e75ec2e7";
  const configuration = (padding: string) =>
    `[3,"1",{"configurationKey":[{"key":"Padding","readonly":true,"value":"${padding}"},` +
    `{"key":"AuthorizationKey","readonly":false,"value":"${secret}"}]}]`;
  log.add(frame({
    direction: "out",
    action: "ChangeConfiguration",
    request: `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${secret}"}]`,
  }));
  const action = "GetConfiguration";
  const room = FRAME_TEXT_MAX - configuration("").length;
  for (const length of [0, room, room + 5, room + 12]) {
    log.add(frame({ direction: "out", action, answer: configuration("x".repeat(length)) }));
    log.add(frame({ action: "", request: configuration("x".repeat(length)), outcome: "ignored" }));
  }
  await log.flush();
  assert.equal(store.frames.length, 9);
  for (const { request, answer } of store.frames) assert.doesNotMatch(`${request}${answer}`, /5ec2e7/);
  assert.match(store.frames[0]!.request, /AuthorizationKey/);
});

Deno.test("FrameLog: an Action and a uniqueId of any length are cut", async () => {
  const { log, store } = logTo(new MemoryStore());
  log.add(frame({ action: "A".repeat(100_000), uniqueId: "u".repeat(100_000) }));
  await log.flush();
  const [{ action, uniqueId }] = store.frames as [FrameRecord];
  assert.equal(action, `${"A".repeat(FRAME_NAME_MAX)}…`);
  assert.equal(uniqueId, `${"u".repeat(FRAME_NAME_MAX)}…`);
});
