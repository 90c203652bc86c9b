/**
 * What one idle simulated Charge Point adds to the memory of its bare WebSocket.
 *
 * Both are processes of the same kind with the same number of connections to the same server; the difference is
 * taken from resident memory, which is what a machine has to have, beside the heap, which is less noisy.
 */
import { median, type Row } from "./report.ts";
import { type ServerProcess, startServer } from "./server_process.ts";
import { TextLineStream } from "./text_line_stream.ts";

const CHARGE_POINTS = 5_000;
const ROUNDS = 3;
const ADDED_KB_MAX = 30;

interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Measures in turns. */
export async function benchIdle({ progress }: { progress: (text: string) => void }): Promise<Row[]> {
  const resident: number[] = [];
  const heap: number[] = [];
  const bareKb: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const empty = await memoryOf("bare_clients.ts", 0);
    const bare = await memoryOf("bare_clients.ts", CHARGE_POINTS);
    const fleet = await memoryOf("idle_fleet.ts", CHARGE_POINTS);
    bareKb.push(kbEach(bare.residentBytes - empty.residentBytes));
    resident.push(kbEach(fleet.residentBytes - bare.residentBytes));
    heap.push(kbEach(fleet.heapBytes - bare.heapBytes));
    const last = `${bareKb.at(-1)!.toFixed(1)} kB bare, ${resident.at(-1)!.toFixed(1)} kB more`;
    progress(`idle Charge Points  round ${round} of ${ROUNDS}: ${last}`);
  }
  return [
    { name: `bare WebSocket of a client, one of ${CHARGE_POINTS}`, value: `${median(bareKb).toFixed(1)} kB` },
    {
      name: "an idle simulated Charge Point on it",
      value: `${median(resident).toFixed(1)} kB more (heap ${median(heap).toFixed(1)} kB)`,
      goal: `≤ ${ADDED_KB_MAX} kB more`,
      holds: median(resident) <= ADDED_KB_MAX,
    },
  ];
}

function kbEach(bytes: number): number {
  return bytes / CHARGE_POINTS / 1_000;
}

async function memoryOf(program: string, connections: number): Promise<Memory> {
  const server = await startServer({
    args: ["run", "-A", "tests/bench/peers/quiet_server.ts"],
    port: /^port (\d+)$/,
  });
  try {
    return await measure(program, connections, server);
  } finally {
    await server.stop();
  }
}

async function measure(program: string, connections: number, { port }: ServerProcess): Promise<Memory> {
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--v8-flags=--expose-gc", `tests/bench/peers/${program}`],
      ...[String(port), String(connections)],
    ],
    stdout: "piped",
  }).spawn();
  try {
    for await (const line of client.stdout.pipeThrough(new TextLineStream())) {
      const [, residentBytes, heapBytes] = /^memory (\d+) (\d+)$/.exec(line) ?? [];
      if (residentBytes !== undefined) {
        return { residentBytes: Number(residentBytes), heapBytes: Number(heapBytes) };
      }
    }
    throw new Error(`${program} ended before it told its memory`);
  } finally {
    try {
      client.kill();
    } catch {
      // it has ended by itself
    }
    await client.status;
  }
}
