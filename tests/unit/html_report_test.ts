/**
 * The HTML report: what stands on the page, that nothing on it acts, and its bounds.
 */
import assert from "node:assert/strict";
import { htmlReport } from "../../src/report/html.ts";
import {
  CASE_TEXT_MAX_LENGTH,
  FRAME_TEXT_MAX_LENGTH,
  FRAMES_DRAWN_MAX,
} from "../../src/report/html_diagram.ts";
import { DARK, LIGHT, type Palette } from "../../src/report/html_palette.ts";
import { SCRIPT, SCRIPT_HASH } from "../../src/report/html_script.ts";
import { STYLE, STYLE_HASH } from "../../src/report/html_style.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { HOSTILE_TEXTS } from "../support/report_arbitraries.ts";
import { BEGAN_AT_MS, caseOf, framesOf, reportOf } from "../support/report_case.ts";
import { pageElements } from "../support/report_page.ts";
import { sampleReport } from "../support/sample_report.ts";
import { elementsNamed, textOf, type XmlElement } from "../support/strict_xml.ts";

const pageOf = (...cases: readonly CaseReport[]) => pageElements(htmlReport(reportOf(...cases)));

const ofClass = (elements: readonly XmlElement[], name: string) =>
  elements.filter(({ attributes }) => attributes.class?.split(" ").includes(name));

const oneText = (element: XmlElement | undefined) =>
  textOf(element ?? assert.fail("no such element")).replace(/\s+/g, " ").trim();

for (const [what, text, hash] of [["style", STYLE, STYLE_HASH], ["script", SCRIPT, SCRIPT_HASH]] as const) {
  Deno.test(`HTML: the policy of the page knows its ${what} by its hash`, async () => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    assert.equal(hash, `sha256-${new Uint8Array(digest).toBase64()}`);
    const page = htmlReport(reportOf());
    assert.ok(page.includes(`<${what}>${text}</${what}>`));
    assert.ok(page.includes(`${what}-src '${hash}'`));
  });
}

Deno.test("HTML: nothing is loaded, and nothing runs but what stands in the page", () => {
  const page = htmlReport(reportOf(caseOf()));
  const policy = pageElements(page).find(({ attributes }) =>
    attributes["http-equiv"] === "Content-Security-Policy"
  );
  assert.deepEqual(policy?.attributes.content?.split("; "), [
    ...["default-src 'none'", `script-src '${SCRIPT_HASH}'`, `style-src '${STYLE_HASH}'`],
    ...["base-uri 'none'", "form-action 'none'"],
  ]);
  assert.doesNotMatch(page, /https?:|url\(|@import|@font-face/);
});

Deno.test("HTML: a run of real cases, with profiles, failures and every case", async () => {
  const report = await sampleReport();
  const page = pageElements(htmlReport(report));
  const table = page.find(({ name }) => name === "table")!;
  const rows = elementsNamed(table, "tr").map((row) =>
    row.children.flatMap((cell) => typeof cell === "object" ? [oneText(cell)] : [])
  );
  assert.deepEqual(rows.slice(1), [
    ["Core", "", "2", "4", "1", "0", "7"],
    ["LocalAuthListManagement", "", "2", "0", "0", "0", "2"],
    ["Reservation", "", "0", "0", "0", "1", "1"],
    ["RemoteTrigger", "", "1", "0", "0", "0", "1"],
    ["SmartCharging", "", "1", "0", "0", "0", "1"],
    ["FirmwareManagement", "", "1", "0", "0", "0", "1"],
    ["All", "", "7", "4", "1", "1", "13"],
  ]);
  const missed = report.cases.filter(({ verdict }) => verdict === "FAIL" || verdict === "INCONCLUSIVE");
  const links = elementsNamed(ofClass(page, "missed")[0]!, "a");
  assert.deepEqual(links.map(textOf).sort(), missed.map(({ id, title }) => `${id} ${title}`).sort());
  for (const link of links) {
    const target = page.find(({ attributes }) => `#${attributes.id}` === link.attributes.href);
    assert.equal(
      textOf(link),
      ["id", "title"].map((name) => textOf(ofClass(below(target!), name)[0]!)).join(" "),
    );
  }
  for (const [index, element] of ofClass(page, "case").entries()) {
    const played = report.cases[index]!;
    assert.equal(element.attributes["data-verdict"], played.verdict);
    assert.equal(element.attributes["data-profile"], played.profile);
    assert.equal(element.attributes.open, undefined);
    assert.equal(ofClass(below(element), "frame").length, played.frames.length);
    const text = oneText(element);
    for (
      const told of [played.purpose, ...played.spec, ...played.remarks, ...played.leftOut, ...played.steps]
    ) {
      assert.ok(text.includes(told.replace(/\s+/g, " ")), told);
    }
    assert.ok(text.includes(`played on: ${played.playedOn}`));
  }
});

const below = (element: XmlElement): readonly XmlElement[] =>
  element.children.flatMap((child) => typeof child === "object" ? [child, ...below(child)] : []);

Deno.test("HTML: a diagram has arrows both ways, answers with their Calls, errors, and what is no frame", () => {
  const page = pageOf(caseOf({
    verdict: "FAIL",
    failure: { step: "expect x", expected: "x", came: "y" },
    frames: framesOf(
      '>[2,"1","Authorize",{"idTag":"TAG001"}]',
      '<[3,"1",{"idTagInfo":{"status":"Accepted"}}]',
      '<[2,"2","Reset",{"type":"Soft"}]',
      '>[4,"2","NotSupported","no",{}]',
      ">half a frame",
    ),
  }));
  const rows = ofClass(page, "frame");
  assert.deepEqual(rows.map(({ attributes }) => attributes.class), [
    ...["frame sys call", "frame tst callResult", "frame tst call", "frame sys callError"],
    "frame sys malformed last",
  ]);
  assert.deepEqual(rows.map((row) => elementsNamed(row, "use").map(({ attributes }) => attributes.href)), [
    ["#call-sys"],
    ["#answer-tst", "#busy-tst"],
    ["#call-tst"],
    ["#answer-sys", "#busy-sys"],
    ["#broken-sys"],
  ]);
  const symbols = new Set(page.filter(({ name }) => name === "g").map(({ attributes }) => attributes.id));
  for (const { attributes } of page.filter(({ name }) => name === "use")) {
    assert.ok(symbols.has(attributes.href!.slice(1)), String(attributes.href));
  }
  assert.deepEqual(rows.map((row) => oneText(elementsNamed(row, "summary")[0])), [
    '+0.00 Charge Point: Authorize idTag "TAG001"',
    '+0.01 Central System: Authorize.conf idTagInfo {"status":"Accepted"}',
    '+0.02 Central System: Reset type "Soft"',
    "+0.03 Charge Point: CALLERROR NotSupported to Reset no",
    "+0.04 Charge Point: no frame not JSON half a frame the last frame before the failure",
  ]);
  assert.deepEqual(rows.map((row) => oneText(elementsNamed(row, "p")[0])), [
    "frame 1 · answered by frame 2 · 38 characters",
    "frame 2 · answers frame 1 after 0.01 s · 43 characters",
    "frame 3 · answered by frame 4 · 31 characters",
    "frame 4 · answers frame 3 after 0.01 s · 30 characters",
    "frame 5 · 12 characters",
  ]);
  assert.equal(
    textOf(elementsNamed(rows[0]!, "pre")[0]!),
    '[2, "1", "Authorize", {\n  "idTag": "TAG001"\n}]',
  );
  assert.equal(
    elementsNamed(rows[0]!, "summary")[0]!.attributes.title,
    '[2,"1","Authorize",{"idTag":"TAG001"}]',
  );
});

Deno.test("HTML: with a Central System under test the tester is the Charge Point", () => {
  const frames = framesOf('<[2,"1","Heartbeat",{}]');
  const report = { ...reportOf(caseOf({ frames })), systemUnderTest: "centralSystem" as const };
  const page = pageElements(htmlReport(report));
  assert.equal(oneText(page.find(({ name }) => name === "h1")), "Central System");
  assert.equal(
    oneText(page.find(({ name }) => name === "figcaption")),
    "Tester as Charge PointCentral System under test",
  );
  assert.equal(oneText(ofClass(page, "said")[0]), "Charge Point: Heartbeat");
});

Deno.test("HTML: hostile texts, wherever they stand, are text", () => {
  const evil = HOSTILE_TEXTS.join(" ");
  const frames = HOSTILE_TEXTS.flatMap((text) =>
    framesOf(
      `>${text}`,
      `>${JSON.stringify([2, text, text, { [text]: text, list: [text] }])}`,
      `<${JSON.stringify([4, text, text, text, {}])}`,
    )
  );
  const all = { id: evil, title: evil, profile: evil, purpose: evil, spec: [evil], playedOn: evil };
  const failure = { step: evil, expected: evil, came: evil };
  const lists = { steps: [evil], leftOut: [evil], remarks: [evil] };
  const page = htmlReport({
    ...reportOf(caseOf({ ...all, ...lists, failure, frames, verdict: "FAIL" })),
    ...{ tool: evil, target: evil, setup: { [evil]: evil } },
  });
  pageElements(page); // refuses every element and attribute that the page does not have by itself
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(page, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]|\p{Cs}/u);
});

Deno.test("HTML: a frame of 1 MiB is told with its length, and cut", () => {
  const data = "<b>".repeat(349_000);
  const text = JSON.stringify([2, "1", "DataTransfer", { vendorId: "v", data }]);
  const page = pageOf(caseOf({ frames: framesOf(`>${text}`) }));
  const [row] = ofClass(page, "frame");
  assert.match(oneText(elementsNamed(row!, "summary")[0]), /DataTransfer vendorId "v" data "<b><b>.*…$/);
  const [pre] = elementsNamed(row!, "pre");
  assert.match(textOf(pre!), /… \(1,030,\d{3} more characters\)$/);
  assert.ok(textOf(pre!).length < FRAME_TEXT_MAX_LENGTH + 100);
});

Deno.test("HTML: of many frames the first and the last are drawn, and the last ones have their texts", () => {
  const many = Array.from(
    { length: 20_000 },
    (_, index) => `>[2,"${index}","Heartbeat",${"1".repeat(10_000)}]`,
  );
  const html = htmlReport(reportOf(caseOf({ verdict: "FAIL", frames: framesOf(...many) })));
  const page = pageElements(html);
  const rows = ofClass(page, "frame");
  assert.equal(rows.length, FRAMES_DRAWN_MAX);
  assert.equal(oneText(ofClass(page, "gap")[0]), "19,600 frames are not drawn");
  assert.match(oneText(elementsNamed(rows.at(-1)!, "p")[0]), /^frame 20000 /);
  assert.ok(ofClass(page, "last").length === 1 && rows.at(-1) === ofClass(page, "last")[0]);
  assert.ok(textOf(elementsNamed(rows.at(-1)!, "pre")[0]!).length > 10_000, "the last one has all its text");
  const shown = rows.reduce((sum, row) => sum + textOf(elementsNamed(row, "pre")[0]!).length, 0);
  assert.ok(shown < CASE_TEXT_MAX_LENGTH + FRAMES_DRAWN_MAX * 1_100, String(shown));
  assert.ok(html.length < 2_000_000, String(html.length));
});

for (
  const [verdicts, outcome] of [
    [[], "0 of 0 cases pass"],
    [["PASS"], "1 of 1 case passes"],
    [["PASS", "FAIL", "INCONCLUSIVE"], "1 of 3 cases pass"],
    [["PASS", "NOT APPLICABLE"], "1 of 1 case that applies passes"],
    [["PASS", "NOT APPLICABLE", "FAIL", "NOT APPLICABLE"], "1 of 2 cases that apply pass"],
  ] as const
) {
  Deno.test(`HTML: of ${verdicts.join(", ") || "no case"} it says: ${outcome}`, () => {
    const page = pageOf(...verdicts.map((verdict) => caseOf({ verdict })));
    assert.equal(oneText(ofClass(page, "outcome")[0]), outcome);
  });
}

Deno.test("HTML: a case without frames says so, and so does a report without cases", () => {
  assert.match(htmlReport(reportOf(caseOf())), /No frame went between the two/);
  const page = pageOf();
  assert.equal(oneText(ofClass(page, "outcome")[0]), "0 of 0 cases pass");
});

for (const [name, palette] of [["light", LIGHT], ["dark", DARK]] as const) {
  Deno.test(`HTML: ${name} colours of text have a contrast of 4.5 to 1 on all that they stand on`, () => {
    const text = [
      "ink",
      "quiet",
      "link",
      "pass",
      "fail",
      "inconclusive",
      "absent",
      "tester",
      "system",
    ] as const;
    const grounds = ["paper", "card", "well", "failTint"] as const;
    const poor = text.flatMap((one) =>
      grounds.map((ground) => ({ one, ground, contrast: contrast(palette, one, ground) }))
    ).filter(({ contrast }) => contrast < 4.5);
    assert.deepEqual(poor, []);
  });
}

/** As WCAG 2 counts it. */
function contrast(palette: Palette, one: keyof Palette, other: keyof Palette): number {
  const [dark, light] = [luminance(palette[one]), luminance(palette[other])].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

Deno.test("HTML: times of frames are seconds since the case began", () => {
  const at = (atMs: number) => ({ atMs: BEGAN_AT_MS + atMs, from: "system" as const, text: "x" });
  const page = pageOf(caseOf({ frames: [at(-1_000), at(5), at(61_234), at(1_000_400)] }));
  assert.deepEqual(ofClass(page, "at").map(textOf), ["−1.00", "+0.01", "+61.23", "+1000"]);
});

Deno.test("HTML: a negative case has its share", () => {
  const page = htmlReport(reportOf(caseOf({ share: { refused: 41, sent: 43 } })));
  assert.ok(page.includes("refused 41 of 43 broken messages"));
  assert.ok(!htmlReport(reportOf(caseOf())).includes("broken messages"));
});
