/**
 * A program with a driver: `driver_program.ts <driver> <seconds>` has two deeds done, beside a view, and says what came
 * of them. Where nobody is asked it ends at once with 130 when something is typed.
 */
import { systemClock } from "../../src/adapters/system_clock.ts";
import { CommandError } from "../../src/cli/exit_code.ts";
import { stderr, stdout } from "../../src/cli/terminal.ts";
import { openDriver } from "../../src/cli/test/drivers/driver.ts";
import { driverChoice } from "../../src/cli/test/drivers/driver_choice.ts";
import { runScreen } from "../../src/cli/test/run_screen.ts";
import { request, WANTED } from "./driver_requests.ts";

const [word = "", seconds = "60"] = Deno.args;
if (word !== "manual") Deno.stdin.read(new Uint8Array(1)).then((count) => count !== null && Deno.exit(130));
try {
  const { driver } = driverChoice([word]);
  if (driver.kind === "ocpp") throw new CommandError("this program knows no system");
  const { questions, view } = runScreen({ stdout, stderr, json: false, clock: systemClock });
  const operator = openDriver(driver, {
    place: questions,
    clock: systemClock,
    titleOf: () => "Regular charging session",
    onQuit: () => stderr.write("[the run ends]\n"),
    stopped: new Promise(() => {}),
  });
  if (driver.kind === "manual") view?.begun({ total: 2 });
  for (const kind of ["powerOff", "powerOn"] as const) {
    const outcome = await operator.do(request({ kind }, { withinSeconds: Number(seconds) }), WANTED);
    if (driver.kind === "manual") questions.write(`${JSON.stringify(outcome)}\n`);
    else console.log(JSON.stringify(outcome));
  }
  view?.stop();
  await operator.close();
  Deno.exit(0);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(`ocpp: ${error.message}`);
  Deno.exit(error.exitCode);
}
