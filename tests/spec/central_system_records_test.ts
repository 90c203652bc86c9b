/**
 * What an operator's records of Charge Points and idTags change about answers.
 * Spec: OCPP 1.6 §4.1, §4.2, §4.8, §7.2 (ConcurrentTx is for StartTransaction only).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { DecidingCentralSystem } from "../support/deciding_central_system.ts";

/** A StartTransaction; `minute` tells one from the next. */
function start(
  system: DecidingCentralSystem,
  { chargePoint = "CP1", connectorId = 1, minute = 0, idTag = "Tag1" } = {},
) {
  const timestamp = dateTimeOf(system.nowMs + minute * 60_000);
  return system.result("StartTransaction", { connectorId, idTag, meterStart: 0, timestamp }, { chargePoint });
}

function stop(system: DecidingCentralSystem, transactionId: number, chargePoint = "CP1"): void {
  const timestamp = dateTimeOf(system.nowMs);
  system.result("StopTransaction", { transactionId, meterStop: 1, timestamp }, { chargePoint });
}

function withMaximum(maxActiveTransactions: number): DecidingCentralSystem {
  const system = new DecidingCentralSystem();
  for (const chargePoint of ["CP1", "CP2"]) system.boot({ chargePoint });
  system.change({ kind: "putIdTag", idTag: "TAG1", entry: { blocked: false, maxActiveTransactions } });
  return system;
}

Deno.test("§7.2 one transaction more than the maximum is ConcurrentTx, wherever; a stop makes room", () => {
  const system = withMaximum(1);
  const first = start(system);
  assert.equal(first.idTagInfo.status, "Accepted");
  assert.equal(start(system, { chargePoint: "CP2" }).idTagInfo.status, "ConcurrentTx");
  assert.equal(start(system, { connectorId: 2 }).idTagInfo.status, "ConcurrentTx");
  assert.equal(system.result("Authorize", { idTag: "tag1" }).idTagInfo.status, "Accepted"); // §7.2
  for (const { transactionId, chargePoint } of system.store.transactions) {
    stop(system, transactionId, chargePoint);
  }
  assert.equal(start(system, { minute: 1 }).idTagInfo.status, "Accepted");
});

Deno.test("§7.2 a repeat never counts, nor what its own start brings to an end", () => {
  const system = withMaximum(1);
  const first = start(system);
  assert.deepEqual(start(system), first);
  assert.equal(start(system, { minute: 1 }).idTagInfo.status, "Accepted"); // the same connector
  assert.equal(system.store.transactions.filter((one) => one.stop === undefined).length, 1);
});

Deno.test("§7.2 blocked comes before ConcurrentTx, and another idTag is not counted", () => {
  const system = withMaximum(1);
  start(system);
  assert.equal(start(system, { connectorId: 2, idTag: "Tag2" }).idTagInfo.status, "Accepted");
  const entry = { blocked: true, maxActiveTransactions: 1 };
  system.change({ kind: "putIdTag", idTag: "Tag1", entry });
  assert.equal(start(system, { chargePoint: "CP2" }).idTagInfo.status, "Blocked");
});

Deno.test("§7.2 whatever starts, stops and repeats: ConcurrentTx exactly where the maximum is reached", () => {
  const step = fc.record({
    chargePoint: fc.constantFrom("CP1", "CP2"),
    connectorId: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom("start", "repeat", "stop"),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 30 }), (max, steps) => {
      const system = withMaximum(max);
      const active = () => system.store.transactions.filter((one) => one.stop === undefined);
      let minute = 0;
      for (const { chargePoint, connectorId, kind } of steps) {
        const here = active().find((one) =>
          one.chargePoint === chargePoint && one.connectorId === connectorId
        );
        if (kind === "start") {
          const others = active().filter((one) => one !== here).length;
          const { status } = start(system, { chargePoint, connectorId, minute: ++minute }).idTagInfo;
          assert.equal(status, others >= max ? "ConcurrentTx" : "Accepted");
        } else if (here !== undefined && kind === "repeat") {
          const { connectorId, idTag, meterStart, startTimestamp: timestamp } = here;
          const payload = { connectorId, idTag, meterStart, timestamp };
          assert.deepEqual(system.result("StartTransaction", payload, { chargePoint }), here.startAnswer);
        } else if (here !== undefined) {
          stop(system, here.transactionId, chargePoint);
        }
      }
    }),
    { seed: PROPERTY_SEED, numRuns: 200 },
  );
});

Deno.test("§4.1 closed: a learned idTag is valid once an operator has entered it, and unknown once deleted", () => {
  const system = new DecidingCentralSystem({ authorization: "closed" });
  system.boot();
  system.addIdTag("Tag1", { source: "learned" });
  const status = () => system.result("Authorize", { idTag: "Tag1" }).idTagInfo.status;
  assert.equal(status(), "Invalid");
  assert.equal(
    system.change({ kind: "putIdTag", idTag: "tag1", entry: { blocked: false } }).outcome,
    "replaced",
  );
  assert.equal(status(), "Accepted");
  assert.equal(system.change({ kind: "deleteIdTag", idTag: "TAG1" }).outcome, "deleted");
  assert.equal(status(), "Invalid");
  assert.equal(system.change({ kind: "deleteIdTag", idTag: "TAG1" }).outcome, "unknown");
});

Deno.test("§4.1 a Charge Point with allowed idTags takes these and their groups, and learns no others", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  system.boot({ chargePoint: "CP2" });
  system.addIdTag("Member", { parentIdTag: "GROUP" });
  system.addIdTag("Stranger");
  const entry = { registration: "Accepted", allowedIdTags: ["tag1", "group"] } as const;
  system.change({ kind: "putChargePoint", identity: "CP1", entry });
  const status = (idTag: string, chargePoint = "CP1") =>
    system.result("Authorize", { idTag }, { chargePoint }).idTagInfo.status;
  assert.deepEqual(["TAG1", "Member", "Stranger", "New"].map((idTag) => status(idTag)), [
    "Accepted",
    "Accepted",
    "Invalid",
    "Invalid",
  ]);
  assert.equal(system.store.idTag("New"), undefined);
  assert.equal(start(system, { idTag: "Stranger" }).idTagInfo.status, "Invalid");
  assert.equal(status("Stranger", "CP2"), "Accepted");
});

Deno.test("§4.2 before its first boot an entered Charge Point is processed only if it is Accepted", () => {
  for (
    const [registration, outcome] of [
      ["Accepted", "result"],
      ["Pending", "SecurityError"],
      ["Rejected", "SecurityError"],
    ] as const
  ) {
    const system = new DecidingCentralSystem();
    system.change({ kind: "putChargePoint", identity: "CP1", entry: { registration } });
    assert.equal(system.outcome("Heartbeat", {}, { validation: "tolerant" }), outcome);
    assert.equal(system.boot().status, registration);
  }
});

Deno.test("§4.2 an entered Charge Point has its own heartbeat interval, told where it is Accepted", () => {
  const system = new DecidingCentralSystem();
  const enter = (registration: "Accepted" | "Pending", heartbeatIntervalSeconds?: number) =>
    system.change({
      kind: "putChargePoint",
      identity: "CP1",
      entry: {
        registration,
        ...(heartbeatIntervalSeconds === undefined ? {} : { heartbeatIntervalSeconds }),
      },
    }).outcome;
  assert.equal(enter("Accepted", 7), "created");
  assert.equal(system.store.chargePoint("CP1")!.lastSeenAtMs, undefined);
  assert.equal(system.boot().interval, 7);
  assert.equal(enter("Pending", 7), "replaced");
  assert.equal(system.boot().interval, 60);
  assert.equal(enter("Accepted"), "replaced"); // what is left out is as by default
  assert.equal(system.boot().interval, 300);
  assert.equal(system.store.chargePoint("CP1")!.bootCount, 3);
});

Deno.test("§4.2 closed registration: without a record nothing is answered, and nothing is learned", () => {
  const system = new DecidingCentralSystem({ registration: "closed" });
  for (const action of ["BootNotification", "Heartbeat"]) {
    const payload = action === "Heartbeat" ? {} : { chargePointVendor: "V", chargePointModel: "M" };
    assert.equal(system.outcome(action, payload, { validation: "tolerant" }), "SecurityError");
  }
  assert.equal(system.store.chargePoint("CP1"), undefined);
  system.change({ kind: "putChargePoint", identity: "CP1", entry: { registration: "Accepted" } });
  assert.equal(system.boot().status, "Accepted");
});
