import assert from "node:assert/strict";
import type { CommandOutcome } from "../../src/central_system/commands.ts";
import { OperatorStops } from "../../src/runtime/operator_stop.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";

/** A Central System whose Calls a test answers. */
function begun() {
  const system = new DecidingCentralSystem();
  system.boot();
  const timestamp = new Date(DECIDING_BEGINS_AT_MS).toISOString();
  system.result("StartTransaction", { connectorId: 1, idTag: "Tag1", meterStart: 0, timestamp });
  const calls: ((outcome: CommandOutcome) => void)[] = [];
  const stops = new OperatorStops({
    store: system.store,
    host: {
      connectionOf: () => undefined,
      call: () => new Promise((resolve) => calls.push(resolve)),
      change: (change) => Promise.resolve(system.change(change).outcome),
    },
  });
  return { stops, calls };
}

const REMOTE = { mode: "remote", timeoutMs: 1 } as const;

/** Until everything that is not waiting for a Call has gone on. */
async function settled(): Promise<void> {
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
}

Deno.test("OperatorStops: what is wished while a Call is under way gets that one's outcome; later it is another", async () => {
  const { stops, calls } = begun();
  const both = [stops.stop(100, REMOTE), stops.stop(100, REMOTE)];
  await settled();
  assert.equal(calls.length, 1);
  const rejected = { kind: "result", payload: { status: "Rejected" } } as const;
  calls[0]!(rejected);
  assert.deepEqual(await Promise.all(both), [rejected, rejected]);
  void stops.stop(100, REMOTE);
  await settled();
  assert.equal(calls.length, 2);
});

Deno.test("OperatorStops: a record that is closed may be asked for remotely until its StopTransaction came", async () => {
  const { stops, calls } = begun();
  assert.deepEqual(await stops.stop(100, { mode: "record" }), { kind: "closed" });
  assert.deepEqual(await stops.stop(100, { mode: "record" }), { kind: "closedBefore" });
  void stops.stop(100, REMOTE);
  await settled();
  assert.equal(calls.length, 1);
});
