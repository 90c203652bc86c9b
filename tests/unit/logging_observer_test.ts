import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import type { Deviation } from "../../src/central_system/deviation.ts";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import { LoggingObserver } from "../../src/cli/serve/logging_observer.ts";
import { styleFor } from "../../src/cli/terminal.ts";

const output = {
  isTerminal: false,
  style: styleFor({ colours: false }),
  columns: () => 120,
  write: () => {},
};

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

Deno.test("LoggingObserver: a warning for each Charge Point and rule, once; further ones are for debugging", async () => {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["ocpp"], sinks: ["records"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    const observer = new LoggingObserver(new FrameView(output, { json: false }));
    observer.decided(deviation("CP1", "extraField"));
    observer.decided(deviation("CP1", "extraField"));
    observer.decided(deviation("CP1", "callBeforeBoot"));
    observer.decided(deviation("CP2", "extraField"));
    observer.decided(deviation("CP1", "callBeforeBoot"));
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
  } finally {
    await reset();
  }
});
