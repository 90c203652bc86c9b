import assert from "node:assert/strict";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const currentTime = dateTimeOf(0);

Deno.test("§4.2 BootNotification is sent first and says who we are", () => {
  const script = new ScriptedCentralSystem({ options: { serialNumber: "SN1" } }).boot();
  assert.equal(script.calls[0]?.action, "BootNotification");
  assert.deepEqual(script.calls[0]?.payload, {
    chargePointVendor: "Vendor",
    chargePointModel: "Model",
    chargePointSerialNumber: "SN1",
    firmwareVersion: "1.0.0",
  });
});

Deno.test("§4.2 once Accepted connector 0 and every connector are told", () => {
  const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot();
  assert.deepEqual(
    script.seen("StatusNotification").map(({ payload }) => [payload.connectorId, payload.status]),
    [[0, "Available"], [1, "Available"], [2, "Available"]],
  );
});

/** The answers to BootNotification, one after the other, and when it is sent. Units: seconds. */
const ROWS: readonly {
  readonly what: string;
  readonly answers: readonly (
    | { status: "Accepted" | "Pending" | "Rejected"; interval: number }
    | "error"
    | "silence"
    | "invalid"
  )[];
  readonly sentAtSeconds: readonly number[];
}[] = [
  { what: "Accepted: once", answers: [{ status: "Accepted", interval: 300 }], sentAtSeconds: [0] },
  {
    what: "Pending: again after the interval",
    answers: [{ status: "Pending", interval: 20 }, { status: "Accepted", interval: 300 }],
    sentAtSeconds: [0, 20],
  },
  {
    what: "Rejected: again after the interval",
    answers: [
      { status: "Rejected", interval: 90 },
      { status: "Rejected", interval: 30 },
      { status: "Accepted", interval: 300 },
    ],
    sentAtSeconds: [0, 90, 120],
  },
  {
    what: "an interval of 0 leaves the wait to us",
    answers: [{ status: "Pending", interval: 0 }, { status: "Accepted", interval: 0 }],
    sentAtSeconds: [0, 60],
  },
  {
    what: "a CALLERROR: again, each time after longer",
    answers: ["error", "error", "error", { status: "Accepted", interval: 300 }],
    sentAtSeconds: [0, 10, 30, 70],
  },
  {
    what: "no answer: again after the timeout and a wait",
    answers: ["silence", { status: "Accepted", interval: 300 }],
    sentAtSeconds: [0, 40],
  },
  {
    what: "an answer that breaks its schema is none",
    answers: ["invalid", { status: "Accepted", interval: 300 }],
    sentAtSeconds: [0, 10],
  },
];

for (const { what, answers, sentAtSeconds } of ROWS) {
  Deno.test(`§4.2 ${what}`, () => {
    const script = new ScriptedCentralSystem({
      answers: {
        BootNotification: (_payload, nth) => {
          const answer = answers[nth - 1];
          if (answer === "error") return { error: "InternalError" };
          if (answer === "invalid") return { invalid: { status: "Accepted", interval: 1 } };
          return answer === "silence" || answer === undefined ? "silence" : { ...answer, currentTime };
        },
      },
    });
    script.boot().run(200);
    assert.deepEqual(script.seen("BootNotification").map(({ seconds }) => seconds), sentAtSeconds);
    assert.equal(script.chargePoint.registration, "Accepted");
  });
}

for (const status of ["Pending", "Rejected"] as const) {
  Deno.test(`§4.2 while ${status} nothing else is sent, whatever happens`, () => {
    const script = new ScriptedCentralSystem({
      answers: { BootNotification: () => ({ status, currentTime, interval: 600 }) },
    });
    script.boot().plugIn().present().unplug().run(500);
    assert.deepEqual(script.actions(), ["BootNotification"]);
  });
}

Deno.test("§4.2 while Pending Calls are answered, remote start and stop refused", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ status: "Pending", currentTime, interval: 600 }) },
  }).boot();
  assert.ok(script.result("GetConfiguration", {}).configurationKey);
  assert.equal(script.result("RemoteStartTransaction", { connectorId: 1, idTag: "TAG" }).status, "Rejected");
  assert.equal(script.result("RemoteStopTransaction", { transactionId: 1 }).status, "Rejected");
});

Deno.test("§4.2 while Pending a triggered message is sent, and only that", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ status: "Pending", currentTime, interval: 600 }) },
  }).boot();
  const trigger = { requestedMessage: "StatusNotification", connectorId: 1 } as const;
  assert.equal(script.result("TriggerMessage", trigger).status, "Accepted");
  assert.deepEqual(script.actions(), ["BootNotification", "StatusNotification"]);
  assert.equal(script.result("TriggerMessage", { requestedMessage: "BootNotification" }).status, "Accepted");
  assert.equal(script.seen("BootNotification").length, 2);
});

Deno.test("§4.2 while Rejected no Call is answered", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ status: "Rejected", currentTime, interval: 600 }) },
  }).boot();
  script.text('[2,"x","GetConfiguration",{}]').text('[2,"y"]').run(10);
  assert.deepEqual(script.answers, []);
  assert.equal(script.events("frameIgnored").length, 2);
});

Deno.test("§4.6 heartbeats come at the interval of the answer, other messages or not", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ status: "Accepted", currentTime, interval: 100 }) },
  });
  script.boot().run(50).plugIn().run(260);
  assert.deepEqual(script.seen("Heartbeat").map(({ seconds }) => seconds), [100, 200, 300]);
  const [key] = script.result("GetConfiguration", { key: ["HeartbeatInterval"] }).configurationKey ?? [];
  assert.equal(key?.value, "100");
});

Deno.test("§4.6 an interval of our own stands against the answer's", () => {
  const script = new ScriptedCentralSystem({ options: { heartbeatIntervalSeconds: 30 } }).boot().run(95);
  assert.deepEqual(script.seen("Heartbeat").map(({ seconds }) => seconds), [30, 60, 90]);
});

Deno.test("§9 HeartbeatInterval counts from its change", () => {
  const script = new ScriptedCentralSystem().boot().run(100);
  script.result("ChangeConfiguration", { key: "HeartbeatInterval", value: "10" });
  script.run(25);
  assert.deepEqual(script.seen("Heartbeat").map(({ seconds }) => seconds), [110, 120]);
});

Deno.test("OCPP-J §5.3 a mere reconnect sends no BootNotification", () => {
  const script = new ScriptedCentralSystem().boot().forget();
  script.cut().run(30).reconnect().run(10);
  assert.deepEqual(script.actions(), []);
});

Deno.test("§4.2 a link lost before the answer begins the boot again", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: (_payload, nth) => nth === 1 ? "cut" : undefined as never },
  });
  script.boot().run(5).reconnect();
  assert.deepEqual(script.seen("BootNotification").map(({ seconds }) => seconds), [0, 5]);
  assert.equal(script.chargePoint.registration, "Accepted");
});

Deno.test("§4.2 the interval of Pending is kept across a reconnect", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ status: "Pending", currentTime, interval: 100 }) },
  });
  script.boot().run(10).cut().run(10).reconnect().run(100);
  assert.deepEqual(script.seen("BootNotification").map(({ seconds }) => seconds), [0, 100]);
});

Deno.test("heartbeatAfterBoot sends one Heartbeat after the statuses", () => {
  const script = new ScriptedCentralSystem({ options: { heartbeatAfterBoot: true } }).boot();
  assert.deepEqual(script.actions().slice(-2), ["StatusNotification", "Heartbeat"]);
  assert.equal(script.run(299).seen("Heartbeat").length, 1);
});

Deno.test("a boot says every status as an event, so that watchers need no other source", () => {
  const script = new ScriptedCentralSystem().boot();
  assert.deepEqual(
    script.events("status").map(({ connectorId, status }) => [connectorId, status]),
    [[0, "Available"], [1, "Available"]],
  );
});
