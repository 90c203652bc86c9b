/**
 * Transactions that are perhaps over: what makes them suspected, what takes that back, and what closes them.
 * OCPP 1.6 leaves it open; the sections are those of the messages.
 */
import assert from "node:assert/strict";
import { ZOMBIE_GRACE_MS } from "../../src/central_system/suspicion.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";
import {
  ACTIVE_TRANSACTIONS_MAX,
  type ClosedBy,
  SUSPECTED_BY,
} from "../../src/central_system/transaction_record.ts";

const HOUR_MS = 3_600_000;

/** One Charge Point with transaction 100 on connector 1, an hour old. */
function charging(): DecidingCentralSystem {
  const system = new DecidingCentralSystem();
  system.boot();
  start(system, { connectorId: 1 });
  system.nowMs += HOUR_MS;
  return system;
}

function start(system: DecidingCentralSystem, changes: Partial<Req<"StartTransaction">> = {}): number {
  const timestamp = dateTimeOf(system.nowMs);
  return system.result("StartTransaction", {
    connectorId: 1,
    idTag: "Tag1",
    meterStart: 1_000,
    timestamp,
    ...changes,
  }).transactionId;
}

type Status = Req<"StatusNotification">["status"];

function tell(
  system: DecidingCentralSystem,
  status: Status,
  { connectorId = 1, ageMs }: { connectorId?: number; ageMs?: number } = {},
) {
  const timestamp = ageMs === undefined ? {} : { timestamp: dateTimeOf(system.nowMs - ageMs) };
  return system.call("StatusNotification", { connectorId, status, errorCode: "NoError", ...timestamp });
}

function read(
  system: DecidingCentralSystem,
  { transactionId = 100, ageMs = 0 }: { transactionId?: number; ageMs?: number } = {},
) {
  const timestamp = dateTimeOf(system.nowMs - ageMs);
  const meterValue = [{ timestamp, sampledValue: [{ value: "1500" }] }];
  return system.call("MeterValues", { connectorId: 1, transactionId, meterValue });
}

function suspicion(system: DecidingCentralSystem, transactionId = 100) {
  return system.store.transactionsOf("CP1").get(transactionId)!.suspicion;
}

function closeSuspected(system: DecidingCentralSystem, transactionId = 100) {
  return system.change({
    kind: "closeSuspected",
    chargePoint: "CP1",
    transactionId,
    graceMs: ZOMBIE_GRACE_MS,
  });
}

function stopOf(system: DecidingCentralSystem, transactionId = 100) {
  return system.store.transactionsOf("CP1").get(transactionId)!.stop;
}

// --- what makes a transaction suspected ------------------------------------------------------------------------

Deno.test("§4.9 Available on its connector makes a transaction suspected, and closes nothing", () => {
  const system = charging();
  const { events } = tell(system, "Available", { ageMs: 5_000 });
  const atMs = system.nowMs;
  assert.deepEqual(suspicion(system), { by: "Available", atMs, chargePointAtMs: atMs - 5_000 });
  assert.equal(stopOf(system), undefined);
  assert.deepEqual(events.at(-1), {
    kind: "transactionSuspected",
    chargePoint: "CP1",
    transactionId: 100,
    by: "Available",
    atMs,
  });
});

Deno.test("§4.2 a boot makes all that is active at its Charge Point suspected, and nothing elsewhere", () => {
  const system = charging();
  const second = start(system, { connectorId: 2 });
  system.boot({ chargePoint: "CP2" });
  assert.deepEqual([suspicion(system), suspicion(system, second)], [undefined, undefined]);
  system.boot();
  const expected = { by: "boot", atMs: system.nowMs, chargePointAtMs: system.nowMs };
  assert.deepEqual([suspicion(system), suspicion(system, second)], [expected, expected]);
  assert.deepEqual([stopOf(system), stopOf(system, second)], [undefined, undefined]);
});

for (
  const [what, act] of [
    ["Available on another connector", (system) => tell(system, "Available", { connectorId: 2 })],
    ["Available of the Charge Point as a whole", (system) => tell(system, "Available", { connectorId: 0 })],
    ["Finishing", (system) => tell(system, "Finishing")],
    ["Faulted", (system) => tell(system, "Faulted")],
    ["Unavailable", (system) => tell(system, "Unavailable")],
  ] as const satisfies readonly (readonly [string, (system: DecidingCentralSystem) => unknown])[]
) {
  Deno.test(`§4.9 ${what} makes nothing suspected`, () => {
    const system = charging();
    act(system);
    assert.equal(suspicion(system), undefined);
  });
}

Deno.test("§4.9 the first suspicion counts, whatever else says the same later", () => {
  const system = charging();
  tell(system, "Available");
  const first = suspicion(system);
  system.nowMs += HOUR_MS;
  assert.deepEqual(system.boot() && suspicion(system), first);
  tell(system, "Available");
  assert.deepEqual(suspicion(system), first);
});

// --- what takes it back ----------------------------------------------------------------------------------------

for (
  const [what, act, isTakenBack] of [
    ["Charging", (system) => tell(system, "Charging"), true],
    ["SuspendedEV", (system) => tell(system, "SuspendedEV"), true],
    ["SuspendedEVSE", (system) => tell(system, "SuspendedEVSE"), true],
    ["Charging from before it", (system) => tell(system, "Charging", { ageMs: 2 * HOUR_MS }), false],
    ["Charging on another connector", (system) => tell(system, "Charging", { connectorId: 2 }), false],
    ["Preparing", (system) => tell(system, "Preparing"), false],
    ["a reading", (system) => read(system), true],
    ["a reading from before it", (system) => read(system, { ageMs: 2 * HOUR_MS }), false],
    ["a reading of a clock that is certainly wrong", (system) => read(system, { ageMs: system.nowMs }), true],
    ["a reading for an id of nobody", (system) => read(system, { transactionId: 4_711 }), false],
    ["a reading for -1", (system) => read(system, { transactionId: -1 }), false],
  ] as const satisfies readonly (readonly [string, (system: DecidingCentralSystem) => unknown, boolean])[]
) {
  for (const by of SUSPECTED_BY) {
    Deno.test(`§4.9 suspected by ${by}: ${what} ${isTakenBack ? "takes it back" : "changes nothing"}`, () => {
      const system = charging();
      if (by === "boot") system.boot();
      else tell(system, "Available", { ageMs: 0 });
      system.nowMs += HOUR_MS;
      const { events } = act(system);
      assert.equal(suspicion(system) === undefined, isTakenBack);
      assert.equal(events.some(({ kind }) => kind === "transactionGoesOn"), isTakenBack);
      system.nowMs += 2 * ZOMBIE_GRACE_MS;
      assert.equal(closeSuspected(system).outcome, isTakenBack ? "goesOn" : "closed");
    });
  }
}

Deno.test("§4.9 a reading that is sent again shows nothing new", () => {
  const system = charging();
  const meterValue = [{ timestamp: dateTimeOf(system.nowMs), sampledValue: [{ value: "1500" }] }];
  const payload = { connectorId: 1, transactionId: 100, meterValue };
  system.call("MeterValues", payload, { uniqueId: "again" });
  tell(system, "Available");
  system.call("MeterValues", payload, { uniqueId: "again" });
  assert.equal(suspicion(system)?.by, "Available");
});

// --- what closes it --------------------------------------------------------------------------------------------

Deno.test("a suspicion closes its transaction after the grace, not before, and once", () => {
  const system = charging();
  tell(system, "Available", { ageMs: 5_000 });
  const suspected = suspicion(system)!;
  system.nowMs += ZOMBIE_GRACE_MS - 1;
  assert.deepEqual([closeSuspected(system).outcome, stopOf(system)], ["goesOn", undefined]);
  system.nowMs += 1;
  const { outcome, events } = closeSuspected(system);
  assert.equal(outcome, "closed");
  assert.deepEqual(events, [{
    kind: "transactionStopped",
    chargePoint: "CP1",
    transactionId: 100,
    closedBy: "evidence",
    energyWh: undefined,
  }]);
  const stop = {
    closedBy: "evidence",
    stoppedAtMs: suspected.chargePointAtMs,
    receivedAtMs: system.nowMs,
  };
  assert.deepEqual([stopOf(system), suspicion(system)], [stop, suspected]);
  system.nowMs += HOUR_MS;
  assert.deepEqual([closeSuspected(system).outcome, stopOf(system)], ["closedBefore", stop]);
});

Deno.test("an operator's stop says who, when and why, and is not repeated", () => {
  const system = charging();
  const wish = { kind: "stopTransaction", chargePoint: "CP1", transactionId: 100 } as const;
  assert.equal(system.change({ ...wish, operator: "Ada", note: "taken down" }).outcome, "closed");
  const stop = {
    closedBy: "operator",
    stoppedAtMs: system.nowMs,
    receivedAtMs: system.nowMs,
    operator: "Ada",
    note: "taken down",
  };
  assert.deepEqual(stopOf(system), stop);
  system.nowMs += HOUR_MS;
  assert.equal(system.change({ ...wish, operator: "Bob" }).outcome, "closedBefore");
  assert.deepEqual(stopOf(system), stop);
  assert.equal(system.change({ ...wish, transactionId: 4_711 }).outcome, "unknown");
  assert.equal(system.change({ ...wish, chargePoint: "CP2" }).outcome, "unknown");
});

/** Closes transaction 100 in each way that is no StopTransaction. */
const CLOSINGS: Readonly<Record<Exclude<ClosedBy, "chargePoint">, (system: DecidingCentralSystem) => void>> =
  {
    laterStart: (system) => void start(system, { meterStart: 2_000 }),
    evidence: (system) => {
      tell(system, "Available");
      system.nowMs += ZOMBIE_GRACE_MS;
      closeSuspected(system);
    },
    operator: (system) => {
      const wish = { kind: "stopTransaction", chargePoint: "CP1", transactionId: 100, note: "gone" } as const;
      system.change({ ...wish, operator: "Ada" });
    },
  };

for (const [closedBy, close] of Object.entries(CLOSINGS)) {
  Deno.test(`§4.10 a StopTransaction that comes after all wins over ${closedBy}, which stays in the record`, () => {
    const system = charging();
    close(system);
    const before = stopOf(system)!;
    assert.equal(before.closedBy, closedBy);
    system.nowMs += HOUR_MS;
    const timestamp = dateTimeOf(system.nowMs);
    const req = { transactionId: 100, meterStop: 4_000, timestamp };
    assert.deepEqual(system.deviations("StopTransaction", req), []);
    const { closedBy: by, meterStop, overruled } = stopOf(system)!;
    assert.deepEqual([by, meterStop], ["chargePoint", 4_000]);
    assert.deepEqual(overruled, before);
    assert.equal(system.store.unmatchedStops.length, 0);
    // From here on it is as any other: a repeat is one, and nobody closes it again.
    assert.deepEqual(system.call("StopTransaction", req).writes, []);
    assert.equal(closeSuspected(system).outcome, "closedBefore");
  });

  Deno.test(`§4.7 readings of a transaction closed by ${closedBy} are stored with it and do not open it`, () => {
    const system = charging();
    close(system);
    const before = stopOf(system);
    system.nowMs += HOUR_MS;
    assert.deepEqual(read(system).events, []);
    assert.deepEqual(system.store.readings.map(({ transactionId }) => transactionId), [100]);
    assert.equal(system.store.readings[0]!.guessedTransactionId, undefined);
    assert.deepEqual(stopOf(system), before);
  });
}

Deno.test("§7.2 what is closed as evidence or by an operator makes room for ConcurrentTx", () => {
  const system = new DecidingCentralSystem();
  system.addIdTag("Tag1", { maxActiveTransactions: 1 });
  system.boot();
  start(system);
  system.change({ kind: "stopTransaction", chargePoint: "CP1", transactionId: 100 });
  const timestamp = dateTimeOf(system.nowMs);
  const again = { connectorId: 2, idTag: "Tag1", meterStart: 0, timestamp };
  assert.equal(system.result("StartTransaction", again).idTagInfo.status, "Accepted");
});

Deno.test("a transaction outlives the record of its Charge Point, and so does the look at it", () => {
  const system = charging();
  system.change({ kind: "deleteChargePoint", identity: "CP1" });
  system.boot(); // a new record
  assert.equal(suspicion(system)?.by, "boot");
});

Deno.test(`of one Charge Point the newest ${ACTIVE_TRANSACTIONS_MAX} active transactions are looked at`, () => {
  const system = new DecidingCentralSystem();
  system.boot();
  for (let connectorId = 1; connectorId <= ACTIVE_TRANSACTIONS_MAX + 1; connectorId++) {
    start(system, { connectorId });
  }
  assert.equal(system.store.chargePoint("CP1")!.activeTransactions.length, ACTIVE_TRANSACTIONS_MAX);
  tell(system, "Available", { connectorId: 1 });
  tell(system, "Available", { connectorId: 2 });
  assert.deepEqual([suspicion(system, 100)?.by, suspicion(system, 101)?.by], [undefined, "Available"]);
});

// --- readings whose id is none of ours -------------------------------------------------------------------------

for (const transactionId of [0, -1, 4_711]) {
  Deno.test(`§4.7 a reading for ${transactionId} is stored as sent, with a guess beside it`, () => {
    const system = charging();
    const { events } = read(system, { transactionId });
    assert.deepEqual(events.map((event) => event.kind === "deviation" && event.rule), ["unknownTransaction"]);
    const [stored] = system.store.readings;
    assert.deepEqual([stored!.transactionId, stored!.guessedTransactionId], [transactionId, 100]);
    assert.equal(stopOf(system), undefined);
  });
}

Deno.test("§4.7 an id of another Charge Point is unknown, also where its transaction is active", () => {
  const system = charging();
  system.boot({ chargePoint: "CP2" });
  const meterValue = [{ timestamp: dateTimeOf(system.nowMs), sampledValue: [{ value: "1" }] }];
  const payload = { connectorId: 1, transactionId: 100, meterValue };
  assert.deepEqual(system.deviations("MeterValues", payload, { chargePoint: "CP2" }), ["unknownTransaction"]);
  assert.equal(system.store.readings[0]!.guessedTransactionId, undefined);
});

Deno.test("§4.7 nothing is guessed from before the start, for another connector, or without an id", () => {
  const system = charging();
  read(system, { transactionId: -1, ageMs: HOUR_MS + 1 });
  const meterValue = [{ timestamp: dateTimeOf(system.nowMs), sampledValue: [{ value: "1" }] }];
  system.call("MeterValues", { connectorId: 2, transactionId: -1, meterValue });
  system.call("MeterValues", { connectorId: 0, transactionId: -1, meterValue });
  assert.deepEqual(system.call("MeterValues", { connectorId: 1, meterValue }).events, []);
  assert.deepEqual(
    system.store.readings.map(({ guessedTransactionId }) => guessedTransactionId),
    [undefined, undefined, undefined, undefined],
  );
});

// --- odd times -------------------------------------------------------------------------------------------------

const UNSET = "1970-01-01T00:00:07Z";

for (const validation of ["strict", "tolerant"] as const) {
  for (
    const [action, payload] of [
      ["StatusNotification", { connectorId: 1, status: "Charging", errorCode: "NoError", timestamp: UNSET }],
      ["MeterValues", {
        connectorId: 1,
        transactionId: 100,
        meterValue: [{ timestamp: UNSET, sampledValue: [{ value: "1" }] }],
      }],
      ["StopTransaction", { transactionId: 100, meterStop: 2_000, timestamp: UNSET }],
    ] as const
  ) {
    Deno.test(`§3.15 ${action} of an unset clock under ${validation}: answered, and a deviation`, () => {
      const system = charging();
      const { answer, events } = system.call(action, payload, { validation });
      assert.equal(answer.kind, "result");
      assert.deepEqual(
        events.flatMap((event) => event.kind === "deviation" ? [event.rule] : []),
        ["implausibleClock"],
      );
    });
  }

  Deno.test(`§6.49 a stop before its start under ${validation}: stored as sent, and a deviation`, () => {
    const system = charging();
    const timestamp = dateTimeOf(DECIDING_BEGINS_AT_MS - 1);
    const req = { transactionId: 100, meterStop: 2_000, timestamp };
    assert.deepEqual(system.deviations("StopTransaction", req, { validation }), ["stopBeforeStart"]);
    assert.equal(stopOf(system)!.stoppedAtMs, DECIDING_BEGINS_AT_MS - 1);
  });
}
