/**
 * JSON texts, laid out for readers without reading their values: numbers keep all their digits, and a key that is
 * there twice stays there twice.
 *
 * All of it takes valid JSON, and needs no stack however deep that is nested.
 */

/** Indentation grows no further below this depth. */
const INDENT_DEPTH_MAX = 24;

const PUNCTUATION = new Set(["{", "}", "[", "]", ",", ":"]);

/** The elements of an array, or the members of an object, as they are written, without space between tokens. */
export function jsonParts(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const token of tokensOf(text)) {
    if (isClosing(token)) depth--;
    if (depth === 0) {
      if (isOpening(token)) depth++;
      continue; // the brackets around all
    }
    if (isOpening(token)) depth++;
    if (depth === 1 && token === ",") {
      parts.push(part);
      part = "";
    } else part += token;
  }
  if (part !== "") parts.push(part);
  return parts;
}

/** The key of a member and its value, both as they are written. */
export function memberOf(part: string): { readonly key: string; readonly value: string } {
  const end = stringEnd(part, 0);
  return { key: part.slice(0, end), value: part.slice(end + 1) };
}

/** A frame on several lines: the outermost array stays on one, its payload gets a line for each member. */
export function indentedJson(text: string): string {
  let laidOut = "";
  let depth = 0;
  let before = "";
  for (const token of tokensOf(text)) {
    if (isClosing(token)) {
      depth--;
      if (depth > 0 && !isOpening(before)) laidOut += lineAt(depth);
    } else if (before === ",") laidOut += depth > 1 ? lineAt(depth) : " ";
    else if (depth > 1 && isOpening(before)) laidOut += lineAt(depth);
    if (isOpening(token)) depth++;
    laidOut += token === ":" ? ": " : token;
    before = token;
  }
  return laidOut;
}

function lineAt(depth: number): string {
  return `\n${"  ".repeat(Math.min(depth - 1, INDENT_DEPTH_MAX))}`;
}

function isOpening(token: string): boolean {
  return token === "{" || token === "[";
}

function isClosing(token: string): boolean {
  return token === "}" || token === "]";
}

function* tokensOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const begin = at;
    if (isSpace(text[at]!)) at++;
    else if (PUNCTUATION.has(text[at]!)) yield text[at++]!;
    else if (text[at] === '"') {
      at = stringEnd(text, at);
      yield text.slice(begin, at);
    } else {
      while (at < text.length && !isSpace(text[at]!) && !PUNCTUATION.has(text[at]!)) at++;
      yield text.slice(begin, at);
    }
  }
}

/** Where the string that begins at `at` is over. */
function stringEnd(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === '"') return end + 1;
  }
  return text.length;
}

function isSpace(character: string): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
