/**
 * A Central System that says what a test wants, over a real socket on a free port.
 *
 * Without a script it accepts everything. It knows nothing of `src/central_system`, so that the simulator is
 * tested against something that shares no mistakes with it. Every frame of either side keeps to the official
 * schemas.
 */
import { OfficialFrames, type Sender } from "./official_frames.ts";

/** One Call as it came. */
export interface ReceivedCall {
  readonly path: string;
  readonly uniqueId: string;
  readonly action: string;
  // deno-lint-ignore no-explicit-any -- tests look into payloads freely
  readonly payload: any;
}

/** What to answer: a payload, or `undefined` for no answer at all. */
export type Answer = (call: ReceivedCall) => unknown;

/** How the server behaves. */
export interface ServerScript {
  /** Chosen subprotocol; `null`: none. */
  readonly subprotocol?: string | null;
  /** Answers an upgrade request with plain HTTP instead. */
  readonly http?: () => Response;
  /** By Action; others get the friendly default. */
  readonly answers?: Readonly<Record<string, Answer>>;
}

/** A running scripted server. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly calls: readonly ReceivedCall[];
  /** What came back for Calls of ours: CALLRESULT and CALLERROR frames. */
  readonly answers: readonly unknown[][];
  /** Close codes of connections that ended, in order. */
  readonly closes: readonly { code: number; reason: string }[];
  /** How many are connected. */
  readonly connections: number;
  /** Sends an official frame to everyone who is connected. */
  send(frame: unknown): void;
  /** Closes every connection. */
  disconnect(code: number, reason: string): void;
  /** Resolves once `holds` does; it is asked after everything that happens. */
  until(holds: () => boolean, what: string): Promise<void>;
}

const UNTIL_MAX_MS = 20_000;

/** Starts a server on a free port of 127.0.0.1. */
export function scriptedServer(script: ServerScript = {}): ScriptedServer {
  const calls: ReceivedCall[] = [];
  const answers: unknown[][] = [];
  const closes: { code: number; reason: string }[] = [];
  const sockets = new Map<WebSocket, OfficialFrames>();
  /** What either side sent that is not official. */
  const unofficial: unknown[] = [];
  const waiting = new Set<() => void>();
  const happened = () => waiting.forEach((check) => check());
  let nextTransactionId = 1;

  const friendly: Record<string, Answer> = {
    BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 300 }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    Authorize: () => ({ idTagInfo: { status: "Accepted" } }),
    StartTransaction: () => ({ idTagInfo: { status: "Accepted" }, transactionId: nextTransactionId++ }),
    StopTransaction: () => ({ idTagInfo: { status: "Accepted" } }),
    DataTransfer: () => ({ status: "UnknownVendorId" }),
  };

  function sendOfficial(socket: WebSocket, text: string) {
    check("centralSystem", socket, text);
    socket.send(text);
  }

  function check(sender: Sender, socket: WebSocket, text: string) {
    try {
      sockets.get(socket)?.assertOfficial(sender, text);
    } catch (error) {
      unofficial.push(error); // told where the test waits, and at its end
    }
  }

  function receive(socket: WebSocket, path: string, text: string) {
    check("chargePoint", socket, text);
    const frame = JSON.parse(text);
    if (frame[0] !== 2) {
      answers.push(frame);
      return;
    }
    const call: ReceivedCall = { path, uniqueId: frame[1], action: frame[2], payload: frame[3] };
    calls.push(call);
    const answer = script.answers?.[call.action] ?? friendly[call.action] ?? (() => ({}));
    const payload = answer(call);
    if (payload !== undefined) sendOfficial(socket, JSON.stringify([3, call.uniqueId, payload]));
  }

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    if (script.http !== undefined) return script.http();
    const { pathname } = new URL(request.url);
    const subprotocol = script.subprotocol === undefined ? "ocpp1.6" : script.subprotocol;
    const { socket, response } = Deno.upgradeWebSocket(
      request,
      subprotocol === null ? {} : { protocol: subprotocol },
    );
    socket.onopen = () => {
      sockets.set(socket, new OfficialFrames());
      happened();
    };
    socket.onmessage = ({ data }) => {
      receive(socket, pathname, data);
      happened();
    };
    socket.onclose = ({ code, reason }) => {
      if (sockets.delete(socket)) closes.push({ code, reason });
      happened();
    };
    return response;
  });

  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    calls,
    answers,
    closes,
    get connections() {
      return sockets.size;
    },
    send(frame) {
      for (const socket of sockets.keys()) sendOfficial(socket, JSON.stringify(frame));
    },
    disconnect(code, reason) {
      for (const socket of sockets.keys()) socket.close(code, reason);
    },
    until(holds, what) {
      if (unofficial.length > 0) return Promise.reject(unofficial[0]);
      if (holds()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`still waiting: ${what}; calls: ${calls.map(({ action }) => action).join(" ")}`));
        }, UNTIL_MAX_MS);
        const check = () => {
          if (!holds()) return;
          clearTimeout(limit);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
      });
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      if (unofficial.length > 0) throw unofficial[0];
    },
  };
}
