/**
 * What one idle connection takes of the memory of `serve`, beside the same listener with nothing on it.
 *
 * The servers are processes of the same kind, which collect their garbage before they tell their memory.
 */
import { startSwarm } from "./client_swarm.ts";
import { median, type Row } from "./report.ts";
import { startServer } from "./server_process.ts";

const CONNECTIONS = 10_000;
const CONNECTING_AT_ONCE = 100;
const ROUNDS = 3;
const RATIO_MAX = 1.4;

const LISTENERS = ["native", "hardened"] as const;

/** Measures in turns. */
export async function benchServerMemory(
  { folder, progress }: { folder: string; progress: (text: string) => void },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const listener of LISTENERS) {
    const bare: number[] = [];
    const serve: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      bare.push(await kbEach(`bare-${listener}`, folder));
      serve.push(await kbEach(`serve-${listener}`, folder));
      const last = `${bare.at(-1)!.toFixed(1)} kB bare, ${serve.at(-1)!.toFixed(1)} kB serve`;
      progress(`idle connections  ${listener}  round ${round} of ${ROUNDS}: ${last}`);
    }
    const ratio = median(serve.map((figure, round) => figure / bare[round]!));
    rows.push(
      { name: `idle connection, bare ${listener} listener`, value: `${median(bare).toFixed(1)} kB` },
      {
        name: `idle connection, ocpp serve on it`,
        value: `${median(serve).toFixed(1)} kB = ${ratio.toFixed(2)} × bare`,
        goal: `≤ ${RATIO_MAX} × bare`,
        holds: ratio <= RATIO_MAX,
      },
    );
  }
  return rows;
}

/** Resident memory that each of many connections adds. */
async function kbEach(kind: string, folder: string): Promise<number> {
  const server = await startServer({
    args: [
      "run",
      "-A",
      "--v8-flags=--expose-gc",
      "tests/bench/peers/listening_server.ts",
      kind,
      await Deno.makeTempDir({ dir: folder }),
    ],
    port: /^ports (\d+) (\d+)$/,
  });
  const memory = async () => Number(await (await fetch(`http://127.0.0.1:${server.morePorts[0]}/`)).text());
  try {
    const before = await memory();
    const swarm = await startSwarm({
      port: server.port,
      identities: Array.from({ length: CONNECTIONS }, (_, index) => `IDLE-${index}`),
      calls: [["BootNotification", { chargePointVendor: "bench", chargePointModel: "bench" }]],
      atOnce: CONNECTING_AT_ONCE,
    });
    if (swarm.errors.length > 0) throw new Error(swarm.errors[0]);
    const after = await memory();
    await swarm.close();
    return (after - before) / CONNECTIONS / 1_000;
  } finally {
    await server.stop();
  }
}
