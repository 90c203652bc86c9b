/**
 * CPU time per message of `ocpp serve`, of the bare WebSocket and of `ocpp-rpc`, measured in turns.
 */
import { type Load, type LoadKind, startLoad } from "./load.ts";
import { median, type Row } from "./report.ts";
import { type ServerCommand, type ServerProcess, startServer } from "./server_process.ts";

const CONNECTIONS = 50;
const ROUNDS = 5;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 2_500;

type Contender = "bare" | "serve" | "ocpp-rpc";

/** Measures both kinds of message; one row each. */
export async function benchCentralSystem(
  { databasePath, progress }: { databasePath: string; progress: (text: string) => void },
): Promise<Row[]> {
  const commands: Record<Contender, ServerCommand> = {
    bare: { args: ["run", "-A", "tests/bench/peers/bare.ts"], port: /^port (\d+)$/ },
    serve: {
      args: [
        "run",
        "-A",
        "main.ts",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--database",
        databasePath,
      ],
      port: /ws:\/\/127\.0\.0\.1:(\d+)/,
    },
    "ocpp-rpc": { args: ["run", "-A", "tests/bench/peers/ocpp_rpc.ts"], port: /^port (\d+)$/ },
  };
  const servers = {} as Record<Contender, ServerProcess>;
  for (const name of Object.keys(commands) as Contender[]) servers[name] = await startServer(commands[name]);
  try {
    const heartbeat = await measure("Heartbeat", servers, progress);
    const meterValues = await measure("MeterValues", servers, progress);
    return [
      ...rows("Heartbeat", heartbeat, { serve: 2.3 }),
      ...rows("MeterValues, 3 readings, durable", meterValues, { serve: 4 }),
      {
        name: "MeterValues, serve beside ocpp-rpc strict (stores nothing)",
        value: `${ratio(meterValues, "serve", "ocpp-rpc").toFixed(2)} ×`,
        goal: "< 1 ×",
        holds: ratio(meterValues, "serve", "ocpp-rpc") < 1,
      },
    ];
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
}

/** CPU microseconds per message, a figure a round. */
type Figures = Record<Contender, number[]>;

async function measure(
  kind: LoadKind,
  servers: Record<Contender, ServerProcess>,
  progress: (text: string) => void,
): Promise<Figures> {
  const figures: Figures = { bare: [], serve: [], "ocpp-rpc": [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, server] of Object.entries(servers) as [Contender, ServerProcess][]) {
      const load = await startLoad({ port: server.port, connections: CONNECTIONS, kind });
      await elapsed(WARM_UP_MS);
      const figure = await cpuPerMessage(server, load);
      await load.stop();
      figures[name].push(figure);
      progress(`${kind}  round ${round} of ${ROUNDS}  ${name}: ${figure.toFixed(1)} µs`);
    }
  }
  return figures;
}

async function cpuPerMessage(server: ServerProcess, load: Load): Promise<number> {
  const [cpuBefore, answeredBefore] = [server.cpuUs(), load.answered];
  await elapsed(MEASURED_MS);
  return (server.cpuUs() - cpuBefore) / (load.answered - answeredBefore);
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rows(name: string, figures: Figures, goals: { serve: number }): Row[] {
  const measured = ratio(figures, "serve", "bare");
  return [
    { name: `${name}: bare WebSocket`, value: `${median(figures.bare).toFixed(1)} µs` },
    { name: `${name}: ocpp-rpc strict`, value: `${median(figures["ocpp-rpc"]).toFixed(1)} µs` },
    {
      name: `${name}: ocpp serve`,
      value: `${median(figures.serve).toFixed(1)} µs = ${measured.toFixed(2)} × bare`,
      goal: `≤ ${goals.serve} × bare`,
      holds: measured <= goals.serve,
    },
  ];
}

/** Ratio of two contenders: the median over the rounds, each round's two figures taken moments apart. */
function ratio(figures: Figures, one: Contender, other: Contender): number {
  return median(figures[one].map((figure, round) => figure / figures[other][round]!));
}
