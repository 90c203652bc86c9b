/**
 * Where the program begins: a bare `--version` is answered here, without loading anything; all else is the
 * command line's.
 */

/** Kept equal to the version in `deno.json` by a test. */
export const VERSION = "0.1.0";

if (import.meta.main) {
  if (Deno.args.length === 1 && Deno.args[0] === "--version") {
    console.log(VERSION);
  } else {
    const { runProgram } = await import("./src/cli/program.ts");
    Deno.exit(await runProgram({ args: Deno.args, version: VERSION }));
  }
}
