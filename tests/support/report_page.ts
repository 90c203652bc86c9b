/**
 * The HTML report as its reader's browser has it, read by a stricter reader.
 */
import assert from "node:assert/strict";
import { allElements, parseXml, type XmlElement } from "./strict_xml.ts";

/** The elements that the page is made of. */
const ELEMENTS = new Set([
  ...[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "section",
    "div",
    "script",
  ],
  ...["h1", "h2", "h3", "h4", "p", "a", "b", "i", "small", "span", "code", "pre", "figure", "figcaption"],
  ...["ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "th", "td"],
  ...["details", "summary", "form", "input", "select", "option", "fieldset", "legend", "label", "button"],
  ...["svg", "defs", "g", "line", "path", "rect", "use"],
]);

/** All elements; nothing but what the page is made of may be among them, and only its own script. */
export function pageElements(page: string): readonly XmlElement[] {
  // What stands in these two is no XML; both are constants of ours.
  const elements = [...allElements(parseXml(page.replace(/(<(style|script)>)[\s\S]*?(?=<\/\2>)/g, "$1")))];
  for (const { name, attributes } of elements) {
    assert.ok(ELEMENTS.has(name), name);
    const attributeNames = Object.keys(attributes);
    assert.deepEqual(attributeNames.filter((one) => /^on|^style$|^src|^srcdoc$/.test(one)), [], name);
    assert.match(attributes.href ?? "#", /^#/);
  }
  assert.equal(elements.filter(({ name }) => name === "script").length, 1);
  assert.equal(elements.filter(({ name }) => name === "style").length, 1);
  return elements;
}
