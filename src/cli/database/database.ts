/**
 * Carries out `ocpp database`.
 */
import {
  backupDatabase,
  checkDatabase,
  type DatabaseReport,
  vacuumDatabase,
} from "../../adapters/sqlite/maintenance.ts";
import { StoreError } from "../../central_system/store.ts";
import { CommandError, EXIT_CODE, type ExitCode, UsageError } from "../exit_code.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";

/** What a run of `database` was asked for. */
export interface DatabaseOptions {
  readonly task: "check" | "vacuum" | "backup";
  readonly path: string;
  readonly target?: string | undefined;
  readonly json: boolean;
}

/** Errors: `CommandError`. */
export function maintain(options: DatabaseOptions, out: TextOutput): ExitCode {
  const { task, path, target } = options;
  if ((task === "backup") !== (target !== undefined)) {
    throw new UsageError(
      task === "backup"
        ? `say where to: "ocpp database backup ${path} <new file>"`
        : `${task} takes one file; what is ${target} for?`,
    );
  }
  try {
    switch (task) {
      case "check":
        return check(options, out);
      case "vacuum": {
        const { beforeBytes, afterBytes } = vacuumDatabase(path);
        tell(
          out,
          options,
          { beforeBytes, afterBytes },
          `${sizeText(beforeBytes)} before, ${sizeText(afterBytes)} now`,
        );
        return EXIT_CODE.done;
      }
      case "backup": {
        const { sizeBytes } = backupDatabase(path, target!);
        tell(out, options, { target, sizeBytes }, `copied to ${target}, ${sizeText(sizeBytes)}, and checked`);
        return EXIT_CODE.done;
      }
    }
  } catch (cause) {
    if (cause instanceof StoreError) throw new CommandError(cause.message, { cause: cause.cause ?? cause });
    throw cause;
  }
}

function check(options: DatabaseOptions, out: TextOutput): ExitCode {
  const report = checkDatabase(options.path);
  const { problems } = report;
  const { green, red } = out.style;
  const verdict = problems.length === 0 ? green("sound") : red(`${problems.length} problems`);
  tell(out, options, report, `${verdict}  ${reportText(report)}`);
  if (!options.json) problems.forEach((problem) => out.write(`  ${plainText(problem)}\n`));
  return problems.length === 0 ? EXIT_CODE.done : EXIT_CODE.didNotHold;
}

function tell(out: TextOutput, { task, path, json }: DatabaseOptions, facts: object, text: string): void {
  out.write(json ? jsonLine({ database: path, task, ...facts }) : `${plainText(path)}  ${text}\n`);
}

function reportText({ sizeBytes, freeBytes, schema, rows }: DatabaseReport): string {
  const size = `${sizeText(sizeBytes)} (${sizeText(freeBytes)} free), schema ${schema}`;
  if (rows === undefined) return size;
  const { chargePoints, transactions, meterValues, frames } = rows;
  return `${size}: ${chargePoints} Charge Points, ${transactions} transactions, ${meterValues} readings, ${frames} frames`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
