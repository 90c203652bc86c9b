/**
 * `ocpp call --list` and the fields of an Action: what may be called and what belongs into it.
 */
import { type Action, ACTIONS } from "../../ocpp/action.ts";
import { type Field, fieldsOfReq, type FieldType } from "../../ocpp/field.ts";
import { jsonLine } from "../plain_text.ts";
import { tableLines } from "../table.ts";
import type { TextOutput } from "../terminal.ts";
import { CALL_ACTIONS, guideOf } from "./action_guide.ts";

const left = (title: string) => ({ title, align: "left" } as const);

/** Prints the Actions that a Central System sends. */
export function printList(out: TextOutput, { json }: { json: boolean }): void {
  const rows = CALL_ACTIONS.map((action) => ({
    action,
    profile: ACTIONS[action].profile,
    summary: guideOf(action)!.summary,
  }));
  if (json) return rows.forEach((row) => out.write(jsonLine(row)));
  const cells = rows.map(({ action, profile, summary }) => [action, profile, summary]);
  const lines = tableLines([left("Action"), left("feature profile"), left("what for")], cells, out.style);
  out.write(`${lines.join("\n")}\n\nThe fields of one: ocpp call Reset --help\n`);
}

/** A field wherever it stands, as pairs name it. */
export interface NamedField {
  readonly path: string;
  readonly type: FieldType;
  readonly required: boolean;
}

/** Prints the fields of one Action, with an example. */
export function printFields(out: TextOutput, action: Action, { json }: { json: boolean }): void {
  const fields = [...namedFields(fieldsOfReq(action), "")];
  if (json) {
    for (const { path, type, required } of fields) {
      const { kind, ...more } = type.kind === "object" || type.kind === "array" ? { kind: type.kind } : type;
      out.write(jsonLine({ path, type: kind, required, ...more }));
    }
    return;
  }
  const { bold, dim } = out.style;
  const { summary, example } = guideOf(action)!;
  out.write(`${bold(action)}  ${summary} ${dim(`(${ACTIONS[action].profile})`)}\n\n`);
  const rows = fields.map(({ path, type, required }) => [path, required ? "required" : "", typeText(type)]);
  const lines = tableLines([left("field"), left(""), left("what it may be")], rows, out.style);
  out.write(fields.length === 0 ? "It has no fields.\n" : `${lines.join("\n")}\n`);
  out.write(`\nExample:\n  ${exampleText(action, example)}\n`);
}

const LINE_MAX = 110;

function exampleText(action: Action, example: readonly string[]): string {
  const line = ["ocpp call CP001", action, ...example].join(" ");
  return line.length <= LINE_MAX ? line : [`ocpp call CP001 ${action}`, ...example].join(" \\\n    ");
}

/** Every field, those of fields too: `a.b`, `a.0.b`. */
export function* namedFields(fields: readonly Field[], prefix: string): Generator<NamedField> {
  for (const { name, type, required } of fields) {
    const path = `${prefix}${name}`;
    yield { path, type, required };
    if (type.kind === "object") yield* namedFields(type.fields, `${path}.`);
    if (type.kind === "array" && type.item.kind === "object") {
      yield* namedFields(type.item.fields, `${path}.0.`);
    }
  }
}

function typeText(type: FieldType): string {
  switch (type.kind) {
    case "text":
      return type.maxLength === undefined ? "text" : `text, up to ${type.maxLength} characters`;
    case "dateTime":
      return "time: 2026-01-31T12:00:00Z, now, +1h";
    case "integer":
      return "whole number";
    case "decimal":
      return "number";
    case "boolean":
      return "true or false";
    case "enumeration":
      return type.values.join(", ");
    case "object":
      return "its fields, or JSON";
    case "array":
      return type.item.kind === "object"
        ? "items 0, 1, …, or JSON"
        : `a list, one each time; ${typeText(type.item)}`;
  }
}
