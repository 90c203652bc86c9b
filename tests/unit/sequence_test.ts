/**
 * What a diagram knows of frames, and how their texts are laid out.
 */
import assert from "node:assert/strict";
import { indentedJson, jsonParts } from "../../src/report/json_layout.ts";
import { cutText, durationText, instantText, legibleText } from "../../src/report/legible.ts";
import { FRAME_READ_MAX, frameName, frameView, sequenceOf } from "../../src/report/sequence.ts";
import { BEGAN_AT_MS, framesOf } from "../support/report_case.ts";

Deno.test("sequence: an answer belongs to the Call of the other end with its uniqueId", () => {
  const rows = sequenceOf(
    framesOf(
      '>[2,"1","Heartbeat",{}]',
      '<[2,"1","Reset",{"type":"Soft"}]',
      '>[3,"1",{"status":"Accepted"}]',
      '<[3,"1",{}]',
      '>[3,"1",{}]',
      '<[4,"9","InternalError","",{}]',
    ),
    BEGAN_AT_MS,
  );
  assert.deepEqual(rows.map(frameName), [
    ...[
      "Heartbeat",
      "Reset",
      "Reset.conf",
      "Heartbeat.conf",
      "CALLRESULT to no Call",
      "CALLERROR InternalError",
    ],
  ]);
  assert.deepEqual(rows.map(({ answers }) => answers), [
    undefined,
    undefined,
    { number: 2, action: "Reset", tookMs: 10 },
    { number: 1, action: "Heartbeat", tookMs: 30 },
    undefined,
    undefined,
  ]);
  assert.deepEqual(rows.map(({ answeredBy }) => answeredBy), [
    4,
    3,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(rows.map(({ afterMs }) => afterMs), [0, 10, 20, 30, 40, 50]);
});

for (
  const [text, why] of [
    ["", "not JSON"],
    ["{}", "not an array"],
    ['[5,"1"]', "unknown message type"],
    ["[2,1]", "no uniqueId"],
    ['[2,"1"]', "no Action"],
    ['[2,"1","Heartbeat"]', "not a CALL of four elements"],
    ['[3,"1"]', "not a CALLRESULT of three elements"],
    ['[4,"1"]', "no error code"],
    [`"${"x".repeat(FRAME_READ_MAX)}"`, "too long to be read"],
    ["[".repeat(100_000), "not JSON"],
  ] as const
) {
  Deno.test(`sequence: ${text.slice(0, 30) || "nothing"} is no frame: ${why}`, () => {
    assert.deepEqual(frameView(text), { kind: "malformed", why });
  });
}

Deno.test("sequence: a payload keeps all digits and every key", () => {
  const text = '[2, "1", "DataTransfer", { "n": 12345678901234567890, "n": 1.0 }]';
  const view = frameView(text);
  assert.equal(view.kind === "call" && view.payload, '{"n":12345678901234567890,"n":1.0}');
  assert.equal(
    indentedJson(text),
    '[2, "1", "DataTransfer", {\n  "n": 12345678901234567890,\n  "n": 1.0\n}]',
  );
});

Deno.test("layout: brackets and commas in strings are text, and depth needs no stack", () => {
  assert.deepEqual(jsonParts('["a,]\\"}", {"b":[1,{}]}]'), ['"a,]\\"}"', '{"b":[1,{}]}']);
  const depth = 200_000;
  assert.deepEqual(jsonParts(`[${"[".repeat(depth)}${"]".repeat(depth)}]`), [
    "[".repeat(depth) + "]".repeat(depth),
  ]);
  assert.equal(indentedJson('[3,"1",{"a":{},"b":[]}]'), '[3, "1", {\n  "a": {},\n  "b": []\n}]');
});

Deno.test("texts: what cannot be read is escaped, and what is cut is counted", () => {
  assert.equal(
    legibleText("a\u0000\u200b\ud83d\t\n🔌\u{1fffe}"),
    "a\\u0000\\u200b\\ud83d\t\n🔌\\ud83f\\udffe",
  );
  assert.equal(cutText("abc", 3), "abc");
  assert.equal(cutText("ab🔌", 3), "ab… (2 more characters)");
  assert.equal(cutText("x".repeat(2_001), 1), "x… (2,000 more characters)");
});

Deno.test("texts: durations and instants", () => {
  const durations = [0, 40, 9_994, 9_996, 59_900, 59_960, 65_000, 3_599_600, 3_725_000, NaN, -5];
  assert.deepEqual(durations.map(durationText), [
    ...[
      "0.00 s",
      "0.04 s",
      "9.99 s",
      "10.0 s",
      "59.9 s",
      "1 min 00 s",
      "1 min 05 s",
      "1 h 00 min",
      "1 h 02 min",
    ],
    ...["0.00 s", "0.00 s"],
  ]);
  assert.equal(instantText(BEGAN_AT_MS + 999), "2026-01-01T12:00:00Z");
  assert.equal(instantText(NaN), "1970-01-01T00:00:00Z");
});
