/**
 * Who may ask for an upgrade how often; what it means over real sockets is in `integration/bounds_test.ts`.
 */
import assert from "node:assert/strict";
import { UPGRADE_KEYS_MAX, UpgradeLimit, UPGRADES_A_MINUTE_MAX } from "../../src/runtime/upgrade_limit.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

function limit(
  { keysMax = UPGRADE_KEYS_MAX, connectedFrom }: { keysMax?: number; connectedFrom?: string } = {},
) {
  const clock = new VirtualClock();
  const upgrades = new UpgradeLimit({ clock, keysMax, connectedFrom: () => connectedFrom });
  const ask = (remoteAddress: string, identity: string) => upgrades.refusal({ remoteAddress, identity });
  const useUp = (remoteAddress: string, identity: string) => {
    for (let tries = 0; tries < UPGRADES_A_MINUTE_MAX; tries++) {
      assert.equal(ask(remoteAddress, identity), undefined);
    }
  };
  return { clock, upgrades, ask, useUp };
}

Deno.test("upgrades: address and identity are one key, and refused attempts do not count", () => {
  const { clock, ask, useUp } = limit();
  useUp("192.0.2.1", "CP1");
  for (let tries = 0; tries < 100; tries++) assert.ok(ask("192.0.2.1", "CP1") !== undefined);
  assert.equal(ask("192.0.2.2", "CP1"), undefined);
  assert.equal(ask("192.0.2.1", "CP2"), undefined);
  assert.equal(ask("192.0.2.1", " CP1"), undefined); // no other text is the same key
  clock.advance(60_000);
  assert.equal(ask("192.0.2.1", "CP1"), undefined);
});

Deno.test("upgrades: Retry-After is the rest of the minute in whole seconds, at least 1", () => {
  const { clock, ask, useUp } = limit();
  useUp("192.0.2.1", "CP1");
  const wait = () => ask("192.0.2.1", "CP1")?.headers["retry-after"];
  assert.equal(wait(), "60");
  clock.advance(30_001);
  assert.equal(wait(), "30");
  clock.advance(29_998);
  assert.equal(wait(), "1");
  clock.advance(1);
  assert.equal(wait(), undefined);
});

Deno.test("upgrades: the address that the device is connected from is never refused and uses up nothing", () => {
  const { ask } = limit({ connectedFrom: "192.0.2.1" });
  for (let tries = 0; tries < 1_000; tries++) assert.equal(ask("192.0.2.1", "CP1"), undefined);
  let refused = 0;
  for (let tries = 0; tries < 40; tries++) refused += ask("192.0.2.66", "CP1") === undefined ? 0 : 1;
  assert.equal(refused, 40 - UPGRADES_A_MINUTE_MAX);
});

Deno.test("upgrades: memory is bounded, however many identities a stranger makes up", () => {
  const { clock, upgrades, ask, useUp } = limit({ keysMax: 100 });
  useUp("192.0.2.1", "CP1");
  for (let index = 1; index < 100; index++) ask("192.0.2.66", `X${index}`);
  assert.equal(upgrades.size, 100);
  assert.ok(ask("192.0.2.1", "CP1") !== undefined);
  ask("192.0.2.66", "X100"); // pushes out the one that began first
  assert.equal(upgrades.size, 100);
  assert.equal(ask("192.0.2.1", "CP1"), undefined);
  clock.advance(60_000);
  ask("192.0.2.66", "X101");
  assert.equal(upgrades.size, 1); // what is over is forgotten
});

Deno.test("upgrades: a clock that is set back keeps nobody out for longer than a minute", () => {
  const { clock, ask, useUp } = limit();
  useUp("192.0.2.1", "CP1");
  clock.advance(-3_600_000);
  assert.equal(ask("192.0.2.1", "CP1"), undefined);
});
