/**
 * The JSON report: schema 1, written and read.
 */
import assert from "node:assert/strict";
import { jsonReport, jsonReportParts, readJsonReport } from "../../src/report/json.ts";
import { caseOf, framesOf, reportOf } from "../support/report_case.ts";
import { sampleReport } from "../support/sample_report.ts";

type Fields = Record<string, unknown>;

Deno.test("JSON: a run of real cases is read as it was written", async () => {
  const report = await sampleReport();
  assert.deepEqual(readJsonReport(jsonReport(report)), { ok: true, report });
});

Deno.test("JSON: schema 1 has these members, in this order", () => {
  const failure = { step: "s", expected: "e", came: "c" };
  const one = caseOf({ verdict: "FAIL", failure, playedOn: "standard", frames: framesOf(">x") });
  const json = JSON.parse(jsonReport(reportOf(one))) as Fields;
  assert.deepEqual(Object.keys(json), [
    ...[
      "schema",
      "verdicts",
      "tool",
      "systemUnderTest",
      "target",
      "startedAtMs",
      "endedAtMs",
      "setup",
      "cases",
    ],
  ]);
  assert.equal(json.schema, 1);
  assert.deepEqual(json.verdicts, { "PASS": 0, "FAIL": 1, "INCONCLUSIVE": 0, "NOT APPLICABLE": 0 });
  const [played] = json.cases as Fields[];
  assert.deepEqual(Object.keys(played!).sort(), [
    ...["durationMs", "failure", "frames", "id", "leftOut", "playedOn", "profile", "purpose", "remarks"],
    ...["spec", "startedAtMs", "steps", "title", "verdict"],
  ]);
  assert.deepEqual((played!.frames as Fields[])[0], { atMs: one.startedAtMs, from: "system", text: "x" });
});

Deno.test("JSON: a frame stands on one line, whatever its text", () => {
  const text = '[2,"\u2028","A\\nB",{}]\r\n\ud800';
  const lines = jsonReport(reportOf(caseOf({ frames: framesOf(`>${text}`) }))).split("\n");
  const line = lines.find((one) => one.includes('"from"'));
  assert.equal(JSON.parse(line!).text, text);
});

Deno.test("JSON: a run without cases, and a case without frames, are JSON too", () => {
  for (const report of [reportOf(), reportOf(caseOf(), caseOf())]) {
    assert.deepEqual(readJsonReport(jsonReport(report)), { ok: true, report });
  }
});

Deno.test("JSON: a report comes in pieces of one frame at most", () => {
  const frames = framesOf(...Array(100).fill(">" + "x".repeat(1_000)));
  const longest = Math.max(...[...jsonReportParts(reportOf(caseOf({ frames })))].map(({ length }) => length));
  assert.ok(longest < 2_000, String(longest));
});

const good = () => JSON.parse(jsonReport(reportOf(caseOf({ frames: framesOf(">x") })))) as Fields;
const played = (changes: Fields) => ({
  ...good(),
  cases: [{ ...(good().cases as Fields[])[0], ...changes }],
});

for (
  const [what, json, fault] of [
    ["another schema", { ...good(), schema: 2 }, "schema is not 1"],
    ["no schema", { ...good(), schema: undefined }, "schema is not 1"],
    ["a list", [], "report is not an object"],
    [
      "a system that is none",
      { ...good(), systemUnderTest: "x" },
      "systemUnderTest is not chargePoint or centralSystem",
    ],
    ["cases that are none", { ...good(), cases: {} }, "cases is not an array"],
    ["a setup of numbers", { ...good(), setup: { a: 1 } }, "setup.a is not a text"],
    [
      "a verdict that is none",
      played({ verdict: "OK" }),
      "cases[0].verdict is not PASS or FAIL or INCONCLUSIVE or NOT APPLICABLE",
    ],
    ["a time as text", played({ durationMs: "1" }), "cases[0].durationMs is not a number"],
    ["half a failure", played({ failure: { step: "a" } }), "cases[0].failure.expected is not a text"],
    [
      "a frame of nobody",
      played({ frames: [{ atMs: 1, from: "x", text: "" }] }),
      "cases[0].frames[0].from is not system or tester",
    ],
  ] as const
) {
  Deno.test(`JSON: ${what} is named when it is read`, () => {
    assert.deepEqual(readJsonReport(JSON.stringify(json)), { ok: false, fault });
  });
}

Deno.test("JSON: what is not JSON, and members that are not known, when it is read", () => {
  assert.deepEqual(readJsonReport("{"), { ok: false, fault: "not JSON" });
  const read = readJsonReport(JSON.stringify({ ...good(), later: 1 }));
  assert.ok(read.ok && !("later" in read.report));
});

Deno.test("JSON: a negative case has its share, which is read again", () => {
  const report = reportOf(caseOf({ share: { refused: 41, sent: 43 } }));
  const json = jsonReport(report);
  assert.deepEqual((JSON.parse(json).cases as Fields[])[0]!.share, { refused: 41, sent: 43 });
  assert.deepEqual(readJsonReport(json), { ok: true, report });
});
