import assert from "node:assert/strict";
import fc from "fast-check";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";

const CHARGE_POINTS = ["CP1", "CP2", "CP3"];

/** One thing that a Charge Point does; `nth` names an earlier one of its own, or of anybody. */
type Step =
  | {
    readonly kind: "start";
    readonly chargePoint: string;
    readonly connectorId: number;
    readonly idTag: string;
  }
  | { readonly kind: "repeatStart"; readonly nth: number; readonly hasNewId: boolean }
  | { readonly kind: "stop"; readonly nth: number; readonly chargePoint?: string; readonly meterStop: number }
  | { readonly kind: "repeatStop"; readonly nth: number; readonly hasNewId: boolean }
  | { readonly kind: "boot"; readonly chargePoint: string }
  | { readonly kind: "time"; readonly ms: number };

const chargePoint = fc.constantFrom(...CHARGE_POINTS);
const nth = fc.nat(30);
const hasNewId = fc.boolean();

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("start" as const),
      chargePoint,
      connectorId: fc.integer({ min: 1, max: 2 }),
      idTag: fc.constantFrom("Tag1", "Tag2"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("repeatStart" as const), nth, hasNewId }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("stop" as const), nth, meterStop: fc.nat(100_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("stop" as const),
      nth,
      chargePoint,
      meterStop: fc.nat(100_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("repeatStop" as const), nth, hasNewId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("boot" as const), chargePoint }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(48 * 3_600_000) }) },
);

interface Started {
  readonly chargePoint: string;
  readonly uniqueId: string;
  readonly payload: Req<"StartTransaction">;
  readonly answer: Conf<"StartTransaction">;
}

interface Stopped {
  readonly chargePoint: string;
  readonly uniqueId: string;
  readonly payload: Req<"StopTransaction">;
  readonly answer: Conf<"StopTransaction">;
}

Deno.test("§4.8, §4.10 whatever starts, stops and repeats: each start is one transaction, each stop one end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const system = new DecidingCentralSystem();
      for (const chargePoint of CHARGE_POINTS) system.boot({ chargePoint });
      const starts: Started[] = [];
      const stops: Stopped[] = [];
      let ids = 0;
      const newId = () => `u${++ids}`;
      for (const one of steps) {
        system.nowMs += 1_000; // no two starts have the same timestamp
        switch (one.kind) {
          case "start": {
            const { kind: _, chargePoint, ...what } = one;
            const payload = { ...what, meterStart: starts.length, timestamp: dateTimeOf(system.nowMs) };
            const uniqueId = newId();
            const answer = system.result("StartTransaction", payload, { chargePoint, uniqueId });
            starts.push({ chargePoint, uniqueId, payload, answer });
            break;
          }
          case "repeatStart": {
            const start = starts[one.nth % starts.length];
            if (start === undefined) break;
            const { chargePoint, payload } = start;
            const uniqueId = one.hasNewId ? newId() : start.uniqueId;
            const again = system.result("StartTransaction", payload, { chargePoint, uniqueId });
            assert.deepEqual(again, start.answer, "a repeat gets the first answer");
            break;
          }
          case "stop": {
            const start = starts[one.nth % starts.length];
            if (start === undefined) break;
            const { transactionId } = start.answer;
            const timestamp = dateTimeOf(system.nowMs);
            const payload = { transactionId, meterStop: one.meterStop, timestamp };
            const chargePoint = one.chargePoint ?? start.chargePoint;
            const uniqueId = newId();
            const answer = system.result("StopTransaction", payload, { chargePoint, uniqueId });
            stops.push({ chargePoint, uniqueId, payload, answer });
            break;
          }
          case "repeatStop": {
            const stop = stops[one.nth % stops.length];
            if (stop === undefined) break;
            const { chargePoint, payload } = stop;
            const uniqueId = one.hasNewId ? newId() : stop.uniqueId;
            const again = system.result("StopTransaction", payload, { chargePoint, uniqueId });
            assert.deepEqual(again, stop.answer);
            break;
          }
          case "boot":
            system.boot({ chargePoint: one.chargePoint });
            break;
          case "time":
            system.nowMs += one.ms;
        }
      }
      checkStore(system, starts, stops);
    }),
    { seed: PROPERTY_SEED, numRuns: 400 },
  );
});

function checkStore(
  { store }: DecidingCentralSystem,
  starts: readonly Started[],
  stops: readonly Stopped[],
): void {
  // Each start is one record, in order, with its own positive transactionId.
  const ids = starts.map(({ answer }) => answer.transactionId);
  assert.deepEqual(ids, ids.map((_, index) => 100 + index));
  assert.deepEqual(
    store.transactions.map((
      { chargePoint, transactionId, connectorId, idTag, meterStart, startTimestamp },
    ) => (
      { chargePoint, transactionId, connectorId, idTag, meterStart, timestamp: startTimestamp }
    )),
    starts.map(({ chargePoint, payload, answer: { transactionId } }) => ({
      chargePoint,
      transactionId,
      ...payload,
    })),
  );
  for (const transaction of store.transactions) {
    const { transactionId, chargePoint, connectorId, stop } = transaction;
    const own = stops.filter((one) =>
      one.chargePoint === chargePoint && one.payload.transactionId === transactionId
    );
    const later = starts.some((one) =>
      one.chargePoint === chargePoint && one.payload.connectorId === connectorId &&
      one.answer.transactionId > transactionId
    );
    // The first own stop ends it; without one a later start on the connector does; else it is open.
    const closedBy = own.length > 0 ? "chargePoint" : later ? "laterStart" : undefined;
    assert.equal(stop?.closedBy, closedBy);
    if (own.length > 0) {
      const { meterStop, timestamp } = own[0]!.payload;
      assert.deepEqual([stop!.meterStop, stop!.timestamp], [meterStop, timestamp]);
    }
  }
  // What stops nothing of its sender's is kept, and nothing else is.
  for (const { chargePoint, payload } of store.unmatchedStops) {
    const { transactionId } = payload;
    const first = stops.find((one) =>
      one.chargePoint === chargePoint && one.payload.transactionId === transactionId
    );
    const isOwn = store.transactionsOf(chargePoint).has(transactionId);
    assert.ok(!isOwn || first!.payload.timestamp !== payload.timestamp);
  }
  // Nobody has two open transactions on one connector.
  const open = store.transactions.filter(({ stop }) => stop === undefined)
    .map(({ chargePoint, connectorId }) => `${chargePoint} ${connectorId}`);
  assert.equal(new Set(open).size, open.length);
}

Deno.test("§4.7 whatever readings come and are repeated at once: each is stored once", () => {
  const readings = fc.array(
    fc.record({
      chargePoint,
      connectorId: fc.nat(2),
      value: fc.nat(3),
      repeats: fc.nat(2),
      boots: fc.boolean(),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(readings, (list) => {
      const system = new DecidingCentralSystem();
      for (const one of CHARGE_POINTS) system.boot({ chargePoint: one });
      const timestamp = dateTimeOf(DECIDING_BEGINS_AT_MS);
      for (const [index, { chargePoint, connectorId, value, repeats, boots }] of list.entries()) {
        const meterValue = [{ timestamp, sampledValue: [{ value: String(value) }] }];
        for (let times = 0; times <= repeats; times++) {
          if (boots) system.boot({ chargePoint });
          system.result("MeterValues", { connectorId, meterValue }, { chargePoint, uniqueId: String(index) });
        }
      }
      assert.deepEqual(
        system.store.readings.map((
          { chargePoint, connectorId, uniqueId },
        ) => [chargePoint, connectorId, uniqueId]),
        list.map(({ chargePoint, connectorId }, index) => [chargePoint, connectorId, String(index)]),
      );
    }),
    { seed: PROPERTY_SEED, numRuns: 200 },
  );
});
