/**
 * Files that people write by hand, in YAML or JSON (which is YAML too), read with positions: whatever is wrong is told
 * as one line, `file:line:column: what is wrong, what is allowed`.
 */
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { issueText } from "./issue_text.ts";

/** The longest file, in characters. */
export const YAML_FILE_MAX_LENGTH = 262_144;

/** A file that was read. `at` gives `file:line:column` of a field, for what is found wrong later. */
export interface ParsedYaml<T> {
  readonly value: T;
  readonly at: (path: readonly PropertyKey[]) => string;
}

/** Reads a file's text. Errors: `faults` has a line for each, at most `FAULTS_TOLD_MAX`, in the order of the file. */
export function parseYamlFile<S extends z.ZodType>(
  text: string,
  { fileName, schema }: { readonly fileName: string; readonly schema: S },
): ({ ok: true } & ParsedYaml<z.infer<S>>) | { ok: false; faults: readonly string[] } {
  if (text.length > YAML_FILE_MAX_LENGTH) {
    return { ok: false, faults: [`${fileName}: has more than ${YAML_FILE_MAX_LENGTH} characters`] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "core" });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${line}:${col}`;
  };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    return { ok: false, faults: [`${place(broken.pos[0])}: ${firstLineOf(broken.message)}`] };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX }) ?? {}; // an empty file says nothing
  } catch (error) {
    return { ok: false, faults: [`${fileName}:1:1: ${firstLineOf((error as Error).message)}`] };
  }
  const at = (path: readonly PropertyKey[]) => place(offsetOf(document.contents, path));
  const checked = schema.safeParse(value);
  if (checked.success) return { ok: true, value: checked.data, at };
  const faults = checked.error.issues
    .flatMap((issue) => issueText(issue, { schema, value, root: "the file" }))
    .map(({ path, text }) => ({ text, path, offset: offsetOf(document.contents, path) }))
    .sort((one, other) => one.offset - other.offset)
    .map(({ path, text }) => `${at(path)}: ${text}`);
  return { ok: false, faults: faults.slice(0, FAULTS_TOLD_MAX) };
}

/** Faults of one file that are told at once. */
export const FAULTS_TOLD_MAX = 20;

/** Aliases that one file may resolve: more is an attempt to fill memory. */
const ALIASES_MAX = 100;

function firstLineOf(text: string): string {
  return text.split("\n", 1)[0]!.trim();
}

/** Where a field stands: the name of the last part of the path, or the place where it would be. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number {
  let node = contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (!isMap(node)) {
      node = (node as { items?: unknown[] } | null)?.items?.[Number(part)];
      offset = startOf(node) ?? offset;
      continue;
    }
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    if (pair === undefined) return offset;
    offset = startOf(pair.key) ?? offset;
    node = pair.value;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
