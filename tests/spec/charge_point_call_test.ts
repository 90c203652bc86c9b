import assert from "node:assert/strict";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

/** Calls that cannot be carried out, and the CALLERROR that answers them. Spec: OCPP-J 1.6 §4.2.3. */
const REFUSED: readonly (readonly [action: string, payload: unknown, errorCode: string])[] = [
  ["Frobnicate", {}, "NotImplemented"],
  ["reset", { type: "Soft" }, "NotImplemented"],
  ["__proto__", {}, "NotImplemented"],
  ["SetChargingProfile", {}, "OccurenceConstraintViolation"],
  ["GetLog", {}, "OccurenceConstraintViolation"],
  ["BootNotification", {}, "NotSupported"], // known, but nothing to ask of a Charge Point
  ["Reset", {}, "OccurenceConstraintViolation"],
  ["Reset", { type: 1 }, "TypeConstraintViolation"],
  ["Reset", { type: "soft" }, "PropertyConstraintViolation"],
  ["Reset", { type: "Soft", now: true }, "FormationViolation"],
  ["Reset", "Soft", "FormationViolation"],
  ["Reset", [], "FormationViolation"],
  ["RemoteStartTransaction", { idTag: "X".repeat(21) }, "PropertyConstraintViolation"],
  ["ChangeAvailability", { connectorId: 1.5, type: "Operative" }, "TypeConstraintViolation"],
  ["ChangeAvailability", { connectorId: -1, type: "Operative" }, "PropertyConstraintViolation"],
  ["TriggerMessage", { requestedMessage: "StartTransaction" }, "PropertyConstraintViolation"],
];

for (const [action, payload, errorCode] of REFUSED) {
  Deno.test(`OCPP-J §4.2.3 ${action} ${JSON.stringify(payload).slice(0, 50)} gets ${errorCode}`, () => {
    const answer = new ScriptedCentralSystem().boot().callRaw(action, payload);
    assert.equal(answer.kind === "callError" && answer.errorCode, errorCode, JSON.stringify(answer));
  });
}

/** Calls that are answered with a status. */
const ANSWERED: readonly (readonly [action: string, payload: unknown, conf: unknown])[] = [
  ["ClearCache", {}, { status: "Accepted" }],
  ["ClearCache", null, { status: "Accepted" }],
  ["DataTransfer", { vendorId: "com.example", data: "{}" }, { status: "UnknownVendorId" }],
  ["DataTransfer", { vendorId: "Vendor" }, { status: "UnknownMessageId" }],
  ["DataTransfer", { vendorId: "Vendor", messageId: "Nonsense" }, { status: "UnknownMessageId" }],
  ["DataTransfer", { vendorId: "vendor", messageId: "Echo", data: "{}" }, { status: "Accepted", data: "{}" }],
  ["DataTransfer", { vendorId: "Vendor", messageId: "Echo" }, { status: "Accepted" }],
  ["UnlockConnector", { connectorId: 1 }, { status: "Unlocked" }],
  ["UnlockConnector", { connectorId: 2 }, { status: "NotSupported" }], // TC_031
  ["UnlockConnector", { connectorId: 0 }, { status: "NotSupported" }],
  ["CancelReservation", { reservationId: 1 }, { status: "Rejected" }], // TC_052
  ["GetLocalListVersion", {}, { listVersion: 0 }], // TC_042_2
  ["RemoteStartTransaction", { connectorId: 0, idTag: "TAG" }, { status: "Rejected" }], // TC_027
  ["RemoteStartTransaction", { connectorId: 2, idTag: "TAG" }, { status: "Rejected" }],
  ["RemoteStopTransaction", { transactionId: 1 }, { status: "Rejected" }],
  ["RemoteStopTransaction", { transactionId: -1 }, { status: "Rejected" }],
  ["TriggerMessage", { requestedMessage: "BootNotification" }, { status: "Rejected" }],
  ["TriggerMessage", { requestedMessage: "FirmwareStatusNotification" }, { status: "Accepted" }],
  ["TriggerMessage", { requestedMessage: "DiagnosticsStatusNotification" }, { status: "Accepted" }],
  ["TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 2 }, { status: "Rejected" }],
  ["TriggerMessage", { requestedMessage: "MeterValues", connectorId: 0 }, { status: "Accepted" }],
  ["TriggerMessage", { requestedMessage: "Heartbeat", connectorId: 9 }, { status: "Accepted" }],
];

for (const [action, payload, conf] of ANSWERED) {
  Deno.test(`§5 ${action} ${JSON.stringify(payload)} is answered ${JSON.stringify(conf)}`, () => {
    const answer = new ScriptedCentralSystem().boot().callRaw(action, payload);
    assert.deepEqual(answer.kind === "callResult" && answer.payload, conf);
  });
}

Deno.test("§5.17 MeterValues of which nothing can be read are refused rather than accepted and not sent", () => {
  const script = new ScriptedCentralSystem({ configuration: { MeterValuesSampledData: "SoC" } }).boot();
  const trigger = (connectorId?: number) =>
    script.forget().result("TriggerMessage", {
      requestedMessage: "MeterValues",
      ...(connectorId === undefined ? {} : { connectorId }),
    }).status;
  assert.deepEqual([trigger(), trigger(0), trigger(1)], ["Rejected", "Rejected", "Rejected"]);
  script.plugIn();
  assert.equal(trigger(1), "Accepted");
  assert.equal(script.seen("MeterValues").length, 1);
});

/** Texts that are no Call and no awaited answer. */
const IGNORED: readonly (readonly [text: string, reason: string])[] = [
  ["", "empty"],
  ["hello", "notJson"],
  ["{}", "notAnArray"],
  ["[5,1]", "unknownMessageType"],
  ["[2]", "noUniqueId"],
  ['[3,"nobody",{}]', "unknown answer"],
  ['[4,"nobody","GenericError","",{}]', "unknown answer"],
  ['[3,"u1",{}]', "duplicate answer"],
];

for (const [text, reason] of IGNORED) {
  Deno.test(`OCPP-J §4 ${JSON.stringify(text)} is ignored as ${reason}`, () => {
    const script = new ScriptedCentralSystem().boot().forget().text(text).run(1);
    assert.deepEqual(script.events("frameIgnored"), [{ kind: "frameIgnored", reason, text }]);
    assert.deepEqual(script.answers, []);
  });
}

Deno.test("OCPP-J §4.2.3 a Call that is none, but has a uniqueId, gets FormationViolation", () => {
  const script = new ScriptedCentralSystem().boot().text('[2,"x",7,{}]').text(
    `[2,"${"y".repeat(40)}","Reset",{}]`,
  );
  assert.deepEqual(
    script.answers.map((answer) => answer.kind === "callError" && answer.errorCode),
    ["FormationViolation", "FormationViolation"],
  );
});

Deno.test("design §1 an answer leaves before whatever its Call leads to", () => {
  const script = new ScriptedCentralSystem().boot().charge().run(5);
  const calls: readonly (readonly [action: string, payload: unknown])[] = [
    ["TriggerMessage", { requestedMessage: "StatusNotification" }],
    ["RemoteStopTransaction", { transactionId: 101 }],
    ["ChangeAvailability", { connectorId: 1, type: "Inoperative" }],
    ["Reset", { type: "Hard" }],
  ];
  for (const [action, payload] of calls) {
    script.forget().callRaw(action, payload);
    const [first, second] = script.effects;
    assert.match(first?.kind === "send" ? first.text : "", /^\[3,/, action);
    assert.equal(second?.kind === "event" && second.event.kind, "callReceived", action);
  }
});

Deno.test("OCPP-J §4.1.1 Calls of the Central System are answered while ours is in flight", () => {
  const script = new ScriptedCentralSystem({ answers: { Authorize: () => "silence" } }).boot().present();
  assert.equal(script.result("GetConfiguration", { key: ["MessageTimeout"] }).configurationKey?.length, 1);
});

Deno.test("§5.11 RemoteStartTransaction authorizes, waits for the cable, and starts with the same idTag", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  assert.equal(script.result("RemoteStartTransaction", { connectorId: 1, idTag: "APP" }).status, "Accepted");
  assert.deepEqual(script.actions(), ["Authorize", "StatusNotification"]);
  script.run(10).plugIn();
  assert.equal(script.seen("StartTransaction")[0]?.payload.idTag, "APP");
});

Deno.test("§5.11 RemoteStartTransaction without a cable ends with ConnectionTimeOut", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  script.result("RemoteStartTransaction", { connectorId: 1, idTag: "APP" });
  script.run(61);
  assert.deepEqual(script.statuses(), ["Preparing", "Available"]);
});

Deno.test("§5.11 without AuthorizeRemoteTxRequests the start is left to StartTransaction", () => {
  const script = new ScriptedCentralSystem({ configuration: { AuthorizeRemoteTxRequests: "false" } });
  script.boot().plugIn().forget();
  script.result("RemoteStartTransaction", { idTag: "APP" });
  assert.deepEqual(script.actions(), ["StartTransaction", "StatusNotification"]);
});

Deno.test("§5.11 a refused idTag starts nothing", () => {
  const script = new ScriptedCentralSystem({
    answers: { Authorize: () => ({ idTagInfo: { status: "Invalid" } }) },
  });
  script.boot().plugIn().forget();
  assert.equal(script.result("RemoteStartTransaction", { connectorId: 1, idTag: "APP" }).status, "Accepted");
  script.run(10);
  assert.deepEqual(script.actions(), ["Authorize"]);
});

Deno.test("§5.11 RemoteStartTransaction chooses where a cable is in, else the first that is free", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 3 } }).boot().charge(1).plugIn(3);
  const start = (idTag: string) => script.result("RemoteStartTransaction", { idTag }).status;
  assert.equal(start("A"), "Accepted");
  assert.equal(script.seen("StartTransaction").at(-1)?.payload.connectorId, 3);
  assert.equal(start("B"), "Accepted");
  assert.equal(start("C"), "Rejected");
  script.plugIn(2);
  assert.equal(script.seen("StartTransaction").at(-1)?.payload.idTag, "B");
});

/** Connectors that are not free for RemoteStartTransaction. */
const OCCUPIED: readonly (readonly [what: string, play: (script: ScriptedCentralSystem) => unknown])[] = [
  ["Charging", (script) => script.charge()],
  ["Finishing", (script) => script.charge().present()],
  ["Faulted", (script) => script.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" })],
  ["Unavailable", (script) => script.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" })],
  ["Preparing for another idTag", (script) => script.present()],
  [
    "part of a Faulted Charge Point",
    (script) => script.input({ kind: "fault", connectorId: 0, errorCode: "InternalError" }),
  ],
];

for (const [what, play] of OCCUPIED) {
  Deno.test(`§5.11 RemoteStartTransaction on a connector that is ${what} is Rejected`, () => {
    const script = new ScriptedCentralSystem().boot();
    play(script);
    assert.equal(
      script.result("RemoteStartTransaction", { connectorId: 1, idTag: "APP" }).status,
      "Rejected",
    );
    assert.equal(script.result("RemoteStartTransaction", { idTag: "APP" }).status, "Rejected");
  });
}

Deno.test("§5.11 a chargingProfile is ignored by a Charge Point without Smart Charging", () => {
  const script = new ScriptedCentralSystem().boot().plugIn();
  const { status } = script.result("RemoteStartTransaction", {
    idTag: "APP",
    chargingProfile: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: "TxProfile",
      chargingProfileKind: "Relative",
      chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
    },
  });
  assert.equal(status, "Accepted");
  assert.equal(script.seen("StartTransaction").length, 1);
});

Deno.test("§5.12 RemoteStopTransaction stops the transaction that it names, with reason Remote", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().charge(1).charge(
    2,
    "B",
  );
  assert.equal(script.result("RemoteStopTransaction", { transactionId: 102 }).status, "Accepted");
  const [stop] = script.seen("StopTransaction");
  assert.deepEqual([stop?.payload.transactionId, stop?.payload.reason, stop?.payload.idTag], [
    102,
    "Remote",
    "B",
  ]);
  assert.equal(script.result("RemoteStopTransaction", { transactionId: 102 }).status, "Rejected");
});

Deno.test("§5.14 Reset Soft stops transactions, delivers, then reboots; answer first", () => {
  const script = new ScriptedCentralSystem().boot().charge().run(5).forget();
  assert.equal(script.result("Reset", { type: "Soft" }).status, "Accepted");
  assert.deepEqual(script.actions(), ["StopTransaction", "StatusNotification"]);
  assert.equal(script.seen("StopTransaction")[0]?.payload.reason, "SoftReset");
  assert.deepEqual(
    script.effects.filter(({ kind }) => kind !== "event" && kind !== "send").map(({ kind }) => kind),
    ["closeLink"],
  );
  script.forget().run(10);
  assert.deepEqual(script.effects.filter(({ kind }) => kind === "openLink").length, 1);
  assert.deepEqual(script.actions(), ["BootNotification", "StatusNotification", "StatusNotification"]);
  assert.deepEqual(script.statuses(), ["Finishing"]);
});

Deno.test("§5.14 Reset Hard reboots at once; StopTransaction comes afterwards", () => {
  const script = new ScriptedCentralSystem().boot().charge().run(5).forget();
  assert.equal(script.result("Reset", { type: "Hard" }).status, "Accepted");
  assert.deepEqual(script.actions(), []);
  script.run(10);
  assert.equal(script.actions()[0], "BootNotification");
  assert.equal(script.seen("StopTransaction")[0]?.payload.reason, "HardReset");
  assert.equal(script.seen("StopTransaction")[0]?.payload.timestamp, "2026-01-01T12:00:05.000Z");
});

Deno.test("§5.14 a Soft reset does not wait for ever for a Central System that answers nothing", () => {
  const script = new ScriptedCentralSystem({ answers: { StopTransaction: () => "silence" } });
  script.boot().charge().forget();
  script.result("Reset", { type: "Soft" });
  script.run(30);
  assert.ok(script.actions().includes("BootNotification"));
});

Deno.test("§5.14 a Hard reset cuts a Soft one short", () => {
  const script = new ScriptedCentralSystem({ answers: { StopTransaction: () => "silence" } });
  script.boot().charge().forget();
  script.result("Reset", { type: "Soft" });
  script.result("Reset", { type: "Hard" });
  script.run(6);
  assert.ok(script.actions().includes("BootNotification"));
});

Deno.test("§5.2 Unavailable outlives a Reset", () => {
  const script = new ScriptedCentralSystem().boot();
  script.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" });
  script.result("Reset", { type: "Hard" });
  script.forget().run(10);
  assert.deepEqual(script.statuses(), ["Unavailable"]);
});

Deno.test("§5.17 TriggerMessage MeterValues gives every configured measurand, marked Trigger", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().charge(1).run(20)
    .forget();
  script.result("TriggerMessage", { requestedMessage: "MeterValues" });
  const [first, second] = script.seen("MeterValues").map(({ payload }) => payload);
  assert.equal(first.transactionId, 101);
  assert.deepEqual(
    first.meterValue[0].sampledValue.map((value: { context: string; measurand: string }) => [
      value.context,
      value.measurand,
    ]),
    [["Trigger", "Energy.Active.Import.Register"], ["Trigger", "Power.Active.Import"], ["Trigger", "SoC"]],
  );
  assert.equal(second.connectorId, 2);
  assert.equal("transactionId" in second, false);
  assert.equal(second.meterValue[0].sampledValue.length, 2, "no EV, no SoC");
});

Deno.test("§5.17 TriggerMessage StatusNotification without a connector means 0 and each", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().forget();
  script.result("TriggerMessage", { requestedMessage: "StatusNotification" });
  assert.deepEqual(script.calls.map(({ payload }) => payload.connectorId), [0, 1, 2]);
});

Deno.test("§5.17 TriggerMessage is Rejected while too many Calls wait", () => {
  const script = new ScriptedCentralSystem({ answers: { Heartbeat: () => "silence" } }).boot();
  script.result("TriggerMessage", { requestedMessage: "Heartbeat" });
  const trigger = { requestedMessage: "MeterValues", connectorId: 1 } as const;
  const statuses = Array.from({ length: 60 }, () => script.result("TriggerMessage", trigger).status);
  assert.equal(statuses.filter((status) => status === "Accepted").length, 50);
  assert.equal(statuses.at(-1), "Rejected");
});
