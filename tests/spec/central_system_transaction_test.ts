/**
 * StartTransaction and StopTransaction: every one is answered, none is counted twice.
 * Spec: OCPP 1.6 §3.15, §4.8, §4.10, §6.45–50; errata 1.6 (transactionId -1).
 */
import assert from "node:assert/strict";
import { PLAUSIBLE_FUTURE_MS, PLAUSIBLE_PAST_MS } from "../../src/central_system/plausible.ts";
import { REPEAT_WINDOW_MS } from "../../src/central_system/transaction.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import {
  type Arrival,
  DECIDING_BEGINS_AT_MS,
  DecidingCentralSystem,
} from "../support/deciding_central_system.ts";

const HOUR_MS = 3_600_000;
const NOW = dateTimeOf(DECIDING_BEGINS_AT_MS);

/** When the clock of a device stood before it was ever set. */
const UNSET_CLOCK = "1970-01-01T00:00:07Z";

function booted(...settings: ConstructorParameters<typeof DecidingCentralSystem>): DecidingCentralSystem {
  const system = new DecidingCentralSystem(...settings);
  for (const chargePoint of ["CP1", "CP2"]) system.boot({ chargePoint });
  return system;
}

function startReq(changes: Partial<Req<"StartTransaction">> = {}): Req<"StartTransaction"> {
  return { connectorId: 1, idTag: "Tag1", meterStart: 1_000, timestamp: NOW, ...changes };
}

function stopReq(changes: Partial<Req<"StopTransaction">> = {}): Req<"StopTransaction"> {
  return {
    transactionId: 100,
    meterStop: 5_000,
    timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS + HOUR_MS),
    ...changes,
  };
}

function start(
  system: DecidingCentralSystem,
  changes: Partial<Req<"StartTransaction">> = {},
  arrival?: Arrival,
): Conf<"StartTransaction"> {
  return system.result("StartTransaction", startReq(changes), arrival);
}

function stop(
  system: DecidingCentralSystem,
  changes: Partial<Req<"StopTransaction">> = {},
  arrival?: Arrival,
): Conf<"StopTransaction"> {
  return system.result("StopTransaction", stopReq(changes), arrival);
}

// --- StartTransaction ----------------------------------------------------------------------------------------

Deno.test("§4.8 a start is stored as it was sent, with its answer", () => {
  const system = booted();
  const answer = start(system, { reservationId: 7 }, { uniqueId: "start-1" });
  assert.deepEqual(answer, { transactionId: 100, idTagInfo: { status: "Accepted" } });
  assert.deepEqual(system.store.transactions, [{
    transactionId: 100,
    chargePoint: "CP1",
    connectorId: 1,
    idTag: "Tag1",
    meterStart: 1_000,
    startedAtMs: DECIDING_BEGINS_AT_MS,
    startTimestamp: NOW,
    startUniqueId: "start-1",
    startReceivedAtMs: DECIDING_BEGINS_AT_MS,
    startBoot: 1,
    startAnswer: answer,
    reservationId: 7,
  }]);
});

Deno.test("§4.8 transactionIds follow each other, whoever starts", () => {
  const system = booted();
  const ids = [
    start(system),
    start(system, { connectorId: 2 }),
    start(system, {}, { chargePoint: "CP2" }),
    start(system, { meterStart: 2_000 }),
  ].map(({ transactionId }) => transactionId);
  assert.deepEqual(ids, [100, 101, 102, 103]);
});

/** What is known of the idTag, and the status beside the transactionId that it gets all the same. */
const REFUSED:
  readonly (readonly [what: string, prepare: (system: DecidingCentralSystem) => void, status: string])[] = [
    ["unknown", () => {}, "Invalid"],
    ["blocked", (system) => system.addIdTag("Tag1", { blocked: true }), "Blocked"],
    ["expired", (system) => system.addIdTag("Tag1", { expiryAtMs: 1 }), "Expired"],
  ];

for (const [what, prepare, status] of REFUSED) {
  Deno.test(`§4.8 a start with an idTag that is ${what}: ${status}, a transactionId, and a record`, () => {
    const system = booted({ authorization: "closed" });
    prepare(system);
    const { transactionId, idTagInfo } = start(system);
    assert.deepEqual([transactionId, idTagInfo.status], [100, status]);
    assert.equal(system.store.transactions.length, 1);
  });
}

Deno.test("§4.8 a start learns an unknown idTag where everybody is welcome", () => {
  const system = booted();
  start(system);
  assert.equal(system.store.idTag("TAG1")?.source, "learned");
});

/** A start, what happens then, and another: a repeat of the first or a transaction of its own. */
const REPEATS: readonly {
  readonly what: string;
  readonly first?: Partial<Req<"StartTransaction">>;
  readonly again?: Partial<Req<"StartTransaction">>;
  readonly hasSameId: boolean;
  readonly afterMs?: number;
  readonly boots?: boolean;
  readonly chargePoint?: string;
  readonly isRepeat: boolean;
}[] = [
  { what: "same uniqueId and content", hasSameId: true, isRepeat: true },
  { what: "same uniqueId and content across a boot", hasSameId: true, boots: true, isRepeat: true },
  { what: "same content under another uniqueId", hasSameId: false, isRepeat: true },
  {
    what: "same content under another uniqueId, days and a boot later",
    hasSameId: false,
    afterMs: 72 * HOUR_MS,
    boots: true,
    isRepeat: true,
  },
  { what: "the idTag in other case", again: { idTag: "TAG1" }, hasSameId: false, isRepeat: true },
  {
    what: "same uniqueId, another meterStart",
    again: { meterStart: 1_001 },
    hasSameId: true,
    isRepeat: false,
  },
  { what: "same uniqueId, another idTag", again: { idTag: "Tag2" }, hasSameId: true, isRepeat: false },
  { what: "same uniqueId, another connector", again: { connectorId: 2 }, hasSameId: true, isRepeat: false },
  {
    what: "same uniqueId, another timestamp",
    again: { timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS + 1) },
    hasSameId: true,
    isRepeat: false,
  },
  {
    what: "same uniqueId and content of another Charge Point",
    hasSameId: true,
    chargePoint: "CP2",
    isRepeat: false,
  },
  {
    what: "unset clock, same uniqueId, within the window, across a boot",
    first: { timestamp: UNSET_CLOCK },
    hasSameId: true,
    afterMs: REPEAT_WINDOW_MS,
    boots: true,
    isRepeat: true,
  },
  {
    what: "unset clock, same uniqueId, after the window and a boot",
    first: { timestamp: UNSET_CLOCK },
    hasSameId: true,
    afterMs: REPEAT_WINDOW_MS + 1,
    boots: true,
    isRepeat: false,
  },
  {
    what: "unset clock, another uniqueId, same boot",
    first: { timestamp: UNSET_CLOCK },
    hasSameId: false,
    isRepeat: true,
  },
  {
    what: "unset clock, another uniqueId, another boot",
    first: { timestamp: UNSET_CLOCK },
    hasSameId: false,
    boots: true,
    isRepeat: false,
  },
  {
    what: "clock just plausible in the past, another uniqueId, another boot",
    first: { timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS - PLAUSIBLE_PAST_MS) },
    hasSameId: false,
    boots: true,
    isRepeat: true,
  },
  {
    what: "clock just too far in the past, another uniqueId, another boot",
    first: { timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS - PLAUSIBLE_PAST_MS - 1) },
    hasSameId: false,
    boots: true,
    isRepeat: false,
  },
  {
    what: "clock just plausible in the future, another uniqueId, another boot",
    first: { timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS + PLAUSIBLE_FUTURE_MS) },
    hasSameId: false,
    boots: true,
    isRepeat: true,
  },
  {
    what: "clock just too far in the future, another uniqueId, another boot",
    first: { timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS + PLAUSIBLE_FUTURE_MS + 1) },
    hasSameId: false,
    boots: true,
    isRepeat: false,
  },
];

for (const { what, first, again, hasSameId, afterMs = 0, boots, chargePoint = "CP1", isRepeat } of REPEATS) {
  Deno.test(`§4.8 ${what}: ${isRepeat ? "the first answer again" : "a transaction of its own"}`, () => {
    const system = booted();
    const answer = start(system, first, { uniqueId: "7" });
    system.nowMs += afterMs;
    if (boots) system.boot();
    const repeat = { uniqueId: hasSameId ? "7" : "8", chargePoint };
    const decision = system.call("StartTransaction", startReq({ ...first, ...again }), repeat);
    assert.ok(decision.answer.kind === "result");
    if (isRepeat) {
      assert.deepEqual(decision, { answer: { kind: "result", payload: answer }, writes: [], events: [] });
    } else {
      assert.deepEqual(decision.answer.payload, { ...answer, transactionId: 101 });
    }
    assert.equal(system.store.transactions.length, isRepeat ? 1 : 2);
  });
}

Deno.test("§4.8 a repeat gets the first answer, whatever has become of the idTag and the transaction", () => {
  const system = booted();
  const first = start(system);
  system.addIdTag("Tag1", { blocked: true });
  assert.deepEqual(start(system), first);
  stop(system);
  assert.deepEqual(start(system), first);
  assert.equal(system.store.transactions.length, 1);
  assert.equal(system.store.transactions[0]!.stop!.closedBy, "chargePoint");
});

Deno.test("§4.8 a later start closes what was open on its connector, and on no other", () => {
  const system = booted();
  start(system);
  start(system, { connectorId: 2 });
  start(system, {}, { chargePoint: "CP2" });
  system.nowMs += HOUR_MS;
  const timestamp = dateTimeOf(system.nowMs - 1_000);
  const { events } = system.call("StartTransaction", startReq({ timestamp, meterStart: 3_000 }));
  assert.deepEqual(
    system.store.transactions.map(({ transactionId, stop }) => [transactionId, stop?.closedBy]),
    [[100, "laterStart"], [101, undefined], [102, undefined], [103, undefined]],
  );
  assert.deepEqual(system.store.transactions[0]!.stop, {
    closedBy: "laterStart",
    stoppedAtMs: system.nowMs - 1_000,
    receivedAtMs: system.nowMs,
  });
  assert.deepEqual(events.map(({ kind }) => kind), ["transactionStopped", "transactionStarted"]);
  // The first start once more: its own answer, and nothing is opened or closed by it.
  assert.equal(start(system).transactionId, 100);
  assert.equal(system.store.transactions[3]!.stop, undefined);
});

Deno.test("§3.15 a start of an implausible clock is answered and recorded as a deviation", () => {
  const system = booted();
  assert.deepEqual(system.deviations("StartTransaction", startReq({ timestamp: UNSET_CLOCK })), [
    "implausibleClock",
  ]);
  assert.deepEqual(system.deviations("StartTransaction", startReq({ meterStart: 2 })), []);
});

Deno.test("§4.8 a start tells who, where and what came of it", () => {
  const system = booted({ authorization: "closed" });
  assert.deepEqual(system.events("StartTransaction", startReq()), [{
    kind: "transactionStarted",
    chargePoint: "CP1",
    connectorId: 1,
    transactionId: 100,
    idTag: "Tag1",
    idTagStatus: "Invalid",
  }]);
});

// --- StopTransaction -----------------------------------------------------------------------------------------

Deno.test("§4.10 a stop is stored as it was sent, with its answer", () => {
  const system = booted();
  start(system);
  system.nowMs += 2 * HOUR_MS;
  const answer = stop(system, { idTag: "Tag2", reason: "Remote" }, { uniqueId: "stop-1" });
  assert.deepEqual(answer, { idTagInfo: { status: "Accepted" } });
  assert.deepEqual(system.store.transactions[0]!.stop, {
    closedBy: "chargePoint",
    stoppedAtMs: DECIDING_BEGINS_AT_MS + HOUR_MS,
    receivedAtMs: DECIDING_BEGINS_AT_MS + 2 * HOUR_MS,
    meterStop: 5_000,
    reason: "Remote",
    idTag: "Tag2",
    timestamp: stopReq().timestamp,
    uniqueId: "stop-1",
    answer,
  });
});

Deno.test("§6.49 a stop without reason is Local; §6.50 without idTag there is nothing to say of one", () => {
  const system = booted();
  start(system);
  assert.deepEqual(stop(system), {});
  assert.equal(system.store.transactions[0]!.stop!.reason, "Local");
});

Deno.test("§4.10 an idTag that is refused stops the transaction all the same", () => {
  const system = booted({ authorization: "closed" });
  start(system);
  assert.deepEqual(stop(system, { idTag: "Tag9" }), { idTagInfo: { status: "Invalid" } });
  assert.equal(system.store.transactions[0]!.stop!.closedBy, "chargePoint");
});

Deno.test("§4.10 a repeated stop gets the first answer, under its own uniqueId or another", () => {
  const system = booted();
  start(system);
  const first = stop(system, { idTag: "Tag1" }, { uniqueId: "9" });
  const stored = system.store.transactions;
  system.addIdTag("Tag1", { blocked: true });
  system.nowMs += 72 * HOUR_MS;
  for (const uniqueId of ["9", "10"]) {
    const decision = system.call("StopTransaction", stopReq({ idTag: "Tag1" }), { uniqueId });
    assert.deepEqual(decision, { answer: { kind: "result", payload: first }, writes: [], events: [] });
  }
  assert.deepEqual(system.store.transactions, stored);
});

Deno.test("§4.10 a second stop that says something else is answered and kept; the first one stays", () => {
  const system = booted();
  start(system);
  stop(system);
  const stored = system.store.transactions;
  const other = stopReq({ meterStop: 6_000 });
  assert.deepEqual(system.deviations("StopTransaction", other), ["stoppedTwice"]);
  assert.deepEqual(system.store.transactions, stored);
  assert.deepEqual(system.store.unmatchedStops.map(({ payload }) => payload), [other]);
});

/** A stop that matches nothing of its sender's: answered as if it did, kept, and nothing is stopped. */
for (
  const [what, transactionId, chargePoint] of [
    ["that nobody gave", 4_711, "CP1"],
    ["-1, which stands for one that never came", -1, "CP1"],
    ["0", 0, "CP1"],
    ["of another Charge Point", 100, "CP2"],
  ] as const
) {
  Deno.test(`§4.10 a stop with a transactionId ${what} is answered and kept, and stops nothing`, () => {
    const system = booted();
    start(system);
    const payload = stopReq({ transactionId, idTag: "Tag1" });
    const { answer, events } = system.call("StopTransaction", payload, { chargePoint, uniqueId: "9" });
    assert.deepEqual(answer, { kind: "result", payload: { idTagInfo: { status: "Accepted" } } });
    assert.deepEqual(events.map((event) => event.kind === "deviation" && event.rule), ["unknownTransaction"]);
    system.call("StopTransaction", payload, { chargePoint, uniqueId: "9" }); // sent again
    assert.deepEqual(system.store.unmatchedStops, [{
      chargePoint,
      uniqueId: "9",
      payload,
      receivedAtMs: DECIDING_BEGINS_AT_MS,
    }]);
    assert.equal(system.store.transactions[0]!.stop, undefined);
  });
}

Deno.test("§4.10 a stop that comes after all wins over the later start that had closed its transaction", () => {
  const system = booted();
  start(system);
  start(system, { meterStart: 2_000 });
  stop(system, { meterStop: 1_900 });
  const [first, second] = system.store.transactions;
  assert.deepEqual([first!.stop!.closedBy, first!.stop!.meterStop], ["chargePoint", 1_900]);
  assert.equal(second!.stop, undefined);
  // From here on it is as any other: a repeat is one.
  assert.deepEqual(system.call("StopTransaction", stopReq({ meterStop: 1_900 })).writes, []);
});

Deno.test("§6.49 transactionData is stored with its transaction, once; an empty one is nothing", () => {
  const system = booted();
  start(system, { connectorId: 2 });
  start(system);
  const timestamp = NOW;
  const transactionData = [
    { timestamp, sampledValue: [{ value: "1000", context: "Transaction.Begin" as const }] },
    { timestamp, sampledValue: [{ value: "5000", context: "Transaction.End" as const }] },
  ];
  const end = { timestamp, transactionId: 100, transactionData };
  for (let times = 0; times < 2; times++) stop(system, end, { uniqueId: "9" });
  stop(system, { timestamp, transactionId: 101, transactionData: [] });
  assert.deepEqual(system.store.readings, [{
    chargePoint: "CP1",
    uniqueId: "9",
    connectorId: 2,
    transactionId: 100,
    receivedAtMs: DECIDING_BEGINS_AT_MS,
    readings: transactionData.map(({ sampledValue }) => ({
      timestamp,
      sampledValue: JSON.stringify(sampledValue),
    })),
  }]);
});

Deno.test("§6.49 a meterStop below meterStart is stored as sent, and a deviation", () => {
  const system = booted();
  start(system);
  assert.deepEqual(system.deviations("StopTransaction", stopReq({ meterStop: 999 })), [
    "meterStopBelowMeterStart",
  ]);
  assert.equal(system.store.transactions[0]!.stop!.meterStop, 999);
});

Deno.test("§4.10 a stop tells how much energy it was", () => {
  const system = booted();
  start(system);
  assert.deepEqual(system.events("StopTransaction", stopReq()), [{
    kind: "transactionStopped",
    chargePoint: "CP1",
    transactionId: 100,
    closedBy: "chargePoint",
    energyWh: 4_000,
  }]);
});
