import assert from "node:assert/strict";
import type { ChargePointEffect } from "../../src/charge_point/contract.ts";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { STANDARD } from "../../src/charge_point/description.ts";

function pingsOf(effects: readonly ChargePointEffect[]): readonly number[] {
  return effects.flatMap((effect) => effect.kind === "setPing" ? [effect.intervalSeconds] : []);
}

Deno.test("WebSocketPingInterval: the host is told before the link opens, and once", () => {
  let ids = 0;
  const chargePoint = new ChargePoint({
    identity: "CP001",
    description: STANDARD,
    configuration: { WebSocketPingInterval: "30" },
    speed: 1,
    validation: "strict",
    seed: 1,
    newUniqueId: () => `u${++ids}`,
  });
  const effects = chargePoint.handle({ kind: "powerOn" }, 0);
  const kinds = effects.map(({ kind }) => kind).filter((kind) => kind === "setPing" || kind === "openLink");
  assert.deepEqual(kinds, ["setPing", "openLink"]);
  assert.deepEqual(pingsOf(effects), [30]);
  assert.deepEqual(pingsOf(chargePoint.handle({ kind: "linkUp" }, 1_000)), []);
});
