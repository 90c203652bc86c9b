import assert from "node:assert/strict";
import type { Req } from "../../src/ocpp/registry.ts";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";

/** Two connectors; `GROUP…` idTags share a parent. */
const GIVEN: ScriptOptions = {
  description: { connectors: 2 },
  answers: {
    Authorize: ({ idTag }) => ({
      idTagInfo: { status: "Accepted", ...(idTag.startsWith("GROUP") ? { parentIdTag: "Parent" } : {}) },
    }),
  },
};

const booted = (given: ScriptOptions = {}) => new ScriptedCentralSystem({ ...GIVEN, ...given }).boot();

function reserve(script: ScriptedCentralSystem, request: Partial<Req<"ReserveNow">> = {}): string {
  return script.result("ReserveNow", {
    connectorId: 1,
    expiryDate: new Date(script.nowMs + 600_000).toISOString(),
    idTag: "TAG001",
    reservationId: 1,
    ...request,
  }).status;
}

const statusOf = (script: ScriptedCentralSystem, connectorId = 1) =>
  script.chargePoint.connectors[connectorId - 1]?.status;

/** What ReserveNow is answered. Spec: OCPP 1.6 §5.13. */
const ANSWERS: readonly (readonly [
  what: string,
  prepare: (script: ScriptedCentralSystem) => unknown,
  request: Partial<Req<"ReserveNow">>,
  status: string,
])[] = [
  ["a free connector", () => {}, {}, "Accepted"],
  ["a connector that is Faulted", (script) => fault(script, 1), {}, "Faulted"], // TC_048_1
  ["a connector that charges", (script) => script.charge(1), {}, "Occupied"], // TC_048_2
  ["a connector with a cable in", (script) => script.plugIn(1), {}, "Occupied"],
  ["a connector that waits for its cable", (script) => script.present("X", 1), {}, "Occupied"],
  ["a connector that nobody has left yet", (script) => script.charge(1).present(), {}, "Occupied"],
  ["a connector out of operation", (script) => change(script, 1), {}, "Unavailable"], // TC_048_3
  ["a connector of a Charge Point out of operation", (script) => change(script, 0), {}, "Unavailable"],
  ["a connector of a Faulted Charge Point", (script) => fault(script, 0), {}, "Faulted"],
  ["a connector that is not there", () => {}, { connectorId: 3 }, "Rejected"],
  ["a time that is over", () => {}, { expiryDate: new Date(BEGIN_AT_MS).toISOString() }, "Rejected"],
  ["a connector that is reserved", (script) => reserve(script), { reservationId: 2 }, "Occupied"],
  ["any connector", () => {}, { connectorId: 0 }, "Accepted"],
  ["any connector with one free", (script) => script.charge(1), { connectorId: 0 }, "Accepted"],
  ["any connector, all Faulted", (script) => fault(fault(script, 1), 2), { connectorId: 0 }, "Faulted"],
  ["any connector, all out of operation", (script) => change(script, 0), { connectorId: 0 }, "Unavailable"],
  ["any connector, all in use", (script) => script.charge(1).charge(2, "B"), { connectorId: 0 }, "Occupied"],
  [
    "any connector, one in use and one Faulted",
    (script) => fault(script.charge(1), 2),
    { connectorId: 0 },
    "Occupied",
  ],
  [
    "any connector, both reserved",
    (script) => [reserve(script), reserve(script, { connectorId: 2, reservationId: 2 })],
    { connectorId: 0, reservationId: 3 },
    "Occupied",
  ],
  [
    "any connector, which is reserved already",
    (script) => reserve(script, { connectorId: 0 }),
    { connectorId: 0, reservationId: 2 },
    "Occupied",
  ],
  [
    "one of two connectors, any being reserved",
    (script) => reserve(script, { connectorId: 0 }),
    { reservationId: 2 },
    "Accepted",
  ],
  [
    "the last of two connectors, any being reserved",
    (script) => [reserve(script, { connectorId: 0 }), script.charge(2, "B")],
    { reservationId: 2 },
    "Occupied",
  ],
];

function fault(script: ScriptedCentralSystem, connectorId: number): ScriptedCentralSystem {
  return script.input({ kind: "fault", connectorId, errorCode: "GroundFailure" }).run(0);
}

function change(script: ScriptedCentralSystem, connectorId: number): string {
  return script.result("ChangeAvailability", { connectorId, type: "Inoperative" }).status;
}

for (const [what, prepare, request, status] of ANSWERS) {
  Deno.test(`§5.13 ReserveNow of ${what} is ${status}`, () => {
    const script = booted();
    prepare(script);
    const before = script.chargePoint.connectors.map(({ status }) => status);
    assert.equal(reserve(script, request), status);
    const { connectorId = 1 } = request;
    const after = status === "Accepted" && connectorId > 0
      ? before.with(connectorId - 1, "Reserved")
      : before; // connector 0 is never Reserved, nor does any other show it
    assert.deepEqual(script.chargePoint.connectors.map(({ status }) => status), after);
  });
}

Deno.test("§5.13 any connector is Rejected where ReserveConnectorZeroSupported is off", () => {
  assert.equal(
    reserve(booted({ description: { reservesConnectorZero: false } }), { connectorId: 0 }),
    "Rejected",
  );
});

Deno.test("§5.13, §5.2 without the profile both Calls get NotSupported", () => {
  const script = booted({ description: { featureProfiles: ["Core"] } });
  const expiryDate = new Date(BEGIN_AT_MS + 60_000).toISOString();
  const answers = [
    script.call("ReserveNow", { connectorId: 1, expiryDate, idTag: "TAG001", reservationId: 1 }),
    script.call("CancelReservation", { reservationId: 1 }),
  ];
  for (const answer of answers) {
    assert.equal(answer.kind === "callError" && answer.errorCode, "NotSupported");
  }
});

/** Who may charge on connector 1, reserved for GROUP1 with its parent. Spec: OCPP 1.6 §5.13. */
const USERS: readonly (readonly [what: string, idTag: string, starts: boolean, asks: number])[] = [
  ["the idTag", "GROUP1", true, 1],
  ["the idTag in another case", "group1", true, 1],
  ["one of the group", "GROUP2", true, 1], // TC_053_1
  ["one of another group", "OTHER", false, 1],
];

for (const [what, idTag, starts, asks] of USERS) {
  for (const isRemote of [false, true]) {
    Deno.test(`§5.13 ${what} ${starts ? "starts" : "does not start"} ${isRemote ? "remotely" : "locally"}`, () => {
      const script = booted();
      reserve(script, { idTag: "GROUP1", parentIdTag: "PARENT", reservationId: 7 });
      script.plugIn();
      assert.equal(statusOf(script), "Reserved", "a cable alone is no use of it");
      script.forget();
      if (isRemote) {
        const { status } = script.result("RemoteStartTransaction", { connectorId: 1, idTag });
        assert.equal(status, "Accepted"); // the group is not known before it is asked for
      } else script.present(idTag, 1);
      assert.equal(script.seen("Authorize").length, asks);
      assert.deepEqual(
        script.seen("StartTransaction").map(({ payload }) => [payload.idTag, payload.reservationId]),
        starts ? [[idTag, 7]] : [],
      );
      assert.deepEqual(script.statuses(), starts ? ["Preparing", "Charging"] : []);
      assert.equal(statusOf(script), starts ? "Charging" : "Reserved");
    });
  }
}

Deno.test("§5.13 without a parentIdTag others are refused without being asked about", () => {
  const script = booted();
  reserve(script);
  script.forget().plugIn().present("OTHER", 1);
  assert.deepEqual(script.actions(), []);
  assert.match(script.events("idTagIgnored")[0]?.reason ?? "", /reserved/);
  const remote = script.result("RemoteStartTransaction", { connectorId: 1, idTag: "OTHER" });
  assert.equal(remote.status, "Rejected");
  assert.equal(
    script.result("RemoteStartTransaction", { connectorId: 1, idTag: "TAG001" }).status,
    "Accepted",
  );
});

Deno.test("§5.13 a group that the list knows is not asked for", () => {
  const script = booted({ configuration: { LocalPreAuthorize: "true" } });
  script.result("SendLocalList", {
    listVersion: 1,
    updateType: "Full",
    localAuthorizationList: [
      { idTag: "A", idTagInfo: { status: "Accepted", parentIdTag: "Parent" } },
      { idTag: "B", idTagInfo: { status: "Accepted", parentIdTag: "Family" } },
    ],
  });
  reserve(script, { parentIdTag: "PARENT" });
  script.forget().plugIn().present("B", 1);
  assert.equal(statusOf(script), "Reserved");
  script.present("A", 1);
  assert.equal(statusOf(script), "Charging");
  assert.equal(script.seen("Authorize").length, 0);
});

Deno.test("§5.13 without AuthorizeRemoteTxRequests the group is asked for all the same", () => {
  const script = booted({ configuration: { AuthorizeRemoteTxRequests: "false" } });
  reserve(script, { idTag: "GROUP1", parentIdTag: "PARENT" });
  script.plugIn().forget();
  script.result("RemoteStartTransaction", { connectorId: 1, idTag: "GROUP1" });
  assert.equal(script.seen("Authorize").length, 0);
  assert.equal(statusOf(script), "Charging");
  script.present("GROUP1", 1).unplug().forget();
  reserve(script, { idTag: "GROUP1", parentIdTag: "PARENT" });
  script.plugIn();
  script.result("RemoteStartTransaction", { connectorId: 1, idTag: "GROUP2" });
  assert.equal(script.seen("Authorize").length, 1); // TC_053_2
  assert.equal(statusOf(script), "Charging");
});

Deno.test("§5.13 offline somebody unknown is of no group", () => {
  const script = booted({ configuration: { AllowOfflineTxForUnknownId: "true" } });
  reserve(script, { idTag: "GROUP1", parentIdTag: "PARENT" });
  script.cut().plugIn().present("GROUP2", 1);
  assert.equal(statusOf(script), "Reserved");
  script.present("GROUP1", 1);
  assert.equal(statusOf(script), "Charging");
});

Deno.test("§5.13 an idTag without a connector means the one that is reserved for it", () => {
  const script = booted();
  reserve(script, { connectorId: 2 });
  script.present();
  assert.equal(statusOf(script, 2), "Preparing");
  const other = booted();
  reserve(other, { connectorId: 1 });
  other.present("OTHER");
  assert.equal(statusOf(other, 2), "Preparing");
});

/** What ends the reservation of connector 1, and the statuses that are told of it then. */
const ENDS: readonly (readonly [
  what: string,
  end: (script: ScriptedCentralSystem) => unknown,
  statuses: readonly string[],
  why: string,
])[] = [
  ["its expiry", (script) => script.run(600), ["Available"], "expired"], // G1, TC_047
  [
    "CancelReservation",
    (script) => assert.equal(cancel(script, 1), "Accepted"),
    ["Available"],
    "cancelled",
  ], // G1, TC_051
  ["a fault", (script) => fault(script, 1), ["Faulted"], "Faulted"], // G9
  [
    "ChangeAvailability",
    (script) => assert.equal(change(script, 1), "Accepted"),
    ["Unavailable"],
    "Unavailable",
  ],
  ["ChangeAvailability of all", (script) => change(script, 0), ["Unavailable"], "Unavailable"], // G8
  ["a fault of the Charge Point", (script) => fault(script, 0), ["Available"], "Faulted"],
  ["its transaction", (script) => script.charge(1), ["Preparing", "Charging"], "used"], // G2
  [
    "the emergency button",
    (script) => script.input({ kind: "emergencyStop" }).run(0),
    ["Faulted"],
    "Faulted",
  ],
];

function cancel(script: ScriptedCentralSystem, reservationId: number): string {
  return script.result("CancelReservation", { reservationId }).status;
}

for (const [what, end, statuses, why] of ENDS) {
  Deno.test(`§5.13 ${what} ends a reservation`, () => {
    const script = booted();
    reserve(script);
    script.run(0).forget();
    end(script);
    script.run(0);
    assert.deepEqual(script.statuses(), statuses);
    assert.deepEqual(script.events("reservationEnded").map((event) => event.why), [why]);
    assert.equal(cancel(script, 1), "Rejected");
  });
}

Deno.test("§5.13 a fault that is over leaves no reservation behind", () => {
  const script = booted();
  reserve(script);
  fault(script, 1).input({ kind: "clearFault", connectorId: 1 }).run(0);
  assert.equal(statusOf(script), "Available");
});

Deno.test("§5.13 whom it is reserved for may time out and come again", () => {
  const script = booted({ configuration: { ConnectionTimeOut: "30" } });
  reserve(script);
  script.forget().present("TAG001", 1).run(31);
  assert.deepEqual(script.statuses(), ["Preparing", "Available", "Reserved"]);
  script.charge(1);
  assert.equal(script.seen("StartTransaction")[0]?.payload.reservationId, 1);
});

Deno.test("§5.13 the same reservationId replaces, also for another connector, if that is free", () => {
  const script = booted();
  reserve(script);
  assert.equal(reserve(script, { connectorId: 2, idTag: "OTHER" }), "Accepted");
  assert.deepEqual([statusOf(script, 1), statusOf(script, 2)], ["Available", "Reserved"]);
  script.charge(1, "SOMEBODY");
  assert.equal(reserve(script, { connectorId: 1 }), "Occupied");
  assert.deepEqual([statusOf(script, 1), statusOf(script, 2)], ["Charging", "Reserved"]);
  script.run(0).forget();
  assert.equal(
    reserve(script, { connectorId: 2, expiryDate: new Date(script.nowMs + 5_000).toISOString() }),
    "Accepted",
  );
  assert.deepEqual(script.statuses(2), [], "Reserved as before");
  script.run(5);
  assert.deepEqual(script.statuses(2), ["Available"]);
});

Deno.test("§5.13 a reservation outlives a Reset and expires all the same", () => {
  const script = booted();
  reserve(script);
  script.result("Reset", { type: "Hard" });
  script.run(60);
  assert.equal(statusOf(script), "Reserved");
  script.run(600);
  assert.equal(statusOf(script), "Available");
});

Deno.test("§5.13 expiry is simulated time", () => {
  const script = booted({ options: { speed: 60 } });
  reserve(script, { expiryDate: new Date(BEGIN_AT_MS + 3_600_000).toISOString() });
  script.run(59.9);
  assert.equal(statusOf(script), "Reserved");
  script.run(0.2);
  assert.equal(statusOf(script), "Available");
});

Deno.test("§5.13 any connector being reserved, others charge only as long as one remains free", () => {
  const script = booted({ description: { connectors: 3 } });
  reserve(script, { connectorId: 0, idTag: "GROUP1", parentIdTag: "PARENT", reservationId: 9 });
  script.charge(1, "A").charge(2, "B");
  assert.deepEqual([statusOf(script, 1), statusOf(script, 2)], ["Charging", "Charging"]);
  script.charge(3, "C");
  assert.equal(statusOf(script, 3), "Preparing", "the cable is in, C is refused");
  assert.equal(
    script.result("RemoteStartTransaction", { connectorId: 3, idTag: "GROUP2" }).status,
    "Accepted",
  );
  assert.equal(script.seen("StartTransaction").at(-1)?.payload.reservationId, 9); // TC_049
  assert.equal(script.seen("StartTransaction").length, 3);
  assert.equal(cancel(script, 9), "Rejected");
});

Deno.test("§5.13 an Authorize that is under way when any is reserved does not take the last connector", () => {
  const script = booted({ latencyMs: 1_000 }).run(10);
  script.charge(1, "A").run(10).plugIn(2).present("B", 2);
  assert.equal(reserve(script, { connectorId: 0 }), "Occupied");
  script.run(10);
  assert.equal(statusOf(script, 2), "Charging");
});

Deno.test("§5.13 connector 0 that becomes Unavailable or Faulted ends the reservation of any", () => {
  for (const end of [change, fault]) {
    const script = booted();
    reserve(script, { connectorId: 0 });
    end(script, 0);
    assert.equal(cancel(script, 1), "Rejected");
  }
});

for (const connectorId of [0, 1]) {
  Deno.test(`§5.13 a reservation ends with a fault of connector ${connectorId} that came without power`, () => {
    const script = booted();
    const reservation = { connectorId: 1, expiryDate: "2026-01-02T00:00:00Z", idTag: "A", reservationId: 1 };
    assert.equal(script.result("ReserveNow", reservation).status, "Accepted");
    script.input({ kind: "powerOff" }).input({ kind: "fault", connectorId, errorCode: "GroundFailure" });
    script.input({ kind: "powerOn" }).run(0);
    assert.deepEqual(script.chargePoint.view().reservations, []);
    assert.equal(script.statuses(1).at(-1), connectorId === 1 ? "Faulted" : "Available");
    script.input({ kind: "clearFault", connectorId }).run(0);
    assert.equal(script.statuses(1).at(-1), "Available");
  });
}
