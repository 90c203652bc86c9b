/**
 * What stands on a terminal while cases are played, and what is printed where there is none.
 */
import assert from "node:assert/strict";
import { LiveLines } from "../../src/cli/test/live_lines.ts";
import { LiveView } from "../../src/cli/test/live_view.ts";
import { fitted, widthOf, wrapped } from "../../src/cli/test/text_width.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { HOSTILE_TEXTS } from "../support/report_arbitraries.ts";
import { caseOf, framesOf, reportOf } from "../support/report_case.ts";
import { sampleReport } from "../support/sample_report.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const FAILED = caseOf({
  id: "TC_003_CS",
  title: "Regular charging session",
  verdict: "FAIL",
  durationMs: 12_000,
  failure: { step: "expect Authorize {} within 30 s", expected: "Authorize {}", came: "nothing" },
  frames: framesOf(...Array.from({ length: 9 }, (_, index) => `>[2,"${index}","Heartbeat",{}]`)),
  leftOut: ["the meter"],
});

const ABSENT = caseOf({
  id: "TC_048_CS",
  title: "Reservation",
  profile: "Reservation",
  verdict: "NOT APPLICABLE",
  failure: { step: "", expected: "needs the Reservation profile", came: "a system without" },
  durationMs: 0,
});

function onTerminal(options: { columns: number; colours?: boolean }) {
  const terminal = new FakeTerminal(options);
  const clock = new VirtualClock();
  return { terminal, clock, view: new LiveView(new LiveLines(terminal), { clock }) };
}

function play(view: LiveView, played: CaseReport, number = 1): void {
  const { id, title, steps } = played;
  view.caseBegun({ id, title, number });
  for (const step of steps) view.step(step);
  view.caseEnded(played);
}

Deno.test("live view: cases, failures with all that shows why, progress below, and a table in the end", () => {
  const { terminal, clock, view } = onTerminal({ columns: 80 });
  view.begun({ total: 3 });
  assert.deepEqual(terminal.screen, ["░".repeat(24) + "  0 of 3  0 s"]);
  play(view, caseOf());
  clock.advance(65_000);
  view.caseBegun({ id: FAILED.id, title: FAILED.title, number: 2 });
  view.step("expect Authorize {} within 30 s");
  clock.advance(100);
  assert.deepEqual(terminal.screen, [
    "PASS            TC_001_CS    Cold boot  1.5 s",
    "████████░░░░░░░░░░░░░░░░  1 of 3  1 min 05 s  1 PASS",
    "TC_003_CS Regular charging session  expect Authorize {} within 30 s",
  ]);
  view.caseEnded(FAILED);
  view.caseBegun({ id: ABSENT.id, title: ABSENT.title, number: 3 });
  view.caseEnded(ABSENT);
  assert.deepEqual(
    terminal.screen.at(-1),
    "████████████████████████  3 of 3  1 min 05 s  1 PASS  1 FAIL  1 NOT APPLICABLE",
  );
  view.ended(reportOf(caseOf(), FAILED, ABSENT));
  assert.deepEqual(terminal.screen, [
    "PASS            TC_001_CS    Cold boot  1.5 s",
    "FAIL            TC_003_CS    Regular charging session  12 s",
    "  step      expect Authorize {} within 30 s",
    "  expected  Authorize {}",
    "  came      nothing",
    '  frames      0.03 s → [2,"3","Heartbeat",{}]',
    '              0.04 s → [2,"4","Heartbeat",{}]',
    '              0.05 s → [2,"5","Heartbeat",{}]',
    '              0.06 s → [2,"6","Heartbeat",{}]',
    '              0.07 s → [2,"7","Heartbeat",{}]',
    '              0.08 s → [2,"8","Heartbeat",{}]',
    "  left out  the meter",
    "NOT APPLICABLE  TC_048_CS    Reservation  0.0 s",
    "  because   needs the Reservation profile",
    "",
    "profile      cases  PASS  FAIL  INCONCLUSIVE  NOT APPLICABLE   time",
    "Core             2     1     1                                 14 s",
    "Reservation      1                                         1  0.0 s",
    "all              3     1     1                             1   14 s",
    "frames: → from the system under test, ← to it",
    "FAIL: TC_003_CS",
    "3 cases in 1 min 05 s: 1 PASS, 1 FAIL, 1 NOT APPLICABLE",
    "",
  ]);
  assert.equal(clock.nextMs(), Infinity, "nothing is drawn any more");
});

Deno.test("live view: cases that were not begun, for one reason, are told together", () => {
  const { terminal, view } = onTerminal({ columns: 80 });
  const notBegun = (id: string, came: string) =>
    caseOf({
      ...{ id, title: "Reservation", verdict: "INCONCLUSIVE", durationMs: 0, steps: [], frames: [] },
      failure: { step: "begin", expected: "the case to begin", came },
    });
  const cases = [
    notBegun("TC_001_CS", "nobody is there"),
    caseOf({ id: "TC_002_CS" }),
    ...["TC_003_CS", "TC_004_CS", "TC_005_CS"].map((id) => notBegun(id, "it was interrupted")),
  ];
  view.begun({ total: cases.length });
  cases.forEach((one, index) => play(view, one, index + 1));
  view.ended(reportOf(...cases));
  assert.deepEqual(terminal.screen.slice(0, 6), [
    "INCONCLUSIVE    TC_001_CS    Reservation",
    "  not begun: nobody is there",
    "PASS            TC_002_CS    Cold boot  1.5 s",
    "INCONCLUSIVE    TC_003_CS    and 2 more, up to TC_005_CS",
    "  not begun: it was interrupted",
    "",
  ]);
  assert.ok(terminal.screen.includes("INCONCLUSIVE: TC_001_CS, TC_003_CS, TC_004_CS, TC_005_CS"));
});

Deno.test("live view: of many cases that were not begun the end says how many, not which", () => {
  const { terminal, view } = onTerminal({ columns: 80 });
  const begun = caseOf({ id: "TC_002_CS", verdict: "INCONCLUSIVE" });
  const notBegun = Array.from(
    { length: 60 },
    (_, index) => caseOf({ ...{ id: `TC_1${index}_CS`, verdict: "INCONCLUSIVE", steps: [], frames: [] } }),
  );
  view.ended(reportOf(begun, ...notBegun));
  assert.ok(terminal.screen.includes("INCONCLUSIVE: TC_002_CS and 60 that were not begun"));
  view.ended(reportOf(...notBegun));
  assert.ok(terminal.screen.includes("INCONCLUSIVE: 60 that were not begun"));
});

Deno.test("live view: the step and the time are drawn anew by the clock", () => {
  const { terminal, clock, view } = onTerminal({ columns: 80 });
  view.begun({ total: 2 });
  view.caseBegun({ id: "TC_001_CS", title: "Cold boot", number: 1 });
  for (let step = 0; step < 10_000; step++) view.step(`step ${step}`);
  assert.equal(terminal.written.length, 1, "steps by themselves draw nothing");
  clock.advance(2_000);
  assert.deepEqual(terminal.screen, ["░".repeat(24) + "  0 of 2  2 s", "TC_001_CS Cold boot  step 9999"]);
});

Deno.test("live view: text from elsewhere stands above the live lines", () => {
  const { terminal, clock, view } = onTerminal({ columns: 80 });
  view.begun({ total: 2 });
  view.caseBegun({ id: "TC_001_CS", title: "Cold boot", number: 1 });
  clock.advance(100);
  view.write("12:00:00 WRN listener: a warning\n");
  assert.deepEqual(terminal.screen, [
    "12:00:00 WRN listener: a warning",
    "░".repeat(24) + "  0 of 2  0 s",
    "TC_001_CS Cold boot",
  ]);
  view.stop();
  assert.deepEqual(terminal.screen, ["12:00:00 WRN listener: a warning", ""]);
  clock.advance(1_000);
  assert.deepEqual(terminal.screen, ["12:00:00 WRN listener: a warning", ""]);
});

for (const columns of [1, 5, 20, 40, 79, 80, 200]) {
  Deno.test(`live view: no line is wider than a terminal of ${columns} columns`, async () => {
    const { terminal, clock, view } = onTerminal({ columns, colours: true });
    const report = await sampleReport();
    view.begun({ total: report.cases.length });
    for (const [index, played] of report.cases.entries()) {
      view.caseBegun({
        id: played.id,
        title: `${played.title} 充電🔌充電充電充電充電充電充電充電充電`,
        number: index + 1,
      });
      for (const step of [...played.steps, "充電🔌".repeat(100)]) {
        view.step(step);
        clock.advance(150);
      }
      view.caseEnded({
        ...played,
        title: `${played.title} 充電🔌充電充電充電充電充電充電充電充電充電充電充電充電充電充電`,
      });
    }
    view.ended(report);
    // A character of two columns has no room on one.
    assert.ok(terminal.widest <= Math.max(2, columns), String(terminal.widest));
  });
}

Deno.test("live view: a terminal that becomes narrower loses nothing and keeps no rests", () => {
  const { terminal, clock, view } = onTerminal({ columns: 100 });
  view.begun({ total: 2 });
  play(view, caseOf());
  view.caseBegun({ id: "TC_002_CS", title: "A title that takes its room", number: 2 });
  view.step("expect BootNotification {} within 15 s");
  clock.advance(100);
  terminal.resize(30);
  clock.advance(100);
  assert.deepEqual(terminal.screen, [
    "PASS            TC_001_CS    C", // as the terminal broke it
    "old boot  1.5 s",
    "████░░░░  1 of 2  0 s  1 PASS",
    "TC_002_CS A title that takes…",
  ]);
});

Deno.test("live view: hostile texts move no cursor and forge no line", () => {
  const { terminal, clock, view } = onTerminal({ columns: 80 });
  const evil = HOSTILE_TEXTS.join(" ");
  const failure = { step: evil, expected: evil, came: evil };
  const played = caseOf({
    ...{ id: evil, title: evil, profile: evil, verdict: "FAIL", failure, leftOut: [evil], remarks: [evil] },
    frames: framesOf(...HOSTILE_TEXTS.map((text) => `>${text}`)),
  });
  view.begun({ total: 1 });
  for (const text of [...HOSTILE_TEXTS, evil]) {
    view.caseBegun({ id: "", title: text, number: 1 });
    clock.advance(100);
    view.caseBegun({ id: "", title: "", number: 1 });
    view.step(text);
    clock.advance(100);
  }
  view.caseEnded(played);
  clock.advance(100);
  view.ended(reportOf(played));
  // The fake terminal takes no control character but those of the view; every line is one of ours.
  const own = /^(FAIL|INCONCLUSIVE|frames: →| {2}|profile|<script>|\d+ case|$)/;
  assert.deepEqual(terminal.screen.filter((line) => !own.test(line) && !line.includes("script")), []);
});

/** A place that is no terminal. */
function plainOutput() {
  const texts: string[] = [];
  const output: TextOutput = {
    isTerminal: false,
    style: styleFor({ colours: false }),
    columns: () => 120,
    write: (text) => void texts.push(text),
  };
  return { output, texts };
}

Deno.test("live view: on no terminal there are plain whole lines, as long as they are", () => {
  const { output, texts } = plainOutput();
  const clock = new VirtualClock();
  const view = new LiveView(new LiveLines(output), { clock });
  const long = `Authorize {"idTag":"${"x".repeat(300)}"}`;
  const failed = { ...FAILED, failure: { ...FAILED.failure!, expected: long } };
  view.begun({ total: 2 });
  view.caseBegun({ id: "TC_001_CS", title: "Cold boot", number: 1 });
  view.step("expect BootNotification {} within 15 s");
  clock.advance(10_000);
  assert.deepEqual(texts, []);
  view.caseEnded(caseOf());
  assert.deepEqual(texts, ["PASS            TC_001_CS    Cold boot  1.5 s\n"]);
  play(view, failed, 2);
  view.ended(reportOf(caseOf(), failed));
  assert.ok(texts.join("").includes(`  expected  ${long}\n`));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(texts.join(""), /[\r\x1b]/);
  assert.equal(clock.nextMs(), Infinity);
});

Deno.test("live view: colours only where they are wanted; words tell verdicts all the same", () => {
  for (const colours of [true, false]) {
    const { terminal, view } = onTerminal({ columns: 80, colours });
    view.begun({ total: 1 });
    play(view, FAILED);
    view.ended(reportOf(FAILED));
    // deno-lint-ignore no-control-regex
    assert.equal(/\x1b\[\d+m/.test(terminal.written.join("")), colours);
    assert.equal(terminal.written.join("").includes(`\x1b[31mFAIL          \x1b[39m`), colours);
    assert.ok(terminal.screen.includes("FAIL            TC_003_CS    Regular charging session  12 s"));
  }
});

Deno.test("text width: wide characters take two columns, accents none", () => {
  assert.equal(widthOf("abc"), 3);
  assert.equal(widthOf("充電🔌"), 6);
  assert.equal(widthOf("e\u0301"), 1);
  assert.equal(fitted("充電器", 5), "充電…");
  assert.equal(fitted("abcdef", 6), "abcdef");
  assert.equal(fitted("abcdef", 5), "abcd…");
  assert.equal(fitted("abc", 0), "");
  assert.deepEqual(wrapped("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapped("充電器", 4), ["充電", "器"]);
  assert.deepEqual(wrapped("🔌🔌", 1), ["🔌", "🔌"]);
  assert.deepEqual(wrapped("", 5), [""]);
});
