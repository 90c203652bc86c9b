/**
 * `--report <format>=<file>`: a run in files that other programs read.
 */
import type { SuiteReport } from "../../report/suite_report.ts";
import { CommandError, UsageError } from "../exit_code.ts";
import { guessText } from "../nearest.ts";
import { plainText } from "../plain_text.ts";
import { whyUnreadable } from "../unreadable.ts";

/** What each format makes of a run; loaded when wanted. */
const WRITERS = {
  json: async () => (await import("../../report/json.ts")).jsonReport,
  junit: async () => (await import("../../report/junit.ts")).junitReport,
  html: async () => (await import("../../report/html.ts")).htmlReport,
} as const satisfies Readonly<Record<string, () => Promise<(report: SuiteReport) => string>>>;

export type ReportFormat = keyof typeof WRITERS;

/** The formats by name. */
export const REPORT_FORMATS = Object.keys(WRITERS) as readonly ReportFormat[];

/** A report that is wanted. */
export interface ReportFile {
  readonly format: ReportFormat;
  readonly path: string;
}

/** Reads one `<format>=<file>` more. Errors: `UsageError`. */
export function reportFile(text: string, previous: readonly ReportFile[] = []): readonly ReportFile[] {
  const [name = "", ...rest] = text.split("=");
  const format = REPORT_FORMATS.find((one) => one === name.toLowerCase());
  const path = rest.join("=");
  if (format === undefined) {
    const guess = guessText(name, REPORT_FORMATS) || `; there are ${REPORT_FORMATS.join(", ")}`;
    throw new UsageError(`--report knows no format ${plainText(name)}${guess}`);
  }
  if (path === "") throw new UsageError(`--report ${format} needs a file: ${format}=<file>`);
  return [...previous, { format, path }];
}

/** Finds out beforehand that a report could not be written. Errors: `CommandError`. */
export async function assertWritable(files: readonly ReportFile[]): Promise<void> {
  for (const { path } of files) {
    await writing(path, () => Deno.writeTextFile(path, "", { append: true }));
  }
}

/** Writes each report. Errors: `CommandError`. */
export async function writeReports(report: SuiteReport, files: readonly ReportFile[]): Promise<void> {
  for (const { format, path } of files) {
    const write = await WRITERS[format]();
    await writing(path, () => Deno.writeTextFile(path, write(report)));
  }
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such directory"
      : cause instanceof Deno.errors.NotCapable
      ? "this program may not write files; run it with --allow-write"
      : whyUnreadable(cause);
    throw new CommandError(`cannot write ${plainText(path)} (--report): ${why}`, { cause });
  }
}
