/**
 * JUnit XML, for the readers of test results that Jenkins, GitLab, GitHub and others have.
 *
 * Shape: `testsuites` › a `testsuite` for each feature profile, with `properties` › a `testcase` for each case. FAIL
 * is a `failure`, INCONCLUSIVE an `error`, NOT APPLICABLE `skipped`. Nothing is used that the schema `junit-10.xsd`
 * of Jenkins does not know: what a case was played on is a property of its suite, for a `testcase` has none.
 * Units: `time` in seconds; `timestamp` in UTC.
 */
import { lastFrameLines, oneLine } from "./frame_lines.ts";
import { cutText, instantText, legibleText, secondsText } from "./legible.ts";
import type { CaseReport, SuiteReport } from "./suite_report.ts";
import { type ProfileTally, shareText, tallyByProfile, verdictCounts } from "./tally.ts";

/** The longest text of one attribute. Units: UTF-16 code units, like all lengths here. */
export const ATTRIBUTE_MAX_LENGTH = 1_000;

/** The longest text of one element; a `system-out` that needs more loses its end. */
export const ELEMENT_MAX_LENGTH = 100_000;

/** The longest text of one step, and how many are told: the last ones. */
const STEP_MAX_LENGTH = 2_000;
const STEPS_MAX = 200;

/** The whole file. */
export function junitReport(report: SuiteReport): string {
  const { cases, startedAtMs, endedAtMs } = report;
  const name = report.systemUnderTest === "chargePoint" ? "Charge Point" : "Central System";
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites${
      attributes({
        name: `OCPP 1.6 conformance of a ${name}`,
        ...totals(cases, "testsuites"),
        time: secondsText(endedAtMs - startedAtMs),
      })
    }>\n`,
    ...namedSuites(report).map((suite) => suiteXml(suite, report)),
    "</testsuites>\n",
  ].join("");
}

interface NamedSuite extends Omit<ProfileTally, "cases"> {
  readonly cases: readonly { readonly name: string; readonly played: CaseReport }[];
}

/** Cases that were played several times get names of their own: readers take equal names for one test. */
function namedSuites({ cases }: SuiteReport): readonly NamedSuite[] {
  const times = new Map<string, number>();
  return tallyByProfile(cases).map((tally) => ({
    ...tally,
    cases: tally.cases.map((played) => {
      const name = `${played.id} ${played.title}`;
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      return { name: time === 1 ? name : `${name} (time ${time})`, played };
    }),
  }));
}

function suiteXml({ profile, cases, durationMs }: NamedSuite, report: SuiteReport): string {
  const played = cases.map((one) => one.played);
  const startedAtMs = Math.min(...played.map((one) => one.startedAtMs));
  const properties = [
    ["tool", report.tool],
    ["systemUnderTest", report.systemUnderTest],
    ["target", report.target],
    ...Object.entries(report.setup).map(([name, value]) => [`setup.${name}`, value]),
    ...cases.flatMap(({ name, played: { playedOn } }) =>
      playedOn === undefined ? [] : [[`playedOn.${name}`, playedOn]]
    ),
  ];
  return [
    `  <testsuite${
      attributes({
        name: profile,
        ...totals(played, "testsuite"),
        time: secondsText(durationMs),
        timestamp: instantText(startedAtMs).replace("Z", ""), // as Ant wrote it, for strict readers
      })
    }>\n`,
    "    <properties>\n",
    ...properties.map(([name = "", value = ""]) => `      <property${attributes({ name, value })}/>\n`),
    "    </properties>\n",
    ...cases.map(({ name, played }) => caseXml(name, played, report)),
    "  </testsuite>\n",
  ].join("");
}

function totals(cases: readonly CaseReport[], element: "testsuites" | "testsuite"): Record<string, string> {
  const counts = verdictCounts(cases);
  return {
    tests: String(cases.length),
    failures: String(counts.FAIL),
    errors: String(counts.INCONCLUSIVE),
    // The schema knows it of a suite only.
    ...(element === "testsuite" ? { skipped: String(counts["NOT APPLICABLE"]) } : {}),
  };
}

function caseXml(name: string, played: CaseReport, { systemUnderTest }: SuiteReport): string {
  const classname = `ocpp.${systemUnderTest}.${played.profile.replace(/[^A-Za-z0-9]+/g, "")}`;
  return [
    `    <testcase${attributes({ classname, name, time: secondsText(played.durationMs) })}>\n`,
    outcomeXml(played),
    `      <system-out>${elementText(systemOut(played))}</system-out>\n`,
    "    </testcase>\n",
  ].join("");
}

function outcomeXml({ verdict, failure }: CaseReport): string {
  const { step = "", expected = "", came = "" } = failure ?? {};
  const text = failure === undefined ? verdict : `step: ${step}\nexpected: ${expected}\ncame: ${came}`;
  const message = failure === undefined ? verdict : `expected ${expected}; came ${came}`;
  switch (verdict) {
    case "PASS":
      return "";
    case "FAIL":
      return `      <failure${attributes({ type: verdict, message })}>${elementText(text)}</failure>\n`;
    case "INCONCLUSIVE":
      return `      <error${attributes({ type: verdict, message })}>${elementText(text)}</error>\n`;
    case "NOT APPLICABLE":
      return `      <skipped${attributes({ type: verdict, message })}/>\n`;
  }
}

/** What a person wants to know who has nothing but this file. */
function systemOut(played: CaseReport): string {
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
  const short = (text: string) => oneLine(cutText(text, STEP_MAX_LENGTH));
  const last = (texts: readonly string[]) => [
    ...(texts.length > STEPS_MAX ? [`(${texts.length - STEPS_MAX} earlier)`] : []),
    ...texts.slice(-STEPS_MAX).map(short),
  ];
  return [
    `${played.id}: ${played.verdict}`,
    short(played.purpose),
    `Sections: ${short(played.spec.join("; "))}`,
    `Begun: ${instantText(played.startedAtMs)}`,
    ...(played.playedOn === undefined ? [] : [`Played on: ${short(played.playedOn)}`]),
    ...(played.share === undefined ? [] : [`Share: ${shareText(played.share)}`]),
    ...list("Left out", last(played.leftOut)),
    ...list("Remarks", last(played.remarks)),
    ...list("Frames", lastFrameLines(played)),
    ...list("Steps", last(played.steps)),
  ].join("\n");
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values).map(([name, value]) => (
    ` ${name}="${escaped(cutText(value, ATTRIBUTE_MAX_LENGTH), /[&<>"\t\n\r]/g)}"`
  )).join("");
}

function elementText(text: string): string {
  return escaped(cutText(text, ELEMENT_MAX_LENGTH), /[&<>\r]/g);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;", // for `]]>` must not stand in a text
  '"': "&quot;",
  // A parser makes line feeds of `\r`, and spaces of all three in an attribute.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

function escaped(text: string, special: RegExp): string {
  return legibleText(text).replace(special, (character) => ENTITIES[character]!);
}
