import type { ExitCode } from "../exit_code.ts";
import type { SimulateOptions } from "./command.ts";

export function simulate(options: SimulateOptions): Promise<ExitCode> {
  console.log(options);
  return Promise.resolve(0);
}
