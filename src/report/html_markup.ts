/**
 * HTML that is safe by the way it is made: whatever is put into a template is escaped, unless it is markup itself.
 */
import { legibleText } from "./legible.ts";

/** What a template has made; nothing else makes it but `trusted`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Nothing comes of `undefined` and `false`. */
export type Content = string | number | Markup | undefined | false | readonly Content[];

/** A piece of a page. Attributes are to stand in double quotes. */
export function markup(pieces: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = pieces[0]!;
  contents.forEach((content, index) => text += markupText(content) + pieces[index + 1]!);
  return new Markup(text);
}

/** A text of this program that is markup already, e.g. the style sheet. Never anything that came from outside. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function markupText(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(markupText).join("");
  return escapeHtml(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as a page may hold it, in an element or in an attribute. */
export function escapeHtml(text: string): string {
  return legibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
