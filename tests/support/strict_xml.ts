/**
 * XML read strictly: what is not well-formed throws.
 */
import { SaxesParser } from "saxes";

/** An element and all that stands in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

/** The root element. */
export function parseXml(text: string): XmlElement {
  const root = { name: "", attributes: {}, children: [] as (XmlElement | string)[] };
  const path: { children: (XmlElement | string)[] }[] = [root];
  const parser = new SaxesParser({ xmlns: false as const });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, children: [] as (XmlElement | string)[] };
    path.at(-1)!.children.push(element);
    path.push(element);
  });
  parser.on("text", (told) => path.at(-1)!.children.push(told));
  parser.on("cdata", (told) => path.at(-1)!.children.push(told));
  parser.on("closetag", () => path.pop());
  parser.write(text).close();
  return root.children.find((child): child is XmlElement => typeof child === "object")!;
}

/** An element and all elements below it. */
export function* allElements(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (typeof child === "object") yield* allElements(child);
}

/** Those of a name. */
export function elementsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return [...allElements(element)].filter((one) => one.name === name);
}

/** All text in an element. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => typeof child === "string" ? child : textOf(child)).join("");
}
