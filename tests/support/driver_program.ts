/**
 * A program with a driver: `driver_program.ts <driver> <seconds>` has two deeds done, with a view that rewrites a line,
 * and says what came of them.
 */
import { systemClock } from "../../src/adapters/system_clock.ts";
import { CommandError } from "../../src/cli/exit_code.ts";
import { stderr } from "../../src/cli/terminal.ts";
import { driverChoice, openDriver } from "../../src/cli/test/drivers/driver.ts";
import { request, WANTED } from "./driver_requests.ts";

const [driver = "", seconds = "60"] = Deno.args;
try {
  const operator = openDriver(driverChoice([driver]), {
    output: stderr,
    clock: systemClock,
    view: {
      suspend: () => stderr.write("[view suspended]\n"),
      resume: () => stderr.write("[view resumed]\n"),
    },
    onQuit: () => stderr.write("[the run ends]\n"),
  });
  for (const kind of ["powerOff", "powerOn"] as const) {
    const outcome = await operator.do(request({ kind }, { withinSeconds: Number(seconds) }), WANTED);
    console.log(JSON.stringify(outcome));
  }
  await operator.close();
  Deno.exit(0);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(`ocpp: ${error.message}`);
  Deno.exit(error.exitCode);
}
