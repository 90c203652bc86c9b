import assert from "node:assert/strict";
import {
  BACKLOG_BURST,
  BACKLOG_MESSAGES_PER_SECOND,
  MESSAGES_MAX,
} from "../../src/charge_point/transaction/transaction_queue.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
  type SeenCall,
} from "../support/scripted_central_system.ts";

const RETRIES = { TransactionMessageAttempts: "3", TransactionMessageRetryInterval: "60" };

/** How the first transmissions of StartTransaction end, and when they leave. Units: seconds. */
const ROWS: readonly {
  readonly what: string;
  readonly answers: readonly ("error" | "invalid" | "silence" | "well")[];
  readonly sentAtSeconds: readonly number[];
  readonly isLost: boolean;
  readonly given?: Readonly<Record<string, string>>;
}[] = [
  { what: "answered at once", answers: ["well"], sentAtSeconds: [0], isLost: false },
  { what: "one CALLERROR", answers: ["error", "well"], sentAtSeconds: [0, 60], isLost: false },
  {
    what: "two CALLERRORs: the waits are interval × transmissions so far",
    answers: ["error", "error", "well"],
    sentAtSeconds: [0, 60, 180],
    isLost: false,
  },
  {
    what: "three CALLERRORs: given up at the third",
    answers: ["error", "error", "error", "well"],
    sentAtSeconds: [0, 60, 180],
    isLost: true,
  },
  {
    what: "a timeout counts, and the wait begins with it",
    answers: ["silence", "well"],
    sentAtSeconds: [0, 90],
    isLost: false,
  },
  { what: "an invalid answer counts", answers: ["invalid", "well"], sentAtSeconds: [0, 60], isLost: false },
  {
    what: "a single attempt",
    answers: ["error"],
    sentAtSeconds: [0],
    isLost: true,
    given: { TransactionMessageAttempts: "1" },
  },
  {
    what: "an interval of 0 repeats at once",
    answers: ["error", "error", "well"],
    sentAtSeconds: [0, 0, 0],
    isLost: false,
    given: { TransactionMessageRetryInterval: "0" },
  },
];

for (const { what, answers, sentAtSeconds, isLost, given } of ROWS) {
  Deno.test(`§3.7 StartTransaction, ${what}`, () => {
    const script = new ScriptedCentralSystem({
      configuration: { ...RETRIES, MeterValueSampleInterval: "0", ...given },
      answers: {
        StartTransaction: (_payload, nth) => {
          const answer = answers[nth - 1] ?? "silence";
          if (answer === "error") return { error: "InternalError" };
          if (answer === "invalid") return { invalid: {} };
          return answer === "silence" ? answer : { transactionId: 9, idTagInfo: { status: "Accepted" } };
        },
      },
    });
    script.boot().charge().run(300);
    const starts = script.seen("StartTransaction");
    assert.deepEqual(starts.map(({ seconds }) => seconds), sentAtSeconds);
    assert.equal(new Set(starts.map(({ uniqueId }) => uniqueId)).size, 1, "a repeat keeps its uniqueId");
    assert.equal(new Set(starts.map(({ payload }) => JSON.stringify(payload))).size, 1);
    assert.equal(script.events("messageLost").length, isLost ? 1 : 0);
    script.present();
    assert.equal(script.seen("StopTransaction")[0]?.payload.transactionId, isLost ? -1 : 9);
  });
}

/** Transaction-related messages, e.g. `StartTransaction`, `MeterValues`, without what else was sent. */
function messages(script: ScriptedCentralSystem): readonly SeenCall[] {
  return script.calls.filter(({ action }) => /^(Start|Stop)Transaction$|^MeterValues$/.test(action));
}

const OFFLINE: ScriptOptions = {
  configuration: { ...RETRIES, AllowOfflineTxForUnknownId: "true", MeterValueSampleInterval: "10" },
};

Deno.test("§3.7 a whole session offline is delivered in order, with the id that its start is answered with", () => {
  const script = new ScriptedCentralSystem(OFFLINE).boot().forget().cut();
  script.charge().run(25).present().unplug().run(1_000);
  assert.deepEqual(script.calls, []);
  script.reconnect();
  assert.deepEqual(
    messages(script).map(({ action, payload }) => [action, payload.transactionId]),
    [["StartTransaction", undefined], ["MeterValues", 101], ["MeterValues", 101], ["StopTransaction", 101]],
  );
  const [start, first] = messages(script);
  assert.equal(start?.payload.timestamp, "2026-01-01T12:00:00.000Z");
  assert.equal(first?.payload.meterValue[0].timestamp, "2026-01-01T12:00:10.000Z");
  assert.equal(script.chargePoint.queueLength, 0);
});

Deno.test("§3.7 being offline uses up no attempt, and the repeat is the same message", () => {
  const script = new ScriptedCentralSystem({
    configuration: { ...RETRIES, MeterValueSampleInterval: "0" },
    answers: { StartTransaction: (_payload, nth) => nth <= 5 ? "cut" : undefined as never },
  });
  script.boot().charge();
  for (let links = 0; links < 6; links++) script.run(7).reconnect();
  const starts = script.seen("StartTransaction");
  assert.equal(starts.length, 6);
  assert.equal(new Set(starts.map(({ uniqueId }) => uniqueId)).size, 1);
  assert.equal(script.events("messageLost").length, 0);
  assert.equal(script.chargePoint.connectors[0]?.transaction?.transactionId, 101);
});

Deno.test("§3.7 MeterValues that are given up let the next message pass", () => {
  const script = new ScriptedCentralSystem({
    configuration: { ...RETRIES, MeterValueSampleInterval: "10", TransactionMessageAttempts: "1" },
    answers: { MeterValues: () => ({ error: "GenericError" }) },
  });
  script.boot().charge().run(15).present();
  assert.deepEqual(messages(script).map(({ action }) => action), [
    "StartTransaction",
    "MeterValues",
    "StopTransaction",
  ]);
  assert.deepEqual(script.events("messageLost").map(({ action }) => action), ["MeterValues"]);
});

Deno.test("§3.7 other messages overtake while a transaction-related one waits for its repeat", () => {
  const script = new ScriptedCentralSystem({
    configuration: RETRIES,
    description: { connectors: 2 },
    answers: {
      StartTransaction: (_payload, nth) => nth === 1 ? { error: "GenericError" } : undefined as never,
    },
  });
  script.boot().charge(1).forget().run(5).charge(2, "TAG002").run(1);
  assert.ok(script.actions().includes("Authorize"));
  assert.ok(
    !script.actions().includes("StartTransaction"),
    "StartTransaction of connector 2 keeps its place",
  );
  script.run(120);
  assert.deepEqual(script.seen("StartTransaction").map(({ payload }) => payload.connectorId), [1, 2]);
});

Deno.test("§3.7 a backlog lets every second Call be another one", () => {
  const script = new ScriptedCentralSystem({ ...OFFLINE, description: { connectors: 2 }, latencyMs: 20 });
  script.boot().run(1).cut().charge(1).run(100).forget().reconnect().run(0.1);
  assert.deepEqual(script.actions().slice(0, 3), ["StatusNotification", "StartTransaction", "MeterValues"]);
  const before = script.calls.length;
  script.plugIn(2).present("TAG002", 2).run(0.1);
  // One message may be on its way, and one goes between StatusNotification and Authorize.
  const position = script.actions().indexOf("Authorize");
  assert.ok(position > before && position <= before + 3, script.actions().join());
  assert.ok(script.chargePoint.queueLength > 0);
});

Deno.test("§4.9, §3.7 once online, changed statuses are told first, then comes what waited", () => {
  const script = new ScriptedCentralSystem({ ...OFFLINE, description: { connectors: 2 } });
  script.boot().cut().charge(1).charge(2).run(15).forget().reconnect();
  assert.deepEqual(script.actions(), [
    ...["StatusNotification", "StatusNotification", "StartTransaction", "StartTransaction"],
    ...["MeterValues", "MeterValues"],
  ]);
});

Deno.test("design §6: the backlog leaves at a bounded pace, live messages do not wait", () => {
  const script = new ScriptedCentralSystem({
    ...OFFLINE,
    configuration: { ...OFFLINE.configuration, MeterValueSampleInterval: "1" },
  });
  script.boot().cut().charge().run(100).forget().reconnect();
  const beganAt = messages(script)[0]!.seconds;
  const within = (seconds: number) =>
    messages(script).filter((call) => call.seconds <= beganAt + seconds).length;
  assert.equal(within(0), BACKLOG_BURST);
  script.run(10);
  assert.equal(within(10), BACKLOG_BURST + 10 * BACKLOG_MESSAGES_PER_SECOND);
  // A message each second comes on top: 101 waited, and the last of them is followed by those since.
  script.run(30);
  assert.equal(script.chargePoint.queueLength, 0);
  const last = messages(script).at(-1)!;
  assert.equal(last.payload.meterValue[0].timestamp, dateTimeOf(BEGIN_AT_MS + last.seconds * 1_000));
});

Deno.test("§4.2 a CALLERROR SecurityError uses up no attempt, once", () => {
  const script = new ScriptedCentralSystem({
    configuration: { ...RETRIES, TransactionMessageAttempts: "2", MeterValueSampleInterval: "0" },
    answers: { StartTransaction: () => ({ error: "SecurityError" }) },
  });
  script.boot().charge().run(1_000);
  const starts = script.seen("StartTransaction");
  assert.equal(starts.length, 3, "put off, failed, given up");
  assert.equal(new Set(starts.map(({ uniqueId }) => uniqueId)).size, 1);
  assert.equal(script.events("messageLost").length, 1);
});

Deno.test("the queue is bounded: intermediate MeterValues go, starts and stops stay", () => {
  const script = new ScriptedCentralSystem(OFFLINE).boot().cut().forget();
  script.charge().run(10 * (MESSAGES_MAX + 20)).present();
  assert.equal(script.chargePoint.queueLength, MESSAGES_MAX);
  const lost = script.events("messageLost");
  assert.equal(lost.length, 22); // 520 samples, a start and a stop
  assert.ok(lost.every(({ action }) => action === "MeterValues"));
  script.forget().reconnect().run(120);
  const delivered = messages(script).map(({ action }) => action);
  assert.equal(delivered.at(0), "StartTransaction");
  assert.equal(delivered.at(-1), "StopTransaction");
});

Deno.test("the queue is bounded: without room for its stop no transaction starts", () => {
  const script = new ScriptedCentralSystem({
    configuration: { ...OFFLINE.configuration, MeterValueSampleInterval: "0" },
  });
  script.boot().cut().plugIn();
  for (let shown = 0; shown < 2 * MESSAGES_MAX; shown++) script.present("TAG001", 1);
  assert.equal(script.chargePoint.queueLength, MESSAGES_MAX);
  assert.equal(script.events("transactionStarted").length, MESSAGES_MAX / 2);
  assert.equal(script.events("transactionStopped").length, MESSAGES_MAX / 2);
  assert.equal(script.events("idTagIgnored").at(-1)?.reason, "too many messages wait for the Central System");
  assert.equal(script.events("messageLost").length, 0);
});

for (const type of ["Soft", "Hard"] as const) {
  Deno.test(`§5.14 Reset ${type}: what waits is delivered after the reboot, once accepted`, () => {
    const script = new ScriptedCentralSystem({
      answers: { StopTransaction: (_payload, nth) => nth === 1 ? "silence" : {} },
    });
    script.boot().charge().run(5).forget();
    assert.equal(script.result("Reset", { type }).status, "Accepted");
    script.run(60);
    const stops = script.seen("StopTransaction");
    assert.equal(new Set(stops.map(({ uniqueId }) => uniqueId)).size, 1);
    assert.equal(stops.at(-1)?.payload.reason, `${type}Reset`);
    const actions = script.actions();
    assert.ok(actions.lastIndexOf("StopTransaction") > actions.indexOf("BootNotification"));
  });
}
