/**
 * The test store and the one on SQLite give the same answers, whatever was written before: so what holds in a
 * simulation holds on disk.
 */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { openDatabase } from "../../src/adapters/sqlite/open.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import {
  type ChargePointRecord,
  type FactsNeeded,
  type FrameRecord,
  type Page,
  type PageWanted,
  type Queries,
  type QueryKind,
  type Store,
  StoreError,
  type Write,
} from "../../src/central_system/store.ts";
import type { SecurityChange } from "../../src/central_system/security_change.ts";
import { SECURITY_PROFILES } from "../../src/central_system/security_profile.ts";
import type { CommandOutcome } from "../../src/central_system/commands.ts";
import { type AgedRow, type GrowingTable, judgeOldRows } from "../../src/central_system/old_rows.ts";
import type { RecordChange } from "../../src/central_system/record_change.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { DecidingCentralSystem } from "../support/deciding_central_system.ts";
import { MemoryStore } from "../support/memory_store.ts";

const CHARGE_POINTS = ["CP1", "CP2", "é/ 3"];
/** The last one is what JSON can say and SQLite cannot. */
const ID_TAGS = ["Tag1", "TAG1", "Tag2", "T\u0000\ud800\u001a0000"];
const TRANSACTION_IDS = [-1, 0, 1, 2, 3, 4, 5, 6, 7];

/** One thing that is written. Small numbers, so that they meet. */
type Step =
  | {
    readonly kind: "call";
    readonly chargePoint: string;
    readonly action: string;
    readonly payload: unknown;
  }
  | { readonly kind: "change"; readonly change: RecordChange }
  | { readonly kind: "ownCall"; readonly chargePoint: string; readonly own: OwnCallStep }
  | { readonly kind: "frame"; readonly frame: FrameRecord }
  | { readonly kind: "time"; readonly ms: number }
  /** A commit that fails when most of it is written. */
  | { readonly kind: "failingCommit"; readonly chargePoint: string }
  /** What is older is removed; a repeat of it is none any more. */
  | { readonly kind: "retention"; readonly keepMs: number; readonly table: GrowingTable }
  /** The program ends, and another one opens the database. */
  | { readonly kind: "reopen" };

/** One of our own Calls; without an outcome it is about to leave. */
interface OwnCallStep {
  readonly action: "SendLocalList" | "GetLocalListVersion" | "ReserveNow" | "CancelReservation";
  readonly payload: unknown;
  readonly outcome: CommandOutcome | undefined;
}

const chargePoint = fc.constantFrom(...CHARGE_POINTS);
const connectorId = fc.integer({ min: 0, max: 2 });
const idTag = fc.constantFrom(...ID_TAGS);
const transactionId = fc.constantFrom(...TRANSACTION_IDS);
const timestamp = fc.integer({ min: 0, max: 3 }).map((minutes) =>
  dateTimeOf(Date.UTC(2026, 0, 1, 12, minutes))
);
const meterValue = fc.array(
  fc.record({
    timestamp,
    sampledValue: fc.array(fc.record({ value: fc.constantFrom("1", "2") }), { maxLength: 2 }),
  }),
  { maxLength: 3 },
);

const call: fc.Arbitrary<readonly [action: string, payload: unknown]> = fc.oneof(
  fc.constant(["BootNotification", { chargePointVendor: "V", chargePointModel: "M" }] as const),
  fc.tuple(
    fc.constant("StatusNotification"),
    fc.record({
      connectorId,
      status: fc.constantFrom("Available", "Charging", "Faulted"),
      errorCode: fc.constantFrom("NoError", "OtherError"),
      info: fc.string({ maxLength: 5 }),
      timestamp,
    }, { requiredKeys: ["connectorId", "status", "errorCode"], noNullPrototype: true }),
  ),
  fc.tuple(fc.constant("Authorize"), fc.record({ idTag }, { noNullPrototype: true })),
  fc.tuple(
    fc.constant("StartTransaction"),
    fc.record({ connectorId, idTag, meterStart: fc.nat(2), timestamp, reservationId: fc.nat(2) }, {
      requiredKeys: ["connectorId", "idTag", "meterStart", "timestamp"],
      noNullPrototype: true,
    }),
  ),
  fc.tuple(
    fc.constant("StopTransaction"),
    fc.record({
      transactionId,
      idTag,
      meterStop: fc.nat(2),
      timestamp,
      reason: fc.constantFrom("Local", "Remote"),
      transactionData: meterValue,
    }, { requiredKeys: ["transactionId", "meterStop", "timestamp"], noNullPrototype: true }),
  ),
  fc.tuple(
    fc.constant("MeterValues"),
    fc.record({ connectorId, transactionId, meterValue }, {
      requiredKeys: ["connectorId", "meterValue"],
      noNullPrototype: true,
    }),
  ),
  fc.tuple(fc.constant("FirmwareStatusNotification"), fc.constant({ status: "Downloading" })),
);

const frame: fc.Arbitrary<FrameRecord> = fc.record({
  chargePoint,
  receivedAtMs: fc.nat(5),
  direction: fc.constantFrom("in", "out"),
  action: fc.constantFrom("Heartbeat", ""),
  uniqueId: fc.string({ maxLength: 3 }),
  request: fc.string(),
  answer: fc.option(fc.string(), { nil: undefined }),
  outcome: fc.constantFrom("result", "error", "timeout", "lost", "ignored"),
  latencyMs: fc.option(fc.nat(9), { nil: undefined }),
  deviations: fc.array(
    fc.record({ rule: fc.constantFrom("extraField", "noBoot"), path: fc.string(), detail: fc.string() }, {
      noNullPrototype: true,
    }),
    { maxLength: 2 },
  ),
  deliberate: fc.string(),
}, {
  requiredKeys: [
    "chargePoint",
    "receivedAtMs",
    "direction",
    "action",
    "uniqueId",
    "request",
    "answer",
    "outcome",
    "latencyMs",
  ],
  noNullPrototype: true,
});

const entry = fc.record({
  registration: fc.constantFrom("Accepted", "Pending", "Rejected"),
  validation: fc.constantFrom("strict", "tolerant"),
  refusedRules: fc.constant(["extraField" as const]),
  allowedIdTags: fc.array(idTag, { maxLength: 2 }),
  heartbeatIntervalSeconds: fc.nat(9),
  pingIntervalSeconds: fc.nat(9),
  securityProfile: fc.constantFrom(0 as const, 1 as const, 3 as const),
  certificateSerialNumber: fc.constantFrom("SN\u00e41", "SN2"),
  passwordHash: fc.constantFrom("hash$1", null),
}, { requiredKeys: ["registration"], noNullPrototype: true });

const passwordHash = fc.constantFrom("hash$1", "hash$2");

const securityChange: fc.Arbitrary<SecurityChange> = fc.oneof(
  fc.record({ kind: fc.constant("passwordOffered" as const), passwordHash }),
  fc.record({ kind: fc.constant("passwordAnswered" as const), passwordHash, isAccepted: fc.boolean() }),
  fc.record({
    kind: fc.constant("profileAccepted" as const),
    profile: fc.constantFrom(...SECURITY_PROFILES),
  }),
  fc.record({
    kind: fc.constant("linkAdmitted" as const),
    profile: fc.constantFrom(...SECURITY_PROFILES),
    passwordHash,
  }, { requiredKeys: ["kind", "profile"], noNullPrototype: true }),
);

const idTagEntry = fc.record({
  parentIdTag: idTag,
  expiryAtMs: fc.nat(9),
  blocked: fc.boolean(),
  maxActiveTransactions: fc.integer({ min: 1, max: 2 }),
}, { requiredKeys: ["blocked"], noNullPrototype: true });

const change: fc.Arbitrary<RecordChange> = fc.oneof(
  fc.record({ kind: fc.constant("putChargePoint" as const), identity: chargePoint, entry }),
  fc.record({ kind: fc.constant("deleteChargePoint" as const), identity: chargePoint }),
  fc.record({ kind: fc.constant("changeSecurity" as const), identity: chargePoint, change: securityChange }),
  fc.record({ kind: fc.constant("putIdTag" as const), idTag, entry: idTagEntry }),
  fc.record({ kind: fc.constant("deleteIdTag" as const), idTag }),
  fc.record({
    kind: fc.constant("stopTransaction" as const),
    chargePoint,
    transactionId,
    operator: fc.string({ maxLength: 3 }),
    note: fc.string({ maxLength: 3 }),
  }, { requiredKeys: ["kind", "chargePoint", "transactionId"], noNullPrototype: true }),
  fc.record({
    kind: fc.constant("closeSuspected" as const),
    chargePoint,
    transactionId,
    graceMs: fc.constantFrom(0, 3_600_000),
  }),
);

/** Answers, or none. */
const outcomeOf = (...payloads: readonly unknown[]): fc.Arbitrary<CommandOutcome> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...payloads).map((payload) => ({ kind: "result", payload } as const)),
    },
    { weight: 1, arbitrary: fc.constantFrom({ kind: "timeout" }, { kind: "queueFull" }) },
  );
const status = (...statuses: readonly string[]) => outcomeOf(...statuses.map((status) => ({ status })));
const listVersion = fc.integer({ min: 0, max: 3 });

const ownCall: fc.Arbitrary<OwnCallStep> = fc.oneof(
  fc.record({
    action: fc.constant("SendLocalList" as const),
    payload: fc.record({
      listVersion,
      updateType: fc.constantFrom("Full", "Differential"),
      localAuthorizationList: fc.array(
        fc.record({
          idTag,
          idTagInfo: fc.record({ status: fc.constantFrom("Accepted", "Blocked") }, { noNullPrototype: true }),
        }, { requiredKeys: ["idTag"], noNullPrototype: true }),
        { maxLength: 3 },
      ),
    }, { noNullPrototype: true }),
    outcome: fc.option(status("Accepted", "Accepted", "Failed", "VersionMismatch"), { nil: undefined }),
  }),
  fc.record({
    action: fc.constant("GetLocalListVersion" as const),
    payload: fc.constant({}),
    outcome: outcomeOf(...[-1, 0, 1, 2, 3].map((listVersion) => ({ listVersion }))),
  }),
  fc.record({
    action: fc.constant("ReserveNow" as const),
    payload: fc.record({
      connectorId,
      reservationId: fc.nat(2),
      idTag,
      parentIdTag: idTag,
      expiryDate: fc.integer({ min: -1, max: 2 }).map((hours) =>
        dateTimeOf(Date.UTC(2026, 0, 1, 12 + hours))
      ),
    }, {
      requiredKeys: ["connectorId", "reservationId", "idTag", "expiryDate"],
      noNullPrototype: true,
    }),
    outcome: status("Accepted", "Accepted", "Occupied"),
  }),
  fc.record({
    action: fc.constant("CancelReservation" as const),
    payload: fc.record({ reservationId: fc.nat(2) }, { noNullPrototype: true }),
    outcome: status("Accepted", "Rejected"),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(chargePoint, call).map(([chargePoint, [action, payload]]): Step => (
      { kind: "call", chargePoint, action, payload }
    )),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("change" as const), change }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("ownCall" as const), chargePoint, own: ownCall }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("frame" as const), frame }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(3_600_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("failingCommit" as const), chargePoint }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("retention" as const),
      keepMs: fc.constantFrom(0, 3_600_000),
      table: fc.constantFrom("frames", "meterValues"),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "reopen" }) },
);

/** A commit that no store may keep any of. */
function failing(chargePoint: string, nowMs: number): Write[] {
  const meterValues = {
    chargePoint,
    uniqueId: "lost",
    connectorId: 1,
    transactionId: 1,
    receivedAtMs: nowMs,
  };
  const idTag = { idTag: "Lost", blocked: false, source: "learned" as const };
  return [
    { kind: "addReadings", record: { ...meterValues, readings: [{ timestamp: "", sampledValue: "[]" }] } },
    { kind: "putIdTag", record: { key: "lost", ...idTag } },
    { kind: "putIdTag", record: { key: "lost too", ...idTag, idTag: null as never } },
  ];
}

Deno.test("MemoryStore and SqliteStore agree after any writes, failing commits and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50, size: "max" }), async (steps) => {
      const database = openDatabase(":memory:", () => 0);
      try {
        await compare(steps, database);
      } finally {
        database.close();
      }
    }),
    { seed: PROPERTY_SEED, numRuns: 100 },
  );
});

async function compare(steps: readonly Step[], database: DatabaseSync): Promise<void> {
  const system = new DecidingCentralSystem({}, { firstTransactionId: 1 });
  const { store } = system;
  let sqlite = new SqliteStore(database);
  let readingsGoneBeforeMs = 0;
  for (const one of steps) {
    switch (one.kind) {
      case "call": {
        const { chargePoint, action, payload } = one;
        const { writes } = system.call(action, payload, { chargePoint, validation: "tolerant" });
        sqlite.commit(writes);
        break;
      }
      case "change":
        system.nowMs += 1; // what comes after belongs to another record, if there is another one
        sqlite.commit(system.change(one.change).writes);
        break;
      case "ownCall": {
        const { action, payload, outcome } = one.own;
        const { chargePoint } = one;
        const options = outcome === undefined ? { chargePoint } : { chargePoint, outcome };
        sqlite.commit(system.ownCall(action, payload, options).writes);
        break;
      }
      case "frame":
        store.commitFrames([one.frame]);
        sqlite.commitFrames([one.frame]);
        break;
      case "time":
        system.nowMs += one.ms;
        break;
      case "failingCommit":
        if (store.chargePoint(one.chargePoint) === undefined) break;
        assert.throws(() => sqlite.commit(failing(one.chargePoint, system.nowMs)), StoreError);
        // What a turn does next is to read everything anew.
        sameChargePoints(sqlite, store, readingsGoneBeforeMs);
        break;
      case "retention": {
        const beforeMs = system.nowMs - one.keepMs;
        const { table } = one;
        for (const any of [store, sqlite]) {
          removeOld(any, { table, beforeMs, nowMs: table === "frames" ? FRAMES_END_MS : system.nowMs });
        }
        if (table === "meterValues") readingsGoneBeforeMs = Math.max(readingsGoneBeforeMs, beforeMs);
        break;
      }
      case "reopen":
        sqlite = new SqliteStore(database);
        sameChargePoints(sqlite, store, readingsGoneBeforeMs);
    }
  }
  sameFacts(sqlite, store, system.nowMs);
  await sameLists(sqlite, store);
}

/** Frames are of the first milliseconds of 1970 here: those of the first two go. */
const FRAMES_END_MS = 5;
const FRAMES_OLD_MS = 2;

/** As the runtime does it, two rows a step. */
function removeOld(
  store: SqliteStore | MemoryStore,
  { table, beforeMs, nowMs }: { table: GrowingTable; beforeMs: number; nowMs: number },
): void {
  const oldMs = table === "frames" ? FRAMES_OLD_MS : beforeMs;
  for (let after = 0;;) {
    const oldest = store.query("oldestRows", { table, after, limit: 2 }) as readonly AgedRow[];
    const { removable, upTo, isOver } = judgeOldRows(oldest, { beforeMs: oldMs, nowMs });
    if (removable > 0) store.commit([{ kind: "removeRows", table, after, upTo: upTo! }]);
    if (isOver || upTo === undefined) return;
    after = upTo;
  }
}

/** Readings included: a repeat has to be known as one, as long as what it repeats is kept. */
function sameChargePoints(sqlite: SqliteStore, store: MemoryStore, goneBeforeMs: number): void {
  const known = (from: SqliteStore | MemoryStore) =>
    sorted(from.load(needed).chargePoints).map(([identity, { recentReadings, ...record }]) => [
      identity,
      {
        ...record,
        recentReadings: recentReadings.filter(({ receivedAtMs }) => receivedAtMs >= goneBeforeMs),
      },
    ]);
  const needed = {
    chargePoints: new Set(CHARGE_POINTS),
    idTags: new Set<string>(),
    counted: new Set<string>(),
    starts: [],
    stops: [],
    localLists: new Set<string>(),
    reservations: [],
  };
  assert.deepEqual(known(sqlite), known(store));
  assert.deepEqual(sorted(sqlite.load(needed).leftActive), sorted(store.load(needed).leftActive));
}

/** Nobody asks what was held before now: one of two with the same number may have come since. */
function sameFacts(sqlite: SqliteStore, store: MemoryStore, nowMs: number): void {
  for (const chargePoint of CHARGE_POINTS) {
    const needed: FactsNeeded = {
      chargePoints: new Set(),
      idTags: new Set(["tag1", "tag2", "lost"]),
      counted: new Set(["tag1"]), // of the other one only where it has a maximum
      starts: [0, 1, 2].map((connectorId) => (
        { chargePoint, connectorId, timestamp: dateTimeOf(Date.UTC(2026, 0, 1, 12, connectorId)) }
      )),
      stops: TRANSACTION_IDS.map((transactionId) => ({ chargePoint, transactionId })),
      localLists: new Set([chargePoint]),
      reservations: [
        { chargePoint, heldAtMs: nowMs },
        { chargePoint, heldAtMs: Infinity, reservationId: 1 },
      ],
    };
    const [loaded, expected] = [sqlite.load(needed), store.load(needed)];
    assert.equal(loaded.nextTransactionId, expected.nextTransactionId);
    assert.deepEqual(sorted(loaded.idTags), sorted(expected.idTags));
    assert.deepEqual(sorted(loaded.activeOf), sorted(expected.activeOf));
    const own = (facts: typeof loaded) => sorted(facts.transactions.get(chargePoint) ?? new Map());
    assert.deepEqual(own(loaded), own(expected));
    assert.deepEqual(sorted(loaded.localLists), sorted(expected.localLists));
    const reserved = (facts: typeof loaded) => sorted(facts.reservations.get(chargePoint) ?? new Map());
    assert.deepEqual(reserved(loaded), reserved(expected));
  }
}

async function sameLists(sqlite: SqliteStore, store: MemoryStore): Promise<void> {
  const same = async <Q extends QueryKind>(
    kind: Q,
    parameters: Omit<Queries[Q]["parameters"], keyof PageWanted>,
  ) => {
    assert.deepEqual(await all(sqlite, kind, parameters), await all(store, kind, parameters));
  };
  for (
    const filter of [{}, { active: true }, { active: false }, { idTag: "tAG1" }, {
      sinceMs: Date.UTC(2026, 0, 1, 12, 2),
    }]
  ) {
    await same("transactions", filter);
    for (const chargePoint of CHARGE_POINTS) await same("transactions", { chargePoint, ...filter });
  }
  for (const filter of [{}, { source: "learned" as const }, { source: "entered" as const }]) {
    await same("idTags", filter);
  }
  const twelve = Date.UTC(2026, 0, 1, 12);
  for (const filter of [{}, { heldAtMs: twelve }, { overAtMs: twelve }]) {
    await same("reservations", filter);
    for (const chargePoint of CHARGE_POINTS) await same("reservations", { chargePoint, ...filter });
  }
  for (const id of [0, 1, 2, 3]) {
    assert.deepEqual(await sqlite.query("reservation", { id }), store.query("reservation", { id }));
  }
  for (const chargePoint of CHARGE_POINTS) {
    await same("localListEntries", { chargePoint });
    assert.deepEqual(
      await sqlite.query("localList", { chargePoint }),
      store.query("localList", { chargePoint }),
    );
  }
  for (const key of ["tag1", "tag2"]) {
    assert.deepEqual(await sqlite.query("idTag", { key }), store.query("idTag", { key }));
  }
  for (const chargePoint of CHARGE_POINTS) {
    for (const transactionId of TRANSACTION_IDS) {
      await same("meterValues", { chargePoint, transactionId });
      await same("meterValues", { chargePoint, transactionId, guessed: true });
    }
    await same("reports", { chargePoint });
    for (const filter of [{}, { action: "Heartbeat" }, { outcome: "lost" as const }, { sinceMs: 3 }]) {
      await same("frames", { chargePoint, ...filter });
    }
  }
  for (const transactionId of TRANSACTION_IDS) {
    assert.deepEqual(
      await sqlite.query("transaction", { transactionId }),
      store.query("transaction", { transactionId }),
    );
  }
  const suspected = { limit: 100 };
  assert.deepEqual(
    await sqlite.query("suspectedTransactions", suspected),
    store.query("suspectedTransactions", suspected),
  );
  const identities = async (from: Store) =>
    (await all(from, "chargePoints", {}) as ChargePointRecord[]).map(({ identity }) => identity).sort();
  assert.deepEqual(await identities(sqlite), await identities(store));
}

/** A whole list, three items at a time. */
async function all<Q extends QueryKind>(
  store: Store,
  kind: Q,
  parameters: Omit<Queries[Q]["parameters"], keyof PageWanted>,
): Promise<unknown[]> {
  const items: unknown[] = [];
  let cursor: string | undefined;
  do {
    const wanted = { ...parameters, limit: 3, ...(cursor === undefined ? {} : { cursor }) };
    const page = await store.query(kind, wanted as Queries[Q]["parameters"]) as Page<unknown>;
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** A map by its keys, since the order in which rows are read means nothing. */
function sorted<K, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].sort(([one], [other]) => String(one) < String(other) ? -1 : 1);
}
