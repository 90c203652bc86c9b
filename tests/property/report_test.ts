/**
 * Whatever texts a report holds, its files are what their readers expect.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { htmlReport } from "../../src/report/html.ts";
import { indentedJson, jsonParts, memberOf } from "../../src/report/json_layout.ts";
import { jsonReport, readJsonReport } from "../../src/report/json.ts";
import { junitReport } from "../../src/report/junit.ts";
import { legibleText } from "../../src/report/legible.ts";
import { verdictCounts } from "../../src/report/tally.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { anyReport } from "../support/report_arbitraries.ts";
import { pageElements } from "../support/report_page.ts";
import { elementsNamed, parseXml, textOf } from "../support/strict_xml.ts";

Deno.test("any report gives well-formed JUnit XML with its counts and texts", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const root = parseXml(junitReport(report));
      const counts = verdictCounts(report.cases);
      assert.equal(elementsNamed(root, "testcase").length, report.cases.length);
      assert.equal(elementsNamed(root, "failure").length, counts.FAIL);
      assert.equal(elementsNamed(root, "error").length, counts.INCONCLUSIVE);
      assert.equal(elementsNamed(root, "skipped").length, counts["NOT APPLICABLE"]);
      const failures = report.cases.filter(({ verdict }) => verdict === "FAIL");
      const cames = failures.flatMap(({ failure }) => failure === undefined ? [] : [failure.came]);
      const told = elementsNamed(root, "failure").map(textOf).join("\n");
      for (const came of cames) assert.ok(told.includes(legibleText(came)), JSON.stringify(came));
    }),
    { seed: PROPERTY_SEED },
  );
});

Deno.test("any report survives being written as JSON and read", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      assert.deepEqual(readJsonReport(jsonReport(report)), { ok: true, report: plain(report) });
    }),
    { seed: PROPERTY_SEED },
  );
});

/** `fast-check` makes objects without a prototype. */
function plain<T>(value: T): T {
  return structuredClone(value);
}

Deno.test("any report gives a page on which no text of it is markup", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const page = pageElements(htmlReport(report));
      const rows = page.filter(({ attributes }) => attributes.class?.startsWith("frame "));
      assert.equal(rows.length, report.cases.reduce((sum, { frames }) => sum + frames.length, 0));
      const texts = page.filter(({ name }) => name === "pre").map(textOf);
      const malformed = report.cases.flatMap(({ frames }) => frames).filter(({ text }) =>
        !text.startsWith("[")
      );
      for (const { text } of malformed) {
        // XML makes a line feed of every line end, as HTML does.
        assert.ok(texts.includes(legibleText(text).replace(/\r\n?/g, "\n")), JSON.stringify(text));
      }
    }),
    { seed: PROPERTY_SEED },
  );
});

Deno.test("any JSON is laid out without a change of what it says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (given, space) => {
      const text = JSON.stringify(given, undefined, space);
      const value: unknown = JSON.parse(text); // -0 is 0 in JSON
      assert.deepEqual(JSON.parse(indentedJson(text)), value);
      const parts = jsonParts(text);
      if (Array.isArray(value)) assert.deepEqual(parts.map((part) => JSON.parse(part)), value);
      else if (typeof value === "object" && value !== null) {
        const members = parts.map(memberOf).map(({ key, value }) => [JSON.parse(key), JSON.parse(value)]);
        assert.deepEqual(Object.fromEntries(members), value);
      }
    }),
    { seed: PROPERTY_SEED },
  );
});
