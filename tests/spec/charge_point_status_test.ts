import assert from "node:assert/strict";
import { statusPath } from "../../src/charge_point/session/connector_status.ts";
import { mayFollow } from "../../src/ocpp/status_transition.ts";
import { ChargePointStatus } from "../../src/ocpp/types.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

/** The table of OCPP 1.6 §4.9 with B6 of the errata: rows from, columns to, in the order of §7.7. */
const TABLE: Readonly<Record<ChargePointStatus, string>> = {
  Available: /*    */ "-ABCD.EFG",
  Preparing: /*    */ "A-BCDE..F",
  Charging: /*     */ "A.-BCD.EF",
  SuspendedEV: /*  */ "A.B-CD.EF",
  SuspendedEVSE: /**/ "A.BC-D.EF",
  Finishing: /*    */ "AB...-.CD",
  Reserved: /*     */ "AB....-CD",
  Unavailable: /*  */ "ABCDE..-F",
  Faulted: /*      */ "ABCDEFGH-",
};

const COLUMNS: readonly ChargePointStatus[] = [
  "Available",
  "Preparing",
  "Charging",
  "SuspendedEV",
  "SuspendedEVSE",
  "Finishing",
  "Reserved",
  "Unavailable",
  "Faulted",
];

Deno.test("§4.9 mayFollow allows what the table lists and nothing else", () => {
  for (const from of ChargePointStatus.options) {
    for (const [column, to] of COLUMNS.entries()) {
      const isListed = /[A-I]/.test(TABLE[from].charAt(column));
      assert.equal(mayFollow({ from, to }), isListed, `${from} → ${to}`);
    }
  }
});

Deno.test("§4.9 statusPath goes by Available where the table has no direct way", () => {
  assert.deepEqual(statusPath({ from: "Preparing", to: "Unavailable" }), ["Available", "Unavailable"]);
  assert.deepEqual(statusPath({ from: "Preparing", to: "Charging" }), ["Charging"]);
});

/** One way through the table: what happens, and the statuses that are told of connector 1 from the boot on. */
interface Row {
  readonly section: string;
  readonly what: string;
  readonly play: (script: ScriptedCentralSystem) => unknown;
  readonly statuses: readonly string[];
  readonly given?: ScriptOptions;
}

const ROWS: readonly Row[] = [
  {
    section: "A2, B1",
    what: "the cable goes in and out",
    play: (script) => script.plugIn().unplug(),
    statuses: ["Available", "Preparing", "Available"],
  },
  {
    section: "A2, B3, C6, F1",
    what: "a session with the cable first",
    play: (script) => script.plugIn().present().run(5).present().unplug(),
    statuses: ["Available", "Preparing", "Charging", "Finishing", "Available"],
  },
  {
    section: "A2, B3",
    what: "a session with the card first",
    play: (script) => script.present().run(5).plugIn(),
    statuses: ["Available", "Preparing", "Charging"],
  },
  {
    section: "B1",
    what: "the card is shown a second time before the cable is in",
    play: (script) => script.present().run(5).present(),
    statuses: ["Available", "Preparing", "Available"],
  },
  {
    section: "B1, ConnectionTimeOut",
    what: "the card is shown and no cable comes",
    given: { configuration: { ConnectionTimeOut: "30" } },
    play: (script) => script.present().run(29.9).run(0.2),
    statuses: ["Available", "Preparing", "Available"],
  },
  {
    section: "B6, ConnectionTimeOut",
    what: "the cable is in and no card comes, then another user's card",
    given: { configuration: { ConnectionTimeOut: "30" } },
    play: (script) => script.plugIn().run(31).present("TAG002").unplug(),
    statuses: ["Available", "Preparing", "Finishing", "Available"],
  },
  {
    section: "C4, D3",
    what: "the EV pauses and resumes",
    play: (script) =>
      script.charge().input({ kind: "evPause", connectorId: 1 }).run(5)
        .input({ kind: "evResume", connectorId: 1 }).run(0),
    statuses: ["Available", "Preparing", "Charging", "SuspendedEV", "Charging"],
  },
  {
    section: "B4",
    what: "an EV that takes nothing from the start",
    play: (script) => script.plugIn().input({ kind: "evPause", connectorId: 1 }).present(),
    statuses: ["Available", "Preparing", "SuspendedEV"],
  },
  {
    section: "C4",
    what: "the battery becomes full",
    given: {
      configuration: { MeterValueSampleInterval: "0" },
      description: {
        vehicle: { batteryCapacityWh: 60_000, socAtArrivalPercent: 99, phases: 3, maxCurrentA: 16 },
      },
    },
    play: (script) => script.charge().run(600),
    statuses: ["Available", "Preparing", "Charging", "SuspendedEV"],
  },
  {
    section: "C5",
    what: "StartTransaction is refused and StopTransactionOnInvalidId is off",
    given: {
      configuration: { StopTransactionOnInvalidId: "false" },
      answers: { StartTransaction: () => ({ transactionId: 5, idTagInfo: { status: "Blocked" } }) },
    },
    play: (script) => script.charge().run(10),
    statuses: ["Available", "Preparing", "Charging", "SuspendedEVSE"],
  },
  {
    section: "C6",
    what: "StartTransaction is refused and StopTransactionOnInvalidId is on",
    given: { answers: { StartTransaction: () => ({ transactionId: 5, idTagInfo: { status: "Expired" } }) } },
    // §4.8: the cable is kept until the idTag is shown again.
    play: (script) => script.charge().run(10).unplug().run(60).present(),
    statuses: ["Available", "Preparing", "Charging", "Finishing", "Available"],
  },
  {
    section: "C6, F1",
    what: "the EV is unplugged and StopTransactionOnEVSideDisconnect is on",
    play: (script) => script.charge().run(5).unplug(),
    statuses: ["Available", "Preparing", "Charging", "Finishing", "Available"],
  },
  {
    section: "C4, D3",
    what: "the EV is unplugged and plugged in again, and StopTransactionOnEVSideDisconnect is off",
    given: { configuration: { StopTransactionOnEVSideDisconnect: "false" } },
    play: (script) => script.charge().run(5).unplug().run(5).plugIn(),
    statuses: ["Available", "Preparing", "Charging", "SuspendedEV", "Charging"],
  },
  {
    section: "F2",
    what: "the card is shown again after the transaction, the cable still in",
    play: (script) => script.charge().run(5).present().run(5).present(),
    statuses: ["Available", "Preparing", "Charging", "Finishing", "Preparing", "Charging"],
  },
  {
    section: "A8, H1",
    what: "out of operation and back",
    play: (script) => {
      assert.deepEqual(change(script, "Inoperative"), "Accepted");
      assert.deepEqual(change(script, "Inoperative"), "Accepted");
      assert.deepEqual(change(script, "Operative"), "Accepted");
    },
    statuses: ["Available", "Unavailable", "Available"],
  },
  {
    section: "C6, F8",
    what: "out of operation is asked for during a transaction",
    play: (script) => {
      script.charge().run(5);
      assert.deepEqual(change(script, "Inoperative"), "Scheduled");
      script.present().run(5).unplug();
    },
    statuses: ["Available", "Preparing", "Charging", "Finishing", "Unavailable"],
  },
  {
    section: "design §6",
    what: "out of operation while Preparing goes by Available",
    play: (script) => {
      script.plugIn();
      assert.deepEqual(change(script, "Inoperative"), "Accepted");
    },
    statuses: ["Available", "Preparing", "Available", "Unavailable"],
  },
  {
    section: "H2",
    what: "into operation when a cable is in",
    play: (script) => {
      change(script, "Inoperative");
      script.plugIn();
      change(script, "Operative");
    },
    statuses: ["Available", "Unavailable", "Preparing"],
  },
  {
    section: "A9, I1",
    what: "a fault comes and goes",
    play: (script) => fault(script).run(5).input({ kind: "clearFault", connectorId: 1 }).run(0),
    statuses: ["Available", "Faulted", "Available"],
  },
  {
    section: "B9, I2",
    what: "a fault while Preparing",
    play: (script) => fault(script.plugIn()).run(5).input({ kind: "clearFault", connectorId: 1 }).run(0),
    statuses: ["Available", "Preparing", "Faulted", "Preparing"],
  },
  {
    section: "C9, I6",
    what: "a fault stops the transaction; its user still has to leave",
    play: (script) => fault(script.charge()).input({ kind: "clearFault", connectorId: 1 }).run(0).unplug(),
    statuses: ["Available", "Preparing", "Charging", "Faulted", "Finishing", "Available"],
  },
  {
    section: "H9, I8",
    what: "a fault while out of operation",
    play: (script) => {
      change(script, "Inoperative");
      fault(script).input({ kind: "clearFault", connectorId: 1 }).run(0);
    },
    statuses: ["Available", "Unavailable", "Faulted", "Unavailable"],
  },
  {
    section: "§7.6, C5, E3",
    what: "EVCommunicationError suspends and stops nothing",
    play: (script) =>
      script.charge().input({ kind: "fault", connectorId: 1, errorCode: "EVCommunicationError" }).run(5)
        .input({ kind: "clearFault", connectorId: 1 }).run(0),
    statuses: ["Available", "Preparing", "Charging", "SuspendedEVSE", "Charging"],
  },
];

function change(script: ScriptedCentralSystem, type: "Inoperative" | "Operative"): string {
  return script.result("ChangeAvailability", { connectorId: 1, type }).status;
}

function fault(script: ScriptedCentralSystem): ScriptedCentralSystem {
  return script.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }).run(0);
}

for (const { section, what, play, statuses, given } of ROWS) {
  Deno.test(`§4.9 ${section}: ${what}`, () => {
    const script = new ScriptedCentralSystem(given).boot();
    play(script);
    script.run(0);
    assert.deepEqual(script.statuses(), statuses);
  });
}

Deno.test("§4.9 an EV-side disconnect says so in info, whether it stops the transaction or not", () => {
  for (const StopTransactionOnEVSideDisconnect of ["true", "false"]) {
    const script = new ScriptedCentralSystem({ configuration: { StopTransactionOnEVSideDisconnect } });
    script.boot().charge().forget().unplug();
    const first = script.seen("StatusNotification")[0]?.payload;
    assert.equal(first.info, "EV side disconnected");
    assert.equal(first.errorCode, "NoError");
    assert.equal(script.seen("StopTransaction").length, StopTransactionOnEVSideDisconnect === "true" ? 1 : 0);
  }
});

Deno.test("§5.2 ChangeAvailability of connector 0 changes the Charge Point and every connector", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().forget();
  assert.equal(
    script.result("ChangeAvailability", { connectorId: 0, type: "Inoperative" }).status,
    "Accepted",
  );
  for (const connectorId of [0, 1, 2]) assert.deepEqual(script.statuses(connectorId), ["Unavailable"]);
});

Deno.test("§5.2 ChangeAvailability of connector 0 changes idle connectors at once while one is busy", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().charge(1).forget();
  assert.equal(
    script.result("ChangeAvailability", { connectorId: 0, type: "Inoperative" }).status,
    "Scheduled",
  );
  assert.deepEqual(script.statuses(2), ["Unavailable"]);
  assert.deepEqual(script.statuses(1), []);
});

Deno.test("§5.2 ChangeAvailability of a connector that is not there is Rejected", () => {
  const script = new ScriptedCentralSystem().boot();
  assert.equal(
    script.result("ChangeAvailability", { connectorId: 2, type: "Inoperative" }).status,
    "Rejected",
  );
});

Deno.test("§4.9 after being offline only a changed status is told, and only the latest", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot().forget();
  script.cut().plugIn(1).plugIn(2).unplug(2).run(5);
  script.reconnect();
  assert.deepEqual(script.actions(), ["StatusNotification"]);
  assert.deepEqual(script.statuses(1), ["Preparing"]);
});

Deno.test("§4.9 a status whose answer was lost with the link is told again", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  script.script.StatusNotification = (_payload, nth) => nth === 3 ? "cut" : {};
  script.plugIn().run(5).reconnect();
  assert.deepEqual(script.statuses(), ["Preparing", "Preparing"]);
});

Deno.test("§4.9 statuses that cannot leave make room for the latest", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  script.script.StatusNotification = () => "silence";
  for (let times = 0; times < 100; times++) script.plugIn().unplug();
  script.plugIn();
  script.script.StatusNotification = () => ({});
  script.run(40);
  assert.equal(script.statuses().at(-1), "Preparing");
  assert.ok(script.statuses().length <= 51, `${script.statuses().length} told`);
});
