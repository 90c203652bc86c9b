import assert from "node:assert/strict";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const FAST = { options: { speed: 60 }, configuration: { MeterValueSampleInterval: "60" } } as const;

Deno.test("speed scales sampling, and timestamps are simulated time", () => {
  const script = new ScriptedCentralSystem(FAST).boot().charge().run(3);
  assert.deepEqual(
    script.seen("MeterValues").map(({ seconds, payload }) => [seconds, payload.meterValue[0].timestamp]),
    [
      [1, "2026-01-01T12:01:00.000Z"],
      [2, "2026-01-01T12:02:00.000Z"],
      [3, "2026-01-01T12:03:00.000Z"],
    ],
  );
});

Deno.test("speed scales the energy: an hour of charging in a minute", () => {
  const script = new ScriptedCentralSystem(FAST).boot().charge().run(60).present();
  const chargedWh = script.seen("StopTransaction")[0]?.payload.meterStop -
    script.seen("StartTransaction")[0]?.payload.meterStart;
  assert.ok(Math.abs(chargedWh - 230 * 16 * 3) < 150, `${chargedWh} Wh`);
});

Deno.test("speed scales ConnectionTimeOut", () => {
  const script = new ScriptedCentralSystem({ ...FAST, configuration: { ConnectionTimeOut: "120" } }).boot();
  script.present().forget().run(1.9);
  assert.deepEqual(script.statuses(), []);
  script.run(0.2);
  assert.deepEqual(script.statuses(), ["Available"]);
});

Deno.test("speed leaves heartbeats, timeouts and repeats alone", () => {
  const script = new ScriptedCentralSystem({
    ...FAST,
    configuration: { MeterValueSampleInterval: "0", TransactionMessageRetryInterval: "60" },
    answers: { StartTransaction: (_payload, nth) => nth === 1 ? "silence" : undefined as never },
  });
  script.boot().charge().run(301);
  assert.deepEqual(script.seen("Heartbeat").map(({ seconds }) => seconds), [300]);
  assert.deepEqual(script.seen("StartTransaction").map(({ seconds }) => seconds), [0, 90]);
});

Deno.test("an absurd speed still makes progress", () => {
  const script = new ScriptedCentralSystem({
    options: { speed: 1_000_000 },
    configuration: { MeterValueSampleInterval: "1" },
  });
  script.boot().charge().run(1);
  assert.ok(script.seen("MeterValues").length <= 1_000);
});
