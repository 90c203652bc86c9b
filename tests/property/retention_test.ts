/**
 * Old messages and readings go; whatever is younger stays, complete and in its order, in every list.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openDatabase } from "../../src/adapters/sqlite/open.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { judgeOldRows } from "../../src/central_system/old_rows.ts";
import type { FrameRecord, Page, PageWanted, Write } from "../../src/central_system/store.ts";
import { Retention, RETENTION_PAUSE_MS, RETENTION_ROWS_PER_STEP } from "../../src/runtime/retention.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const KEEP_MS = 1_000;
const CHARGE_POINTS = ["CP1", "CP2", "CP3"];

/** A row of anybody; its time is that of its place, more or less, and at times one of a clock that was wrong. */
const row = fc.record({
  chargePoint: fc.constantFrom(...CHARGE_POINTS),
  transactionId: fc.constantFrom(1, 2, 3, -1),
  jitterMs: fc.integer({ min: -100, max: 100 }),
  clock: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, {
    weight: 1,
    arbitrary: fc.constantFrom(1e9, -1e9),
  }),
});

/** The time of a row: all of them lie within twice the time that is kept. */
function receivedAtMs({ jitterMs, clock }: { jitterMs: number; clock: number }, place: number): number {
  return NOW_MS - 2 * KEEP_MS + Math.floor(2 * KEEP_MS * place) + jitterMs + clock;
}

async function all<T>(get: (wanted: PageWanted) => Promise<Page<T>> | Page<T>): Promise<T[]> {
  const items: T[] = [];
  let wanted: PageWanted | undefined = { limit: 7 };
  while (wanted !== undefined) {
    const page: Page<T> = await get(wanted);
    items.push(...page.items);
    wanted = page.nextCursor === undefined ? undefined : { limit: 7, cursor: page.nextCursor };
  }
  return items;
}

/** Runs a retention to its end: time passes as long as it pauses. */
async function removeOld(store: ControlledStore, clock: VirtualClock): Promise<number> {
  let removed = 0;
  const settings = { keepFramesMs: KEEP_MS, keepMeterValuesMs: KEEP_MS };
  const onRemoved = ({ rows }: { rows: number }) => void (removed += rows);
  const retention = new Retention({ store, clock, settings, onRemoved });
  const startedAtMs = clock.nowMs();
  retention.start();
  for (let idle = 0; idle < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const isPausing = clock.nextMs() - clock.nowMs() <= RETENTION_PAUSE_MS;
    idle = isPausing ? 0 : idle + 1;
    if (isPausing) clock.advance(RETENTION_PAUSE_MS);
  }
  assert.ok(clock.nowMs() - startedAtMs < KEEP_MS);
  await retention.stop();
  return removed;
}

Deno.test("retention: whatever is younger stays, complete, in its order and within reach", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 80, size: "max" }), async (rows) => {
      const database = openDatabase(":memory:", () => 0);
      try {
        const store = new ControlledStore(new SqliteStore(database));
        const frames = rows.map((one, index): FrameRecord => ({
          chargePoint: one.chargePoint,
          receivedAtMs: receivedAtMs(one, index / rows.length),
          direction: "in",
          action: "Heartbeat",
          uniqueId: String(index),
          request: "[]",
          answer: undefined,
          outcome: "lost",
          latencyMs: undefined,
        }));
        const writes = rows.map(({ chargePoint, transactionId }, index): Write => ({
          kind: "addReadings",
          record: {
            chargePoint,
            transactionId,
            uniqueId: String(index),
            connectorId: 1,
            receivedAtMs: frames[index]!.receivedAtMs,
            readings: [{ timestamp: "2026-01-01T00:00:00Z", sampledValue: `[{"value":"${index}"}]` }],
          },
        }));
        for (const identity of CHARGE_POINTS) {
          await store.commit([{
            kind: "putChargePoint",
            record: {
              identity,
              registration: "Accepted",
              bootCount: 0,
              firstSeenAtMs: 0,
              connectors: new Map(),
              recentReadings: [],
              activeTransactions: [],
            },
          }]);
        }
        await store.commitFrames(frames);
        await store.commit(writes);
        await removeOld(store, new VirtualClock({ nowMs: NOW_MS }));

        const isYoung = ({ receivedAtMs }: { receivedAtMs: number }) => receivedAtMs >= NOW_MS - KEEP_MS;
        // What lies before the first young row went, unless an old one of it is out of a wrong clock's future.
        const firstYoung = frames.findIndex((frame) => isYoung(frame) && frame.receivedAtMs <= NOW_MS);
        const lastOld = frames.findLastIndex((frame, index) =>
          !isYoung(frame) && (firstYoung < 0 || index < firstYoung)
        );
        for (const chargePoint of CHARGE_POINTS) {
          const kept = await all((wanted) => store.query("frames", { chargePoint, ...wanted }));
          const expected = frames.filter((frame, index) =>
            frame.chargePoint === chargePoint && index > lastOld
          );
          assert.deepEqual(kept, expected.toReversed());
          const lost = frames.filter((frame) =>
            frame.chargePoint === chargePoint && isYoung(frame) && frame.receivedAtMs <= NOW_MS
          );
          assert.ok(lost.every(({ uniqueId }) => kept.some((one) => one.uniqueId === uniqueId)));
          for (const transactionId of [1, 2, 3, -1]) {
            const values = await all((wanted) =>
              store.query("meterValues", { chargePoint, transactionId, ...wanted })
            );
            const own = rows.flatMap((one, index) =>
              one.chargePoint === chargePoint && one.transactionId === transactionId && index > lastOld
                ? [String(index)]
                : []
            );
            assert.deepEqual(values.map(({ sampledValue }) => sampledValue[0]!.value), own);
          }
        }
      } finally {
        database.close();
      }
    }),
    { seed: PROPERTY_SEED, numRuns: 60 },
  );
});

Deno.test("retention: of many rows each step takes a bounded number, and readings of active transactions stay", async () => {
  const database = openDatabase(":memory:", () => 0);
  const store = new ControlledStore(new SqliteStore(database));
  const total = RETENTION_ROWS_PER_STEP * 3 + 10;
  const started: Write = {
    kind: "startTransaction",
    record: {
      transactionId: 1,
      chargePoint: "CP1",
      connectorId: 1,
      idTag: "Tag1",
      meterStart: 0,
      startedAtMs: 0,
      startTimestamp: "",
      startUniqueId: "",
      startReceivedAtMs: 0,
      startBoot: 0,
      startAnswer: { transactionId: 1, idTagInfo: { status: "Accepted" } },
    },
  };
  const readings = Array.from({ length: total }, (_, index): Write => ({
    kind: "addReadings",
    record: {
      chargePoint: "CP1",
      // The first step finds nothing that may go, and still the others are made.
      transactionId: index <= RETENTION_ROWS_PER_STEP ? 1 : 2,
      ...(index === total - 1 ? { transactionId: -1, guessedTransactionId: 1 } : {}),
      uniqueId: String(index),
      connectorId: 1,
      receivedAtMs: 0,
      readings: [{ timestamp: "2026-01-01T00:00:00Z", sampledValue: "[]" }],
    },
  }));
  const record = {
    identity: "CP1",
    registration: "Accepted",
    bootCount: 0,
    firstSeenAtMs: 0,
    connectors: new Map(),
    recentReadings: [],
    activeTransactions: [],
  } as const;
  await store.commit([{ kind: "putChargePoint", record }, started, ...readings]);
  const clock = new VirtualClock({ nowMs: NOW_MS });
  store.commits.length = 0;
  const removable = total - (RETENTION_ROWS_PER_STEP + 1) - 1;
  assert.equal(await removeOld(store, clock), removable);
  assert.ok(store.commits.every((writes) => writes.length === 1));
  assert.equal(store.commits.length, 3);
  const count = () =>
    database.prepare("SELECT count(*) AS count FROM meter_values").get()!["count"] as number;
  assert.equal(count(), total - removable);
  // Once it has stopped they go as well.
  const stop = { closedBy: "operator", stoppedAtMs: 0, receivedAtMs: 0 } as const;
  await store.commit([{ kind: "stopTransaction", chargePoint: "CP1", transactionId: 1, stop }]);
  assert.equal(await removeOld(store, clock), total - removable);
  assert.equal(count(), 0);
  database.close();
});

Deno.test("judgeOldRows: ends at the first young row, and does not trust a time to come", () => {
  const rows = (...times: number[]) =>
    times.map((receivedAtMs, index) => ({ id: index + 1, receivedAtMs, mustStay: false }));
  const judge = (...times: number[]) => judgeOldRows(rows(...times), { beforeMs: 100, nowMs: 200 });
  assert.deepEqual(judge(), { removable: 0, upTo: undefined, isOver: false });
  assert.deepEqual(judge(50, 99, 100, 50), { removable: 2, upTo: 2, isOver: true });
  assert.deepEqual(judge(50, 999, 60, 150), { removable: 3, upTo: 3, isOver: true });
  assert.deepEqual(judge(50, 999, 150, 60), { removable: 1, upTo: 1, isOver: true });
  // A clock that now lies in the past makes nothing old.
  assert.deepEqual(judge(500, 600, 700), { removable: 0, upTo: undefined, isOver: false });
});
