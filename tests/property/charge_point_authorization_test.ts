import assert from "node:assert/strict";
import fc from "fast-check";
import { withCached } from "../../src/charge_point/authorization/authorization_cache.ts";
import {
  EMPTY_LIST,
  type IdTagInfos,
  infoOf,
  type LocalList,
  NO_ID_TAGS,
  statusAt,
} from "../../src/charge_point/authorization/id_tag_info.ts";
import { updatedList } from "../../src/charge_point/authorization/local_list.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import type { IdTagInfo } from "../../src/ocpp/types.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";

const idTag = fc.constantFrom("A", "a", "B", "b", "C", "D", "E", "F", "G", "H");

const idTagInfo: fc.Arbitrary<IdTagInfo> = fc.record({
  status: fc.constantFrom(
    "Accepted",
    "Accepted",
    "Accepted",
    "Blocked",
    "Expired",
    "Invalid",
    "ConcurrentTx",
  ),
  expiryDate: fc.constantFrom("2026-01-01T00:00:10Z", "2026-01-01T00:01:00Z"),
}, { requiredKeys: ["status"] });

const BEGIN_AT_MS = Date.parse("2026-01-01T00:00:00Z");

Deno.test("withCached keeps its bound, the latest of each idTag, and what is valid before what is not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(idTag, idTagInfo, fc.integer({ min: 0, max: 90_000 })), { maxLength: 40 }),
      (entriesMax, heard) => {
        let cache: IdTagInfos = NO_ID_TAGS;
        for (const [idTag, idTagInfo, afterMs] of heard) {
          const atMs = BEGIN_AT_MS + afterMs;
          const before = cache;
          cache = withCached(cache, { idTag, idTagInfo, atMs, entriesMax });
          assert.ok(cache.length <= entriesMax);
          assert.equal(new Set(cache.map(({ idTag }) => idTag)).size, cache.length);
          assert.equal(infoOf(cache, idTag), idTagInfo);
          const gone = before.filter((entry) => infoOf(cache, entry.idTag) === undefined);
          assert.ok(gone.length <= 1);
          const [lost] = gone;
          if (lost === undefined) continue;
          assert.equal(before.length, entriesMax, "nothing goes while there is room");
          const isValid = ({ idTagInfo }: { idTagInfo: IdTagInfo }) =>
            statusAt(idTagInfo, atMs) === "Accepted";
          const worse = isValid(lost) ? before : before.filter((entry) => !isValid(entry));
          assert.equal(worse[0], lost, "what is not valid first, then the oldest");
          if (isValid(lost)) assert.ok(before.every(isValid));
        }
      },
    ),
    { numRuns: 500, seed: PROPERTY_SEED },
  );
});

const update: fc.Arbitrary<Req<"SendLocalList">> = fc.record({
  listVersion: fc.integer({ min: -1, max: 12 }),
  updateType: fc.constantFrom("Full" as const, "Differential" as const),
  localAuthorizationList: fc.array(
    fc.record({ idTag, idTagInfo }, { requiredKeys: ["idTag"] }),
    { maxLength: 6 },
  ),
}, { requiredKeys: ["listVersion", "updateType"] });

const LIMITS = { entriesMax: 5, sentMax: 4 };

/** What the list has to be, told in another way: `undefined` where it must not change. */
function expected(list: LocalList, sent: Req<"SendLocalList">): ReadonlyMap<string, IdTagInfo> | undefined {
  const { listVersion, updateType, localAuthorizationList: items = [] } = sent;
  const isFull = updateType === "Full";
  const keys = items.map(({ idTag }) => idTag.toUpperCase());
  const isWrong = listVersion < 1 || (!isFull && listVersion <= list.version) ||
    items.length > LIMITS.sentMax || new Set(keys).size < keys.length ||
    (isFull && items.some(({ idTagInfo }) => idTagInfo === undefined));
  if (isWrong) return undefined;
  const entries = new Map(isFull ? [] : list.entries.map(({ idTag, idTagInfo }) => [idTag, idTagInfo]));
  for (const { idTag, idTagInfo } of items) {
    if (idTagInfo === undefined) entries.delete(idTag.toLowerCase());
    else entries.set(idTag.toLowerCase(), idTagInfo);
  }
  return entries.size > LIMITS.entriesMax ? undefined : entries;
}

Deno.test("updatedList changes wholly or not at all, and its version rises with Differential updates", () => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 20 }), (updates) => {
      let list = EMPTY_LIST;
      for (const sent of updates) {
        const entries = expected(list, sent);
        const updated = updatedList(list, sent, LIMITS);
        assert.equal(typeof updated === "string", entries === undefined);
        if (typeof updated === "string" || entries === undefined) continue;
        assert.deepEqual(new Map(updated.entries.map(({ idTag, idTagInfo }) => [idTag, idTagInfo])), entries);
        assert.equal(updated.version, entries.size === 0 ? 0 : sent.listVersion);
        if (sent.updateType === "Differential") {
          assert.ok(updated.version > list.version || entries.size === 0);
        }
        list = updated;
      }
    }),
    { numRuns: 500, seed: PROPERTY_SEED },
  );
});
