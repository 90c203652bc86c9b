import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import type { Deviation } from "../../src/central_system/deviation.ts";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import {
  DEBUG_LINES_PER_SECOND_MAX,
  LOGGED_TEXT_MAX,
  LoggingObserver,
  REFUSAL_LINES_PER_SECOND_MAX,
} from "../../src/cli/serve/logging_observer.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import type { Exchange } from "../../src/runtime/server_connection.ts";

const output = {
  isTerminal: false,
  style: styleFor({ colours: false }),
  columns: () => 120,
  write: () => {},
};

/** Has an observer tell something, and gives what it logged. */
async function logged(
  tell: (observer: LoggingObserver) => void,
  { level = "debug" }: { level?: "debug" | "info" } = {},
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["ocpp"], sinks: ["records"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    tell(new LoggingObserver(new FrameView(output, { json: false })));
    return records;
  } finally {
    await reset();
  }
}

function deviation(chargePoint: string, rule: Deviation["rule"]): Deviation {
  const exchange = { action: "MeterValues", uniqueId: "1" };
  return {
    kind: "deviation",
    chargePoint,
    rule,
    path: "foo",
    detail: "dropped",
    spec: "OCPP 1.6 §6",
    exchange,
  };
}

function exchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    chargePoint: "CP1",
    receivedAtMs: 0,
    direction: "in",
    action: "Heartbeat",
    uniqueId: "id-1",
    request: '[2,"id-1","Heartbeat",{}]',
    answer: '[3,"id-1",{}]',
    outcome: "result",
    latencyMs: 4,
    payload: {},
    answerPayload: {},
    ...changes,
  };
}

/** The fields that say something. */
const fieldsOf = ({ properties }: LogRecord) => JSON.parse(JSON.stringify(properties));

Deno.test("LoggingObserver: a warning for each Charge Point and rule, once; further ones are for debugging", async () => {
  const records = await logged((observer) => {
    observer.decided(deviation("CP1", "extraField"));
    observer.decided(deviation("CP1", "extraField"));
    observer.decided(deviation("CP1", "callBeforeBoot"));
    observer.decided(deviation("CP2", "extraField"));
    observer.decided(deviation("CP1", "callBeforeBoot"));
  });
  assert.deepEqual(
    records.map(({ level, properties }) => [level, properties["chargePoint"], properties["rule"]]),
    [
      ["warning", "CP1", "extraField"],
      ["debug", "CP1", "extraField"],
      ["warning", "CP1", "callBeforeBoot"],
      ["warning", "CP2", "extraField"],
      ["debug", "CP1", "callBeforeBoot"],
    ],
  );
  assert.equal(
    records[0]!.message.join(""),
    "CP1 deviates: extraField: MeterValues foo: dropped (OCPP 1.6 §6)",
  );
  assert.deepEqual([fieldsOf(records[0]!).action, fieldsOf(records[0]!).uniqueId], ["MeterValues", "1"]);
});

Deno.test("LoggingObserver: for debugging each exchange is a record with identity, Action, uniqueId and latency", async () => {
  const records = await logged((observer) => {
    observer.exchanged(exchange({ deviations: [{ rule: "extraField", path: "a", detail: "dropped" }] }));
    observer.exchanged(exchange({
      direction: "out",
      action: "Reset",
      outcome: "error",
      answerPayload: { errorCode: "NotSupported", errorDescription: "", errorDetails: {} },
    }));
    observer.exchanged(
      exchange({ direction: "out", outcome: "lost", latencyMs: undefined, answer: undefined }),
    );
    const stray = { action: "", uniqueId: "", request: "hello", answer: "notJson", latencyMs: undefined };
    observer.exchanged(exchange({ ...stray, outcome: "ignored" }));
  });
  assert.deepEqual(records.map(({ message }) => message.join("")), [
    "CP1 in Heartbeat id-1: result, 4 ms",
    "CP1 out Reset id-1: error NotSupported, 4 ms",
    "CP1 out Heartbeat id-1: lost",
    "CP1 sent what is ignored: notJson",
  ]);
  assert.deepEqual(fieldsOf(records[0]!), {
    chargePoint: "CP1",
    direction: "in",
    action: "Heartbeat",
    uniqueId: "id-1",
    outcome: "result",
    latencyMs: 4,
    deviations: ["extraField"],
    request: '[2,"id-1","Heartbeat",{}]',
    answer: '[3,"id-1",{}]',
  });
  assert.equal(fieldsOf(records[1]!).errorCode, "NotSupported");
});

Deno.test("LoggingObserver: connections, boots, statuses and transactions are records with the identity", async () => {
  const chargePoint = "CP1";
  const tell = (observer: LoggingObserver) => {
    observer.connected({ chargePoint, remoteAddress: "192.0.2.1", replaced: true });
    observer.decided({ kind: "booted", chargePoint, status: "Accepted" });
    const status = { connectorId: 1, status: "Available", errorCode: "NoError" } as const;
    observer.decided({ kind: "statusReceived", chargePoint, ...status });
    const start = { connectorId: 1, transactionId: 7, idTag: "TAG1", idTagStatus: "Accepted" };
    observer.decided({ kind: "transactionStarted", chargePoint, ...start });
    observer.decided({
      kind: "transactionStopped",
      chargePoint,
      transactionId: 7,
      closedBy: "chargePoint",
      energyWh: 5,
    });
    observer.disconnected({ chargePoint, code: 1006, reason: "gone" });
  };
  const records = await logged(tell);
  assert.deepEqual(records.map(({ message }) => message.join("")), [
    "CP1 connected, replacing its older connection from 192.0.2.1",
    "CP1 booted: Accepted",
    "CP1 connector 1: Available, NoError",
    "CP1 connector 1: transaction 7 of TAG1 began",
    "CP1 transaction 7 ended, told by chargePoint",
    "CP1 disconnected: 1006 gone",
  ]);
  assert.ok(
    records.every(({ level, properties }) => level === "debug" && properties["chargePoint"] === "CP1"),
  );
  assert.deepEqual(fieldsOf(records[0]!), { chargePoint: "CP1", remoteAddress: "192.0.2.1", replaced: true });
  assert.deepEqual(await logged(tell, { level: "info" }), []);
});

Deno.test("LoggingObserver: beyond a second's lines records are counted, and long texts are cut", async () => {
  const [long] = await logged((observer) =>
    observer.exchanged(
      exchange({ action: "A".repeat(100_000), uniqueId: "u".repeat(100_000), request: "r".repeat(100_000) }),
    )
  );
  assert.ok(JSON.stringify(fieldsOf(long!)).length < LOGGED_TEXT_MAX + 500);

  const count = DEBUG_LINES_PER_SECOND_MAX * 20;
  const records = await logged((observer) => {
    for (let sent = 0; sent < count; sent += 1) observer.exchanged(exchange());
    observer.end();
  });
  // Should a second end meanwhile, a new one begins.
  assert.ok(records.length <= 10 * (DEBUG_LINES_PER_SECOND_MAX + 1), `${records.length} records`);
  const withheld = records.reduce((sum, { properties }) => sum + Number(properties["count"] ?? 0), 0);
  const told = records.filter(({ properties }) => "uniqueId" in properties).length;
  assert.equal(withheld + told, count);
});

Deno.test("LoggingObserver: who is refused again and again fills no log", async () => {
  const refusal = {
    remoteAddress: "192.0.2.1",
    status: 404,
    reason: "no",
    reasonKind: "notRegistered",
  } as const;
  const records = await logged((observer) => {
    for (let sent = 0; sent < 1_000; sent += 1) observer.refused({ atMs: sent, identity: "CP1", ...refusal });
    observer.refused({ atMs: 1_000, identity: undefined, ...refusal });
    observer.end();
  }, { level: "info" });
  assert.equal(records.length, REFUSAL_LINES_PER_SECOND_MAX + 2);
  assert.equal(
    records.at(-2)!.message.join(""),
    `… and ${1_000 - REFUSAL_LINES_PER_SECOND_MAX} more refused connections in that second`,
  );
  assert.deepEqual(fieldsOf(records.at(-1)!), { ...refusal, chargePoint: "(no identity)" });
});

Deno.test("LoggingObserver: an exchange that is spoilt on purpose is told as deliberate, another one is not", async () => {
  const records = await logged((observer) => {
    observer.exchanged(exchange());
    observer.exchanged(exchange({ uniqueId: "id-2", deliberate: "noAnswer" }));
  });
  const told = records.filter(({ level }) => level === "info").map(({ message }) => message.join(""));
  assert.deepEqual(told, ["deliberate misbehaviour towards CP1: Heartbeat id-2: noAnswer"]);
});
