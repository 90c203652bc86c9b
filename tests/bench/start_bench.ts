/**
 * How long `ocpp --version` takes beside an empty Deno program.
 */
import { median, type Row } from "./report.ts";

const RUNS = 21;

/** Wall time in turns, the median of many. */
export async function benchStart({ emptyProgram }: { emptyProgram: string }): Promise<Row[]> {
  await Deno.writeTextFile(emptyProgram, "");
  const empty: number[] = [];
  const version: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    empty.push(await wallMs(["run", emptyProgram]));
    version.push(await wallMs(["run", "main.ts", "--version"]));
  }
  const ratio = median(version) / median(empty);
  return [
    { name: "empty Deno program", value: `${median(empty).toFixed(1)} ms` },
    {
      name: "ocpp --version",
      value: `${median(version).toFixed(1)} ms = ${ratio.toFixed(2)} × empty`,
      goal: "≤ 3 × empty",
      holds: ratio <= 3,
    },
  ];
}

async function wallMs(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), { args: [...args], stdout: "null", stderr: "null" }).output();
  return performance.now() - start;
}
