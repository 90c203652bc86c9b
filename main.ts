/**
 * Where the program begins: a bare `--version` is answered here, without loading anything else; the rest is the
 * command line's.
 */

import { VERSION } from "./src/cli/version.ts";

if (import.meta.main) {
  if (Deno.args.length === 1 && Deno.args[0] === "--version") {
    console.log(VERSION);
  } else {
    // A driver of `test` may be a program; nothing else here runs others.
    if (Deno.args[0] !== "test") Deno.permissions.revokeSync({ name: "run" });
    const { runProgram } = await import("./src/cli/program.ts");
    Deno.exit(await runProgram({ args: Deno.args, version: VERSION }));
  }
}
