/**
 * Readings and frames are found through their chains, however often the ends of the chains were written down,
 * and after an end without a good-bye.
 */
import assert from "node:assert/strict";
import { PERSIST_AFTER_ROWS } from "../../src/adapters/sqlite/chains.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import {
  type Page,
  type PageWanted,
  type ReadingsRecord,
  type StoredMeterValue,
  StoreError,
  type Write,
} from "../../src/central_system/store.ts";
import { needs } from "../support/needs.ts";

const TRANSACTIONS = [
  { chargePoint: "CP1", transactionId: 7 },
  { chargePoint: "CP1", transactionId: 8 },
  { chargePoint: "CP2", transactionId: 7 }, // another Charge Point's, with the same id as sent
] as const;

/** Reading number `count` of all, of one transaction after the other. */
function reading(count: number): ReadingsRecord {
  return {
    ...TRANSACTIONS[count % TRANSACTIONS.length]!,
    uniqueId: String(count),
    connectorId: 1,
    receivedAtMs: count,
    readings: [{ timestamp: "2026-01-01T00:00:00Z", sampledValue: `[{"value":"${count}"}]` }],
  };
}

function commit(store: SqliteStore, { from, to }: { from: number; to: number }): void {
  const writes: Write[] = [];
  for (let count = from; count < to; count += 1) writes.push({ kind: "addReadings", record: reading(count) });
  store.commit(writes);
}

/** What every reading of a transaction says, page by page. */
async function values(store: SqliteStore, transaction: (typeof TRANSACTIONS)[number]): Promise<number[]> {
  const found: number[] = [];
  let page: PageWanted | undefined = { limit: 1_000 };
  while (page !== undefined) {
    const { items, nextCursor }: Page<StoredMeterValue> = await store.query("meterValues", {
      ...transaction,
      ...page,
    });
    found.push(...items.map(({ sampledValue }) => Number(sampledValue[0]!.value)));
    page = nextCursor === undefined ? undefined : { limit: 1_000, cursor: nextCursor };
  }
  return found;
}

async function assertAll(store: SqliteStore, count: number): Promise<void> {
  for (const [index, transaction] of TRANSACTIONS.entries()) {
    const expected = Array.from({ length: count }, (_, nth) => nth).filter((nth) => nth % 3 === index);
    assert.deepEqual(await values(store, transaction), expected);
  }
}

Deno.test({
  ...needs("read", "write")("chains: every reading is found beyond the point where chains are written down"),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "ocpp-chains-" });
    const path = `${folder}/test.db`;
    const total = PERSIST_AFTER_ROWS * 2 + 500;
    let store = new SqliteStore(path);
    for (let from = 0; from < total; from += 700) commit(store, { from, to: Math.min(from + 700, total) });
    await assertAll(store, total);
    store.close(); // nothing is written down at the end: what the next one knows it has found again
    store = new SqliteStore(path);
    await assertAll(store, total);
    commit(store, { from: total, to: total + 10 });
    await assertAll(store, total + 10);
    store.close();
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  ...needs("read", "write")("chains: a commit that failed leaves no gap and no ghost"),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "ocpp-chains-" });
    const store = new SqliteStore(`${folder}/test.db`);
    commit(store, { from: 0, to: 40 });
    const broken = { ...reading(40), connectorId: null as never };
    assert.throws(
      () =>
        store.commit([{ kind: "addReadings", record: reading(40) }, { kind: "addReadings", record: broken }]),
      StoreError,
    );
    await assertAll(store, 40);
    commit(store, { from: 40, to: 60 });
    await assertAll(store, 60);
    store.close();
    await Deno.remove(folder, { recursive: true });
  },
});
