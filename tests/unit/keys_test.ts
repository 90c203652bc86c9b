import assert from "node:assert/strict";
import type { ChargePointInput } from "../../src/charge_point/contract.ts";
import { Keys } from "../../src/cli/simulate/keys.ts";

function operate(typed: string, connectors = 2): unknown[] {
  const acts: unknown[] = [];
  let isLinkCut = false;
  const keys = new Keys({
    input: (input: ChargePointInput) => acts.push(input),
    get isLinkCut() {
      return isLinkCut;
    },
    cutLink: () => {
      isLinkCut = true;
      acts.push("cut");
    },
    restoreLink: () => {
      isLinkCut = false;
      acts.push("restored");
    },
    quit: () => acts.push("quit"),
  }, { idTag: "TAG001", connectors });
  for (const key of typed) keys.press(key);
  return acts;
}

Deno.test("Keys: each key is one act at the chosen connector", () => {
  assert.deepEqual(operate("pcu2pc"), [
    { kind: "plugIn", connectorId: 1 },
    { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 },
    { kind: "unplug", connectorId: 1 },
    { kind: "plugIn", connectorId: 2 },
    { kind: "presentIdTag", idTag: "TAG001", connectorId: 2 },
  ]);
});

Deno.test("Keys: e, f and l undo themselves when pressed again", () => {
  assert.deepEqual(operate("eeffll"), [
    { kind: "evPause", connectorId: 1 },
    { kind: "evResume", connectorId: 1 },
    { kind: "fault", connectorId: 1, errorCode: "OtherError" },
    { kind: "clearFault", connectorId: 1 },
    "cut",
    "restored",
  ]);
});

Deno.test("Keys: what means nothing does nothing, and a connector that does not exist is not chosen", () => {
  assert.deepEqual(operate("x \n3p"), [{ kind: "plugIn", connectorId: 1 }]);
});

Deno.test("Keys: q and a raw Ctrl-C quit", () => {
  assert.deepEqual(operate("q\x03"), ["quit", "quit"]);
});
