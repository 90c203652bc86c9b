/**
 * The JSON report: everything that is known of a run, for programs.
 *
 * Shape, schema 1: one object with the members of `SuiteReport` by their names, and before them `"schema": 1` and
 * `"verdicts"`, the counts of all four verdicts:
 * `{ "schema": 1, "verdicts": { "PASS": 1, … }, "tool", "systemUnderTest", "target", "startedAtMs", "endedAtMs",
 * "setup": { … }, "cases": [{ "id", "title", "profile", "purpose", "spec", "verdict", "startedAtMs", "durationMs",
 * "playedOn"?, "failure"?: { "step", "expected", "came" }, "share"?: { "refused", "sent" }, "steps", "frames": [{ "atMs", "from", "text" }],
 * "leftOut", "remarks" }] }`.
 * A later schema may add members and keeps its number; the number grows when a member goes or means something else.
 * Units: instants in milliseconds since 1970 UTC.
 */
import {
  CASE_VERDICTS,
  type CaseReport,
  type ReportedFrame,
  type ReportedShare,
  type SuiteReport,
} from "./suite_report.ts";
import { verdictCounts } from "./tally.ts";

/** The schema that is written and read. */
export const JSON_REPORT_SCHEMA = 1;

/** The report, whole; a line for each member and each frame, so that two of them can be compared. */
export function jsonReport(report: SuiteReport): string {
  return [...jsonReportParts(report)].join("");
}

/** The same in pieces: all frames of a long run may be more than one text can hold. */
export function* jsonReportParts(report: SuiteReport): Generator<string> {
  const { cases, ...run } = report;
  const head = { schema: JSON_REPORT_SCHEMA, verdicts: verdictCounts(cases), ...run };
  yield `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "cases": [`;
  for (const [index, played] of cases.entries()) {
    const { frames, ...rest } = played;
    const begin = JSON.stringify(rest, undefined, 2).slice(0, -2);
    yield `${index === 0 ? "" : ","}\n${begin},\n  "frames": [`.replaceAll("\n", "\n    ");
    for (const [nth, frame] of frames.entries()) {
      yield `${nth === 0 ? "" : ","}\n        ${JSON.stringify(frame)}`;
    }
    yield frames.length === 0 ? "]\n    }" : "\n      ]\n    }";
  }
  yield cases.length === 0 ? "]\n}\n" : "\n  ]\n}\n";
}

/** A report that was read, or where it is none. */
export type ReadReport =
  | { readonly ok: true; readonly report: SuiteReport }
  | { readonly ok: false; readonly fault: string };

/** Reads a JSON report. Members that are not known are left out. */
export function readJsonReport(text: string): ReadReport {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, fault: "not JSON" };
  }
  const reader = new Reader();
  const report = suiteIn(reader, json);
  return reader.fault === undefined ? { ok: true, report } : { ok: false, fault: reader.fault };
}

type Fields = Readonly<Record<string, unknown>>;

/** Takes values as what they should be, and keeps the first that is something else. */
class Reader {
  fault: string | undefined;

  fields(value: unknown, path: string): Fields {
    const isFields = typeof value === "object" && value !== null && !Array.isArray(value);
    return isFields ? value as Fields : this.#wrong(path, "an object", {});
  }

  text(value: unknown, path: string): string {
    return typeof value === "string" ? value : this.#wrong(path, "a text", "");
  }

  number(value: unknown, path: string): number {
    return typeof value === "number" ? value : this.#wrong(path, "a number", 0);
  }

  oneOf<T extends string | number>(value: unknown, path: string, allowed: readonly [T, ...T[]]): T {
    const found = allowed.find((one) => one === value);
    return found ?? this.#wrong(path, allowed.join(" or "), allowed[0]);
  }

  list<T>(value: unknown, path: string, item: (value: unknown, path: string) => T): readonly T[] {
    if (!Array.isArray(value)) return this.#wrong(path, "an array", []);
    return value.map((one, index) => item(one, `${path}[${index}]`));
  }

  #wrong<T>(path: string, what: string, instead: T): T {
    this.fault ??= `${path} is not ${what}`;
    return instead;
  }
}

function suiteIn(reader: Reader, json: unknown): SuiteReport {
  const fields = reader.fields(json, "report");
  reader.oneOf(fields.schema, "schema", [JSON_REPORT_SCHEMA]);
  const setup = reader.fields(fields.setup, "setup");
  return {
    tool: reader.text(fields.tool, "tool"),
    systemUnderTest: reader.oneOf(fields.systemUnderTest, "systemUnderTest", [
      "chargePoint",
      "centralSystem",
    ]),
    target: reader.text(fields.target, "target"),
    startedAtMs: reader.number(fields.startedAtMs, "startedAtMs"),
    endedAtMs: reader.number(fields.endedAtMs, "endedAtMs"),
    setup: Object.fromEntries(
      Object.entries(setup).map(([name, value]) => [name, reader.text(value, `setup.${name}`)]),
    ),
    cases: reader.list(fields.cases, "cases", (one, path) => caseIn(reader, one, path)),
  };
}

function caseIn(reader: Reader, json: unknown, path: string): CaseReport {
  const fields = reader.fields(json, path);
  const text = (name: keyof CaseReport) => reader.text(fields[name], `${path}.${name}`);
  const number = (name: keyof CaseReport) => reader.number(fields[name], `${path}.${name}`);
  const texts = (name: keyof CaseReport) =>
    reader.list(fields[name], `${path}.${name}`, (one, at) => reader.text(one, at));
  const failure = fields.failure === undefined ? {} : reader.fields(fields.failure, `${path}.failure`);
  const told = (name: string) => reader.text(failure[name], `${path}.failure.${name}`);
  return {
    id: text("id"),
    title: text("title"),
    profile: text("profile"),
    purpose: text("purpose"),
    spec: texts("spec"),
    verdict: reader.oneOf(fields.verdict, `${path}.verdict`, CASE_VERDICTS),
    startedAtMs: number("startedAtMs"),
    durationMs: number("durationMs"),
    ...(fields.playedOn === undefined ? {} : { playedOn: text("playedOn") }),
    ...(fields.failure === undefined
      ? {}
      : { failure: { step: told("step"), expected: told("expected"), came: told("came") } }),
    ...(fields.share === undefined ? {} : { share: shareIn(reader, fields.share, `${path}.share`) }),
    steps: texts("steps"),
    frames: reader.list(fields.frames, `${path}.frames`, (one, at) => frameIn(reader, one, at)),
    leftOut: texts("leftOut"),
    remarks: texts("remarks"),
  };
}

function shareIn(reader: Reader, json: unknown, path: string): ReportedShare {
  const fields = reader.fields(json, path);
  return {
    refused: reader.number(fields.refused, `${path}.refused`),
    sent: reader.number(fields.sent, `${path}.sent`),
  };
}

function frameIn(reader: Reader, json: unknown, path: string): ReportedFrame {
  const fields = reader.fields(json, path);
  return {
    atMs: reader.number(fields.atMs, `${path}.atMs`),
    from: reader.oneOf(fields.from, `${path}.from`, ["system", "tester"]),
    text: reader.text(fields.text, `${path}.text`),
  };
}
