/**
 * What is answered and what is sent before a Charge Point is accepted.
 *
 * Spec: OCPP 1.6 §4.2; OCPP-J errata (SecurityError before acceptance).
 */
import assert from "node:assert/strict";
import { BOOT_GRACE_MS } from "../../src/runtime/central_system_host.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const RESET = { action: "Reset", payload: { type: "Soft" } };
const COMMAND = { ...RESET, timeoutMs: 30_000, validate: true };

onBothListeners("§4.2 tolerant: a Call before the boot is processed, with a deviation", async (serve) => {
  await using server = await serve();
  await using chargePoint = await server.connect("CP1");
  const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
  assert.deepEqual(await chargePoint.result("StatusNotification", status), {});
  assert.deepEqual(server.observer.deviations, ["callBeforeBoot"]);
  const { body } = await server.get("/api/v1/charge-points/CP1");
  assert.equal(body.connectors[0].status, "Available");
  assert.deepEqual(body.deviations, { callBeforeBoot: 1 });
});

onBothListeners(
  "§4.2 strict: before the boot everything else gets SecurityError and changes nothing",
  async (serve) => {
    await using server = await serve({ admission: { validation: "strict" } });
    await using chargePoint = await server.connect("CP1");
    const [type, , code] = await chargePoint.call("Heartbeat", {});
    assert.deepEqual([type, code], [4, "SecurityError"]);
    assert.equal((await server.get("/api/v1/charge-points/CP1")).status, 404);
    assert.equal((await chargePoint.boot()).status, "Accepted");
    assert.ok("currentTime" in await chargePoint.result("Heartbeat", {}));
  },
);

onBothListeners(
  "§4.2 strict: acceptance outlives the connection, since a reconnect brings no boot",
  async (serve) => {
    await using server = await serve({ admission: { validation: "strict" } });
    const first = await server.connect("CP1");
    await first.boot();
    await first.close();
    await using second = await server.connect("CP1");
    assert.ok("currentTime" in await second.result("Heartbeat", {}));
  },
);

for (const bootStatus of ["Pending", "Rejected"] as const) {
  onBothListeners(
    `§4.2 ${bootStatus}: told with the interval, and only a boot is answered, tolerant or not`,
    async (serve) => {
      for (const validation of ["tolerant", "strict"] as const) {
        await using server = await serve({
          settings: { bootStatus, bootIntervalSeconds: 17 },
          admission: { validation },
        });
        await using chargePoint = await server.connect("CP1");
        const { status, interval } = await chargePoint.boot();
        assert.deepEqual([status, interval], [bootStatus, 17]);
        const [type, , code] = await chargePoint.call("Heartbeat", {});
        assert.deepEqual([type, code], [4, "SecurityError"]);
        assert.equal((await chargePoint.boot()).status, bootStatus);
      }
    },
  );
}

for (const validation of ["tolerant", "strict"] as const) {
  onBothListeners(
    `§4.2 Pending, ${validation}: what a TriggerMessage asked for is processed, a remote start refused with 409`,
    async (serve) => {
      await using server = await serve({ settings: { bootStatus: "Pending" }, admission: { validation } });
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      const trigger = { requestedMessage: "StatusNotification", connectorId: 1 };
      const outcome = server.call("CP1", { action: "TriggerMessage", payload: trigger });
      const call = await chargePoint.takeCall();
      assert.deepEqual(call.slice(2), ["TriggerMessage", trigger]);
      chargePoint.answer(call, { status: "Accepted" });
      assert.equal((await outcome).body.outcome, "result");
      const status = { connectorId: 1, status: "Available", errorCode: "NoError" };
      assert.deepEqual(await chargePoint.result("StatusNotification", status), {});
      assert.equal((await chargePoint.call("Heartbeat", {}))[2], "SecurityError"); // not asked for

      for (
        const [action, payload] of [
          ["RemoteStartTransaction", { idTag: "TAG1" }],
          ["RemoteStopTransaction", { transactionId: 1 }],
        ] as const
      ) {
        const { status, body } = await server.call("CP1", { action, payload });
        assert.deepEqual([status, body.reason], [409, "pending"]);
      }
      const allowed = server.call("CP1", RESET);
      chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
      assert.equal((await allowed).body.outcome, "result");
    },
  );
}

const START = { action: "RemoteStartTransaction", payload: { idTag: "TAG1" } };

for (
  const [bootStatus, kinds] of [
    ["Pending", ["pending", "result"]],
    ["Rejected", ["rejected", "rejected"]],
  ] as const
) {
  onBothListeners(
    `own Calls: what waits for the boot and may not be sent after it (${bootStatus}) is given up`,
    async (serve) => {
      await using server = await serve();
      const first = await server.connect("CP1");
      await first.boot();
      await first.close();

      await using second = await server.connect("CP1"); // accepted earlier: Calls wait for its boot
      const outcomes = [START, RESET].map((command) =>
        server.host.call("CP1", { ...command, timeoutMs: 30_000, validate: true })
      );
      const { status } = await server.fetch("/api/v1/charge-points/CP1", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ registration: bootStatus }),
      });
      assert.equal(status, 200);
      assert.equal((await second.boot()).status, bootStatus);
      if (bootStatus === "Pending") second.answer(await second.takeCall(), { status: "Accepted" });
      assert.deepEqual((await Promise.all(outcomes)).map(({ kind }) => kind), kinds);
      assert.equal(second.frames.filter(([type]) => type === 2).length, bootStatus === "Pending" ? 1 : 0);
    },
  );
}

onBothListeners("§4.2 Rejected: nothing is sent to it, 409", async (serve) => {
  await using server = await serve({ settings: { bootStatus: "Rejected" } });
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const { status, body } = await server.call("CP1", RESET);
  assert.deepEqual([status, body.reason], [409, "rejected"]);
});

onBothListeners(
  "own Calls: one that never booted is not called, and asked to boot after 10 s",
  async (serve) => {
    const clock = new VirtualClock();
    await using server = await serve({ clock });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.result("Heartbeat", {});
    const { status, body } = await server.call("CP1", RESET);
    assert.deepEqual([status, body.reason], [409, "notBooted"]);
    clock.advance(BOOT_GRACE_MS);
    const trigger = await chargePoint.takeCall();
    assert.deepEqual(trigger.slice(2), ["TriggerMessage", { requestedMessage: "BootNotification" }]);
    assert.deepEqual(server.observer.deviations, ["callBeforeBoot", "noBoot"]);
    clock.advance(BOOT_GRACE_MS); // asked once
    chargePoint.answer(trigger, { status: "Rejected" });
    const outcome = server.call("CP1", RESET); // taken as booted
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    assert.deepEqual((await outcome).body, { outcome: "result", payload: { status: "Accepted" } });
  },
);

onBothListeners(
  "own Calls: to one that was accepted earlier they wait for its boot, or 10 s",
  async (serve) => {
    const clock = new VirtualClock();
    await using server = await serve({ clock });
    const first = await server.connect("CP1");
    await first.boot();
    await first.close();

    const second = await server.connect("CP1");
    const afterBoot = server.host.call("CP1", COMMAND);
    await second.result("Heartbeat", {}); // comes after it in the order of inputs
    assert.equal(second.frames.length, 1);
    await second.boot();
    second.answer(await second.takeCall(), { status: "Accepted" });
    assert.deepEqual(second.frames.map(([type]) => type), [3, 3, 2]); // the boot's answer, then the Call
    assert.equal((await afterBoot).kind, "result");
    await second.close();

    await using third = await server.connect("CP1");
    const afterGrace = server.host.call("CP1", COMMAND);
    await third.result("Heartbeat", {});
    assert.equal(third.frames.length, 1);
    clock.advance(BOOT_GRACE_MS);
    third.answer(await third.takeCall(), { status: "Accepted" });
    assert.equal((await afterGrace).kind, "result");
    assert.deepEqual(server.observer.deviations, []);
  },
);

onBothListeners(
  "own Calls: nothing is sent that nobody asked for, no GetConfiguration either",
  async (serve) => {
    const clock = new VirtualClock();
    await using server = await serve({ clock });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    clock.advance(24 * 3_600_000);
    await chargePoint.result("Heartbeat", {});
    assert.deepEqual(chargePoint.frames.map(([type]) => type), [3, 3]);
  },
);
