/**
 * `ocpp call` without a process of its own: its own code path, with what it prints at hand.
 */
import { call, type CallOptions } from "../../src/cli/call/call.ts";
import { CommandError, type ExitCode } from "../../src/cli/exit_code.ts";
import { styleFor } from "../../src/cli/terminal.ts";

/** How a call ended. `stderr` is the one line without `ocpp: `. */
export interface CallResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls `identity` with what stands after the command's name; every file and stdin hold `fileText`. */
export async function ocppCall(
  server: string,
  [identity, action, ...payload]: readonly string[],
  options: Partial<CallOptions> & { fileText?: string } = {},
): Promise<CallResult> {
  const { fileText = "text of a file", ...wanted } = options;
  let stdout = "";
  const world = {
    nowMs: Date.now(),
    readFile: () => fileText,
    readStdin: () => Promise.resolve(fileText),
    stdout: {
      isTerminal: false,
      style: styleFor({ colours: false }),
      columns: () => 120,
      write: (text: string) => stdout += text,
    },
  };
  try {
    const code = await call({
      ...{ server, identity, action, payload, validate: true, json: false, list: false },
      ...{ wait: false, waitTimeout: 5 },
      ...wanted,
    }, world);
    return { code, stdout, stderr: "" };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, stdout, stderr: error.message };
  }
}
