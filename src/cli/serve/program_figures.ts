/**
 * What the machine says of this program.
 */
import process from "node:process";
import type { ProgramFigures } from "../../runtime/server_figures.ts";

/** Memory and CPU time up to now. */
export function programFigures(): ProgramFigures {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage(); // microseconds
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    cpuSeconds: (user + system) / 1_000_000,
    engine: `deno ${Deno.version.deno}`,
  };
}
