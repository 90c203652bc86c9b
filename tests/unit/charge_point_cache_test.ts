import assert from "node:assert/strict";
import type { ChargePointRecord } from "../../src/central_system/store.ts";
import { ChargePointCache, DISCONNECTED_RECORDS_MAX } from "../../src/runtime/charge_point_cache.ts";

function record(identity: string): ChargePointRecord {
  return {
    identity,
    registration: "Accepted",
    bootCount: 0,
    firstSeenAtMs: 0,
    lastSeenAtMs: 0,
    connectors: new Map(),
    recentReadings: [],
    activeTransactions: [],
  };
}

Deno.test("ChargePointCache: keeps the newest record of each, until it is forgotten", () => {
  const cache = new ChargePointCache();
  cache.put(record("CP1"));
  const newer = { ...record("CP1"), bootCount: 1 };
  cache.put(newer);
  assert.equal(cache.records.get("CP1"), newer);
  cache.forget("CP1");
  assert.equal(cache.records.size, 0);
});

Deno.test("ChargePointCache: beyond its bound the record that is disconnected longest goes, never a connected one", () => {
  const cache = new ChargePointCache();
  const identities = Array.from({ length: DISCONNECTED_RECORDS_MAX + 2 }, (_, index) => `CP${index}`);
  for (const identity of identities) {
    cache.put(record(identity));
    cache.disconnected(identity);
    if (identity === "CP0") cache.connected(identity); // it came back
  }
  assert.equal(cache.records.has("CP0"), true);
  assert.equal(cache.records.has("CP1"), false);
  assert.equal(cache.records.has("CP2"), true);
  assert.equal(cache.records.size, DISCONNECTED_RECORDS_MAX + 1);
});

Deno.test("ChargePointCache: one that was forgotten while disconnected takes no room", () => {
  const cache = new ChargePointCache();
  for (const identity of ["CP1", "CP2"]) {
    cache.put(record(identity));
    cache.disconnected(identity);
  }
  cache.forget("CP1");
  cache.put(record("CP1"));
  cache.connected("CP1");
  for (let number = 3; number <= DISCONNECTED_RECORDS_MAX + 1; number++) cache.disconnected(`CP${number}`);
  assert.deepEqual([...cache.records.keys()], ["CP2", "CP1"]);
});
