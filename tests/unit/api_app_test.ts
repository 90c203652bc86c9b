import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { createApi } from "../../src/http/shared/api_app.ts";

Deno.test("a mistake of ours is a problem and a line of the log, neither with the token of the path", async () => {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["ocpp"], sinks: ["records"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    const app = createApi({
      token: undefined,
      nowMs: () => 0,
      onRefused: () => {},
      title: "test",
      index: "",
      isLoopback: true,
      addOpenRoutes: (open) => {
        open.get("/files/*", () => {
          throw new Error("a bug");
        });
      },
    });
    const response = await app.request("http://localhost/files/token-s3cret/fw.bin");
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /s3cret/);
    assert.equal(records.length, 1);
    assert.equal(records[0]!.properties["path"], "/files/token-[redacted]/fw.bin");
    assert.doesNotMatch(records[0]!.message.join(""), /s3cret/);
  } finally {
    await reset();
  }
});
