import assert from "node:assert/strict";
import type { ChargePointInput } from "../../src/charge_point/contract.ts";
import { CLOSING_MAX_MS } from "../../src/runtime/charge_point_host.ts";
import { Fleet } from "../../src/runtime/fleet.ts";
import { FakeTransport, LOST } from "../support/fake_transport.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Charge Points that open a link and then beat once every second. */
function fleetOf(count: number) {
  const clock = new VirtualClock({ nowMs: 0 });
  const transport = new FakeTransport();
  const fleet = new Fleet({ clock });
  const beats: { slot: number; atMs: number }[] = [];
  const add = (number: number) => {
    let nextBeatMs = Infinity;
    return fleet.add({
      identity: `CP-${number}`,
      urls: { plain: "ws://central.test", tls: "wss://central.test" },
      transport,
      random: () => 0.5,
      observer: () => {},
      chargePoint: {
        handle(input: ChargePointInput, nowMs) {
          if (input.kind === "powerOn") {
            return [{ kind: "openLink", security: { securityProfile: 0, roots: [] } }];
          }
          if (input.kind === "linkUp") nextBeatMs = nowMs + 1_000;
          if (input.kind === "deadline") {
            beats.push({ slot: number, atMs: nowMs });
            nextBeatMs += 1_000;
          }
          return [];
        },
        deadlineMs: () => nextBeatMs,
      },
    });
  };
  for (let slot = 0; slot < count; slot++) add(slot);
  return { clock, transport, fleet, beats, add };
}

Deno.test("Fleet: Charge Points are switched on one after the other", () => {
  const { clock, transport, fleet } = fleetOf(5);
  fleet.start({ spacingMs: 20 });
  assert.equal(transport.attempts.length, 0);
  clock.advance(0);
  assert.equal(transport.attempts.length, 1);
  clock.advance(40);
  assert.equal(transport.attempts.length, 3);
  clock.advance(1_000);
  assert.equal(transport.attempts.length, 5);
});

Deno.test("Fleet: every deadline is met at its own moment", () => {
  const { clock, transport, fleet, beats } = fleetOf(3);
  fleet.start({ spacingMs: 100 });
  for (let step = 0; step < 3; step++) {
    clock.advance(step === 0 ? 0 : 100);
    transport.last.open();
  }
  clock.advance(1_900);
  assert.deepEqual(beats, [
    { slot: 0, atMs: 1_000 },
    { slot: 1, atMs: 1_100 },
    { slot: 2, atMs: 1_200 },
    { slot: 0, atMs: 2_000 },
    { slot: 1, atMs: 2_100 },
  ]);
});

Deno.test("Fleet: a Charge Point that is not switched on yet takes no input", () => {
  const { clock, transport, fleet } = fleetOf(1);
  fleet.input(0, { kind: "powerOn" });
  assert.equal(transport.attempts.length, 0);
  fleet.start();
  clock.advance(0);
  fleet.input(0, { kind: "linkDown" });
  assert.equal(transport.attempts.length, 1);
});

Deno.test("Fleet: stop closes every link, starts no further one, and nothing runs afterwards", async () => {
  const { clock, transport, fleet, beats } = fleetOf(3);
  fleet.start({ spacingMs: 1_000 });
  clock.advance(0);
  transport.attempts[0]!.open();
  clock.advance(500);
  const stopped = fleet.stop("enough");
  transport.attempts[0]!.handlers.onClose(LOST);
  await stopped;
  clock.advance(10_000);
  assert.deepEqual(transport.attempts.map(({ closedWith }) => closedWith?.reason), ["enough"]);
  assert.deepEqual(beats, []);
  assert.equal(clock.nextMs(), Infinity);
});

Deno.test("Fleet: one that is removed is closed politely and forgotten, and its slot is used again", async () => {
  const { clock, transport, fleet, beats, add } = fleetOf(2);
  fleet.start({ spacingMs: 0 });
  clock.advance(0);
  for (const attempt of transport.attempts) attempt.open();
  const removed = fleet.remove(0, "removed");
  assert.equal(transport.attempts[0]!.closedWith?.reason, "removed");
  assert.equal(fleet.size, 2); // not before its link is closed
  transport.attempts[0]!.handlers.onClose(LOST);
  await removed;
  assert.equal(fleet.size, 1);
  clock.advance(1_000);
  assert.deepEqual(beats, [{ slot: 1, atMs: 1_000 }]);

  const { slot } = add(7);
  assert.equal(slot, 0);
  clock.advance(500);
  assert.equal(transport.attempts.length, 2); // added is not yet switched on
  fleet.startOne(slot);
  clock.advance(0);
  transport.last.open();
  clock.advance(1_000);
  assert.deepEqual(beats.slice(1), [{ slot: 1, atMs: 2_000 }, { slot: 7, atMs: 2_500 }]);
});

Deno.test("Fleet: one whose peer never answers the close is removed all the same", async () => {
  const { clock, transport, fleet } = fleetOf(1);
  fleet.start();
  clock.advance(0);
  transport.last.open();
  const removed = [fleet.remove(0, "removed"), fleet.remove(0, "removed once more")];
  clock.advance(CLOSING_MAX_MS);
  await Promise.all(removed);
  assert.deepEqual([fleet.size, fleet.hosts], [0, []]);
  assert.equal(clock.nextMs(), Infinity);
  await fleet.stop("done");
});

Deno.test("Fleet: one that was never switched on can be removed, twice too", async () => {
  const { clock, transport, fleet, add } = fleetOf(3);
  await Promise.all([fleet.remove(1, "removed"), fleet.remove(1, "removed")]);
  assert.equal(fleet.size, 2);
  assert.deepEqual([add(8).slot, add(9).slot], [1, 3]);
  fleet.start({ spacingMs: 0 });
  clock.advance(0);
  assert.equal(transport.attempts.length, 4);
});
