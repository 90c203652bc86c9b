/**
 * `deno task bench`: figures beside the bare limit and a peer, all of one run.
 *
 * Machines are shared and noisy, so the goals are ratios of figures that were taken in turns. Arguments name
 * the parts to run: `server`, `check`, `start`, `idle`, `memory`, `storm`, `growth`; none: all.
 */
import { benchCentralSystem } from "./central_system_bench.ts";
import { benchCheck } from "./check_bench.ts";
import { benchGrowth } from "./growth_bench.ts";
import { benchIdle } from "./idle_bench.ts";
import { benchServerMemory } from "./memory_bench.ts";
import { type Row, table } from "./report.ts";
import { benchStart } from "./start_bench.ts";
import { benchStorm } from "./storm_bench.ts";

const wanted = new Set(Deno.args);
const wants = (part: string) => wanted.size === 0 || wanted.has(part);
const folder = await Deno.makeTempDir({ prefix: "ocpp-bench-" });
const progress = (text: string) => console.error(text);
const rows: Row[] = [];
try {
  if (wants("check")) rows.push(...benchCheck());
  if (wants("start")) rows.push(...await benchStart({ emptyProgram: `${folder}/empty.ts` }));
  if (wants("idle")) rows.push(...await benchIdle({ progress }));
  if (wants("memory")) rows.push(...await benchServerMemory({ folder, progress }));
  if (wants("storm")) rows.push(...await benchStorm({ folder, progress }));
  if (wants("growth")) rows.push(...await benchGrowth({ folder, progress }));
  if (wants("server")) {
    if (Deno.build.os === "linux") {
      rows.push(...await benchCentralSystem({ databasePath: `${folder}/bench.db`, progress }));
    } else {
      console.error("server figures need Linux: CPU time is read from /proc");
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
console.log(`\n${table(rows)}`);
if (rows.some(({ holds }) => holds === false)) Deno.exit(3);
