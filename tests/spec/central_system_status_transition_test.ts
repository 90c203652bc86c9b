/**
 * Which status may follow which, and what the Central System makes of one that may not.
 *
 * Spec: OCPP 1.6 §4.9 (the table, with errata B6).
 */
import assert from "node:assert/strict";
import { transitionFault } from "../../src/central_system/status.ts";
import { ChargePointStatus } from "../../src/ocpp/types.ts";
import { DecidingCentralSystem } from "../support/deciding_central_system.ts";

/** Rows from, columns to, as §4.9 has them: Available, Preparing, Charging, EV, EVSE, Finishing, Reserved, Unavailable, Faulted. */
const TABLE: Readonly<Record<string, string>> = {
  Available: "-xxxx.xxx",
  Preparing: "x-xxxx..x",
  Charging: "x.-xxx.xx",
  SuspendedEV: "x.x-xx.xx",
  SuspendedEVSE: "x.xx-x.xx",
  Finishing: "xx...-.xx",
  Reserved: "xx....-xx",
  Unavailable: "xxxxx..-x",
  Faulted: "xxxxxxxx-",
};

const STATUSES = Object.keys(TABLE) as ChargePointStatus[];

Deno.test("§4.9 the table, all 81 fields of it", () => {
  assert.deepEqual([...STATUSES].sort(), [...ChargePointStatus.options].sort());
  for (const before of STATUSES) {
    for (const [column, status] of STATUSES.entries()) {
      const isAllowed = TABLE[before]![column] !== ".";
      assert.equal(transitionFault(1, before, status) === undefined, isAllowed, `${before} to ${status}`);
    }
  }
});

Deno.test("§4.9 the table is not for connector 0", () => {
  assert.equal(transitionFault(0, "Available", "Finishing"), undefined);
});

function told(
  system: DecidingCentralSystem,
  status: string,
  { connectorId = 1, ...arrival }: { connectorId?: number; connectedAtMs?: number } = {},
): string[] {
  const payload = { connectorId, status, errorCode: "NoError" };
  const { events } = system.call("StatusNotification", payload, arrival);
  return events.flatMap((event) => event.kind === "deviation" ? [`${event.rule}: ${event.detail}`] : []);
}

Deno.test("§4.9 an unlisted transition is kept and told of; after a boot anything may follow", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  assert.deepEqual(told(system, "Available"), []);
  assert.deepEqual(told(system, "Available"), []);
  assert.deepEqual(told(system, "Finishing"), ["statusTransition: connector 1: Finishing after Available"]);
  assert.deepEqual(told(system, "Reserved", { connectorId: 2 }), []); // the first of this connector
  assert.deepEqual(told(system, "Charging"), ["statusTransition: connector 1: Charging after Finishing"]);
  system.nowMs += 1_000;
  system.boot();
  assert.deepEqual(told(system, "Finishing"), []);
});

Deno.test("§3.4 after a time offline anything may follow: what came in between is not told", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  assert.deepEqual(told(system, "Reserved"), []);
  system.nowMs += 1_000;
  const connectedAtMs = system.nowMs;
  assert.deepEqual(told(system, "Charging", { connectedAtMs }), []);
  assert.equal(told(system, "Reserved", { connectedAtMs }).length, 1);
});
