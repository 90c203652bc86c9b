/**
 * What a database of years costs: messages and first pages of the API, beside an empty database and in turns.
 */
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import type { FrameRecord, Write } from "../../src/central_system/store.ts";
import { type LoadKind, startLoad } from "./load.ts";
import { median, type Row } from "./report.ts";
import { SERVE_PORT, type ServerProcess, startServer } from "./server_process.ts";

const READINGS = 5_000_000;
const FRAMES = 1_000_000;
const CHARGE_POINTS = 500;
/** Of each transaction. */
const READINGS_EACH = 100;
const READINGS_A_COMMIT = 20_000;

const CONNECTIONS = 50;
const ROUNDS = 5;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 2_500;
const PAGES_A_ROUND = 40;
const RATIO_MAX = 1.2;

const FIRST_AT_MS = Date.UTC(2025, 0, 1);
const SAMPLED_VALUE =
  '[{"value":"12345","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]';

interface Means {
  readonly folder: string;
  readonly progress: (text: string) => void;
}

type Which = "empty" | "grown";

/** One row each. */
export async function benchGrowth({ folder, progress }: Means): Promise<Row[]> {
  const paths: Record<Which, string> = { empty: `${folder}/empty.db`, grown: `${folder}/grown.db` };
  progress(`growth  storing ${READINGS} readings and ${FRAMES} frames`);
  const last = fill(paths.grown, { readings: READINGS, frames: FRAMES });
  fill(paths.empty, { readings: READINGS_EACH, frames: READINGS_EACH });
  const servers = {} as Record<Which, ServerProcess>;
  for (const which of ["empty", "grown"] as const) {
    servers[which] = await startServer({
      args: [
        ...["run", "-A", "main.ts", "serve", "--host", "127.0.0.1", "--port", "0", "--json"],
        ...["--database", paths[which]],
      ],
      port: SERVE_PORT,
    });
  }
  try {
    const rows: Row[] = [];
    for (const kind of ["Heartbeat", "MeterValues"] as const) {
      rows.push(
        row(kind, "µs", await inTurns(kind, progress, (which) => cpuPerMessage(servers[which], kind))),
      );
    }
    for (const [name, path] of Object.entries(pagesOf(last))) {
      const figures = await inTurns(name, progress, (which) => pageMs(servers[which], path[which]));
      rows.push(row(name, "ms", figures));
    }
    return rows;
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
}

/** First pages, by what they are of. The last transaction is another one in each database. */
function pagesOf(transactionId: number): Record<string, Record<Which, string>> {
  const same = (path: string) => ({ empty: path, grown: path });
  const api = "/api/v1";
  return {
    "GET charge-points?limit=20": same(`${api}/charge-points?limit=20`),
    "GET charge-points/{identity}": same(`${api}/charge-points/GROWTH-0`),
    "GET messages?limit=20": same(`${api}/charge-points/GROWTH-0/messages?limit=20`),
    "GET transactions?limit=1": same(`${api}/transactions?limit=1`),
    "GET transactions?chargePoint&limit=1": same(`${api}/transactions?chargePoint=GROWTH-0&limit=1`),
    "GET meter-values?limit=20": {
      empty: `${api}/transactions/1/meter-values?limit=20`,
      grown: `${api}/transactions/${transactionId}/meter-values?limit=20`,
    },
  };
}

/** The same number of Charge Points in both; gives the last transactionId. */
function fill(path: string, { readings, frames }: { readings: number; frames: number }): number {
  const store = new SqliteStore(path);
  const writes: Write[] = Array.from({ length: CHARGE_POINTS }, (_, index) => ({
    kind: "putChargePoint" as const,
    record: {
      ...{ identity: `GROWTH-${index}`, registration: "Accepted" as const, bootStatus: "Accepted" as const },
      ...{
        bootCount: 1,
        firstSeenAtMs: FIRST_AT_MS,
        connectors: new Map(),
        recentReadings: [],
        activeTransactions: [],
      },
    },
  }));
  let transactionId = 0;
  for (let stored = 0; stored < readings; stored += READINGS_EACH) {
    transactionId += 1;
    // The last one is that of the Charge Point whose pages are asked for.
    const isLast = stored + READINGS_EACH >= readings;
    const chargePoint = `GROWTH-${isLast ? 0 : transactionId % CHARGE_POINTS}`;
    const atMs = FIRST_AT_MS + transactionId * 60_000;
    writes.push(
      started(chargePoint, transactionId, atMs),
      {
        kind: "addReadings",
        record: {
          ...{
            chargePoint,
            uniqueId: `r${transactionId}`,
            connectorId: 1,
            transactionId,
            receivedAtMs: atMs,
          },
          readings: Array.from({ length: READINGS_EACH }, (_, index) => ({
            timestamp: new Date(atMs + index * 1_000).toISOString(),
            sampledValue: SAMPLED_VALUE,
          })),
        },
      },
      {
        kind: "stopTransaction",
        ...{ chargePoint, transactionId },
        stop: {
          closedBy: "chargePoint",
          stoppedAtMs: atMs,
          receivedAtMs: atMs,
          meterStop: 10,
          reason: "Local",
        },
      },
    );
    if (writes.length >= READINGS_A_COMMIT / READINGS_EACH) store.commit(writes.splice(0));
  }
  store.commit(writes);
  for (let stored = 0; stored < frames; stored += READINGS_A_COMMIT) {
    const count = Math.min(READINGS_A_COMMIT, frames - stored);
    store.commitFrames(Array.from({ length: count }, (_, index) => frame(stored + index)));
  }
  store.close();
  return transactionId;
}

function started(chargePoint: string, transactionId: number, atMs: number): Write {
  return {
    kind: "startTransaction",
    record: {
      ...{ transactionId, chargePoint, connectorId: 1, idTag: "TAG001", meterStart: 0, startedAtMs: atMs },
      ...{ startTimestamp: new Date(atMs).toISOString(), startUniqueId: `s${transactionId}` },
      ...{ startReceivedAtMs: atMs, startBoot: 1 },
      startAnswer: { transactionId, idTagInfo: { status: "Accepted" } },
    },
  };
}

function frame(number: number): FrameRecord {
  const uniqueId = `f${number}`;
  return {
    ...{
      chargePoint: `GROWTH-${number % CHARGE_POINTS}`,
      receivedAtMs: FIRST_AT_MS + number,
      direction: "in",
    },
    ...{ action: "Heartbeat", uniqueId, request: `[2,"${uniqueId}","Heartbeat",{}]` },
    answer: `[3,"${uniqueId}",{"currentTime":"2026-01-01T00:00:00.000Z"}]`,
    ...{ outcome: "result", latencyMs: 1 },
  };
}

type Figures = Record<Which, number[]>;

async function inTurns(
  name: string,
  progress: (text: string) => void,
  measure: (which: Which) => Promise<number>,
): Promise<Figures> {
  const figures: Figures = { empty: [], grown: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    // Whoever is first in a round is second in the next.
    const order = round % 2 === 1 ? ["empty", "grown"] as const : ["grown", "empty"] as const;
    for (const which of order) figures[which].push(await measure(which));
    const [empty, grown] = [figures.empty.at(-1)!, figures.grown.at(-1)!];
    progress(
      `growth  ${name}  round ${round} of ${ROUNDS}: ${empty.toFixed(2)} empty, ${grown.toFixed(2)} grown`,
    );
  }
  return figures;
}

async function cpuPerMessage(server: ServerProcess, kind: LoadKind): Promise<number> {
  const load = await startLoad({ port: server.port, connections: CONNECTIONS, kind });
  await elapsed(WARM_UP_MS);
  const [cpuBefore, answeredBefore] = [server.cpuUs(), load.answered];
  await elapsed(MEASURED_MS);
  const figure = (server.cpuUs() - cpuBefore) / (load.answered - answeredBefore);
  await load.stop();
  return figure;
}

/** The median of some requests, one after the other. */
async function pageMs(server: ServerProcess, path: string): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < PAGES_A_ROUND; request++) {
    const beganMs = performance.now();
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    times.push(performance.now() - beganMs);
  }
  return median(times);
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function row(name: string, unit: "µs" | "ms", { empty, grown }: Figures): Row {
  const ratio = median(grown.map((figure, round) => figure / empty[round]!));
  return {
    name: `${name}, ${READINGS / 1e6} M readings and ${FRAMES / 1e6} M frames`,
    value: `${median(grown).toFixed(2)} ${unit} = ${ratio.toFixed(2)} × empty`,
    goal: `≤ ${RATIO_MAX} × empty`,
    holds: ratio <= RATIO_MAX,
  };
}
