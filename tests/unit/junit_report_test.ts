/**
 * JUnit XML: what readers find where.
 */
import assert from "node:assert/strict";
import { ATTRIBUTE_MAX_LENGTH, ELEMENT_MAX_LENGTH, junitReport } from "../../src/report/junit.ts";
import { caseOf, framesOf, reportOf } from "../support/report_case.ts";
import { sampleReport } from "../support/sample_report.ts";
import { allElements, elementsNamed, parseXml, textOf } from "../support/strict_xml.ts";

/** What `junit-10.xsd` of Jenkins' xUnit plugin allows, of what there is in it: attributes, then elements. */
const SCHEMA: Readonly<
  Record<string, readonly [attributes: readonly string[], elements: readonly string[]]>
> = {
  testsuites: [["name", "time", "tests", "failures", "errors"], ["testsuite"]],
  testsuite: [
    ["name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"],
    ["properties", "testcase", "system-out", "system-err"],
  ],
  properties: [[], ["property"]],
  property: [["name", "value"], []],
  testcase: [["name", "classname", "time"], ["skipped", "error", "failure", "system-out", "system-err"]],
  failure: [["type", "message"], []],
  error: [["type", "message"], []],
  skipped: [["type", "message"], []],
  "system-out": [[], []],
};

Deno.test("JUnit: a run of real cases keeps to the schema of Jenkins' reader", async () => {
  const root = parseXml(junitReport(await sampleReport()));
  assert.equal(root.name, "testsuites");
  for (const { name, attributes, children } of allElements(root)) {
    const [allowed, elements] = SCHEMA[name] ?? assert.fail(`no element ${name}`);
    for (const attribute of Object.keys(attributes)) assert.ok(allowed.includes(attribute), attribute);
    for (const child of children) {
      if (typeof child === "object") assert.ok(elements.includes(child.name), `${child.name} in ${name}`);
      else if (elements.length > 0) assert.equal(child.trim(), "", `text in ${name}`);
    }
    if (attributes.time !== undefined) assert.match(attributes.time, /^\d+\.\d{3}$/);
  }
});

Deno.test("JUnit: each verdict of a run of real cases is told as readers know it", async () => {
  const report = await sampleReport();
  const cases = elementsNamed(parseXml(junitReport(report)), "testcase");
  const ELEMENT = {
    "FAIL": "failure",
    "INCONCLUSIVE": "error",
    "NOT APPLICABLE": "skipped",
    "PASS": undefined,
  };
  const told = Object.fromEntries(cases.map((one) => [
    one.attributes.name,
    one.children.flatMap((child) => typeof child === "object" ? [child.name] : []),
  ]));
  assert.deepEqual(
    told,
    Object.fromEntries(report.cases.map(({ id, title, verdict }) => [
      `${id} ${title}`,
      [ELEMENT[verdict], "system-out"].filter((name) => name !== undefined),
    ])),
  );
  assert.equal(new Set(report.cases.map(({ verdict }) => verdict)).size, 4, "the sample has all verdicts");
});

Deno.test("JUnit: suites are feature profiles, with counts, setup and what cases were played on", () => {
  const xml = junitReport(reportOf(
    caseOf({ playedOn: "cable fixed" }),
    caseOf({ id: "TC_002_CS", verdict: "FAIL" }),
    caseOf({ id: "TC_042_CS", profile: "Reservation", verdict: "NOT APPLICABLE" }),
  ));
  const suites = elementsNamed(parseXml(xml), "testsuite");
  assert.deepEqual(suites.map(({ attributes }) => attributes), [
    {
      ...{ name: "Core", tests: "2", failures: "1", errors: "0", skipped: "0" },
      ...{ time: "3.000", timestamp: "2026-01-01T12:00:00" },
    },
    {
      ...{ name: "Reservation", tests: "1", failures: "0", errors: "0", skipped: "1" },
      ...{ time: "1.500", timestamp: "2026-01-01T12:00:00" },
    },
  ]);
  assert.deepEqual(elementsNamed(suites[0]!, "property").map(({ attributes }) => Object.values(attributes)), [
    ["tool", "ocpp 0.1.0"],
    ["systemUnderTest", "chargePoint"],
    ["target", "ws://localhost:9000/CP001"],
    ["setup.driver", "ocpp"],
    ["playedOn.TC_001_CS Cold boot", "cable fixed"],
  ]);
});

Deno.test("JUnit: a failure says step, expected and came; system-out has the frames before it and the steps", () => {
  const failure = { step: "expect A", expected: "A <1>", came: "B & C\nD" };
  const xml = junitReport(reportOf(caseOf({
    verdict: "FAIL",
    failure,
    frames: framesOf('>[2,"u1","Heartbeat",{}]', '<[3,"u1",{}]'),
    leftOut: ["the meter"],
    remarks: ["not restored"],
  })));
  const root = parseXml(xml);
  const [failed] = elementsNamed(root, "failure");
  assert.equal(textOf(failed!), "step: expect A\nexpected: A <1>\ncame: B & C\nD");
  assert.deepEqual(failed!.attributes, { type: "FAIL", message: "expected A <1>; came B & C\nD" });
  assert.equal(
    textOf(elementsNamed(root, "system-out")[0]!),
    [
      "TC_001_CS: FAIL",
      "After a start it sends BootNotification.",
      "Sections: OCPP 1.6 §4.2",
      "Begun: 2026-01-01T12:00:00Z",
      "Left out:",
      "  the meter",
      "Remarks:",
      "  not restored",
      "Frames:",
      '      0.000 s  system → tester  [2,"u1","Heartbeat",{}]',
      '      0.010 s  tester → system  [3,"u1",{}]',
      "Steps:",
      "  expect BootNotification {} within 15 s",
    ].join("\n"),
  );
});

Deno.test("JUnit: a case that was played several times has a name for each time", () => {
  const cases = elementsNamed(parseXml(junitReport(reportOf(caseOf(), caseOf(), caseOf()))), "testcase");
  assert.deepEqual(cases.map(({ attributes }) => attributes.name), [
    ...["TC_001_CS Cold boot", "TC_001_CS Cold boot (time 2)", "TC_001_CS Cold boot (time 3)"],
  ]);
});

Deno.test("JUnit: control characters and halves of characters are told as escapes", () => {
  const failure = { step: "", expected: "", came: "\u0000\u001b[1m\ud800\uffff\u202e🔌]]>" };
  const root = parseXml(junitReport(reportOf(caseOf({ verdict: "FAIL", failure }))));
  assert.match(
    textOf(elementsNamed(root, "failure")[0]!),
    /came: \\u0000\\u001b\[1m\\ud800\\uffff\\u202e🔌\]\]>$/,
  );
});

Deno.test("JUnit: texts without end have one", () => {
  const endless = "\u0007".repeat(1_048_576);
  const failure = { step: endless, expected: endless, came: endless };
  const xml = junitReport(reportOf(caseOf({
    ...{ title: endless, verdict: "FAIL", failure, steps: Array(5_000).fill(endless) },
    frames: framesOf(...Array(1_000).fill(`>${endless}`)),
  })));
  // An escape has six characters for one.
  assert.ok(xml.length < 6 * (2 * ELEMENT_MAX_LENGTH + 20 * ATTRIBUTE_MAX_LENGTH), String(xml.length));
  assert.match(xml, /… \([\d,]+ more characters\)/);
  assert.match(xml, /\(960 earlier\)/);
});

Deno.test("JUnit: a negative case has its share in system-out", () => {
  const xml = junitReport(reportOf(caseOf({ verdict: "FAIL", share: { refused: 41, sent: 43 } })));
  assert.match(xml, /^Share: refused 41 of 43 broken messages$/m);
});
