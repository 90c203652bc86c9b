/**
 * How the program ends, and the errors that end it with one line on stderr.
 */

/** What each exit code means to a script. */
export const EXIT_CODE = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** An expectation, a threshold or a compliance case did not hold. */
  didNotHold: 3,
} as const;

export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];

/**
 * Ends a command with one line, `ocpp: <message>`.
 *
 * The message says what could not be done, why, and what to do about it; `cause` is shown by `--verbose`.
 */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exitCode: ExitCode = EXIT_CODE.failed;
}

/** What was asked for makes no sense, e.g. a URL that is none. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";
  override readonly exitCode = EXIT_CODE.wrongUsage;
}
