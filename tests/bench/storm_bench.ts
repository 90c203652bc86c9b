/**
 * What `serve` does when everybody comes at once: a boot storm, and a storm of passwords.
 */
import { SCRYPT_COST, type ScryptCost, scryptHasher } from "../../src/adapters/scrypt_hasher.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import { startSwarm, type Swarm } from "./client_swarm.ts";
import { quantile, type Row } from "./report.ts";
import { SERVE_PORT, type ServerProcess, startServer } from "./server_process.ts";

/** So many boot at once, with three StatusNotifications each. */
const BOOTING = 2_000;

/** So many come back at once with a password. */
const RETURNING = 5_000;

/** So many come for the first time since `serve` began: each of their passwords is hashed. */
const NEW = 300;

/** Those that come back have been checked before, whatever that has cost. */
const CHEAP: ScryptCost = { log2N: 4, r: 8, p: 1 };

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
  progress("password storm  for the first time");
  const first = { name: "passwords, for the first time", count: NEW, cost: SCRYPT_COST, times: 1 } as const;
  rows.push(await passwordStorm(first, `${folder}/new.db`));
  progress("password storm  all come back");
  const again = {
    name: "passwords, all come back at once",
    count: RETURNING,
    cost: CHEAP,
    times: 2,
  } as const;
  rows.push(await passwordStorm(again, `${folder}/returning.db`));
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

async function passwordStorm(
  { name, count, cost, times }: { name: string; count: number; cost: ScryptCost; times: 1 | 2 },
  database: string,
): Promise<Row> {
  const identities = identitiesOf(count);
  await enterPasswords(database, identities, cost);
  const server = await startServer({ args: [...ARGS, "--database", database], port: SERVE_PORT });
  const authorization = (identity: string) => `Basic ${btoa(`${identity}:${passwordOf(identity)}`)}`;
  const come = (): Promise<Swarm> =>
    startSwarm({
      ...{ port: server.port, identities, authorization, retries: 100 },
      calls: [["Heartbeat", {}]],
    });
  try {
    if (times === 2) await (await come()).close();
    const beganMs = performance.now();
    const swarm = await come();
    const tookMs = performance.now() - beganMs;
    await swarm.close();
    return {
      name: `${name}: ${swarm.times.length} of ${count} connected`,
      value: `${(tookMs / 1_000).toFixed(1)} s; connecting ${
        spread(swarm.times.map((one) => one.connectMs))
      }`,
      goal: "all connect",
      holds: swarm.times.length === count,
    };
  } finally {
    await server.stop();
  }
}

/** As many as twenty bytes of text, another one for everybody. */
function passwordOf(identity: string): string {
  return `password-${identity}`;
}

async function enterPasswords(
  database: string,
  identities: readonly string[],
  cost: ScryptCost,
): Promise<void> {
  const hasher = scryptHasher(cost);
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
          activeTransactions: [],
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
