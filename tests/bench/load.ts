/**
 * Load on a server: many Charge Points, each with one Call in flight, as fast as the server answers.
 */

/** What the Charge Points send. */
export type LoadKind = "Heartbeat" | "MeterValues";

/** A load that runs until it is stopped. */
export interface Load {
  /** Answers so far. */
  readonly answered: number;
  stop(): Promise<void>;
}

const RESEND_MS = 500;

/** Readings of now: a clock that is far off would be told of with every message. */
const FIRST_AT_MS = Date.now();

/** Connects, boots, starts a transaction at each Charge Point, and then sends `kind` without end. */
export async function startLoad(
  { port, connections, kind }: { port: number; connections: number; kind: LoadKind },
): Promise<Load> {
  const load = { answered: 0, isStopping: false };
  const sockets = await Promise.all(
    Array.from({ length: connections }, (_, index) => chargePoint(port, `BENCH-${index}`, kind, load)),
  );
  return {
    get answered() {
      return load.answered;
    },
    stop: async () => {
      load.isStopping = true;
      await Promise.all(sockets.map((socket) => closed(socket)));
    },
  };
}

async function chargePoint(
  port: number,
  identity: string,
  kind: LoadKind,
  load: { answered: number; isStopping: boolean },
): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${identity}`, ["ocpp1.6"]);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`${identity} cannot connect`));
  });
  const call = (action: string, payload: unknown) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const send = () => socket.send(JSON.stringify([2, crypto.randomUUID(), action, payload]));
      // `ocpp-rpc` on Deno loses a message that follows the upgrade at once.
      const again = setInterval(send, RESEND_MS);
      socket.onmessage = ({ data }) => {
        clearInterval(again);
        resolve(JSON.parse(data as string)[2]);
      };
      send();
    });
  await call("BootNotification", { chargePointVendor: "bench", chargePointModel: "bench" });
  const timestamp = new Date().toISOString();
  const { transactionId } = await call("StartTransaction", {
    connectorId: 1,
    idTag: identity,
    meterStart: 0,
    timestamp,
  });
  let sent = 0;
  const prefix = crypto.randomUUID().slice(0, 24);
  const next = () => {
    sent += 1;
    const uniqueId = `${prefix}${sent.toString(16).padStart(12, "0")}`;
    socket.send(kind === "Heartbeat" ? heartbeat(uniqueId) : meterValues(uniqueId, transactionId, sent));
  };
  socket.onmessage = () => {
    load.answered += 1;
    if (!load.isStopping) next();
  };
  next();
  return socket;
}

function heartbeat(uniqueId: string): string {
  return `[2,"${uniqueId}","Heartbeat",{}]`;
}

/** Three readings, as the simulator sends them. */
function meterValues(uniqueId: string, transactionId: unknown, sent: number): string {
  const sampledValue = [
    `{"value":"${sent}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}`,
    `{"value":"${
      11_000 + sent % 100
    }","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"}`,
    `{"value":"${sent % 100}","context":"Sample.Periodic","measurand":"SoC","unit":"Percent"}`,
  ].join(",");
  const timestamp = new Date(FIRST_AT_MS + sent).toISOString();
  // The bare server answers no transactionId.
  const payload = `{"connectorId":1,"transactionId":${
    transactionId ?? 1
  },"meterValue":[{"timestamp":"${timestamp}","sampledValue":[${sampledValue}]}]}`;
  return `[2,"${uniqueId}","MeterValues",${payload}]`;
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    socket.onclose = () => resolve();
    socket.close();
  });
}
