import assert from "node:assert/strict";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

/** Authorize answers by idTag; `GROUP…` tags share a parent. */
const GROUPS: ScriptOptions = {
  answers: {
    Authorize: ({ idTag }) => ({
      idTagInfo: {
        status: idTag.startsWith("BAD") ? "Blocked" : "Accepted",
        ...(idTag.startsWith("GROUP") ? { parentIdTag: "Parent" } : {}),
      },
    }),
  },
};

Deno.test("§4.1 the idTag that started stops without Authorize, in whatever case", () => {
  const script = new ScriptedCentralSystem(GROUPS).boot().charge(1, "Tag1").forget().present("TAG1");
  assert.deepEqual(script.actions(), ["StopTransaction", "StatusNotification"]);
  const { idTag, reason } = script.seen("StopTransaction")[0]!.payload;
  assert.deepEqual([idTag, reason], ["TAG1", "Local"]);
});

Deno.test("§3.10 an idTag of the same group stops the transaction after Authorize", () => {
  const script = new ScriptedCentralSystem(GROUPS).boot().charge(1, "GROUP1").forget().present("GROUP2");
  assert.deepEqual(script.actions(), ["Authorize", "StopTransaction", "StatusNotification"]);
  assert.equal(script.seen("StopTransaction")[0]?.payload.idTag, "GROUP2");
});

for (const idTag of ["OTHER", "Parent", "BAD1"]) {
  Deno.test(`§3.10 ${idTag} is of another group and stops nothing`, () => {
    const script = new ScriptedCentralSystem(GROUPS).boot().charge(1, "GROUP1").forget().present(idTag);
    assert.deepEqual(script.actions(), ["Authorize"]);
    assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
  });
}

Deno.test("§3.10 the parent may come with StartTransaction's answer", () => {
  const script = new ScriptedCentralSystem({
    answers: {
      ...GROUPS.answers,
      StartTransaction: () => ({
        transactionId: 7,
        idTagInfo: { status: "Accepted", parentIdTag: "PARENT" },
      }),
    },
  });
  script.boot().charge(1, "SOLO").present("GROUP2");
  assert.equal(script.seen("StopTransaction").length, 1);
});

Deno.test("§4.1 an idTag that is not accepted starts nothing", () => {
  const script = new ScriptedCentralSystem(GROUPS).boot().plugIn().forget().present("BAD");
  assert.deepEqual(script.actions(), ["Authorize"]);
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["Blocked"]);
});

Deno.test("§3.5 offline an unknown idTag charges only with AllowOfflineTxForUnknownId", () => {
  for (const AllowOfflineTxForUnknownId of ["true", "false"]) {
    const isAllowed = AllowOfflineTxForUnknownId === "true";
    const script = new ScriptedCentralSystem({ configuration: { AllowOfflineTxForUnknownId } }).boot().cut();
    script.charge();
    assert.deepEqual(
      script.events("authorization").map(({ status }) => status),
      [isAllowed ? "Accepted" : "NotAuthorizedOffline"],
    );
    assert.equal(script.chargePoint.connectors[0]?.status, isAllowed ? "Charging" : "Preparing");
  }
});

Deno.test("§3.10 offline another idTag cannot stop a transaction, the same one can", () => {
  const script = new ScriptedCentralSystem({ configuration: { AllowOfflineTxForUnknownId: "true" } });
  script.boot().charge().cut().present("OTHER");
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
  script.present();
  assert.equal(script.chargePoint.connectors[0]?.status, "Finishing");
});

Deno.test("§3.5 an Authorize that gets lost with the link is decided offline", () => {
  const script = new ScriptedCentralSystem({
    configuration: { AllowOfflineTxForUnknownId: "true" },
    answers: { Authorize: () => "cut" },
  });
  script.boot().charge();
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
});

Deno.test("an Authorize without an answer is decided offline after MessageTimeout", () => {
  const script = new ScriptedCentralSystem({
    configuration: { MessageTimeout: "20" },
    answers: { Authorize: () => "silence" },
  });
  script.boot().charge().run(19);
  assert.deepEqual(script.events("authorization"), []);
  script.run(2);
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["NotAuthorizedOffline"]);
});

Deno.test("a late answer to Authorize after ConnectionTimeOut starts nothing", () => {
  const script = new ScriptedCentralSystem({
    latencyMs: 20_000,
    configuration: { ConnectionTimeOut: "10" },
  });
  script.boot().run(100).forget().plugIn().present().run(100);
  assert.equal(script.seen("Authorize").length, 1);
  assert.equal(script.seen("StartTransaction").length, 0);
  assert.equal(script.chargePoint.connectors[0]?.status, "Finishing");
});

Deno.test("an answer to Authorize for a session that was called off starts nothing", () => {
  const script = new ScriptedCentralSystem({ latencyMs: 1_000 }).boot().run(10).plugIn().run(10).present();
  script.result("ChangeAvailability", { connectorId: 1, type: "Inoperative" });
  script.result("ChangeAvailability", { connectorId: 1, type: "Operative" });
  script.run(30);
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["Accepted"]);
  assert.equal(script.seen("StartTransaction").length, 0);
  assert.equal(script.chargePoint.connectors[0]?.status, "Preparing");
});

Deno.test("§4.8 a refused StartTransaction stops with DeAuthorized, online and after an offline start", () => {
  for (const isOffline of [false, true]) {
    const script = new ScriptedCentralSystem({
      configuration: { AllowOfflineTxForUnknownId: "true" },
      answers: { StartTransaction: () => ({ transactionId: 8, idTagInfo: { status: "ConcurrentTx" } }) },
    });
    script.boot();
    if (isOffline) script.cut();
    script.charge().run(5).reconnect();
    const { reason, transactionId } = script.seen("StopTransaction")[0]!.payload;
    assert.deepEqual([reason, transactionId], ["DeAuthorized", 8]);
  }
});

Deno.test("before the first Accepted boot no card is taken", () => {
  const script = new ScriptedCentralSystem({ configuration: { AllowOfflineTxForUnknownId: "true" } });
  script.isReachable = false;
  script.boot().charge();
  assert.equal(script.events("idTagIgnored").length, 1);
  assert.equal(script.chargePoint.connectors[0]?.status, "Preparing");
});

/** A card without a connector: where it is taken to belong. */
const CHOICES:
  readonly (readonly [what: string, play: (script: ScriptedCentralSystem) => unknown, connector: number])[] =
    [
      ["the one with the cable in", (script) => script.plugIn(2), 2],
      ["the first free one", (script) => script.charge(1, "OTHER"), 2],
      ["the one that charges with it", (script) => script.charge(2, "TAG001").plugIn(1), 2],
      [
        "the only one that is in order",
        (script) => script.input({ kind: "fault", connectorId: 1, errorCode: "OtherError" }),
        2,
      ],
      ["one of others, to stop it", (script) => script.charge(1, "A").charge(2, "B"), 1],
    ];

for (const [what, play, connectorId] of CHOICES) {
  Deno.test(`a card without a connector means ${what}`, () => {
    const script = new ScriptedCentralSystem({ ...GROUPS, description: { connectors: 2 } }).boot();
    play(script);
    script.forget().present("TAG001");
    const told = script.events("authorization")[0]?.connectorId ??
      script.events("transactionStopped")[0]?.connectorId;
    assert.equal(told, connectorId);
  });
}
