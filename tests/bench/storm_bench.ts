/**
 * What `serve` does when everybody comes at once: a boot storm, and a storm of passwords.
 */
import { scryptHasher } from "../../src/adapters/scrypt_hasher.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { startSwarm, type Swarm } from "./client_swarm.ts";
import { quantile, type Row } from "./report.ts";
import { SERVE_PORT, type ServerProcess, startServer } from "./server_process.ts";

/** So many boot at once, with three StatusNotifications each. */
const BOOTING = 2_000;

/** So many come back at once with a password. */
const RETURNING = 5_000;

/** Those who come for the first time, or after a restart of `serve`, in waves: each of their passwords is hashed. */
const FIRST_AT_ONCE = 200;

const BOOT = [
  ["BootNotification", { chargePointVendor: "bench", chargePointModel: "bench" }],
  ...[0, 1, 2].map((connectorId) =>
    ["StatusNotification", { connectorId, errorCode: "NoError", status: "Available" }] as const
  ),
] as const;

const ARGS = ["run", "-A", "main.ts", "serve", "--host", "127.0.0.1", "--port", "0", "--json"];

interface Means {
  readonly folder: string;
  readonly progress: (text: string) => void;
}

/** One row each. */
export async function benchStorm({ folder, progress }: Means): Promise<Row[]> {
  const rows: Row[] = [];
  for (const listener of ["native", "hardened"] as const) {
    progress(`boot storm  ${listener} listener`);
    rows.push(...await bootStorm(listener, `${folder}/storm-${listener}.db`));
  }
  rows.push(...await passwordStorm(`${folder}/passwords.db`, progress));
  return rows;
}

function identitiesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `STORM-${String(index).padStart(5, "0")}`);
}

async function bootStorm(listener: "native" | "hardened", database: string): Promise<Row[]> {
  const server = await startServer({
    args: [...ARGS, "--listener", listener, "--database", database],
    port: SERVE_PORT,
  });
  try {
    const beganMs = performance.now();
    const swarm = await startSwarm({ port: server.port, identities: identitiesOf(BOOTING), calls: BOOT });
    const tookMs = performance.now() - beganMs;
    const faults = [...swarm.errors, ...await lostOf(server, BOOTING * BOOT.length)];
    await swarm.close();
    const answers = swarm.times.flatMap(({ answerMs }) => answerMs);
    return [
      {
        name: `boot storm, ${listener}: ${BOOTING} boot at once, ${answers.length} Calls answered`,
        value: `${(tookMs / 1_000).toFixed(1)} s; connecting ${
          spread(swarm.times.map((one) => one.connectMs))
        }; ` +
          `answers ${spread(answers)}`,
        goal: "all accepted, nothing lost",
        holds: faults.length === 0 && answers.length === BOOTING * BOOT.length,
      },
      ...faults.slice(0, 3).map((fault) => ({ name: "  fault", value: fault })),
    ];
  } finally {
    await server.stop();
  }
}

/** What the server itself says that it has not stored or answered. */
async function lostOf(server: ServerProcess, calls: number): Promise<readonly string[]> {
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const sum = (name: RegExp) =>
    [...metrics.matchAll(name)].reduce((total, [, value]) => total + Number(value), 0);
  const answered = sum(/^ocpp_messages_total\{[^}]*direction="in"[^}]*outcome="result"[^}]*\} (\d+)$/gm);
  const dropped = sum(/^ocpp_frame_log_dropped_total (\d+)$/gm);
  return [
    ...(answered === calls ? [] : [`${answered} of ${calls} Calls were answered with a result`]),
    ...(dropped === 0 ? [] : [`${dropped} frames were dropped from the log`]),
  ];
}

async function passwordStorm(database: string, progress: (text: string) => void): Promise<Row[]> {
  const identities = identitiesOf(RETURNING);
  progress(`password storm  hashing ${RETURNING} passwords`);
  await enterPasswords(database, identities);
  const server = await startServer({ args: [...ARGS, "--database", database], port: SERVE_PORT });
  const authorization = (identity: string) => `Basic ${btoa(`${identity}:${passwordOf(identity)}`)}`;
  const come = async (atOnce: number): Promise<{ swarm: Swarm; tookMs: number }> => {
    const beganMs = performance.now();
    const swarm = await startSwarm({
      ...{ port: server.port, identities, authorization, atOnce },
      calls: [["Heartbeat", {}]],
      retries: 100,
    });
    return { swarm, tookMs: performance.now() - beganMs };
  };
  try {
    progress("password storm  the first time");
    const first = await come(FIRST_AT_ONCE);
    await first.swarm.close();
    progress("password storm  all come back");
    const again = await come(RETURNING);
    await again.swarm.close();
    return [
      row(`passwords, the first time, ${FIRST_AT_ONCE} at once`, first),
      row("passwords, all come back at once", again),
    ];
  } finally {
    await server.stop();
  }
}

function row(name: string, { swarm, tookMs }: { swarm: Swarm; tookMs: number }): Row {
  return {
    name: `${name}: ${swarm.times.length} of ${RETURNING} connected`,
    value: `${(tookMs / 1_000).toFixed(1)} s; connecting ${spread(swarm.times.map((one) => one.connectMs))}`,
    goal: "all connect",
    holds: swarm.times.length === RETURNING,
  };
}

/** As many as twenty bytes of text, another one for everybody. */
function passwordOf(identity: string): string {
  return `password-${identity}`;
}

async function enterPasswords(database: string, identities: readonly string[]): Promise<void> {
  const hasher = scryptHasher();
  const store = new SqliteStore(database);
  const left = identities.values();
  const enter = async () => {
    for (const identity of left) {
      const passwordHash = await hasher.hash(new TextEncoder().encode(passwordOf(identity)));
      store.commit([{
        kind: "putChargePoint",
        record: {
          ...{ identity, registration: "Accepted", bootStatus: "Accepted", bootCount: 1, firstSeenAtMs: 0 },
          passwordHash,
          connectors: new Map(),
          recentReadings: [],
        },
      }]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, enter));
  store.close();
}

function spread(values: readonly number[]): string {
  return `p50 ${quantile(values, 0.5).toFixed(0)} ms, p99 ${quantile(values, 0.99).toFixed(0)} ms`;
}
