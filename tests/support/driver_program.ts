/**
 * A program with a driver: `driver_program.ts <driver> <seconds>` has two deeds done, beside a view, and says what came
 * of them. Where nobody is asked it ends at once with 130 when something is typed.
 */
import { systemClock } from "../../src/adapters/system_clock.ts";
import { CommandError } from "../../src/cli/exit_code.ts";
import { stderr } from "../../src/cli/terminal.ts";
import { driverChoice, openDriver } from "../../src/cli/test/drivers/driver.ts";
import { request, WANTED } from "./driver_requests.ts";

const [driver = "", seconds = "60"] = Deno.args;
if (driver !== "manual") Deno.stdin.read(new Uint8Array(1)).then((count) => count !== null && Deno.exit(130));
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
