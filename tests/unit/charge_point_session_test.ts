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
