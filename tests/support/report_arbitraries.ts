/**
 * Reports of runs that never were, with texts as bad as texts can be.
 */
import fc from "fast-check";
import {
  CASE_VERDICTS,
  type CaseReport,
  type ReportedFrame,
  type SuiteReport,
} from "../../src/report/suite_report.ts";

/** What has broken pages and files before. */
export const HOSTILE_TEXTS = [
  ...["<script>alert(1)</script>", "</script>", "</style>", "</title>", "<!--", "-->", "]]>", "<![CDATA["],
  ...['"><img src=x onerror=alert(1)>', "' onclick='alert(1)", "&lt;b&gt;", "&#0;", "&", "<", "`${x}`"],
  ...[
    "\u0000",
    "\u001b[31m",
    "\r\n\t",
    "\ud800",
    "\udc00x",
    "\ufffe",
    "\ufeff",
    "\u202e",
    "\u2028",
    "\u{1ffff}",
  ],
  ...["$&$1$`", "__proto__", "🔌", "é"],
];

/** Any sequence of UTF-16 code units, halves of characters too. */
const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) =>
    String.fromCharCode(...units)
  ),
  fc.array(fc.constantFrom(...HOSTILE_TEXTS), { maxLength: 4 }).map((texts) => texts.join("")),
);

const frameText = fc.oneof(
  anyText,
  fc.tuple(anyText, anyText, fc.dictionary(anyText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }))
    .map(([uniqueId, action, payload]) => JSON.stringify([2, uniqueId, action, payload])),
  fc.tuple(fc.constantFrom("u1", "u2"), fc.constantFrom(2, 3, 4), anyText)
    .map(([uniqueId, type, text]) =>
      JSON.stringify(
        type === 3 ? [3, uniqueId, { text }] : [type, uniqueId, text, text, {}].slice(0, type + 2),
      )
    ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

const anyAtMs = fc.integer({ min: 0, max: 4_102_444_800_000 });

const anyFrame: fc.Arbitrary<ReportedFrame> = fc.record({
  atMs: anyAtMs,
  from: fc.constantFrom("system" as const, "tester" as const),
  text: frameText,
});

const anyCase: fc.Arbitrary<CaseReport> = fc.record({
  id: anyText,
  title: anyText,
  profile: anyText,
  purpose: anyText,
  spec: fc.array(anyText, { maxLength: 2 }),
  verdict: fc.constantFrom(...CASE_VERDICTS),
  startedAtMs: anyAtMs,
  durationMs: fc.nat(10_000_000),
  playedOn: anyText,
  share: fc.record({ refused: fc.nat(), sent: fc.nat() }),
  failure: fc.record({ step: anyText, expected: anyText, came: anyText }),
  steps: fc.array(anyText, { maxLength: 3 }),
  frames: fc.array(anyFrame, { maxLength: 6 }),
  leftOut: fc.array(anyText, { maxLength: 2 }),
  remarks: fc.array(anyText, { maxLength: 2 }),
}, {
  requiredKeys: [
    ...["id", "title", "profile", "purpose", "spec", "verdict", "startedAtMs", "durationMs"] as const,
    ...["steps", "frames", "leftOut", "remarks"] as const,
  ],
});

/** Any report. */
export const anyReport: fc.Arbitrary<SuiteReport> = fc.record({
  tool: anyText,
  systemUnderTest: fc.constantFrom("chargePoint" as const, "centralSystem" as const),
  target: anyText,
  startedAtMs: anyAtMs,
  endedAtMs: anyAtMs,
  setup: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
  cases: fc.array(anyCase, { maxLength: 4 }),
});
