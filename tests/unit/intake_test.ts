/**
 * How fast messages of one Charge Point are taken in; over real sockets in `integration/bounds_test.ts`.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BURST_MS,
  type IncomingMessage,
  Intake,
  type IntakeOwner,
  WAITING_CHARACTERS_MAX,
  WAITING_MESSAGES_MAX,
} from "../../src/runtime/intake.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

class Owner implements IntakeOwner {
  readonly clock = new VirtualClock();
  readonly taken: IncomingMessage[] = [];
  readonly takenAtMs: number[] = [];
  readonly reading: string[] = [];
  mayTake = true;
  overflows = 0;
  readonly intake: Intake;

  constructor(maxFrameRate: number) {
    const connection = {
      send: () => {},
      close: () => {},
      pause: () => void this.reading.push("pause"),
      resume: () => void this.reading.push("resume"),
    };
    this.intake = new Intake({ connection, clock: this.clock, maxFrameRate, owner: this });
  }

  take(message: IncomingMessage): void {
    this.taken.push(message);
    this.takenAtMs.push(this.clock.nowMs());
  }

  onOverflow(): void {
    this.overflows += 1;
  }
}

Deno.test("intake: without a pace everything is taken at once and reading never stops", () => {
  const owner = new Owner(0);
  for (let index = 0; index < 10_000; index++) owner.intake.add(index);
  assert.equal(owner.taken.length, 10_000);
  assert.deepEqual(owner.reading, []);
  assert.equal(owner.clock.nextMs(), Infinity);
});

Deno.test("intake: reading stops with the last message that may be taken, and goes on when the next may", () => {
  const owner = new Owner(1);
  owner.intake.add("1");
  assert.deepEqual(owner.reading, []);
  owner.intake.add("2"); // two seconds' worth
  assert.deepEqual(owner.reading, ["pause"]);
  owner.intake.add("3");
  owner.clock.advance(999);
  assert.deepEqual(owner.taken, ["1", "2"]);
  owner.clock.advance(1);
  assert.deepEqual(owner.taken, ["1", "2", "3"]);
  assert.deepEqual(owner.reading, ["pause"]);
  owner.clock.advance(1_000);
  assert.deepEqual(owner.reading, ["pause", "resume"]);
});

Deno.test("intake: an owner that takes none is asked again by goOn alone", () => {
  const owner = new Owner(0);
  owner.intake.add("1");
  owner.mayTake = false;
  owner.intake.add("2"); // taken: nobody knew yet
  owner.intake.add("3");
  assert.deepEqual([owner.taken, owner.reading], [["1", "2"], ["pause"]]);
  owner.intake.goOn();
  assert.equal(owner.taken.length, 2);
  owner.mayTake = true;
  owner.intake.goOn();
  assert.deepEqual([owner.taken, owner.reading], [["1", "2", "3"], ["pause", "resume"]]);
});

Deno.test("intake: what waits has a bound of messages and one of characters", () => {
  for (
    const [message, fits] of [[0, WAITING_MESSAGES_MAX], ["x".repeat(WAITING_CHARACTERS_MAX / 4), 4]] as const
  ) {
    const owner = new Owner(0);
    owner.mayTake = false;
    owner.intake.add(message); // is taken
    for (let index = 0; index < fits; index++) owner.intake.add(message);
    assert.equal(owner.overflows, 0);
    owner.intake.add(message);
    assert.equal(owner.overflows, 1);
  }
});

Deno.test("intake: characters that were taken make room again", () => {
  const owner = new Owner(1);
  const half = "x".repeat(WAITING_CHARACTERS_MAX / 2);
  for (let index = 0; index < 20; index++) {
    owner.intake.add(half);
    owner.clock.advance(1_000);
  }
  assert.equal(owner.overflows, 0);
  assert.equal(owner.taken.length, 20);
});

Deno.test("intake: after its end nothing is taken and no timer is left; what waited is counted", () => {
  const owner = new Owner(1);
  for (let index = 0; index < 5; index++) owner.intake.add(index);
  assert.equal(owner.intake.end(), 3);
  owner.intake.add(5);
  owner.intake.goOn();
  assert.deepEqual(owner.taken, [0, 1]);
  assert.equal(owner.clock.nextMs(), Infinity);
  assert.equal(owner.intake.end(), 0);
});

Deno.test("intake: a clock that is set back does not make the pace wait for the old time", () => {
  const owner = new Owner(1);
  for (let index = 0; index < 3; index++) owner.intake.add(index);
  owner.clock.advance(-3_600_000);
  owner.intake.goOn();
  owner.clock.advance(1_000);
  assert.deepEqual(owner.taken, [0, 1, 2]);
});

Deno.test("intake: whatever comes when, order stays and no span has more than its burst and its pace", () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(3_000), messages: fc.nat(60) }), { maxLength: 30 });
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 100 }), (steps, rate) => {
    const owner = new Owner(rate);
    let sent = 0;
    for (const { waitMs, messages } of steps) {
      owner.clock.advance(waitMs);
      for (let count = 0; count < messages; count++) owner.intake.add(sent++);
    }
    owner.clock.advance(60 * 30 * 1_000);
    assert.deepEqual(owner.taken, Array.from({ length: sent }, (_, index) => index));
    const burst = Math.max(1, rate * BURST_MS / 1_000);
    const at = owner.takenAtMs;
    for (let first = 0; first < at.length; first += 7) {
      for (let last = first; last < at.length; last += 5) {
        const allowed = burst + rate * (at[last]! - at[first]!) / 1_000;
        assert.ok(last - first + 1 <= allowed + 1e-3, `${last - first + 1} of ${allowed}`);
      }
    }
  }));
});
