import assert from "node:assert/strict";
import { counter, gauge, histogram } from "../../src/http/central_system/exposition.ts";
import { Histogram } from "../../src/runtime/histogram.ts";
import { EventLoopLag, LAG_INTERVAL_MS } from "../../src/runtime/event_loop_lag.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { readExposition, sampleText } from "../support/exposition.ts";

Deno.test("exposition: help, type and samples, each on its line", () => {
  assert.equal(
    gauge("a_b", "what it is", 1.5) + counter("c_total", "how many", [[{ x: "1", y: "2" }, 3], [{}, 4]]),
    "# HELP a_b what it is\n# TYPE a_b gauge\na_b 1.5\n" +
      '# HELP c_total how many\n# TYPE c_total counter\nc_total{x="1",y="2"} 3\nc_total 4\n',
  );
  assert.equal(gauge("a", "b", []), "# HELP a b\n# TYPE a gauge\n");
  assert.equal(gauge("a", "b", -Infinity), "# HELP a b\n# TYPE a gauge\na -Inf\n");
});

Deno.test("exposition: whatever a label holds is read again as it was", () => {
  const values = ['"', "\\", "\n", '\\n"', "a\\\\\nb", "}", 'x="y",', "ä→", " "];
  const text = counter("c_total", 'help: \\ and \n and "', values.map((value) => [{ value }, 1] as const));
  const { samples, help } = readExposition(text).get("c_total")!;
  assert.deepEqual(samples.map(({ labels }) => labels["value"]), values);
  assert.equal(help, 'help: \\\\ and \\n and "');
});

Deno.test("exposition: buckets hold all that is not above them, in seconds", () => {
  const of = new Histogram([1, 10, 2_500]);
  for (const ms of [0, 1, 1.5, 10, 10.5, 2_500, 9_000, -5]) of.observe(ms);
  const family = readExposition(histogram("h_seconds", "how long", [[{ a: "b" }, of]])).get("h_seconds")!;
  assert.deepEqual(family.samples.map(sampleText), [
    "h_seconds_bucket{a=b le=0.001} 3",
    "h_seconds_bucket{a=b le=0.01} 5",
    "h_seconds_bucket{a=b le=2.5} 7",
    "h_seconds_bucket{a=b le=+Inf} 8",
    "h_seconds_sum{a=b} 11.523",
    "h_seconds_count{a=b} 8",
  ]);
});

const WRONG: readonly (readonly [why: string, text: string])[] = [
  ["no end of line", "# HELP a b\n# TYPE a gauge\na 1"],
  ["no type", "# HELP a b\na 1\n"],
  ["a sample of nobody", "a 1\n"],
  ["another's sample", "# HELP a b\n# TYPE a gauge\nb 1\n"],
  ["a quotation mark too few", '# HELP a b\n# TYPE a gauge\na{x="y} 1\n'],
  ["a label twice", '# HELP a b\n# TYPE a gauge\na{x="y",x="z"} 1\n'],
  ["a sample twice", "# HELP a b\n# TYPE a gauge\na 1\na 1\n"],
  ["a family twice", "# HELP a b\n# TYPE a gauge\n# HELP a b\n# TYPE a gauge\n"],
  ["no number", "# HELP a b\n# TYPE a gauge\na undefined\n"],
  ["a counter without total", "# HELP a b\n# TYPE a counter\na 1\n"],
  ["buckets that shrink", buckets('h_bucket{le="1"} 2', 'h_bucket{le="+Inf"} 1', "h_sum 1", "h_count 1")],
  ["no last bucket", buckets('h_bucket{le="1"} 1', "h_sum 1", "h_count 1")],
  ["a count of its own", buckets('h_bucket{le="+Inf"} 1', "h_sum 1", "h_count 2")],
];

function buckets(...lines: readonly string[]): string {
  return `# HELP h b\n# TYPE h histogram\n${lines.join("\n")}\n`;
}

for (const [why, text] of WRONG) {
  Deno.test(`the reader of the format refuses ${why}`, () => {
    assert.throws(() => readExposition(text), assert.AssertionError);
  });
}

Deno.test("event-loop lag: by how much a timer misses its moment, until it is stopped", () => {
  // A clock whose timers the test runs when it likes.
  let nowMs = 0;
  let due: { atMs: number; run: () => void } | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    at: (atMs, run) => {
      due = { atMs, run };
      return () => due = undefined;
    },
  };
  const eventLoop = new EventLoopLag(clock);
  eventLoop.start();
  for (const lateMs of [0, 3, 700]) {
    assert.equal(due!.atMs, nowMs + LAG_INTERVAL_MS);
    nowMs = due!.atMs + lateMs;
    due!.run();
  }
  assert.deepEqual([eventLoop.lag.count, eventLoop.lag.sumMs], [3, 703]);
  eventLoop.stop();
  assert.equal(due, undefined);
});
