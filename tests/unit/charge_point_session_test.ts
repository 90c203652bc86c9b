import assert from "node:assert/strict";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

Deno.test("ChargePoint plays a whole session: boot, plug, authorize, start, meter, stop, unplug", () => {
  const script = new ScriptedCentralSystem({ configuration: { MeterValueSampleInterval: "10" } });
  script.boot().plugIn().present().run(25).present().run(1).unplug();
  assert.deepEqual(
    script.calls.map(({ action, payload }) =>
      payload.status === undefined ? action : `${action} ${payload.status}`
    ),
    [
      "BootNotification",
      "StatusNotification Available",
      "StatusNotification Available",
      "StatusNotification Preparing",
      "Authorize",
      "StartTransaction",
      "StatusNotification Charging",
      "MeterValues",
      "MeterValues",
      "StopTransaction",
      "StatusNotification Finishing",
      "StatusNotification Available",
    ],
  );
});

Deno.test("ChargePoint plays a day of two connectors: sessions, heartbeats, samples, nothing left over", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 }, latencyMs: 50 }).boot().run(1);
  for (let hour = 0; hour < 24; hour++) {
    const connectorId = 1 + hour % 2;
    script.plugIn(connectorId).run(5).present("TAG001", connectorId).run(3_000);
    script.present("TAG001", connectorId).run(5).unplug(connectorId).run(590);
  }
  assert.equal(script.seen("StartTransaction").length, 24);
  assert.equal(script.seen("StopTransaction").length, 24);
  assert.equal(script.seen("Heartbeat").length, 288);
  assert.equal(script.seen("MeterValues").length, 24 * 49); // 50 minutes but the moment in which it stops
  assert.deepEqual(script.chargePoint.connectors.map(({ status }) => status), ["Available", "Available"]);
  assert.equal(script.chargePoint.queueLength, 0);
  assert.equal(script.chargePoint.counters.callsFailed, 0);
});
