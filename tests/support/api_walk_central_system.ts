/**
 * How each operation of `serve` is asked, for the walk of its document. A new route gets its lines here.
 */
import type { Store } from "../../src/central_system/store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import { ask, type Entries, type NotProvoked, type Play, type Question, type WalkWorld } from "./api_walk.ts";
import { MemoryStore } from "./memory_store.ts";
import type { TestServer, TestServerOptions } from "./server.ts";
import { SocketClient } from "./socket_client.ts";

/** A Central System with something of everything in it. */
export interface CentralSystemWorld extends WalkWorld {
  readonly server: TestServer;
  /** Connected and booted. */
  readonly chargePoint: SocketClient;
  readonly transactionId: number;
}

const CP = "/api/v1/charge-points";
const TOKEN = "s3cret";

type Start = (options: TestServerOptions) => TestServer | Promise<TestServer>;

/** Starts it, and what the guards are tried on; `using` gives what has to be ended. */
export async function centralSystemWorld(
  start: Start,
  using: (one: AsyncDisposable) => void,
): Promise<CentralSystemWorld> {
  const begin = async (options: TestServerOptions) => {
    const server = await start({ apiToken: TOKEN, ...options });
    using(server);
    return server;
  };
  const server = await begin({ guessesMax: 1_000 });
  const locked = await begin({ guessesMax: 1 });
  await ask({ method: "GET" }, { api: locked.api, token: "wrong" }, { path: CP }).then((one) => one.text());
  const store = new BrokenStore();
  const failing = await begin({ database: store });
  await failing.get("/readyz"); // the app is loaded
  store.isBroken = true;

  const chargePoint = await connected(server, "CP1");
  using(chargePoint);
  const timestamp = new Date().toISOString();
  const about = { connectorId: 1, timestamp };
  await chargePoint.result("StatusNotification", { ...about, status: "Charging", errorCode: "NoError" });
  const { transactionId } = await chargePoint.result("StartTransaction", {
    ...about,
    idTag: "TAG1",
    meterStart: 0,
  });
  const meterValue = [{ timestamp, sampledValue: [{ value: "10" }] }];
  await chargePoint.result("MeterValues", { connectorId: 1, transactionId, meterValue });
  await chargePoint.result("FirmwareStatusNotification", { status: "Idle" });
  await chargePoint.call("Heartbeat", { extra: 1 }, { broken: "a field too many" });
  const expiryDate = new Date(Date.now() + 3_600_000).toISOString();
  const reserved = server.host.call("CP1", {
    ...{ action: "ReserveNow", timeoutMs: 10_000, validate: true },
    payload: { connectorId: 1, expiryDate, idTag: "TAG1", reservationId: 1 },
  });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
  await reserved;
  await (await connected(server, "CP2")).close();
  await SocketClient.open(`${server.url}/`, "ocpp1.6").catch(() => {}); // a refusal
  const { api } = server;
  return {
    ...{ server, chargePoint, transactionId, api, token: TOKEN },
    locked: { api: locked.api, token: TOKEN },
    failing: { api: failing.api, token: TOKEN },
  };
}

async function connected(server: TestServer, identity: string): Promise<SocketClient> {
  const chargePoint = await server.connect(identity);
  await chargePoint.boot();
  return chargePoint;
}

/** A store that does nothing any more when it is told so. */
class BrokenStore implements Store {
  isBroken = false;
  readonly #store = new MemoryStore();

  load(needed: Parameters<Store["load"]>[0]) {
    return this.#works().load(needed);
  }
  commit(writes: Parameters<Store["commit"]>[0]) {
    return this.#works().commit(writes);
  }
  commitFrames(frames: Parameters<Store["commitFrames"]>[0]) {
    return this.#works().commitFrames(frames);
  }
  query: Store["query"] = (kind, parameters) => this.#works().query(kind, parameters);
  close() {}

  #works(): MemoryStore {
    if (this.isBroken) throw new StoreError("cannot read the database: disk I/O error");
    return this.#store;
  }
}

// --- the plays -----------------------------------------------------------------------------------------------

const at = (path: string, body?: unknown): Play<CentralSystemWorld> => () =>
  body === undefined ? { path } : { path, body };
const asNdjson = (path: string): Play<CentralSystemWorld> => () => ({
  path,
  headers: { accept: "application/x-ndjson" },
});
const form = (token: string, accept = "*/*"): Play<CentralSystemWorld> => () => ({
  path: "/login",
  body: token === "" ? "" : `token=${token}`,
  headers: { accept, authorization: "", "content-type": "application/x-www-form-urlencoded" },
});

/** A login where nobody may try any more. */
const tooManyWrong = (accept: string): Play<CentralSystemWorld> => async (world) =>
  await ask({ method: "POST" }, world.locked, await form("s3cret", accept)(world) as Question);

/** A Call that is answered, or not, as `then` wants. */
const called = (
  identity: string,
  body: unknown,
  then: (chargePoint: SocketClient) => Promise<void>,
): Play<CentralSystemWorld> =>
async (world) => {
  await using own = identity === "CP1" ? undefined : await connected(world.server, identity);
  const chargePoint = own ?? world.chargePoint;
  const asked = ask({ method: "POST" }, world, { path: `${CP}/${identity}/calls`, body });
  await then(chargePoint);
  return await asked;
};

const RESET = { action: "Reset", payload: { type: "Soft" } };

/** A request that is refused since the Charge Point's queue is full. */
const queueFull = (what: string, body: unknown): Play<CentralSystemWorld> => async (world) => {
  await using chargePoint = await connected(world.server, "CP3");
  const command = { action: "ClearCache", payload: {}, timeoutMs: 600_000, validate: true };
  const waiting = Array.from({ length: 51 }, () => world.server.host.call("CP3", command));
  await chargePoint.takeCall();
  const response = await ask({ method: "POST" }, world, { path: `${CP}/CP3/${what}`, body });
  await chargePoint.close();
  await Promise.all(waiting);
  return response;
};

/** A local list that is sent to a Charge Point which takes it. */
const localListSent: Play<CentralSystemWorld> = async (world) => {
  await using chargePoint = await connected(world.server, "CP5");
  const body = { updateType: "Full", sendLocalListMaxLength: 10, localAuthListMaxLength: 10 };
  const asked = ask({ method: "POST" }, world, { path: `${CP}/CP5/local-list`, body });
  const answers = { GetLocalListVersion: { listVersion: 0 }, SendLocalList: { status: "Accepted" } };
  for (let action = ""; action !== "SendLocalList";) {
    const call = await chargePoint.takeCall();
    action = call[2];
    chargePoint.answer(call, answers[action as keyof typeof answers]);
  }
  return await asked;
};

const transaction = (more = "", headers = {}): Play<CentralSystemWorld> => ({ transactionId }) => ({
  path: `/api/v1/transactions/${transactionId}${more}`,
  headers,
});

/** A stop that the Charge Point is asked for. */
const stopAsked = (
  body: unknown,
  then: (chargePoint: SocketClient) => Promise<void>,
): Play<CentralSystemWorld> =>
async (world) => {
  const asked = ask({ method: "POST" }, world, {
    path: `/api/v1/transactions/${world.transactionId}/stop`,
    body,
  });
  await then(world.chargePoint);
  return await asked;
};

const OCTETS = { "content-type": "application/octet-stream" };
const NO_FILE = "/api/v1/files/6c0c8a36-0000-4000-8000-000000000000";

const bytesTo = (path: string): Play<CentralSystemWorld> => () => ({ path, body: "bytes", headers: OCTETS });

/** Something about the firmware that is kept. */
const firmware =
  (more: string, body?: unknown, headers = {}): Play<CentralSystemWorld> => async ({ server }) => {
    const { body: { items } } = await server.get("/api/v1/files?kind=firmware");
    const path = `/api/v1/files/${items[0].fileId}${more}`;
    return body === undefined ? { path, headers } : { path, body, headers };
  };

/** A URL for a device that is good for one upload. */
const uploadUrl: Play<CentralSystemWorld> = async (world) => {
  const question = { path: "/api/v1/files/uploads", body: { chargePoint: "CP1" } };
  const { url } = await (await ask({ method: "POST" }, world, question)).json();
  return { path: `${new URL(url).pathname}log.txt`, body: "bytes", headers: OCTETS };
};

/** A URL for a device to download the firmware. */
const firmwareUrl = (headers: Record<string, string>): Play<CentralSystemWorld> => async (world) => {
  const question = await firmware("/downloads", {})(world) as Question;
  const { url } = await (await ask({ method: "POST" }, world, question)).json();
  return { path: new URL(url).pathname, headers };
};

/** The plays of each operation, the first of which succeeds. */
export const CENTRAL_SYSTEM_ENTRIES: Entries<CentralSystemWorld> = {
  "get /healthz": [at("/healthz")],
  "get /readyz": [at("/readyz")],
  "get /metrics": [at("/metrics")],
  "get /grafana.json": [at("/grafana.json")],
  "get /openapi.json": [at("/openapi.json")],
  "get /": [at("/"), () => ({ path: "/", headers: { accept: "text/html" } })],
  "post /login": [
    form("s3cret"),
    form("wrong"),
    form("wrong", "text/html"),
    form(""),
    tooManyWrong("*/*"),
    tooManyWrong("text/html"),
  ],
  "post /logout": [at("/logout")],
  "get /api/v1/charge-points": [at(CP), at(`${CP}?limit=1`)],
  "get /api/v1/charge-points/{identity}": [at(`${CP}/CP1`), at(`${CP}/none`)],
  "get /api/v1/charge-points/{identity}/messages": [
    at(`${CP}/CP1/messages`),
    at(`${CP}/CP1/messages?action=Heartbeat&outcome=result&since=2020-01-01T00:00:00Z&limit=1`),
    asNdjson(`${CP}/CP1/messages`),
  ],
  "get /api/v1/charge-points/{identity}/reports": [at(`${CP}/CP1/reports`)],
  "post /api/v1/charge-points/{identity}/calls": [
    called("CP1", RESET, async (one) => one.answer(await one.takeCall(), { status: "Accepted" })),
    at(`${CP}/CP2/calls`, RESET),
    at(`${CP}/none/calls`, RESET),
    at(`${CP}/CP1/calls`, { action: "Reset", payload: { type: "Gentle" } }),
    called("CP1", { ...RESET, timeoutSeconds: 0.05 }, async (one) => void await one.takeCall()),
    called("CP4", RESET, async (one) => {
      await one.takeCall();
      await one.close();
    }),
    queueFull("calls", RESET),
  ],
  "put /api/v1/charge-points/{identity}": [
    at(`${CP}/CP9`, { registration: "Accepted" }),
    at(`${CP}/CP9`, { registration: "Pending", validation: "strict", allowedIdTags: ["TAG1"] }),
    at(`${CP}/CP9`, { registration: "Perhaps" }),
  ],
  "put /api/v1/charge-points/{identity}/behaviour": [
    at(`${CP}/CP9/behaviour`, { rules: [{ do: "delay", delayMs: 1 }, { do: "sendTwice", times: 2 }] }),
    at(`${CP}/CP9/behaviour`, { rules: [{ do: "delay" }] }),
  ],
  "get /api/v1/charge-points/{identity}/behaviour": [at(`${CP}/CP9/behaviour`)],
  "delete /api/v1/charge-points/{identity}/behaviour": [at(`${CP}/CP9/behaviour`)],
  "delete /api/v1/charge-points/{identity}": [at(`${CP}/CP9`), at(`${CP}/none`)],
  "get /api/v1/id-tags": [at("/api/v1/id-tags?source=learned")],
  "put /api/v1/id-tags/{idTag}": [
    at("/api/v1/id-tags/TAG9", { blocked: true, expiryDate: "2030-01-01T00:00:00Z" }),
    at("/api/v1/id-tags/TAG9", {}),
    at("/api/v1/id-tags/TAG9", { maxActiveTransactions: 0 }),
  ],
  "get /api/v1/id-tags/{idTag}": [at("/api/v1/id-tags/tag9"), at("/api/v1/id-tags/none")],
  "delete /api/v1/id-tags/{idTag}": [at("/api/v1/id-tags/TAG9"), at("/api/v1/id-tags/none")],
  "get /api/v1/charge-points/{identity}/local-list": [
    at(`${CP}/CP1/local-list`),
    at(`${CP}/none/local-list`),
  ],
  "post /api/v1/charge-points/{identity}/local-list": [
    localListSent,
    at(`${CP}/CP2/local-list`, {}),
    at(`${CP}/none/local-list`, {}),
    at(`${CP}/CP2/local-list`, { updateType: "Some" }),
    queueFull("local-list", {}),
  ],
  "get /api/v1/reservations": [
    at("/api/v1/reservations"),
    at("/api/v1/reservations?active=true&chargePoint=CP1"),
  ],
  "get /api/v1/reservations/{id}": [
    async (world) => {
      const { body } = await world.server.get("/api/v1/reservations");
      return { path: `/api/v1/reservations/${body.items[0].id}` };
    },
    at("/api/v1/reservations/999999"),
    at("/api/v1/reservations/x"),
  ],
  "get /api/v1/transactions": [
    at("/api/v1/transactions"),
    at("/api/v1/transactions?active=true&chargePoint=CP1&idTag=TAG1&since=2020-01-01T00:00:00Z"),
    asNdjson("/api/v1/transactions"),
  ],
  "get /api/v1/transactions/{transactionId}": [transaction(), at("/api/v1/transactions/-7")],
  "get /api/v1/transactions/{transactionId}/meter-values": [
    transaction("/meter-values"),
    transaction("/meter-values", { accept: "application/x-ndjson" }),
    at("/api/v1/transactions/-7/meter-values"),
  ],
  "post /api/v1/transactions/{transactionId}/stop": [
    stopAsked({}, async (one) => one.answer(await one.takeCall(), { status: "Accepted" })),
    stopAsked({ timeoutSeconds: 0.05 }, async (one) => void await one.takeCall()),
    ({ transactionId }) => ({
      path: `/api/v1/transactions/${transactionId}/stop`,
      body: { mode: "record", operator: "night shift" },
    }),
    at("/api/v1/transactions/7/stop", { mode: "gently" }),
    at("/api/v1/transactions/7/stop", {}),
  ],
  "put /api/v1/files/firmware/{name}": [
    bytesTo("/api/v1/files/firmware/fw.bin"),
    bytesTo("/api/v1/files/firmware/a%2Fb"),
  ],
  "get /api/v1/files": [at("/api/v1/files?kind=firmware"), at("/api/v1/files?chargePoint=CP1")],
  "post /api/v1/files/uploads": [
    at("/api/v1/files/uploads", { chargePoint: "CP1", expiresInSeconds: 60 }),
    at("/api/v1/files/uploads", { chargePoint: "" }),
  ],
  "post /api/v1/files/{fileId}/downloads": [firmware("/downloads", {}), at(NO_FILE + "/downloads", {})],
  "get /api/v1/files/{fileId}": [firmware(""), at(NO_FILE), at("/api/v1/files/x")],
  "get /api/v1/files/{fileId}/content": [
    firmware("/content"),
    firmware("/content", undefined, { range: "bytes=0-1" }),
    firmware("/content", undefined, { range: "bytes=99999999-" }),
    at(NO_FILE + "/content"),
  ],
  "put /files/{token}/{name}": [uploadUrl, bytesTo("/files/token-x/log.txt")],
  "post /files/{token}/{name}": [uploadUrl, bytesTo("/files/token-x/log.txt")],
  "get /files/{token}/{name}": [
    firmwareUrl({}),
    firmwareUrl({ range: "bytes=0-1" }),
    firmwareUrl({ range: "bytes=99999999-" }),
    at("/files/token-x/log.txt"),
  ],
  "delete /api/v1/files/{fileId}": [firmware(""), at(NO_FILE)],
  "get /api/v1/refusals": [at("/api/v1/refusals")],
  "get /api/v1/events": [at("/api/v1/events?chargePoint=CP1")],
};

const DISK = "the disk, or a hundred transfers: tests/integration/files_test.ts";
const EXPIRED = "time has to pass: tests/integration/files_test.ts";
const UPLOADS = { 408: EXPIRED, 413: "64 MiB: tests/integration/files_test.ts", 503: DISK, 507: DISK };

/** What no request from outside brings about. */
export const CENTRAL_SYSTEM_NOT_PROVOKED: NotProvoked = {
  "put /api/v1/files/firmware/{name}": UPLOADS,
  "put /files/{token}/{name}": { ...UPLOADS, 410: EXPIRED },
  "post /files/{token}/{name}": { ...UPLOADS, 410: EXPIRED },
  "get /files/{token}/{name}": { 410: EXPIRED, 503: DISK },
  "get /api/v1/files": { 503: DISK },
  "post /api/v1/files/{fileId}/downloads": { 503: DISK },
  "get /api/v1/files/{fileId}": { 503: DISK },
  "get /api/v1/files/{fileId}/content": { 503: DISK },
  "delete /api/v1/files/{fileId}": { 503: DISK },
  "post /api/v1/transactions/{transactionId}/stop": {
    502: "as for calls, whose refusals these are",
  },
  "post /login": { 404: "this one wants a token: tests/integration/login_test.ts" },
  "put /api/v1/charge-points/{identity}/behaviour": { 409: "a thousand Charge Points with rules" },
  "put /api/v1/charge-points/{identity}": { 404: "deleted between two reads" },
};
