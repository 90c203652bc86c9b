import assert from "node:assert/strict";
import type { ChargePointEvent, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { ChargePointStatus } from "../../src/ocpp/types.ts";
import { ChargingCycle, type ChargingCycleOptions } from "../../src/scenario/charging_cycle.ts";

const ACCEPTED: ChargePointEvent = { kind: "registration", status: "Accepted", intervalSeconds: 300 };

/** A cycle with its clock; `happens` gives the inputs that events cause, `after` those that time causes. */
function play(options: Partial<ChargingCycleOptions> = {}) {
  const cycle = new ChargingCycle({
    connectors: 1,
    idTag: "TAG001",
    durationSeconds: 60,
    cycles: 1,
    speed: 1,
    isIdle: false,
    ...options,
  });
  let nowMs = 0;
  return {
    cycle,
    happens: (...events: ChargePointEvent[]): ChargePointInput[] =>
      events.flatMap((event) => cycle.observe(event, nowMs)),
    after: (durationMs: number) => cycle.tick(nowMs += durationMs),
    finish: () => cycle.finish(nowMs),
  };
}

function status(status: ChargePointStatus, connectorId = 1): ChargePointEvent {
  return { kind: "status", connectorId, status, errorCode: "NoError" };
}
const started: ChargePointEvent = {
  kind: "transactionStarted",
  connectorId: 1,
  idTag: "TAG001",
  meterStartWh: 0,
};
const confirmed: ChargePointEvent = {
  kind: "transactionConfirmed",
  connectorId: 1,
  transactionId: 7,
  status: "Accepted",
};
const stopped: ChargePointEvent = {
  kind: "transactionStopped",
  connectorId: 1,
  transactionId: 7,
  reason: "Local",
  meterStartWh: 0,
  meterStopWh: 100,
};
const finished: ChargePointEvent = { kind: "transactionFinished", connectorId: 1, transactionId: 7 };
const authorization = (status: "Accepted" | "Blocked"): ChargePointEvent => ({
  kind: "authorization",
  idTag: "TAG001",
  connectorId: 1,
  status,
});

const PLUG_IN: ChargePointInput = { kind: "plugIn", connectorId: 1 };
const PRESENT: ChargePointInput = { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 };
const UNPLUG: ChargePointInput = { kind: "unplug", connectorId: 1 };

/** Brings a cycle to where it charges. */
function charge(played: ReturnType<typeof play>) {
  played.happens(ACCEPTED, status("Available"));
  assert.deepEqual(played.after(1_000), [PLUG_IN]);
  played.happens(status("Preparing"));
  assert.deepEqual(played.after(1_000), [PRESENT]);
  played.happens(authorization("Accepted"), started, status("Charging"), confirmed);
}

Deno.test("ChargingCycle: the whole session takes its steps in order and ends done", () => {
  const played = play();
  charge(played);
  assert.deepEqual(played.after(59_999), []);
  assert.deepEqual(played.after(1), [PRESENT]);
  played.happens(stopped, status("Finishing"));
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(finished);
  assert.deepEqual(played.cycle.outcome(), { kind: "running" });
  played.happens(status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
  assert.equal(played.cycle.deadlineMs(), Infinity);
});

Deno.test("ChargingCycle: nothing begins before the boot is accepted and the connector Available", () => {
  const played = play();
  played.happens(status("Available"));
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens({ kind: "registration", status: "Pending", intervalSeconds: 5 });
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(ACCEPTED, status("Unavailable"));
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(status("Available"));
  assert.deepEqual(played.after(1_000), [PLUG_IN]);
});

Deno.test("ChargingCycle: speed shortens pauses and charging", () => {
  const played = play({ speed: 10 });
  played.happens(ACCEPTED, status("Available"));
  assert.deepEqual(played.after(100), [PLUG_IN]);
  assert.deepEqual(played.after(100), [PRESENT]);
  played.happens(started, confirmed);
  assert.deepEqual(played.after(6_000), [PRESENT]);
});

Deno.test("ChargingCycle: while offline the charging time begins with the confirmation", () => {
  const played = play();
  played.happens(ACCEPTED, status("Available"));
  played.after(1_000);
  played.after(1_000);
  played.happens(authorization("Accepted"), started);
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(confirmed);
  assert.deepEqual(played.after(60_000), [PRESENT]);
});

Deno.test("ChargingCycle: a refused idTag is unplugged and the outcome says why", () => {
  const played = play({ cycles: 0 });
  played.happens(ACCEPTED, status("Available"));
  played.after(1_000);
  played.happens(status("Preparing"));
  played.after(1_000);
  played.happens(authorization("Blocked"));
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "refused", reason: "idTag TAG001 was answered Blocked" });
});

Deno.test("ChargingCycle: a StartTransaction answered ConcurrentTx ends refused after its stop", () => {
  const played = play();
  played.happens(ACCEPTED, status("Available"));
  played.after(1_000);
  played.happens(status("Preparing"));
  played.after(1_000);
  played.happens(started, { ...confirmed, status: "ConcurrentTx" } as ChargePointEvent, stopped);
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(finished, status("Available"));
  assert.deepEqual(played.cycle.outcome(), {
    kind: "refused",
    reason: "StartTransaction with idTag TAG001 was answered ConcurrentTx",
  });
});

Deno.test("ChargingCycle: a cable that is kept is got by showing the idTag once more", () => {
  const lock = (outcome: "held" | "unlocked"): ChargePointEvent => ({
    ...{ kind: "cableLock", connectorId: 1, outcome },
  });
  const played = play();
  charge(played);
  played.happens(stopped, lock("held"), status("Finishing"), finished);
  assert.deepEqual(played.after(1_000), [PRESENT, UNPLUG]);
  assert.deepEqual(played.happens(ACCEPTED), [PRESENT]); // the reader was shut
  played.happens(lock("unlocked"), status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: a transaction stopped from elsewhere is unplugged all the same", () => {
  const played = play();
  charge(played);
  played.after(5_000);
  played.happens(stopped, status("Finishing"), finished);
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: a StopTransaction that was given up ends with that reason, not never", () => {
  const played = play();
  charge(played);
  played.after(60_000);
  played.happens(stopped, status("Finishing"));
  played.after(1_000);
  played.happens(status("Available"), {
    kind: "messageLost",
    action: "StopTransaction",
    reason: "no answer",
  });
  assert.deepEqual(played.cycle.outcome(), {
    kind: "failed",
    reason: "StopTransaction was given up: no answer",
  });
});

Deno.test("ChargingCycle: further cycles follow until there are enough, on every connector", () => {
  const played = play({ connectors: 2, cycles: 2, durationSeconds: 0 });
  played.happens(ACCEPTED, status("Available"), status("Available", 2));
  const plugIns = new Map<number, number>();
  for (let step = 0; step < 200 && played.cycle.outcome().kind === "running"; step++) {
    for (const input of played.after(500)) {
      if (!("connectorId" in input) || input.connectorId === undefined) continue;
      const { connectorId } = input;
      if (input.kind === "plugIn") plugIns.set(connectorId, (plugIns.get(connectorId) ?? 0) + 1);
      const on = (event: ChargePointEvent) => ({ ...event, connectorId }) as ChargePointEvent;
      if (input.kind === "presentIdTag") {
        played.happens(
          on(started),
          on(confirmed),
          on(stopped),
          on(finished),
          status("Finishing", connectorId),
        );
      }
      if (input.kind === "unplug") played.happens(status("Available", connectorId));
    }
  }
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
  assert.deepEqual([...plugIns], [[1, 2], [2, 2]]);
});

Deno.test("ChargingCycle: nothing begins during a restart, and all goes on with the next accepted boot", () => {
  const played = play({ cycles: 0 });
  played.happens(ACCEPTED, status("Available"));
  played.happens({ kind: "restarting", type: "Soft" });
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(status("Available"));
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(ACCEPTED, status("Available"));
  assert.deepEqual(played.after(1_000), [PLUG_IN]);
});

Deno.test("ChargingCycle: a session that times out before its transaction is left, and the next one begins", () => {
  const played = play({ cycles: 0 });
  played.happens(ACCEPTED, status("Available"));
  played.after(1_000);
  played.happens(status("Preparing"));
  assert.deepEqual(played.after(1_000), [PRESENT]);
  played.happens({ kind: "idTagIgnored", idTag: "TAG001", connectorId: 1, reason: "it is starting" });
  played.happens(status("Finishing")); // ConnectionTimeOut
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.after(1_000), [PLUG_IN]);
});

Deno.test("ChargingCycle: finish while charging shows the idTag, unplugs at once and is done", () => {
  const played = play({ cycles: 0 });
  charge(played);
  assert.deepEqual(played.finish(), [PRESENT]);
  played.happens(stopped, status("Finishing"));
  assert.deepEqual(played.after(0), [UNPLUG]);
  played.happens(finished, status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: outcome waits for the last answer", () => {
  const played = play();
  played.happens({ kind: "callSent", uniqueId: "1", action: "StatusNotification", payload: {} });
  played.finish();
  assert.deepEqual(played.cycle.outcome(), { kind: "running" });
  played.happens({
    kind: "callAnswered",
    uniqueId: "1",
    action: "StatusNotification",
    payload: {},
    latencyMs: 1,
  });
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: idle begins nothing, and finish ends a remotely started transaction", () => {
  const played = play({ isIdle: true });
  played.happens(ACCEPTED, status("Available"));
  assert.equal(played.cycle.deadlineMs(), Infinity);
  played.happens(status("Preparing"), { ...started, idTag: "REMOTE" } as ChargePointEvent, confirmed);
  assert.equal(played.cycle.deadlineMs(), Infinity);
  assert.deepEqual(played.finish(), [{ kind: "presentIdTag", idTag: "REMOTE", connectorId: 1 }]);
  played.happens(stopped, status("Finishing"), finished);
  assert.deepEqual(played.after(0), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: finish when idle takes out a plug that nobody used", () => {
  const played = play({ isIdle: true });
  played.happens(ACCEPTED, status("Preparing"));
  assert.deepEqual(played.finish(), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.cycle.outcome(), { kind: "done" });
});

Deno.test("ChargingCycle: a cable that is in when the Charge Point starts comes out before the session begins", () => {
  const played = play();
  played.happens({ kind: "started" }, { ...stopped, reason: "PowerLoss" }, ACCEPTED, status("Finishing"));
  assert.deepEqual(played.after(1_000), [UNPLUG]);
  played.happens(status("Available"));
  assert.deepEqual(played.after(1_000), [], "the stop is not acknowledged yet");
  played.happens(finished);
  assert.deepEqual(played.cycle.outcome(), { kind: "done" }, "it was a session of this cycle");
});

Deno.test("ChargingCycle: a cable without a transaction is taken out after the boot", () => {
  const played = play();
  played.happens({ kind: "started" }, ACCEPTED, status("Preparing"));
  assert.deepEqual(played.after(1_000), [UNPLUG]);
});

Deno.test("ChargingCycle: a transaction that goes on after a power cut is charged to its end", () => {
  const played = play();
  const resumed = { kind: "transactionResumed", connectorId: 1, transactionId: 7, idTag: "TAG007" } as const;
  played.happens({ kind: "started" }, resumed, ACCEPTED, status("Charging"));
  assert.deepEqual(played.after(60_000), [{ ...PRESENT, idTag: "TAG007" }]);
  played.happens(stopped, status("Finishing"));
  assert.deepEqual(played.after(1_000), [UNPLUG]);
});

Deno.test("ChargingCycle: who waits for an answer when the power goes begins anew", () => {
  const played = play({ cycles: 2 });
  played.happens(ACCEPTED, status("Available"));
  played.after(1_000);
  played.happens(status("Preparing"));
  played.after(1_000); // presented
  assert.deepEqual(played.happens({ kind: "started" }), [UNPLUG]);
  played.happens(ACCEPTED, status("Available"));
  assert.deepEqual(played.after(1_000), [PLUG_IN]);
});
