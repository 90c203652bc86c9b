import assert from "node:assert/strict";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

const booted = (given: ScriptOptions = {}) => new ScriptedCentralSystem(given).boot();
const FIXED: ScriptOptions = { description: { cable: "fixed" } };
const locks = (script: ScriptedCentralSystem) => script.events("cableLock").map(({ outcome }) => outcome);
const statusOf = (script: ScriptedCentralSystem) => script.chargePoint.connectors[0]?.status;
const jam = (script: ScriptedCentralSystem, what: "lock" | "unlock" | "none") =>
  script.input({ kind: "jamLock", connectorId: 1, jam: what }).run(0);
const unlock = (script: ScriptedCentralSystem) => script.result("UnlockConnector", { connectorId: 1 }).status;

/** What is done, what UnlockConnector is answered, and what the lock did in all. Spec: OCPP 1.6 §5.18. */
const UNLOCKS: readonly (readonly [
  what: string,
  given: ScriptOptions,
  prepare: (script: ScriptedCentralSystem) => unknown,
  status: string,
  locks: readonly string[],
  reasons: readonly string[],
])[] = [
  ["no session", {}, () => {}, "Unlocked", [], []], // TC_017_1
  ["no session, fixed cable", FIXED, () => {}, "NotSupported", [], []], // TC_017_2
  ["a session", {}, (script) => script.charge(), "Unlocked", ["locked", "unlocked"], ["UnlockCommand"]], // TC_018_1
  ["a session, fixed cable", FIXED, (script) => script.charge(), "NotSupported", [], []], // TC_018_2
  ["a jam", {}, (script) => jam(script, "unlock"), "UnlockFailed", ["unlockFailed"], []], // TC_030
  [
    "a session and a jam",
    {},
    (script) => jam(script.charge(), "unlock"),
    "UnlockFailed",
    ["locked", "unlockFailed"],
    ["UnlockCommand"],
  ],
  ["a lock that cannot lock", {}, (script) => jam(script, "lock"), "Unlocked", [], []],
  [
    "a cable that is kept",
    { answers: { StartTransaction: () => ({ transactionId: 7, idTagInfo: { status: "Blocked" } }) } },
    (script) => script.charge().run(5),
    "Unlocked",
    ["locked", "held", "unlocked"],
    ["DeAuthorized"],
  ],
];

for (const [what, given, prepare, status, outcomes, reasons] of UNLOCKS) {
  Deno.test(`§5.18 UnlockConnector with ${what} is ${status}`, () => {
    const script = booted(given);
    prepare(script);
    assert.equal(unlock(script), status);
    assert.deepEqual(locks(script), outcomes);
    assert.deepEqual(script.seen("StopTransaction").map(({ payload }) => payload.reason), reasons);
  });
}

Deno.test("§4.8 the cable is locked from the start of a transaction to its end", () => {
  const script = booted().plugIn();
  assert.deepEqual(locks(script), []);
  script.present().run(5);
  assert.deepEqual(locks(script), ["locked"]);
  script.present();
  assert.deepEqual(locks(script), ["locked", "unlocked"]);
});

Deno.test("§7.6 a lock that fails at the start is a fault, and there is no transaction", () => { // TC_024
  const script = jam(booted(), "lock").forget().charge();
  assert.deepEqual(script.statuses(), ["Preparing", "Faulted"]);
  const { errorCode } = script.seen("StatusNotification").at(-1)!.payload;
  assert.equal(errorCode, "ConnectorLockFailure");
  assert.equal(script.seen("StartTransaction").length, 0);
  jam(script, "none");
  assert.equal(statusOf(script), "Preparing");
  script.present().run(5);
  assert.equal(statusOf(script), "Charging");
});

Deno.test("a Charge Point may be built with a lock that is jammed, and a reset does not cure it", () => {
  const script = booted({ description: { lockJam: "lock" } }).charge();
  assert.equal(statusOf(script), "Faulted");
  jam(script, "none").result("Reset", { type: "Hard" });
  script.run(60).unplug().charge();
  assert.equal(statusOf(script), "Charging");
});

Deno.test("§7.6 a fixed cable knows no jam", () => {
  const script = jam(booted(FIXED), "lock").charge();
  assert.equal(statusOf(script), "Charging");
});

Deno.test("§7.6 a cable that cannot be unlocked stays, and the connector is not free before it is", () => {
  const script = jam(booted().charge().run(5), "unlock").forget().present();
  assert.deepEqual(
    script.seen("StatusNotification").map(({ payload }) => [payload.status, payload.errorCode]),
    [["Finishing", "ConnectorLockFailure"]],
  );
  script.unplug();
  assert.equal(statusOf(script), "Finishing");
  jam(script.forget(), "none");
  assert.deepEqual(
    script.seen("StatusNotification").map(({ payload }) => [payload.status, payload.errorCode]),
    [["Available", "NoError"]],
  );
});

/** EV-side disconnect. Spec: OCPP 1.6 §9.1.26, §9.1.37. */
const DISCONNECTS: readonly (readonly [
  given: Readonly<Record<string, string>>,
  cable: "fixed" | "detachable",
  reasons: readonly string[],
  locks: readonly string[],
  statuses: readonly string[],
])[] = [
  [ // TC_005_1
    { StopTransactionOnEVSideDisconnect: "true", UnlockConnectorOnEVSideDisconnect: "true" },
    "detachable",
    ["EVDisconnected"],
    ["locked", "unlocked"],
    ["Finishing", "Available"],
  ],
  [ // TC_005_2
    { StopTransactionOnEVSideDisconnect: "true", UnlockConnectorOnEVSideDisconnect: "false" },
    "detachable",
    ["EVDisconnected"],
    ["locked", "held"],
    ["Finishing"],
  ],
  [ // TC_005_3
    { StopTransactionOnEVSideDisconnect: "false", UnlockConnectorOnEVSideDisconnect: "false" },
    "detachable",
    [],
    ["locked"],
    ["SuspendedEV"],
  ],
  [
    { StopTransactionOnEVSideDisconnect: "false", UnlockConnectorOnEVSideDisconnect: "true" },
    "detachable",
    [],
    ["locked"],
    ["SuspendedEV"],
  ],
  [{ StopTransactionOnEVSideDisconnect: "true" }, "fixed", ["EVDisconnected"], [], [
    "Finishing",
    "Available",
  ]],
  [{ StopTransactionOnEVSideDisconnect: "false" }, "fixed", [], [], ["SuspendedEV"]],
];

for (const [configuration, cable, reasons, outcomes, statuses] of DISCONNECTS) {
  const keys = Object.entries(configuration).map(([key, value]) => `${key}=${value}`).join(", ");
  Deno.test(`§9.1 an EV-side disconnect with a ${cable} cable, ${keys}`, () => {
    const script = booted({ configuration, description: { cable } }).charge().run(5);
    const before = script.seen("StatusNotification").length;
    script.unplug();
    assert.deepEqual(script.seen("StopTransaction").map(({ payload }) => payload.reason), reasons);
    assert.deepEqual(locks(script), outcomes);
    const told = script.seen("StatusNotification").slice(before).map(({ payload }) => payload.status);
    assert.deepEqual(told, statuses);
  });
}

const GROUPS: ScriptOptions = {
  answers: {
    Authorize: ({ idTag }) => ({
      idTagInfo: { status: "Accepted", ...(idTag.startsWith("GROUP") ? { parentIdTag: "Parent" } : {}) },
    }),
  },
};

/** Who gets a cable that is kept for GROUP1. Spec: OCPP 1.6 §4.8. */
const TAKERS: readonly (readonly [idTag: string, gets: boolean, asks: number])[] = [
  ["group1", true, 0],
  ["GROUP2", true, 1],
  ["OTHER", false, 1],
  ["Parent", false, 1],
];

for (const [idTag, gets, asks] of TAKERS) {
  Deno.test(`§4.8 a cable that is kept for GROUP1 is ${gets ? "" : "not "}given to ${idTag}`, () => {
    for (const isDeAuthorized of [true, false]) {
      const script = booted({
        ...GROUPS,
        configuration: { UnlockConnectorOnEVSideDisconnect: "false" },
      });
      if (isDeAuthorized) {
        const idTagInfo = { status: "Invalid", parentIdTag: "PARENT" } as const;
        script.script.StartTransaction = () => ({ transactionId: 7, idTagInfo });
      }
      script.charge(1, "GROUP1").run(5).unplug().run(600).forget();
      assert.equal(statusOf(script), "Finishing");
      script.present(idTag, 1);
      assert.equal(script.seen("Authorize").length, asks);
      assert.equal(statusOf(script), gets ? "Available" : "Finishing");
      assert.deepEqual(locks(script), gets ? ["unlocked"] : []);
      assert.equal(script.seen("StartTransaction").length, 0);
    }
  });
}

Deno.test("§4.8 a cable that is kept is kept across a Reset too", () => {
  const script = booted({ configuration: { UnlockConnectorOnEVSideDisconnect: "false" } });
  script.charge().run(5).unplug();
  script.result("Reset", { type: "Hard" });
  script.run(60);
  assert.equal(statusOf(script), "Finishing");
  script.present();
  assert.equal(statusOf(script), "Available");
});

Deno.test("§5.2 out of operation waits for a cable that is kept", () => {
  const script = booted({ configuration: { UnlockConnectorOnEVSideDisconnect: "false" } });
  script.charge().run(5).unplug();
  const change = script.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" });
  assert.equal(change.status, "Scheduled");
  script.present();
  assert.equal(statusOf(script), "Unavailable"); // F8
});
