/**
 * BootNotification, Heartbeat, and what is answered before a Charge Point is accepted.
 * Spec: OCPP 1.6 §4.2, §4.6; errata OCPP-J 1.6 (SecurityError).
 */
import assert from "node:assert/strict";
import type { Validation } from "../../src/ocpp/repair.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { RegistrationStatus } from "../../src/ocpp/types.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";

const BOOT = { chargePointVendor: "Vendor", chargePointModel: "Model", firmwareVersion: "1.0" };
const STATUS = { connectorId: 1, errorCode: "NoError", status: "Available" };

for (
  const [bootStatus, interval] of [["Accepted", 300], ["Pending", 60], ["Rejected", 60]] as const
) {
  Deno.test(`§4.2 a new Charge Point is told ${bootStatus}, the time, and an interval of ${interval} s`, () => {
    const system = new DecidingCentralSystem({ bootStatus });
    assert.deepEqual(system.result("BootNotification", BOOT), {
      status: bootStatus,
      currentTime: dateTimeOf(DECIDING_BEGINS_AT_MS),
      interval,
    });
    const { registration, bootStatus: told, bootCount, boot, bootedAtMs } = system.store.chargePoint("CP1")!;
    assert.deepEqual({ registration, told, bootCount, boot, bootedAtMs }, {
      registration: bootStatus,
      told: bootStatus,
      bootCount: 1,
      boot: BOOT,
      bootedAtMs: DECIDING_BEGINS_AT_MS,
    });
  });
}

Deno.test("§4.2 the record's registration decides, and is told at the next boot", () => {
  const system = new DecidingCentralSystem({ bootStatus: "Pending" });
  assert.equal(system.boot().status, "Pending");
  system.register("Accepted");
  assert.equal(system.outcome("Heartbeat", {}), "SecurityError"); // it does not know yet
  assert.equal(system.boot().status, "Accepted");
  assert.equal(system.outcome("Heartbeat", {}), "result");
  system.register("Rejected");
  assert.equal(system.boot().status, "Rejected");
  assert.equal(system.store.chargePoint("CP1")!.bootCount, 3);
});

Deno.test("§4.2 a boot is decided afresh each time, whatever its uniqueId", () => {
  const system = new DecidingCentralSystem();
  for (let count = 1; count <= 2; count++) {
    system.boot({ uniqueId: "1" });
    assert.equal(system.store.chargePoint("CP1")!.bootCount, count);
  }
});

Deno.test("§4.2 a boot keeps what is known of connectors and readings", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  system.call("StatusNotification", STATUS);
  system.nowMs += 1_000;
  system.boot();
  const { connectors, firstSeenAtMs, lastSeenAtMs } = system.store.chargePoint("CP1")!;
  assert.equal(connectors.get(1)?.status, "Available");
  assert.deepEqual([firstSeenAtMs, lastSeenAtMs], [DECIDING_BEGINS_AT_MS, DECIDING_BEGINS_AT_MS + 1_000]);
});

Deno.test("§4.6 Heartbeat is told the time, and writes nothing", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  system.nowMs += 1_234;
  const { answer, writes, events } = system.call("Heartbeat", {});
  const currentTime = dateTimeOf(DECIDING_BEGINS_AT_MS + 1_234);
  assert.deepEqual({ answer, writes, events }, {
    answer: { kind: "result", payload: { currentTime } },
    writes: [],
    events: [],
  });
});

/** What was told at the last boot, and what becomes of another Call. */
const GATE: readonly {
  readonly told: RegistrationStatus | undefined;
  readonly validation: Validation;
  readonly triggered: boolean;
  readonly outcome: string;
  readonly deviations?: readonly string[];
}[] = [
  { told: undefined, validation: "strict", triggered: false, outcome: "SecurityError" },
  { told: undefined, validation: "strict", triggered: true, outcome: "SecurityError" },
  {
    told: undefined,
    validation: "tolerant",
    triggered: false,
    outcome: "result",
    deviations: ["callBeforeBoot"],
  },
  { told: "Accepted", validation: "strict", triggered: false, outcome: "result" },
  { told: "Accepted", validation: "tolerant", triggered: false, outcome: "result" },
  { told: "Pending", validation: "strict", triggered: false, outcome: "SecurityError" },
  { told: "Pending", validation: "tolerant", triggered: false, outcome: "SecurityError" },
  { told: "Pending", validation: "strict", triggered: true, outcome: "result" },
  { told: "Pending", validation: "tolerant", triggered: true, outcome: "result" },
  { told: "Rejected", validation: "strict", triggered: false, outcome: "SecurityError" },
  { told: "Rejected", validation: "tolerant", triggered: false, outcome: "SecurityError" },
  { told: "Rejected", validation: "tolerant", triggered: true, outcome: "SecurityError" },
];

for (const { told, validation, triggered, outcome, deviations = [] } of GATE) {
  const name = `${told ?? "no boot yet"}, ${validation}${triggered ? ", triggered" : ""}: ${outcome}`;
  Deno.test(`§4.2 gate: ${name}`, () => {
    for (
      const [action, payload] of [["StatusNotification", STATUS], ["Authorize", { idTag: "TAG" }]] as const
    ) {
      const system = new DecidingCentralSystem(told === undefined ? {} : { bootStatus: told });
      if (told !== undefined) system.boot();
      const arrival = { validation, triggered };
      const { answer, writes, events } = system.call(action, payload, arrival);
      assert.equal(answer.kind === "error" ? answer.errorCode : answer.kind, outcome);
      assert.deepEqual(
        events.flatMap((event) => event.kind === "deviation" ? [event.rule] : []),
        deviations,
      );
      if (outcome === "SecurityError") assert.deepEqual(writes, []);
    }
  });
}

for (const told of ["Pending", "Rejected"] as const) {
  Deno.test(`§4.2 gate: ${told}: BootNotification is answered all the same`, () => {
    const system = new DecidingCentralSystem({ bootStatus: told });
    for (let boots = 0; boots < 3; boots++) assert.equal(system.boot().status, told);
  });
}

Deno.test("§4.2 gate: it comes before the payload is judged, and before the Action is", () => {
  const system = new DecidingCentralSystem();
  assert.equal(system.outcome("Authorize", {}, { broken: "without idTag" }), "SecurityError");
  assert.equal(system.outcome("Reset", {}, { broken: "without type" }), "SecurityError");
  assert.equal(system.outcome("Foo", {}, { broken: "no Action" }), "SecurityError");
  system.boot();
  assert.equal(system.outcome("Authorize", {}, { broken: "without idTag" }), "OccurenceConstraintViolation");
});

Deno.test("§4.2 tolerant: a Charge Point that never booted gets its record with its first Call", () => {
  const system = new DecidingCentralSystem();
  system.call("Heartbeat", {}, { validation: "tolerant" });
  const { bootStatus, bootCount, registration } = system.store.chargePoint("CP1")!;
  assert.deepEqual({ bootStatus, bootCount, registration }, {
    bootStatus: undefined,
    bootCount: 0,
    registration: "Accepted",
  });
  // The next one deviates as well: it still has not booted.
  assert.deepEqual(system.deviations("Heartbeat", {}, { validation: "tolerant" }), ["callBeforeBoot"]);
});

Deno.test("§4.2 acceptance belongs to one Charge Point", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  assert.equal(system.outcome("Heartbeat", {}, { chargePoint: "CP2" }), "SecurityError");
  assert.equal(system.outcome("Heartbeat", {}), "result");
});
