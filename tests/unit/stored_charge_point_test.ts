import assert from "node:assert/strict";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { StoredState } from "../../src/charge_point/storage/durable.ts";
import { type StateChanges, type StateStore, StateStoreError } from "../../src/runtime/state_store.ts";
import { INPUTS_HELD_MAX, STORE_RETRY_MS, StoredChargePoint } from "../../src/runtime/stored_charge_point.ts";

const SECURITY = { securityProfile: 0, roots: [] } as const;
const OPEN: ChargePointEffect = { kind: "openLink", security: SECURITY };

/** A core that counts what comes in, and a store that works as long as the test lets it. */
function setUp(stored?: StoredState) {
  const fixed = { never: "changes" };
  const core = {
    inputs: [] as ChargePointInput[],
    sections: { fixed } as Record<string, unknown>,
    handle(input: ChargePointInput): readonly ChargePointEffect[] {
      core.inputs.push(input);
      if (input.kind === "powerOn") return [OPEN];
      if (input.kind === "linkUp") return [];
      core.sections = { ...core.sections, count: { inputs: core.inputs.length } };
      const event = { kind: "restarting", type: "Soft" } as const;
      return [{ kind: "send", text: input.kind }, { kind: "event", event }];
    },
    deadlineMs: () => 77,
    durable: () => ({ version: 1, sections: core.sections }),
  };
  const saved: StateChanges[] = [];
  const order: string[] = [];
  const trouble: { with: Error | undefined } = { with: undefined };
  const store: StateStore = {
    load: () => undefined,
    save(identity, changes) {
      if (trouble.with !== undefined) throw trouble.with;
      order.push(`save ${identity}`);
      saved.push(changes);
    },
    setAside() {},
    close() {},
  };
  const chargePoint = new StoredChargePoint({ identity: "CP001", core, store, stored });
  return { chargePoint, core, saved, trouble };
}

const kinds = (effects: readonly ChargePointEffect[]) =>
  effects.map((effect) => effect.kind === "event" ? effect.event.kind : effect.kind);

Deno.test("StoredChargePoint stores what changed before the effects leave, and nothing twice", () => {
  const { chargePoint, saved } = setUp();
  assert.deepEqual(kinds(chargePoint.handle({ kind: "deadline" }, 0)), ["send", "restarting"]);
  assert.deepEqual(saved.map(({ changed, removed }) => [Object.fromEntries(changed), removed]), [
    [{ fixed: '{"never":"changes"}', count: '{"inputs":1}' }, []],
  ]);
  chargePoint.handle({ kind: "linkUp" }, 1); // changes nothing
  assert.equal(saved.length, 1);
  chargePoint.handle({ kind: "deadline" }, 2);
  assert.deepEqual(Object.fromEntries(saved[1]!.changed), { count: '{"inputs":3}' });
});

Deno.test("StoredChargePoint removes what is there no more, and rewrites nothing that was there", () => {
  const stored = { version: 1, sections: { fixed: { never: "changes" }, gone: 1 } };
  const { chargePoint, saved } = setUp(stored);
  chargePoint.handle({ kind: "powerOn" }, 0);
  assert.deepEqual(saved.map(({ changed, removed }) => [changed.size, removed]), [[0, ["gone"]]]);
});

Deno.test("StoredChargePoint: while the store fails nothing of a turn leaves, and it says so", () => {
  const { chargePoint, core, saved, trouble } = setUp();
  chargePoint.handle({ kind: "powerOn" }, 0);
  const before = saved.length;
  trouble.with = new StateStoreError("cannot write to state.db: disk full");
  const effects = chargePoint.handle({ kind: "frame", text: "" }, 1_000);
  assert.deepEqual(effects, [
    {
      kind: "event",
      event: {
        kind: "storeFailed",
        reason: "cannot write to state.db: disk full",
        retryInMs: STORE_RETRY_MS,
      },
    },
    { kind: "closeLink", reason: "out of service" },
  ]);
  assert.equal(chargePoint.deadlineMs(), 1_000 + STORE_RETRY_MS);
  assert.deepEqual(chargePoint.handle({ kind: "plugIn", connectorId: 1 }, 1_001), []);
  assert.deepEqual(kinds(chargePoint.handle({ kind: "deadline" }, 6_000)), ["storeFailed"]);
  assert.equal(saved.length, before);
  assert.equal(core.inputs.length, 2, "what comes meanwhile waits");
});

Deno.test("StoredChargePoint: once the store works, what was held leaves in order, but for what was to be sent", () => {
  const { chargePoint, core, saved, trouble } = setUp();
  chargePoint.handle({ kind: "powerOn" }, 0);
  trouble.with = new StateStoreError("disk full");
  chargePoint.handle({ kind: "frame", text: "" }, 1_000);
  chargePoint.handle({ kind: "linkDown" }, 1_001);
  chargePoint.handle({ kind: "plugIn", connectorId: 1 }, 1_002);
  trouble.with = undefined;
  const effects = chargePoint.handle({ kind: "deadline" }, 6_000);
  assert.deepEqual(kinds(effects), [
    ...["storeWorks", "restarting", "send", "restarting", "send", "restarting", "openLink"],
  ]);
  assert.deepEqual(core.inputs.map(({ kind }) => kind), ["powerOn", "frame", "linkDown", "plugIn"]);
  assert.deepEqual(saved.map(({ changed }) => changed.get("count")), [
    ...[undefined, '{"inputs":2}', '{"inputs":3}', '{"inputs":4}'],
  ]);
  assert.equal(chargePoint.deadlineMs(), 77);
});

Deno.test("StoredChargePoint holds a bounded number of inputs", () => {
  const { chargePoint, core, trouble } = setUp();
  trouble.with = new StateStoreError("disk full");
  for (let plug = 0; plug < 2 * INPUTS_HELD_MAX; plug++) {
    chargePoint.handle({ kind: "unplug", connectorId: 1 }, 0);
  }
  trouble.with = undefined;
  chargePoint.handle({ kind: "deadline" }, STORE_RETRY_MS);
  assert.equal(core.inputs.length, 1 + 1 + INPUTS_HELD_MAX);
});

Deno.test("StoredChargePoint: a mistake of our own is no trouble of the store", () => {
  const { chargePoint, trouble } = setUp();
  trouble.with = new TypeError("mistake");
  assert.throws(() => chargePoint.handle({ kind: "deadline" }, 0), TypeError);
});
