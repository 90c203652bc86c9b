/**
 * What an operator is told of connections that fail in their handshake, and that it is not more than can be read.
 */
import assert from "node:assert/strict";
import type { Refusal } from "../../src/runtime/central_system_observer.ts";
import {
  FailedHandshakes,
  HANDSHAKE_WINDOW_MS,
  HANDSHAKES_TOLD_MAX,
  SEVERAL_ADDRESSES,
} from "../../src/runtime/failed_handshakes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

function setUp() {
  const clock = new VirtualClock();
  const told: Refusal[] = [];
  const handshakes = new FailedHandshakes({ clock, tell: (refusal) => told.push(refusal) });
  return { clock, told, handshakes };
}

Deno.test("a failed handshake is told once a minute for each address and reason, and the rest is counted", () => {
  const { clock, told, handshakes } = setUp();
  for (let times = 0; times < 5; times++) handshakes.add({ remoteAddress: "192.0.2.1", reason: "no TLS" });
  handshakes.add({ remoteAddress: "192.0.2.2", reason: "no TLS" });
  assert.deepEqual(told.map(({ remoteAddress }) => remoteAddress), ["192.0.2.1", "192.0.2.2"]);
  assert.equal(told[0]!.status, undefined);
  clock.advance(HANDSHAKE_WINDOW_MS);
  assert.equal(told.length, 3);
  assert.equal(told[2]!.remoteAddress, SEVERAL_ADDRESSES);
  assert.match(told[2]!.reason, /^4 more connections/);
  handshakes.add({ remoteAddress: "192.0.2.1", reason: "no TLS" });
  assert.equal(told.length, 4, "a new minute");
});

Deno.test("a scanner with an address each time fills no log, and what was not told is told at the end", () => {
  const { told, handshakes } = setUp();
  for (let address = 0; address < 1_000; address++) {
    handshakes.add({ remoteAddress: `2001:db8::${address.toString(16)}`, reason: "no TLS" });
  }
  assert.equal(told.length, HANDSHAKES_TOLD_MAX);
  handshakes.stop();
  assert.equal(told.length, HANDSHAKES_TOLD_MAX + 1);
  assert.match(told.at(-1)!.reason, new RegExp(`^${1_000 - HANDSHAKES_TOLD_MAX} more`));
  handshakes.stop();
  assert.equal(told.length, HANDSHAKES_TOLD_MAX + 1, "a minute without any is not told");
});
