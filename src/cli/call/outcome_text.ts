/**
 * What a Charge Point answered, as a person reads it.
 */
import { plainText, plainValue } from "../plain_text.ts";
import { tableLines } from "../table.ts";
import type { Style } from "../terminal.ts";

/** The lines below a headline; `status` stands there already. */
export function payloadLines(payload: unknown, style: Style): readonly string[] {
  if (!isObject(payload)) return payload === undefined ? [] : [plainValue(payload)];
  const entries = Object.entries(payload).filter(([name]) => name !== "status");
  return linesOf(entries, style).map((line) => `  ${line}`);
}

function linesOf(entries: readonly (readonly [string, unknown])[], style: Style): string[] {
  const width = Math.max(0, ...entries.filter(([, value]) => !isNested(value)).map(([name]) => name.length));
  return entries.flatMap(([name, value]) => {
    const title = plainText(name);
    if (!isNested(value)) return [`${style.dim(title.padEnd(width))}  ${plainValue(value)}`];
    const inner = isObject(value) ? linesOf(Object.entries(value), style) : listLines(value, style);
    return [style.dim(title), ...inner.map((line) => `  ${line}`)];
  });
}

/** A list of like objects is a table; all else a line an item. */
function listLines(items: readonly unknown[], style: Style): string[] {
  if (items.length === 0) return ["none"];
  if (!items.every(isObject) || items.some((item) => Object.values(item).some(isNested))) {
    return items.flatMap((item, index) =>
      isObject(item)
        ? [`${index}`, ...linesOf(Object.entries(item), style).map((line) => `  ${line}`)]
        : [plainValue(item)]
    );
  }
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const rows = items.map((item) =>
    columns.map((name) => item[name] === undefined ? "" : plainValue(item[name]))
  );
  return [...tableLines(columns.map((name) => ({ title: plainText(name), align: "left" })), rows, style)];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> | readonly unknown[] {
  return typeof value === "object" && value !== null;
}

const GOOD = new Set(["Accepted", "Unlocked"]);
const LATER = new Set(["Scheduled", "RebootRequired", "AcceptedCanceled"]);

/** The status of an answer in the colour of what it means. */
export function statusText(status: string, style: Style): string {
  const text = plainText(status);
  return GOOD.has(status) ? style.green(text) : LATER.has(status) ? style.yellow(text) : style.red(text);
}
